"""Reading staff's translations: of each subject the newest wording in each language, while its original stands."""

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import Model, Q, QuerySet

from incidents.models import (
    Component,
    ComponentGroup,
    Estimate,
    Incident,
    MaintenanceSeries,
    Offer,
    Page,
    Remedy,
    Translation,
    Update,
)
from incidents.models.translation import SUBJECTS, TRANSLATED

# The column that points at each kind of subject.
COLUMNS: Mapping[type[Model], str] = {
    Page: "page",
    ComponentGroup: "group",
    Component: "component",
    Incident: "incident",
    Update: "update",
    Estimate: "estimate",
    Offer: "offer",
    Remedy: "remedy",
    MaintenanceSeries: "series",
}
Key = tuple[str, int]


@dataclass(frozen=True)
class TranslatedText:
    """One text in another language. `html` is an update's; `amended_at`: when it took the place of an earlier one, if
    it did."""

    language: str
    field: str
    text: str
    html: str
    made_from: str
    said_at: datetime
    amended_at: datetime | None = None

    def fits(self, original: str) -> bool:
        """Whether it still says what the original says."""
        return self.made_from == mark_of(original)


class TextsInLanguages:
    """What was read: the wordings of each subject."""

    def __init__(self, rows: QuerySet[Translation] | None = None) -> None:
        newest: dict[Key, dict[tuple[str, str], TranslatedText]] = defaultdict(dict)
        columns = [f"{subject}_id" for subject in SUBJECTS]
        names = ("language", "field", "text", "html", "made_from", "revision", "created_at", "page_id", *columns)
        for row in rows.order_by("revision").values_list(*names) if rows is not None else ():
            language, field, text, html, made_from, revision, created_at, page, *keys = row
            key = next(((subject, pk) for subject, pk in zip(SUBJECTS, keys, strict=True) if pk), ("page", page))
            amended_at = created_at if revision > 1 else None
            newest[key][field, language] = TranslatedText(
                language, field, text, html, made_from, created_at, amended_at
            )
        self._newest = newest

    def of(self, subject: Any) -> tuple[TranslatedText, ...]:
        """The wordings of this row that still fit it; none that were taken back."""
        newest = self._newest.get((COLUMNS[type(subject)], subject.pk))
        if not newest:
            return ()
        return tuple(
            wording for wording in newest.values() if wording.text and wording.fits(getattr(subject, wording.field))
        )

    def in_language(self, subject: Any, language: str) -> dict[str, TranslatedText]:
        """The wordings of this row in one language, by field."""
        return {wording.field: wording for wording in self.of(subject) if wording.language == language}

    def of_offer(self, offer: Offer, language: str, agreed: Mapping[str, Any] | None = None) -> dict[str, str]:
        """An offer's texts in a language, its own or else its remedy's, as far as they fit what it says, or what was
        ``agreed`` when it was chosen."""
        original = {field: getattr(offer, field) for field in TRANSLATED["offer"]} if agreed is None else agreed
        wordings = [*self._newest.get(("remedy", offer.remedy_id), {}).values()]
        wordings += self._newest.get(("offer", offer.pk), {}).values()
        fitting = (wording for wording in wordings if wording.language == language and wording.text)
        return {
            wording.field: wording.text for wording in fitting if wording.fits(str(original.get(wording.field) or ""))
        }


def texts_of_page(
    page: Page, incidents: QuerySet[Incident] | None = None, guests: Collection[Component] = ()
) -> TextsInLanguages:
    """What stands on a page, in one query; of incidents, when they are stated, only these. `guests`: components of
    other pages that stand there too, for whose pages it is known as well."""
    pages = {page.pk, *(guest.page_id for guest in guests)}
    rows = Translation.objects.filter(page__in=pages, offer=None, series=None)
    if incidents is not None:
        rows = rows.filter(Q(incident=None, update=None, estimate=None) | _about(incidents))
    return TextsInLanguages(rows)


def texts_about(incidents: QuerySet[Incident], language: str = "") -> TextsInLanguages:
    """What customers read about these incidents, in all languages or in one, in one query: their pages, components
    and offers, and the remedies that these offers are made from."""
    pages = incidents.order_by().values("page")
    remedies = Offer.objects.filter(incident__in=incidents.order_by()).values("remedy")
    catalogue = Q(page__in=pages, **{f"{subject}__isnull": True for subject in SUBJECTS if subject not in _CATALOGUE})
    concerned = catalogue | _about(incidents) | Q(offer__incident__in=incidents.order_by()) | Q(remedy__in=remedies)
    rows = Translation.objects.filter(concerned)
    return TextsInLanguages(rows.filter(language=language) if language else rows)


