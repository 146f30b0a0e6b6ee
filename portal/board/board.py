"""The public board: what the facts of a page mean at one moment.

Pure: every function takes the moment and asks neither the clock nor the database. Each view names, in `valid_until`,
the next moment at which it would read differently.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from incidents.models import Component
from portal.board.timeline import IncidentView, incident_at
from portal.facts.page import ComponentFacts, GroupFacts, IncidentFacts, PageFacts

RECENT_DAYS = 14
MOST_MONTHS = 600  # that are kept although they are quiet

# -- overall ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Overall:
    """Statuspage's indicator and description of a whole page, and its state in the words of a component.

    The state decides colour, shape and words wherever people look: "minor" is said of things that are slow and of
    things that do not work, which nobody may see in one colour.
    """

    indicator: str
    description: str
    state: str


MAJOR_OUTAGE = Overall("critical", "Major System Outage", "major_outage")
PARTIAL_OUTAGE = Overall("major", "Partial System Outage", "partial_outage")
MINOR_OUTAGE = Overall("minor", "Minor Service Outage", "partial_outage")
DEGRADED = Overall("minor", "Degraded System Service", "degraded_performance")
PARTLY_DEGRADED = Overall("minor", "Partially Degraded Service", "degraded_performance")
MAINTENANCE = Overall("maintenance", "Service Under Maintenance", "under_maintenance")
OPERATIONAL = Overall("none", "All Systems Operational", "operational")

INDICATORS = ("none", "maintenance", "minor", "major", "critical")
FLOORS = {
    "none": OPERATIONAL,
    "maintenance": MAINTENANCE,
    "minor": MINOR_OUTAGE,
    "major": PARTIAL_OUTAGE,
    "critical": MAJOR_OUTAGE,
}
STATUSES = tuple(Component.Status.values)  # from best to worst


def overall_status(component_statuses: Iterable[str], open_incident_impacts: Iterable[str] = ()) -> Overall:
    """Decide the one state of a page; page, JSON, badges, widget and feeds all use this.

    `component_statuses`: of visible components only. `open_incident_impacts`: of those open incidents that no visible
    component speaks for; the worst of them is a floor. Source: the table of Statuspage's public API v2.
    """
    by_components = _of_components(tuple(component_statuses))
    floor = FLOORS[max(open_incident_impacts, key=INDICATORS.index, default="none")]
    return max(by_components, floor, key=lambda overall: INDICATORS.index(overall.indicator))


def _of_components(statuses: tuple[str, ...]) -> Overall:
    present = set(statuses)
    if present == {"major_outage"}:
        return MAJOR_OUTAGE
    if "major_outage" in present or present == {"partial_outage"}:
        return PARTIAL_OUTAGE
    if "partial_outage" in present:
        return MINOR_OUTAGE
    if "degraded_performance" in present:
        return DEGRADED if present == {"degraded_performance"} else PARTLY_DEGRADED
    return MAINTENANCE if "under_maintenance" in present else OPERATIONAL


def worst(statuses: Iterable[str]) -> str:
    """The worst of some components' statuses; operational when there are none."""
    return max(statuses, key=STATUSES.index, default=Component.Status.OPERATIONAL.value)


# -- the status page --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class GroupView:
    """A group of components, or those without a group (`group` is None). Groups in trouble stand open."""

    group: GroupFacts | None
    components: tuple[ComponentFacts, ...]
    worst: str

    @property
    def is_troubled(self) -> bool:
        return self.worst != Component.Status.OPERATIONAL.value


@dataclass(frozen=True)
class DayView:
    """One day of the history, in the page's zone."""

    first: datetime
    incidents: tuple[IncidentView, ...]


@dataclass(frozen=True)
class Board:
    """The status page at a moment. `lead`: the open incident that answers the first questions."""

    overall: Overall
    since: datetime | None
    lead: IncidentView | None
    open: tuple[IncidentView, ...]
    under_way: tuple[IncidentView, ...]
    planned: tuple[IncidentView, ...]
    groups: tuple[GroupView, ...]
    days: tuple[DayView, ...]
    last: IncidentFacts | None
    valid_until: datetime

    @property
    def next_planned(self) -> IncidentView | None:
        return next((view for view in self.planned if not view.is_window_past), None)


def board_at(facts: PageFacts, now: datetime) -> Board:
    views = [incident_at(incident, now) for incident in facts.incidents if not incident.is_over]
    unplanned = tuple(sorted((view for view in views if not view.facts.is_planned), key=_said_at, reverse=True))
    under_way = tuple(view for view in views if view.facts.is_planned and not view.facts.is_ahead)
    planned = tuple(view for view in reversed(views) if view.facts.is_ahead)
    lead = _lead(unplanned) or _lead(under_way)
    turns = (midnight_after(now, facts.profile.zone), *(view.valid_until for view in views))
    return Board(
        overall=page_status(facts),
        since=min((view.facts.shown_at for view in unplanned or under_way), default=None),
        lead=lead,
        open=unplanned,
        under_way=under_way,
        planned=planned,
        groups=groups_of(facts),
        days=_recent_days(facts, now),
        last=next((incident for incident in facts.incidents if incident.is_over and not incident.is_planned), None),
        valid_until=min(moment for moment in turns if moment),
    )


