"""What visitors' reports say: how many now, how many are usual at this time of day, and what is being done about it."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q, Sum

from incidents.models import AffectedComponent, Component, Incident, ReportCount

COUNT_FOR = timedelta(minutes=10)
# The present ten minutes and the two tens before them.
LATELY = timedelta(minutes=30)
USUAL_DAYS = 14
HOURS = 24
ROWS = 10
# Fewer are nobody's storm; so many times the usual is none of its ups and downs.
LEAST_UNUSUAL = 5
TIMES_USUAL = 3


@dataclass(frozen=True, slots=True)
class Trend:
    """One component's reports. ``usual``: the mean of the same half hour on the last fourteen days. ``hours``: how many
    came in each of the last twenty-four hours, oldest first, the present one last. ``incident``: the open one about it.
    """

    component: Component
    lately: int
    usual: float
    hours: Sequence[int]
    incident: Incident | None

    @property
    def today(self) -> int:
        """All of the twenty-four hours."""
        return sum(self.hours)

    @property
    def is_unusual(self) -> bool:
        return self.lately >= LEAST_UNUSUAL and self.lately >= TIMES_USUAL * self.usual


def counted_since(moment: datetime) -> datetime:
    """The beginning of the ten minutes in which a report of this moment counts."""
    step = COUNT_FOR.seconds // 60
    return moment.replace(minute=moment.minute - moment.minute % step, second=0, microsecond=0)


def report_trends(*, now: datetime) -> list[Trend]:
    """The components that most visitors have a problem with, those of the last half hour first.

    Five queries, one when nobody has any.
    """
    first_hour = now.replace(minute=0, second=0, microsecond=0) - timedelta(hours=HOURS - 1)
    counts = ReportCount.objects.filter(since__gte=first_hour, since__lte=now).order_by().values("component")
    rows = counts.annotate(lately=Sum("number", filter=_half_hour(now), default=0), today=Sum("number"))
    busiest = {row["component"]: row["lately"] for row in rows.order_by("-lately", "-today", "component")[:ROWS]}
    usual, hours, incidents = _usual(busiest, now), _by_hour(busiest, first_hour, now), _open_incidents(busiest)
    components = Component.objects.select_related("group").in_bulk(busiest)
    return [
        Trend(components[key], lately, usual.get(key, 0.0), hours[key], incidents.get(key))
        for key, lately in busiest.items()
    ]


def reports_of(incident: Incident) -> int:
    """Reports about its components while it lasted; what another open incident of the same component has is its too."""
    counts = ReportCount.objects.filter(
        component__in=incident.affected_components.order_by().values("component"),
        since__gte=counted_since(incident.started_at),
    )
    if incident.resolved_at:
        counts = counts.filter(since__lte=incident.resolved_at)
    total: int = counts.aggregate(total=Sum("number", default=0))["total"]
    return total


def _half_hour(now: datetime) -> Q:
    until = counted_since(now)
    return Q(since__gt=until - LATELY, since__lte=until)


def _usual(components: Collection[int], now: datetime) -> Mapping[int, float]:
    times = Q()
    for days in range(1, USUAL_DAYS + 1):
        times |= _half_hour(now - timedelta(days=days))
    counts = ReportCount.objects.filter(times, component__in=components).order_by().values("component")
    return {row["component"]: row["total"] / USUAL_DAYS for row in counts.annotate(total=Sum("number"))}


def _by_hour(components: Collection[int], first: datetime, now: datetime) -> Mapping[int, Sequence[int]]:
    hours: dict[int, list[int]] = defaultdict(lambda: [0] * HOURS)
    counts = ReportCount.objects.filter(component__in=components, since__gte=first, since__lte=now)
    for component, since, number in counts.values_list("component", "since", "number"):
        hours[component][int((since - first) / timedelta(hours=1))] += number
    return hours


def _open_incidents(components: Collection[int]) -> Mapping[int, Incident]:
    """The newest open incident of each component, drafts too: somebody has seen it."""
    rows = AffectedComponent.objects.filter(component__in=components).exclude(incident__status__in=Incident.OVER)
    unplanned = rows.filter(incident__kind=Incident.Kind.INCIDENT).select_related("incident")
    return {row.component_id: row.incident for row in unplanned.order_by("incident__started_at", "incident_id")}
