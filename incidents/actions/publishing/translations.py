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

Thing = Page | ComponentGroup | Component | Incident | Update | Estimate | Offer | Remedy | MaintenanceSeries
# What staff type beside an original: by language, then by field.
Texts = Mapping[str, Mapping[str, str]]

LONGEST = 20_000  # characters of a text that has no limit of its own


@dataclass(frozen=True, slots=True)
class Wanted:
    """One text in one language. ``seen``: the revision that its writer saw, 0 for none; unstated, whatever stands."""

    thing: Thing
    field: str
    language: str
    text: str
    seen: int | None = None


@transaction.atomic
def translate(
    owner: Page | Incident | Remedy, wanted: Sequence[Wanted], *, by: Actor, now: datetime | None = None
) -> list[Translation]:
    """Write these translations of what belongs to ``owner``: a page, its catalogue and its series; an incident, what
    was said on it and what is offered; a remedy. An empty text takes a translation back. The same again writes and
    records nothing.

    A former wording is kept. Raises InvalidInput (naming ``<field>_<language>``) for a text that is too long or a
    language that needs no translation, WrongState when somebody else translated it meanwhile.
    """
    now = now or timezone.now()
    _lock(owner)
    if any(owner_of(one.thing) != owner for one in wanted):
        raise InvalidInput(_("These texts do not belong together."))
    written = write_translations(wanted, by=by, at=now)
    if written:
        page = None if isinstance(owner, Remedy) else owner if isinstance(owner, Page) else owner.page
        incident = owner if isinstance(owner, Incident) else None
        languages = sorted({row.language for row in written})
        rows = [row.pk for row in written]
        record(
            Event.Kind.TRANSLATED, by=by, at=now, page=page, incident=incident, languages=languages, translations=rows
        )
    return written


def write_translations(wanted: Iterable[Wanted], *, by: Actor, at: datetime) -> list[Translation]:
    """Inside an action's transaction, its owner locked; records nothing."""
    rows = [row for one in wanted if (row := _next(one, by, at))]
    for row in rows:
        row.save(force_insert=True)
    return rows


def beside(thing: Thing, texts: Texts | None) -> list[Wanted]:
    """What was typed beside a text that is just being written; languages left empty are not wanted."""
    return [
        Wanted(thing, field, language, text)
        for language, fields in (texts or {}).items()
        for field, text in fields.items()
        if text.strip() and field in TRANSLATED[COLUMNS[type(thing)]]
    ]


def owner_of(thing: Thing) -> Page | Incident | Remedy:
    """Whose event tells that it was translated."""
    if isinstance(thing, (Page, Incident, Remedy)):
        return thing
    return thing.page if isinstance(thing, (ComponentGroup, Component, MaintenanceSeries)) else thing.incident


def _lock(owner: Page | Incident | Remedy) -> None:
    if isinstance(owner, Incident):
        lock_incident(owner)
    else:
        type(owner).objects.select_for_update(no_key=True).get(pk=owner.pk)


def _next(one: Wanted, by: Actor, at: datetime) -> Translation | None:
    """The row that this text becomes; None when it says what stands already."""
    text = one.text.strip()
    original = getattr(one.thing, one.field)
    about = _about(one.thing)
    standing = Translation.objects.filter(**about, field=one.field, language=one.language).order_by("-revision").first()
    _check(one, text)
    if _is_untouched(one, text, standing):
        return None
    _require_seen(one, standing)
    made_from = mark_of(original)
    if (standing.text, standing.made_from) == (text, made_from) if standing else not text:
        return None
    return Translation(
        **about,
        field=one.field,
        language=one.language,
        revision=standing.revision + 1 if standing else 1,
        text=text,
        html=render_markdown(text) if isinstance(one.thing, Update) else "",
        made_from=made_from,
        author=by.user,
        created_at=at,
    )


def _about(thing: Thing) -> dict[str, Any]:
    column = COLUMNS[type(thing)]
    owner = owner_of(thing)
    page = None if isinstance(owner, Remedy) else owner if isinstance(owner, Page) else owner.page
    nothing = dict.fromkeys(COLUMNS.values())
    return nothing | {column: thing, "page": page}


def _check(one: Wanted, text: str) -> None:
    """The rules of the original hold for its translations."""
    name = f"{one.field}_{one.language}"
    owner = owner_of(one.thing)
    own = "" if isinstance(owner, Remedy) else (owner if isinstance(owner, Page) else owner.page).language
    if one.language not in dict(settings.LANGUAGES) or one.language == own:
        raise InvalidInput(_("Pick one of the page’s other languages."), field=name)
    if one.field not in TRANSLATED[COLUMNS[type(one.thing)]]:
        raise InvalidInput(_("This cannot be translated."), field=name)
    longest = getattr(one.thing._meta.get_field(one.field), "max_length", None) or LONGEST
    if len(text) > longest:
        said = _("This is too long: at most %(most)d characters fit, and it has %(count)d.")
        raise InvalidInput(said % {"most": longest, "count": len(text)}, field=name)


def _is_untouched(one: Wanted, text: str, standing: Translation | None) -> bool:
    """Whether the writer sent back what they saw, while somebody else changed it."""
    if one.seen is None or standing is None or one.seen == standing.revision:
        return False
    saw = Translation.objects.filter(
        **_about(one.thing), field=one.field, language=one.language, revision=one.seen
    ).first()
    return text == (saw.text if saw else "")


def _require_seen(one: Wanted, standing: Translation | None) -> None:
    if one.seen is None or one.seen == (standing.revision if standing else 0):
        return
    said = _("%(who)s translated this meanwhile. Please read it, and yours again, before you save.")
    who = standing.author if standing and standing.author else _("Somebody")
    raise WrongState(said % {"who": who}, field=f"{one.field}_{one.language}")
