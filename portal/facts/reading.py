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
from incidents.queries.translations import TextsInLanguages, texts_of_page
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
from portal.facts.scopes import ScopeFacts, read_scope_rows


def read_page(page: Page, previous: PageFacts | None = None, changed_keys: Collection[int] = ()) -> PageFacts:
    """Read a page in nine queries, whatever it holds; its logo and its guests, if it has any, take one more each.

    With `previous`, only the incidents in `changed_keys` (primary keys) are read again and the others are taken over
    from it.
    """
    components = list(components_on(page).select_related("group"))
    guests = [component for component in components if component.page_id != page.pk]
    incidents = incidents_on(page) if guests else Incident.objects.published().filter(page=page)
    unchanged: list[IncidentFacts] = []
    if previous is not None:
        unchanged = [incident for incident in previous.incidents if incident.key not in changed_keys]
        incidents = incidents.filter(pk__in=changed_keys)
    texts = texts_of_page(page, None if previous is None else incidents, guests)
    reread = read_incidents(incidents, {component.public_id: component for component in components}, texts)
    if guests:
        reread = as_guests(page, incidents, reread, guests)
    facts = PageFacts(
        public_id=page.public_id,
        profile=profile_of(page),
        created_at=page.created_at,
        changed_at=page.updated_at,
        updated_at=max(
            [
                page.updated_at,
                _spoke_at(page) or page.updated_at,
                *(incident.updated_at for incident in [*unchanged, *reread] if guests),
            ]
        ),
        groups=tuple(_group(group, texts) for group in groups_on(page, guests)),
        components=tuple(_component(component, texts) for component in components if not component.is_hidden),
        incidents=tuple(sorted([*unchanged, *reread], key=_place, reverse=True)),
        embed_origins=tuple(page.embed_origins),
        texts=texts.of(page),
        records=read_records(page, components, timezone.now()),
        logo=logo_of(page),
        hosts=tuple(sorted({guest.page_id for guest in guests})),
    )
    return facts if previous is None else _with_equal_parts(facts, previous)


def _with_equal_parts(facts: PageFacts, previous: PageFacts) -> PageFacts:
    """What was read again and is as it was stays the same object: to see that a document is current takes no second
    look then."""
    names = ("profile", "groups", "components", "texts", "records")
    return replace(
        facts, **{name: value for name in names if (value := getattr(previous, name)) == getattr(facts, name)}
    )


def _place(incident: IncidentFacts) -> tuple[datetime, datetime, int]:
    """What orders the history: keys alone would not, since imports write the newest first."""
    return incident.shown_at, incident.published_at, incident.key


def _spoke_at(page: Page) -> datetime | None:
    """When something public last happened here; what an import brings has its own times."""
    events = Event.objects.filter(page=page, is_public=True).exclude(via=IMPORT.via)
    return events.order_by("-id").values_list("happened_at", flat=True).first()


def _group(group: ComponentGroup, texts: TextsInLanguages) -> GroupFacts:
    return GroupFacts(
        public_id=group.public_id,
        name=group.name,
        description=group.description,
        position=group.position,
        created_at=group.created_at,
        updated_at=group.updated_at,
        texts=texts.of(group),
    )


def _component(component: Component, texts: TextsInLanguages) -> ComponentFacts:
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
        texts=texts.of(component),
    )


def read_incidents(
    incidents: QuerySet[Incident], catalogue: Mapping[str, Component], texts: TextsInLanguages
) -> list[IncidentFacts]:
    """Read these incidents in four queries. `catalogue`: the components, by public id, that updates may speak of;
    `texts`: what was read of their translations."""
    affected, scopes = defaultdict(list), defaultdict(list)
    components, rules = read_scope_rows(incidents)
    for component in components:
        affected[component.incident].append(
            AffectedFacts(component.public_id or "", component.name or "", component.status)
        )
    for rule in rules:
        scopes[rule.incident].append(rule.scope)
    updates = defaultdict(list)
    for update in Update.objects.filter(incident__in=incidents.order_by()).order_by("-display_at", "-id"):
        updates[update.incident_id].append(_update(update, catalogue, texts))
    estimates = defaultdict(list)
    for estimate in Estimate.objects.filter(incident__in=incidents.order_by()).order_by("-created_at", "-id"):
        estimates[estimate.incident_id].append(_estimate(estimate, texts))
    rows = incidents.select_related("series")
    return [_incident(row, affected[row.pk], updates[row.pk], estimates[row.pk], scopes[row.pk], texts) for row in rows]


def _incident(
    incident: Incident,
    affected: Iterable[AffectedFacts],
    updates: Iterable[UpdateFacts],
    estimates: Iterable[EstimateFacts],
    scopes: Iterable[ScopeFacts],
    texts: TextsInLanguages,
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
        affected=tuple(affected),
        updates=tuple(updates),
        estimates=tuple(estimates),
        texts=texts.of(incident),
        advice=incident.advice,
        planning=planning_of(incident),
        scopes=tuple(scopes),
    )


def _update(update: Update, catalogue: Mapping[str, Component], texts: TextsInLanguages) -> UpdateFacts:
    changes = _changes(update.affected_components, catalogue)
    return UpdateFacts(
        key=update.pk,
        public_id=update.public_id,
        status=update.status,
        body=update.body,
        html=update.body_html,
        at=update.display_at,
        affected=None
        if changes is None
        else tuple(component for move in changes if (component := _affected(move, catalogue))),
        changes=changes,
        corrects=update.corrects_id,
        is_sent=update.deliver_notifications,
        created_at=update.created_at,
        updated_at=update.updated_at,
        texts=texts.of(update),
    )


def _changes(records: Any, catalogue: Mapping[str, Component]) -> tuple[ComponentChange, ...] | None:
    """What an update said about components, without those that are hidden now; None also when no other is left."""
    if not isinstance(records, list):
        return None
    changes = [_change(record) for record in records]
    visible = tuple(
        change for change in changes if change.code not in catalogue or not catalogue[change.code].is_hidden
    )
    return visible if visible or not changes else None


def _change(record: Mapping[str, str | None]) -> ComponentChange:
    """Entries of other pages may lack any of it."""
    keys = ("code", "name", "old_status", "new_status")
    return ComponentChange(*(record.get(key) or "" for key in keys))


def _affected(change: ComponentChange, catalogue: Mapping[str, Component]) -> AffectedFacts | None:
    """The component that was spoken of, by its name of today; None where no status of it was said."""
    if change.after not in Component.Status.values:
        return None
    component = catalogue.get(change.code)
    return AffectedFacts(change.code, component.name if component else change.name, change.after)


def _estimate(estimate: Estimate, texts: TextsInLanguages) -> EstimateFacts:
    return EstimateFacts(
        stage=estimate.stage,
        restored_by=estimate.restored_by,
        reason=estimate.reason,
        source=estimate.source,
        at=estimate.created_at,
        texts=texts.of(estimate),
    )
