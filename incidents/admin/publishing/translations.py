"""Translating at the desk: one subject, or all that belongs to it, in one language at a time."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from incidents.actions.publishing.translations import Subject, Wording, owner_of, translate
from incidents.actor import Actor
from incidents.admin.base import DomainAdmin, actor, refuse, require
from incidents.admin.publishing.translation_fields import text_field
from incidents.errors import DomainError
from incidents.models import Incident, Page, Remedy, Translation, Update
from incidents.queries.translations import (
    COLUMNS,
    languages_beside,
    languages_of_all,
    mark_of,
    missing,
    newest_rows,
    texts_of,
    translations_of,
)

SHEET = 40  # subjects on one sheet: a page may have hundreds of components


@dataclass(frozen=True)
class Line:
    """One text with its field, and the translation that stands."""

    subject: Subject
    field: str
    original: str
    html: str
    bound: forms.BoundField
    revision_field: forms.BoundField
    current: Translation | None

    @property
    def is_missing(self) -> bool:
        return not (self.current and self.current.text)

    @property
    def is_outdated(self) -> bool:
        """Whether the original has changed since; readers get the original until somebody has looked at it."""
        return not self.is_missing and self.current is not None and self.current.made_from != mark_of(self.original)


class TranslationForm(forms.Form):
    """The texts of some subjects in one language, each with the number of the wording that the writer saw."""

    def __init__(self, post: Any = None, *, subjects: Sequence[Subject], language: str, rows: Any) -> None:
        super().__init__(post)
        self.texts = [(subject, field) for subject in subjects for field in texts_of(subject)]
        self.language, self.rows = language, rows
        for subject, field in self.texts:
            current, name = self._current(subject, field), _name(subject, field)
            kept_in = subject._meta.get_field(field)
            words = capfirst(str(getattr(kept_in, "verbose_name", field)))
            self.fields[name] = text_field(kept_in, language, label=words)
            self.fields[name].initial = current.text if current else ""
            revision = forms.IntegerField(widget=forms.HiddenInput, required=False)
            revision.initial = current.revision if current else 0
            self.fields[f"{name}-seen"] = revision

    def lines(self) -> Iterator[Line]:
        for subject, field in self.texts:
            name = _name(subject, field)
            html = subject.body_html if isinstance(subject, Update) else ""
            original = getattr(subject, field)
            yield Line(subject, field, original, html, self[name], self[f"{name}-seen"], self._current(subject, field))

    def wordings(self) -> list[Wording]:
        fields = self.cleaned_data
        return [
            Wording(
                subject,
                field,
                self.language,
                fields[_name(subject, field)],
                fields[f"{_name(subject, field)}-seen"] or 0,
            )
            for subject, field in self.texts
        ]

    def renew(self) -> None:
        """After a refusal: whoever sends this again has seen what stands now, which the page shows."""
        post = self.data.copy()  # type: ignore[attr-defined]
        for subject, field in self.texts:
            current = self._current(subject, field)
            post[f"{_name(subject, field)}-seen"] = str(current.revision if current else 0)
        self.data = post

    def _current(self, subject: Subject, field: str) -> Translation | None:
        row: Translation | None = self.rows.get((COLUMNS[type(subject)], subject.pk, field, self.language))
        return row


class TranslatedAdmin(DomainAdmin):
    """A noun whose texts can be said in other languages. Subclasses say of what, and who may."""

    change_form_template = "admin/incidents/translated.html"

    def get_urls(self) -> list[URLPattern]:
        return [self.desk_action_path("translations/", self.translations_view, "translations"), *super().get_urls()]

    def subjects_of(self, owner: Any) -> Sequence[Subject]:
        """What is translated together with this row, in the order in which readers meet it."""
        return [owner]

    def translating_needs(self) -> str:
        return f"incidents.change_{self.opts.model_name}"

    def keep_translations(self, subject: Any, wordings: Sequence[Wording], by: Actor) -> list[Translation]:
        return translate(owner_of(subject), wordings, by=by)

    def translations_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Show what there is and what lacks in a language; keep what was typed."""
        subject = self.find(request, object_id)
        require(request, self.translating_needs())
        owner, subjects = owner_of(subject), self.subjects_of(subject)
        languages = _languages(owner)
        language = request.GET.get("language", "")
        if language not in dict(languages):
            language = languages[0][0] if languages else ""
        rows = newest_rows(translations_of(subjects))
        sheet = Paginator(subjects if language else (), SHEET).get_page(request.GET.get("sheet"))
        subjects_on_sheet = list(sheet)
        form = TranslationForm(request.POST or None, subjects=subjects_on_sheet, language=language, rows=rows)
        if request.method == "POST" and form.is_valid():
            try:
                translations = self.keep_translations(subject, form.wordings(), actor(request))
            except DomainError as refusal:
                form = TranslationForm(
                    request.POST,
                    subjects=subjects_on_sheet,
                    language=language,
                    rows=newest_rows(translations_of(subjects)),
                )
                form.renew()
                refuse(form, refusal)
            else:
                messages.success(request, _message(len(translations)))
                return HttpResponseRedirect(request.get_full_path())
        context = {
            **self.admin_site.each_context(request),
            "title": _("Translations"),
            "opts": self.opts,
            "original": subject,
            "owner": owner,
            "form": form,
            "chapters": _chapters(form.lines()),
            "language": language,
            "languages": [(code, name, missing(subjects, rows, code)) for code, name in languages],
            "sheet": sheet,
        }
        return TemplateResponse(request, "admin/incidents/translations.html", context)


def lacking(read_subjects: Callable[[], Sequence[Subject]], page: Page) -> list[tuple[str, str, int]]:
    """Each other language of a page: its code, its name, and how many of these texts are not in it. A page in one
    language has them not even read."""
    languages = languages_beside(page)
    subjects = read_subjects() if languages else ()
    rows = newest_rows(translations_of(subjects)) if languages else {}
    return [(code, name, missing(subjects, rows, code)) for code, name in languages]


def _languages(owner: Page | Incident | Remedy) -> Sequence[tuple[str, str]]:
    """A remedy of the library is offered on any page."""
    if isinstance(owner, Remedy):
        return languages_of_all(Page.objects.all())
    return languages_beside(owner if isinstance(owner, Page) else owner.page)


def _chapters(lines: Iterable[Line]) -> list[tuple[Subject, list[Line]]]:
    """Lines under the subject that they are about."""
    chapters: dict[tuple[str, int], tuple[Subject, list[Line]]] = {}
    for line in lines:
        key = (COLUMNS[type(line.subject)], line.subject.pk)
        chapters.setdefault(key, (line.subject, []))[1].append(line)
    return list(chapters.values())


def _name(subject: Subject, field: str) -> str:
    return f"{COLUMNS[type(subject)]}-{subject.pk}-{field}"


def _message(count: int) -> str:
    if not count:
        return _("Nothing has changed.")
    return ngettext("%(count)d text is translated.", "%(count)d texts are translated.", count) % {"count": count}