_CATALOGUE = ("group", "component")


def _about(incidents: QuerySet[Incident]) -> Q:
    rows = incidents.order_by()
    return Q(incident__in=rows) | Q(update__incident__in=rows) | Q(estimate__incident__in=rows)


def languages_beside(page: Page) -> tuple[tuple[str, str], ...]:
    """The languages of a page besides its own, with their names in the language of whoever asks."""
    names = dict(settings.LANGUAGES)
    return tuple((code, str(names[code])) for code in page.languages if code in names and code != page.language)


def languages_of_all(pages: Iterable[Page]) -> tuple[tuple[str, str], ...]:
    """Every language that a page is in besides its own."""
    codes = {code for page in pages for code, _name in languages_beside(page)}
    return tuple((code, str(name)) for code, name in settings.LANGUAGES if code in codes)


# -- for those who translate ------------------------------------------------------------------------------------------

Rows = Mapping[tuple[str, int, str, str], Translation]


def texts_of(subject: Any) -> list[str]:
    """The fields of a row that have something to translate."""
    return [field for field in TRANSLATED[COLUMNS[type(subject)]] if getattr(subject, field)]


def translations_of(subjects: Iterable[Any]) -> QuerySet[Translation]:
    """All wordings of these rows, also former ones and those that no longer fit."""
    keys_by_column: dict[str, list[int]] = defaultdict(list)
    for subject in subjects:
        keys_by_column[COLUMNS[type(subject)]].append(subject.pk)
        if isinstance(subject, Offer):  # it repeats the words of its remedy
            keys_by_column["remedy"].append(subject.remedy_id)
    concerned = Q(pk__in=[])
    for column, keys in keys_by_column.items():
        only = {f"{column_name}__isnull": True for column_name in SUBJECTS} if column == "page" else {}
        concerned |= Q(**{f"{column}__in": keys}, **only)
    return Translation.objects.filter(concerned).select_related("author")


def newest_rows(rows: QuerySet[Translation]) -> Rows:
    """The wording that stands, by column, key, field and language."""
    newest = {}
    for row in rows.order_by("revision"):
        newest[row.subject_column, getattr(row, f"{row.subject_column}_id"), row.field, row.language] = row
    return newest


def missing(subjects: Iterable[Any], rows: Rows, language: str) -> int:
    """How many texts of these rows readers of a language get in another one. An offer may repeat its remedy's words."""
    return sum(_lacks(subject, field, rows, language) for subject in subjects for field in texts_of(subject))


def untranslated(incidents: Sequence[Incident]) -> dict[int, list[tuple[str, str, int]]]:
    """By incident: in which of its page's other languages (code, name) how many texts lack; only those that lack some.

    Titles, updates and estimates, in three queries; the incidents must come with their page.
    """
    translatable = [incident for incident in incidents if languages_beside(incident.page)]
    subjects: dict[int, list[Any]] = {incident.pk: [incident] for incident in translatable}
    for model in (Update, Estimate):
        for row in model._default_manager.filter(incident__in=subjects):
            subjects[row.incident_id].append(row)
    rows = newest_rows(translations_of([subject for group in subjects.values() for subject in group]))
    counts = {
        incident.pk: [
            (*language, missing(subjects[incident.pk], rows, language[0]))
            for language in languages_beside(incident.page)
        ]
        for incident in translatable
    }
    lacking = {key: [language for language in languages if language[2]] for key, languages in counts.items()}
    return {key: languages for key, languages in lacking.items() if languages}


def _lacks(subject: Any, field: str, rows: Rows, language: str) -> bool:
    original = mark_of(getattr(subject, field))
    newest = rows.get((COLUMNS[type(subject)], subject.pk, field, language))
    if newest and newest.text and newest.made_from == original:
        return False
    library = rows.get(("remedy", subject.remedy_id, field, language)) if isinstance(subject, Offer) else None
    return not (library and library.text and library.made_from == original)


def mark_of(original: str) -> str:
    """What tells one original from another."""
    return hashlib.sha256(original.encode()).hexdigest()
