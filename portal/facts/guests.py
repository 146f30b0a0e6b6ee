"""What a page says of an incident of another page: only of the components that it shows itself."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import replace

from django.db.models import QuerySet

from incidents.models import Component, Incident, Page
from portal.facts.page import IncidentFacts, UpdateFacts
from portal.facts.scopes import ScopeFacts


def as_guests(
    page: Page, incidents: QuerySet[Incident], incident_facts: Iterable[IncidentFacts], guests: Iterable[Component]
) -> list[IncidentFacts]:
    """What was read of these incidents, of other pages' only what concerns the guests from there; in one query."""
    visible = defaultdict(set)
    for guest in guests:
        if not guest.is_hidden:
            visible[guest.page_id].add(guest.public_id)
    home = dict(incidents.exclude(page=page).values_list("pk", "page_id"))
    return [
        as_guest(incident, visible[home[incident.key]]) if incident.key in home else incident
        for incident in incident_facts
    ]


def as_guest(incident: IncidentFacts, visible: Collection[str]) -> IncidentFacts:
    """The incident with these components (public ids) alone; its own page's short link would lead past this page."""
    return replace(
        incident,
        shortlink="",
        affected=tuple(component for component in incident.affected if component.public_id in visible),
        updates=tuple(_update(update, visible) for update in incident.updates),
        scopes=tuple(_scope(scope, visible) for scope in incident.scopes),
    )


def _update(update: UpdateFacts, visible: Collection[str]) -> UpdateFacts:
    changes = tuple(change for change in update.changes or () if change.code in visible)
    affected = tuple(affected for affected in update.affected or () if affected.public_id in visible)
    return replace(update, changes=changes or None, affected=affected if changes else None)


def _scope(scope: ScopeFacts, visible: Collection[str]) -> ScopeFacts:
    return (
        scope
        if not scope.component_id or scope.component_id in visible
        else replace(scope, component_id="", component="", is_partly=True)
    )
