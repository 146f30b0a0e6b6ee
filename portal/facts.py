"""What one page says in public, as plain values: no hidden component, no draft, nothing that depends on the hour.

Read with a fixed number of queries; everything that visitors see is derived from these facts (see portal.board).
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from incidents.models import AffectedComponent, Component, ComponentGroup, Estimate, Incident, Page, Update
from portal.letterhead import Letterhead, letterhead_of


@dataclass(frozen=True)
class Part:
    """One visible component."""

    public_id: str
    name: str
    description: str
    status: str
    group_id: str
    only_if_degraded: bool


@dataclass(frozen=True)
class Group:
    public_id: str
    name: str
    description: str


@dataclass(frozen=True)
class Touched:
    """A visible component that an incident affects, and the status it is in because of it."""

    public_id: str
    name: str
    status: str


@dataclass(frozen=True)
class Said:
    """One update as it was published. `touched` is None where the update does not speak of components."""

    key: int
    public_id: str
    status: str
    html: str
    at: datetime
    touched: tuple[Touched, ...] | None
    corrects: int | None


@dataclass(frozen=True)
class Guess:
    """One published estimate; `restored_by` is None for "we do not know yet"."""

    stage: str
    restored_by: datetime | None
    reason: str
    source: str
    at: datetime


@dataclass(frozen=True)
class Disruption:
    """One published incident or maintenance; updates and estimates newest first."""

    key: int
    public_id: str
    name: str
    kind: str
    status: str
    impact: str
    started_at: datetime
    resolved_at: datetime | None
    scheduled_for: datetime | None
    scheduled_until: datetime | None
    next_update_due_at: datetime | None
    updated_at: datetime
    touched: tuple[Touched, ...]
    said: tuple[Said, ...]
    guesses: tuple[Guess, ...]

    @property
    def is_over(self) -> bool:
        return self.status in Incident.OVER

    @property
    def is_planned(self) -> bool:
        return self.kind == Incident.Kind.MAINTENANCE.value

    @property
    def is_ahead(self) -> bool:
        """Planned, and not begun."""
        return self.status == Incident.Status.SCHEDULED.value

    @property
    def shown_at(self) -> datetime:
        """Where it stands in the history: its start, for planned work the planned one."""
        return self.scheduled_for or self.started_at


@dataclass(frozen=True)
class PageFacts:
    """All that is public about one page; disruptions newest first."""

    letterhead: Letterhead
    groups: tuple[Group, ...]
    parts: tuple[Part, ...]
    disruptions: tuple[Disruption, ...] = field(repr=False)


def read_page(page: Page, known: PageFacts | None = None, changed: Collection[int] = ()) -> PageFacts:
    """Read a page in six queries, whatever it holds.

    With `known`, only the incidents in `changed` (primary keys) are read again and the others are taken over from it.
    """
    components = list(Component.objects.filter(page=page).select_related("group"))
    incidents = Incident.objects.published().filter(page=page)
    kept: list[Disruption] = []
    if known is not None:
        kept = [disruption for disruption in known.disruptions if disruption.key not in changed]
        incidents = incidents.filter(pk__in=changed)
    fresh = read_disruptions(incidents, {component.public_id: component for component in components})
    return PageFacts(
        letterhead=letterhead_of(page),
        groups=tuple(
            Group(group.public_id, group.name, group.description) for group in ComponentGroup.objects.filter(page=page)
        ),
        parts=tuple(_part(component) for component in components if not component.is_hidden),
        disruptions=tuple(sorted([*kept, *fresh], key=lambda one: (one.shown_at, one.key), reverse=True)),
    )


def _part(component: Component) -> Part:
    return Part(
        public_id=component.public_id,
        name=component.name,
        description=component.description,
        status=component.status,
        group_id=component.group.public_id if component.group else "",
        only_if_degraded=component.only_show_if_degraded,
    )


def read_disruptions(incidents: QuerySet[Incident], catalogue: Mapping[str, Component]) -> list[Disruption]:
    """Read these incidents in four queries. `catalogue`: the components, by public id, that updates may speak of."""
    touched = defaultdict(list)
    affected = AffectedComponent.objects.filter(incident__in=incidents.order_by(), component__is_hidden=False)
    for row in affected.select_related("component").order_by("component__position", "component_id"):
        touched[row.incident_id].append(Touched(row.component.public_id, row.component.name, row.status))
    said = defaultdict(list)
    for update in Update.objects.filter(incident__in=incidents.order_by()).order_by("-display_at", "-id"):
        said[update.incident_id].append(_said(update, catalogue))
    guesses = defaultdict(list)
    for estimate in Estimate.objects.filter(incident__in=incidents.order_by()).order_by("-created_at", "-id"):
        guesses[estimate.incident_id].append(_guess(estimate))
    return [_disruption(one, touched[one.pk], said[one.pk], guesses[one.pk]) for one in incidents]


def _disruption(
    incident: Incident, touched: Iterable[Touched], said: Iterable[Said], guesses: Iterable[Guess]
) -> Disruption:
    return Disruption(
        key=incident.pk,
        public_id=incident.public_id,
        name=incident.name,
        kind=incident.kind,
        status=incident.status,
        impact=incident.impact,
        started_at=incident.started_at,
        resolved_at=incident.resolved_at,
        scheduled_for=incident.scheduled_for,
        scheduled_until=incident.scheduled_until,
        next_update_due_at=incident.next_update_due_at,
        updated_at=incident.updated_at,
        touched=tuple(touched),
        said=tuple(said),
        guesses=tuple(guesses),
    )


def _said(update: Update, catalogue: Mapping[str, Component]) -> Said:
    return Said(
        key=update.pk,
        public_id=update.public_id,
        status=update.status,
        html=update.body_html,
        at=update.display_at,
        touched=_spoken_of(update.affected_components, catalogue),
        corrects=update.corrects_id,
    )


def _spoken_of(entries: Any, catalogue: Mapping[str, Component]) -> tuple[Touched, ...] | None:
    """What an update said about components, without those that are hidden now."""
    if not isinstance(entries, list):
        return None
    return tuple(touched for entry in entries if (touched := _entry(entry, catalogue.get(entry["code"]))))


def _entry(entry: Mapping[str, str], component: Component | None) -> Touched | None:
    if component is None:
        return Touched(entry["code"], entry["name"], entry["new_status"])
    if component.is_hidden:
        return None
    return Touched(component.public_id, component.name, entry["new_status"])


def _guess(estimate: Estimate) -> Guess:
    return Guess(estimate.stage, estimate.restored_by, estimate.reason, estimate.source, estimate.created_at)
