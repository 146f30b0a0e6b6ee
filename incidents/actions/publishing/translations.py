"""Staff's texts in the other languages of a page. None is ever needed: what lacks is shown as it was written."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from incidents.actor import Actor
from incidents.errors import InvalidInput, WrongState
from incidents.events import record
from incidents.locks import lock_incident
from incidents.models import (
    Component,
    ComponentGroup,
    Estimate,
    Event,
    Incident,
    MaintenanceSeries,
    Offer,
    Page,
    Remedy,
    Translation,
    Update,
)
from incidents.models.translation import TRANSLATED
from incidents.queries.translations import COLUMNS, mark_of
from incidents.text.markdown import render_markdown

Subject = Page | ComponentGroup | Component | Incident | Update | Estimate | Offer | Remedy | MaintenanceSeries
# What staff type beside an original: by language, then by field.
Texts = Mapping[str, Mapping[str, str]]

LONGEST = 20_000  # characters of a text that has no limit of its own


@dataclass(frozen=True, slots=True)
class Wording:
    """One text in one language. ``seen_revision``: the one that its writer saw, 0 for none, unstated for any."""

    subject: Subject
    field: str
    language: str
    text: str
    seen_revision: int | None = None


@transaction.atomic
def translate(
    owner: Page | Incident | Remedy, wordings: Sequence[Wording], *, by: Actor, now: datetime | None = None
) -> list[Translation]:
    """Write these translations of what belongs to ``owner``: a page, its catalogue and its series; an incident, what
    was said on it and what is offered; a remedy. An empty text takes a translation back. The same again writes and
    records nothing.

    A former wording is kept. Raises InvalidInput (naming ``<field>_<language>``) for a text that is too long or a
    language that needs no translation, WrongState when somebody else translated it meanwhile.
    """
    now = now or timezone.now()
    _lock(owner)
    if any(owner_of(wording.subject) != owner for wording in wordings):
        raise InvalidInput(_("These texts do not belong together."))
    rows = write_translations(wordings, by=by, at=now)
    if rows:
        page = None if isinstance(owner, Remedy) else owner if isinstance(owner, Page) else owner.page
        incident = owner if isinstance(owner, Incident) else None
        languages = sorted({row.language for row in rows})
        keys = [row.pk for row in rows]
        record(
            Event.Kind.TRANSLATED, by=by, at=now, page=page, incident=incident, languages=languages, translations=keys
        )
    return rows


def write_translations(wordings: Iterable[Wording], *, by: Actor, at: datetime) -> list[Translation]:
    """Inside an action's transaction, its owner locked; records nothing."""
    rows = [row for wording in wordings if (row := _next(wording, by, at))]
    for row in rows:
        row.save(force_insert=True)
    return rows


def beside(subject: Subject, texts: Texts | None) -> list[Wording]:
    """What was typed beside a text that is just being written; languages left empty are not wanted."""
    return [
        Wording(subject, field, language, text)
        for language, fields in (texts or {}).items()
        for field, text in fields.items()
        if text.strip() and field in TRANSLATED[COLUMNS[type(subject)]]
    ]


def owner_of(subject: Subject) -> Page | Incident | Remedy:
    """Whose event tells that it was translated."""
    if isinstance(subject, (Page, Incident, Remedy)):
        return subject
    return subject.page if isinstance(subject, (ComponentGroup, Component, MaintenanceSeries)) else subject.incident


def _lock(owner: Page | Incident | Remedy) -> None:
    if isinstance(owner, Incident):
        lock_incident(owner)
    else:
        type(owner).objects.select_for_update(no_key=True).get(pk=owner.pk)


def _next(wording: Wording, by: Actor, at: datetime) -> Translation | None:
    """The row that this text becomes; None when it says what stands already."""
    text = wording.text.strip()
    original = getattr(wording.subject, wording.field)
    about = _about(wording.subject)
    newest = (
        Translation.objects.filter(**about, field=wording.field, language=wording.language)
        .order_by("-revision")
        .first()
    )
    _check(wording, text)
    if _is_untouched(wording, text, newest):
        return None
    _require_seen(wording, newest)
    made_from = mark_of(original)
    if (newest.text, newest.made_from) == (text, made_from) if newest else not text:
        return None
    return Translation(
        **about,
        field=wording.field,
        language=wording.language,
        revision=newest.revision + 1 if newest else 1,
        text=text,
        html=render_markdown(text) if isinstance(wording.subject, Update) else "",
        made_from=made_from,
        author=by.user,
        created_at=at,
    )


def _about(subject: Subject) -> dict[str, Any]:
    column = COLUMNS[type(subject)]
    owner = owner_of(subject)
    page = None if isinstance(owner, Remedy) else owner if isinstance(owner, Page) else owner.page
    columns = dict.fromkeys(COLUMNS.values())
    return columns | {column: subject, "page": page}


def _check(wording: Wording, text: str) -> None:
    """The rules of the original hold for its translations."""
    name = f"{wording.field}_{wording.language}"
    owner = owner_of(wording.subject)
    page_language = "" if isinstance(owner, Remedy) else (owner if isinstance(owner, Page) else owner.page).language
    if wording.language not in dict(settings.LANGUAGES) or wording.language == page_language:
        raise InvalidInput(_("Pick one of the page’s other languages."), field=name)
    if wording.field not in TRANSLATED[COLUMNS[type(wording.subject)]]:
        raise InvalidInput(_("This cannot be translated."), field=name)
    longest = getattr(wording.subject._meta.get_field(wording.field), "max_length", None) or LONGEST
    if len(text) > longest:
        message = _("This is too long: at most %(most)d characters fit, and it has %(count)d.")
        raise InvalidInput(message % {"most": longest, "count": len(text)}, field=name)


def _is_untouched(wording: Wording, text: str, newest: Translation | None) -> bool:
    """Whether the writer sent back what they saw, while somebody else changed it."""
    if wording.seen_revision is None or newest is None or wording.seen_revision == newest.revision:
        return False
    saw = Translation.objects.filter(
        **_about(wording.subject), field=wording.field, language=wording.language, revision=wording.seen_revision
    ).first()
    return text == (saw.text if saw else "")


def _require_seen(wording: Wording, newest: Translation | None) -> None:
    if wording.seen_revision is None or wording.seen_revision == (newest.revision if newest else 0):
        return
    message = _("%(who)s translated this meanwhile. Please read it, and yours again, before you save.")
    author = newest.author if newest and newest.author else _("Somebody")
    raise WrongState(message % {"who": author}, field=f"{wording.field}_{wording.language}")
