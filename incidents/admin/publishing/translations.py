"""Translating at the desk: one thing, or all that belongs to it, in one language at a time."""

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

from incidents.actions.publishing.translations import Thing, Wanted, owner_of, translate
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

SHEET = 40  # things on one sheet: a page may have hundreds of components


@dataclass(frozen=True)
class Line:
    """One text with its field, and the translation that stands."""

    thing: Thing
    field: str
    original: str
    html: str
    bound: forms.BoundField
    seen: forms.BoundField
    standing: Translation | None

    @property
    def is_missing(self) -> bool:
        return not (self.standing and self.standing.text)

    @property
    def is_outdated(self) -> bool:
        """Whether the original has changed since; readers get the original until somebody has looked at it."""
        return not self.is_missing and self.standing is not None and self.standing.made_from != mark_of(self.original)


class TranslationForm(forms.Form):
    """The texts of some things in one language, each with the number of the wording that the writer saw."""

    def __init__(self, data: Any = None, *, things: Sequence[Thing], language: str, rows: Any) -> None:
        super().__init__(data)
        self.texts = [(thing, field) for thing in things for field in texts_of(thing)]
        self.language, self.rows = language, rows
        for thing, field in self.texts:
            standing, name = self._standing(thing, field), _name(thing, field)
            kept_in = thing._meta.get_field(field)
            words = capfirst(str(getattr(kept_in, "verbose_name", field)))
            self.fields[name] = text_field(kept_in, language, label=words)
            self.fields[name].initial = standing.text if standing else ""
            seen = forms.IntegerField(widget=forms.HiddenInput, required=False)
            seen.initial = standing.revision if standing else 0
            self.fields[f"{name}-seen"] = seen

    def lines(self) -> Iterator[Line]:
        for thing, field in self.texts:
            name = _name(thing, field)
            html = thing.body_html if isinstance(thing, Update) else ""
            original = getattr(thing, field)
            yield Line(thing, field, original, html, self[name], self[f"{name}-seen"], self._standing(thing, field))

    def wanted(self) -> list[Wanted]:
        given = self.cleaned_data
        return [
            Wanted(thing, field, self.language, given[_name(thing, field)], given[f"{_name(thing, field)}-seen"] or 0)
            for thing, field in self.texts
        ]

    def renew(self) -> None:
        """After a refusal: whoever sends this again has seen what stands now, which the page shows."""
        sent = self.data.copy()  # type: ignore[attr-defined]
        for thing, field in self.texts:
            standing = self._standing(thing, field)
            sent[f"{_name(thing, field)}-seen"] = str(standing.revision if standing else 0)
        self.data = sent

    def _standing(self, thing: Thing, field: str) -> Translation | None:
        found: Translation | None = self.rows.get((COLUMNS[type(thing)], thing.pk, field, self.language))
        return found


class TranslatedAdmin(DomainAdmin):
    """A noun whose texts can be said in other languages. Subclasses say of what, and who may."""

    change_form_template = "admin/incidents/translated.html"

    def get_urls(self) -> list[URLPattern]:
        return [self.deed("translations/", self.translations_view, "translations"), *super().get_urls()]

    def things_of(self, owner: Any) -> Sequence[Thing]:
        """What is translated together with this row, in the order in which readers meet it."""
        return [owner]

    def translating_needs(self) -> str:
        return f"incidents.change_{self.opts.model_name}"

    def keep_translations(self, thing: Any, wanted: Sequence[Wanted], by: Actor) -> list[Translation]:
        return translate(owner_of(thing), wanted, by=by)

    def translations_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Show what there is and what lacks in a language; keep what was typed."""
        thing = self.find(request, object_id)
        require(request, self.translating_needs())
        owner, things = owner_of(thing), self.things_of(thing)
        languages = _languages(owner)
        language = request.GET.get("language", "")
        if language not in dict(languages):
            language = languages[0][0] if languages else ""
        rows = newest_rows(translations_of(things))
        sheet = Paginator(things if language else (), SHEET).get_page(request.GET.get("sheet"))
        shown = list(sheet)
        form = TranslationForm(request.POST or None, things=shown, language=language, rows=rows)
        if request.method == "POST" and form.is_valid():
            try:
                written = self.keep_translations(thing, form.wanted(), actor(request))
            except DomainError as refusal:
                form = TranslationForm(
                    request.POST, things=shown, language=language, rows=newest_rows(translations_of(things))
                )
                form.renew()
                refuse(form, refusal)
            else:
                messages.success(request, _said(len(written)))
                return HttpResponseRedirect(request.get_full_path())
        context = {
            **self.admin_site.each_context(request),
            "title": _("Translations"),
            "opts": self.opts,
            "original": thing,
            "owner": owner,
            "form": form,
            "chapters": _chapters(form.lines()),
            "language": language,
            "languages": [(code, name, missing(things, rows, code)) for code, name in languages],
            "sheet": sheet,
        }
        return TemplateResponse(request, "admin/incidents/translations.html", context)


def lacking(read_things: Callable[[], Sequence[Thing]], page: Page) -> list[tuple[str, str, int]]:
    """Each other language of a page: its code, its name, and how many of these texts are not in it. A page in one
    language has them not even read."""
    languages = languages_beside(page)
    things = read_things() if languages else ()
    rows = newest_rows(translations_of(things)) if languages else {}
    return [(code, name, missing(things, rows, code)) for code, name in languages]


def _languages(owner: Page | Incident | Remedy) -> Sequence[tuple[str, str]]:
    """A remedy of the library is offered on any page."""
    if isinstance(owner, Remedy):
        return languages_of_all(Page.objects.all())
    return languages_beside(owner if isinstance(owner, Page) else owner.page)


def _chapters(lines: Iterable[Line]) -> list[tuple[Thing, list[Line]]]:
    """Lines under the thing that they are about."""
    chapters: dict[tuple[str, int], tuple[Thing, list[Line]]] = {}
    for line in lines:
        key = (COLUMNS[type(line.thing)], line.thing.pk)
        chapters.setdefault(key, (line.thing, []))[1].append(line)
    return list(chapters.values())


def _name(thing: Thing, field: str) -> str:
    return f"{COLUMNS[type(thing)]}-{thing.pk}-{field}"


def _said(count: int) -> str:
    if not count:
        return _("Nothing has changed.")
    return ngettext("%(count)d text is translated.", "%(count)d texts are translated.", count) % {"count": count}
