"""Reads what is public about a page from the database, with a fixed number of queries."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from incidents.actor import IMPORT
from incidents.logos import logo_of
from incidents.models import (
    Component,
    ComponentGroup,
    Estimate,
    Event,
    Incident,
    Page,
    Update,
)
from incidents.queries.guests import components_on, groups_on, incidents_on
from incidents.queries.translations import Words, words_of_page
from portal.facts.guests import as_guests
from portal.facts.page import (
    AffectedFacts,
    ComponentChange,
    ComponentFacts,
    EstimateFacts,
    GroupFacts,
    IncidentFacts,
    PageFacts,
    UpdateFacts,
)
from portal.facts.planning import planning_of
from portal.facts.profile import profile_of
from portal.facts.records import read_records
from portal.facts.scopes import ScopeFacts, read_touch


def read_page(page: Page, known: PageFacts | None = None, changed: Collection[int] = ()) -> PageFacts:
    """Read a page in nine queries, whatever it holds; its logo and its guests, if it has any, take one more each.

    With `known`, only the incidents in `changed` (primary keys) are read again and the others are taken over from it.
    """
    components = list(components_on(page).select_related("group"))
    guests = [component for component in components if component.page_id != page.pk]
    incidents = incidents_on(page) if guests else Incident.objects.published().filter(page=page)
    kept: list[IncidentFacts] = []
    if known is not None:
        kept = [disruption for disruption in known.disruptions if disruption.key not in changed]
        incidents = incidents.filter(pk__in=changed)
    words = words_of_page(page, None if known is None else incidents, guests)
    fresh = read_incidents(incidents, {component.public_id: component for component in components}, words)
    if guests:
        fresh = as_guests(page, incidents, fresh, guests)
    facts = PageFacts(
        public_id=page.public_id,
        letterhead=profile_of(page),
        created_at=page.created_at,
        changed_at=page.updated_at,
        updated_at=max(
            [
                page.updated_at,
                _spoke_at(page) or page.updated_at,
                *(one.updated_at for one in [*kept, *fresh] if guests),
            ]
        ),
        groups=tuple(_group(group, words) for group in groups_on(page, guests)),
        parts=tuple(_part(component, words) for component in components if not component.is_hidden),
        disruptions=tuple(sorted([*kept, *fresh], key=_place, reverse=True)),
        embed_origins=tuple(page.embed_origins),
        words=words.of(page),
        records=read_records(page, components, timezone.now()),
        logo=logo_of(page),
        hosts=tuple(sorted({guest.page_id for guest in guests})),
    )
    return facts if known is None else _with_the_same(facts, known)


def _with_the_same(facts: PageFacts, known: PageFacts) -> PageFacts:
    """What was read again and is as it was stays the same object: to see that a document is current takes no second
    look then."""
    names = ("letterhead", "groups", "parts", "words", "records")
    return replace(facts, **{name: same for name in names if (same := getattr(known, name)) == getattr(facts, name)})


def _place(one: IncidentFacts) -> tuple[datetime, datetime, int]:
    """What orders the history: keys alone would not, since imports write the newest first."""
    return one.shown_at, one.published_at, one.key


def _spoke_at(page: Page) -> datetime | None:
    """When something public last happened here; what an import brings has its own times."""
    events = Event.objects.filter(page=page, is_public=True).exclude(via=IMPORT.via)
    return events.order_by("-id").values_list("happened_at", flat=True).first()


def _group(group: ComponentGroup, words: Words) -> GroupFacts:
    return GroupFacts(
        public_id=group.public_id,
        name=group.name,
        description=group.description,
        position=group.position,
        created_at=group.created_at,
        updated_at=group.updated_at,
        words=words.of(group),
    )


def _part(component: Component, words: Words) -> ComponentFacts:
    return ComponentFacts(
        public_id=component.public_id,
        name=component.name,
        description=component.description,
        status=component.status,
        group_id=component.group.public_id if component.group else "",
        only_if_degraded=component.only_show_if_degraded,
        position=component.position,
        showcase=component.showcase,
        start_date=component.start_date,
        created_at=component.created_at,
        updated_at=component.updated_at,
        words=words.of(component),
    )


def read_incidents(
    incidents: QuerySet[Incident], catalogue: Mapping[str, Component], words: Words
) -> list[IncidentFacts]:
    """Read these incidents in four queries. `catalogue`: the components, by public id, that updates may speak of;
    `words`: what was read of their translations."""
    touched, whom = defaultdict(list), defaultdict(list)
    parts, rules = read_touch(incidents)
    for part in parts:
        touched[part.incident].append(AffectedFacts(part.part_id or "", part.part or "", part.status))
    for rule in rules:
        whom[rule.incident].append(rule.whom)
    said = defaultdict(list)
    for update in Update.objects.filter(incident__in=incidents.order_by()).order_by("-display_at", "-id"):
        said[update.incident_id].append(_said(update, catalogue, words))
    guesses = defaultdict(list)
    for estimate in Estimate.objects.filter(incident__in=incidents.order_by()).order_by("-created_at", "-id"):
        guesses[estimate.incident_id].append(_guess(estimate, words))
    known = incidents.select_related("series")
    return [_disruption(one, touched[one.pk], said[one.pk], guesses[one.pk], whom[one.pk], words) for one in known]


def _disruption(
    incident: Incident,
    touched: Iterable[AffectedFacts],
    said: Iterable[UpdateFacts],
    guesses: Iterable[EstimateFacts],
    whom: Iterable[ScopeFacts],
    words: Words,
) -> IncidentFacts:
    return IncidentFacts(
        key=incident.pk,
        public_id=incident.public_id,
        name=incident.name,
        kind=incident.kind,
        status=incident.status,
        impact=incident.impact,
        shortlink=incident.shortlink,
        started_at=incident.started_at,
        published_at=incident.published_at or incident.created_at,
        monitoring_at=incident.monitoring_at,
        resolved_at=incident.resolved_at,
        scheduled_for=incident.scheduled_for,
        scheduled_until=incident.scheduled_until,
        next_update_due_at=incident.next_update_due_at,
        updated_at=incident.updated_at,
        touched=tuple(touched),
        said=tuple(said),
        guesses=tuple(guesses),
        words=words.of(incident),
        advice=incident.advice,
        planning=planning_of(incident),
        whom=tuple(whom),
    )


def _said(update: Update, catalogue: Mapping[str, Component], words: Words) -> UpdateFacts:
    moves = _moves(update.affected_components, catalogue)
    return UpdateFacts(
        key=update.pk,
        public_id=update.public_id,
        status=update.status,
        body=update.body,
        html=update.body_html,
        at=update.display_at,
        touched=None if moves is None else tuple(touched for move in moves if (touched := _touched(move, catalogue))),
        moves=moves,
        corrects=update.corrects_id,
        is_sent=update.deliver_notifications,
        created_at=update.created_at,
        updated_at=update.updated_at,
        words=words.of(update),
    )


def _moves(entries: Any, catalogue: Mapping[str, Component]) -> tuple[ComponentChange, ...] | None:
    """What an update said about components, without those that are hidden now; None also when no other is left."""
    if not isinstance(entries, list):
        return None
    said = [_move(entry) for entry in entries]
    shown = tuple(move for move in said if move.code not in catalogue or not catalogue[move.code].is_hidden)
    return shown if shown or not said else None


def _move(entry: Mapping[str, str | None]) -> ComponentChange:
    """Entries of other pages may lack any of it."""
    keys = ("code", "name", "old_status", "new_status")
    return ComponentChange(*(entry.get(key) or "" for key in keys))


def _touched(move: ComponentChange, catalogue: Mapping[str, Component]) -> AffectedFacts | None:
    """The component that was spoken of, by its name of today; None where no status of it was said."""
    if move.after not in Component.Status.values:
        return None
    component = catalogue.get(move.code)
    return AffectedFacts(move.code, component.name if component else move.name, move.after)


def _guess(estimate: Estimate, words: Words) -> EstimateFacts:
    return EstimateFacts(
        stage=estimate.stage,
        restored_by=estimate.restored_by,
        reason=estimate.reason,
        source=estimate.source,
        at=estimate.created_at,
        words=words.of(estimate),
    )