def page_status(facts: PageFacts) -> Overall:
    """The overall state: visible components, and a floor by each open incident that none of them speaks for."""
    current = {component.public_id: component.status for component in facts.components}
    silent = [
        incident.impact
        for incident in facts.incidents
        if not incident.is_over and not incident.is_ahead and not _is_spoken_for(incident, current)
    ]
    return overall_status(current.values(), silent)


def _is_spoken_for(incident: IncidentFacts, current: Mapping[str, str]) -> bool:
    best = Component.Status.OPERATIONAL.value
    return any(current.get(component.public_id, best) != best for component in incident.affected)


def _said_at(view: IncidentView) -> datetime:
    """When we last spoke of it."""
    return view.latest.at if view.latest else view.facts.shown_at


def _lead(incidents: tuple[IncidentView, ...]) -> IncidentView | None:
    """The worst one; among equals the newest."""
    return max(incidents, key=lambda view: INDICATORS.index(view.facts.impact), default=None)


def groups_of(facts: PageFacts) -> tuple[GroupView, ...]:
    """Components without a group first, then the groups that have something to show, in their order."""
    visible = [
        component for component in facts.components if not component.only_if_degraded or component.status != STATUSES[0]
    ]
    by_group: dict[str, list[ComponentFacts]] = {}
    for component in visible:
        by_group.setdefault(component.group_id, []).append(component)
    headings: tuple[GroupFacts | None, ...] = (None, *facts.groups)
    views = ((heading, by_group.get(heading.public_id if heading else "", [])) for heading in headings)
    return tuple(
        GroupView(heading, tuple(components), worst(component.status for component in components))
        for heading, components in views
        if components
    )


def _recent_days(facts: PageFacts, now: datetime) -> tuple[DayView, ...]:
    zone = ZoneInfo(facts.profile.zone)
    oldest = first_of_day(now - timedelta(days=RECENT_DAYS - 1), zone)
    past = [incident for incident in facts.incidents if incident.is_over and incident.shown_at >= oldest]
    days = groupby(past, key=lambda incident: first_of_day(incident.shown_at, zone))
    return tuple(
        DayView(first, tuple(incident_at(incident, now) for incident in incidents)) for first, incidents in days
    )


def first_of_day(moment: datetime, zone: ZoneInfo) -> datetime:
    return moment.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)


def midnight_after(now: datetime, zone: str) -> datetime:
    """The start of the next day in a zone, when "the last days" become other ones."""
    return first_of_day(now.astimezone(ZoneInfo(zone)) + timedelta(days=1), ZoneInfo(zone))


# -- history ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Month:
    """One month of the history with its incidents, newest first."""

    first: datetime
    incidents: tuple[IncidentFacts, ...]

    @property
    def path(self) -> str:
        return f"history/{self.first:%Y/%m}"


def months_of(facts: PageFacts, now: datetime) -> tuple[Month, ...]:
    """This month and every other in which something began, newest first, in the page's zone.

    What is only planned is not history.
    """
    zone = ZoneInfo(facts.profile.zone)
    history = [incident for incident in facts.incidents if not incident.is_ahead]
    months = [
        Month(first, tuple(incidents))
        for first, incidents in groupby(history, key=lambda incident: _month(incident.shown_at, zone))
    ]
    if all(month.first != _month(now, zone) for month in months):
        months.append(Month(_month(now, zone), ()))
    return tuple(sorted(months, key=lambda month: month.first, reverse=True))


def quiet_months_of(facts: PageFacts, now: datetime, months: Iterable[Month]) -> Iterator[datetime]:
    """The first days of all other months since the page was made, newest first: their addresses stay good for ever."""
    zone = ZoneInfo(facts.profile.zone)
    eventful = {month.first for month in months}
    oldest = min(_month(facts.created_at, zone), *eventful)
    first = _month(now, zone)
    for _number in range(MOST_MONTHS):
        if first not in eventful:
            yield first
        if first <= oldest:
            return
        first = _month(first - timedelta(days=1), zone)


def _month(moment: datetime, zone: ZoneInfo) -> datetime:
    return first_of_day(moment, zone).replace(day=1)


def years_of(months: Iterable[Month]) -> tuple[tuple[int, tuple[Month, ...]], ...]:
    return tuple((year, tuple(group)) for year, group in groupby(months, key=lambda month: month.first.year))
