"""The storm board: what the staff desk opens with. Read in a fixed number of queries, whatever is going on."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from django.db.models import Count, Exists, F, Min, Model, OuterRef, Q, QuerySet, Subquery

from incidents.models import Estimate, Impact, Incident, Promise, Task
from incidents.queries.metrics import Recovery, recoveries
from incidents.queries.report_trend import Trend, report_trends
from incidents.queries.translations import untranslated
from notifications.models import Delivery

# How long an incident stays on the board after the service works again, for customers who are not whole yet.
AFTERCARE = timedelta(days=14)
SOON = timedelta(days=7)
LATELY = timedelta(days=1)
LATE_AFTER = timedelta(minutes=5)
ROWS = 10

Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True, slots=True)
class Line:
    """One incident on the board. ``reached``: different customers to whom its first notice went out."""

    incident: Incident
    recovery: Recovery
    reached: int
    restored_by: datetime | None
    is_update_overdue: bool
    is_estimate_missed: bool


@dataclass(frozen=True, slots=True)
class Queue(Generic[Row]):
    """The first rows of what waits for a person, and whether there are more."""

    rows: Sequence[Row]
    has_more: bool


@dataclass(frozen=True, slots=True)
class Sending:
    """Messages that wait, since when the oldest is due, and those that failed in the last day."""

    waiting: int
    oldest_due_at: datetime | None
    failed: int
    is_late: bool


@dataclass(frozen=True, slots=True)
class HourOfReports:
    """One hour of the table behind the bars: how many reports each of the trends has in it."""

    since: datetime
    numbers: Sequence[int]


@dataclass(frozen=True, slots=True)
class StormBoard:
    """All that the first page shows."""

    now: datetime
    lines: Sequence[Line]
    drafts: Sequence[Incident]
    planned: Sequence[Incident]
    not_fixed: Queue[Impact]
    tasks: Queue[Task]
    broken_promises: Queue[Promise]
    sending: Sending
    trends: Sequence[Trend]
    untranslated: Sequence[tuple[Incident, Sequence[tuple[str, str, int]]]]

    @property
    def missed_estimates(self) -> Sequence[Line]:
        return [line for line in self.lines if line.is_estimate_missed]

    @property
    def overdue_updates(self) -> Sequence[Line]:
        return [line for line in self.lines if line.is_update_overdue]

    @property
    def has_news_from_visitors(self) -> bool:
        """Unusually many have a problem that we have not written down: that comes before what we know."""
        return any(trend.is_unusual and trend.incident is None for trend in self.trends)

    @property
    def reports_by_hour(self) -> Sequence[HourOfReports]:
        """Newest first."""
        this_hour = self.now.replace(minute=0, second=0, microsecond=0)
        by_hour = zip(*(reversed(trend.hours) for trend in self.trends), strict=True)
        return [HourOfReports(this_hour - timedelta(hours=ago), numbers) for ago, numbers in enumerate(by_hour)]


def storm_board(*, now: datetime) -> StormBoard:
    incidents = list(_on_the_board(now))
    planned = list(_read(_coming_up(now)))
    return StormBoard(
        now=now,
        lines=_lines(incidents, now),
        drafts=list(_read(Incident.objects.open().filter(published_at=None).order_by("-created_at"))),
        planned=planned,
        not_fixed=_queue(_not_fixed()),
        tasks=_queue(_tasks()),
        broken_promises=_queue(_broken_promises()),
        sending=_sending(now),
        trends=report_trends(now=now),
        untranslated=_untranslated([*(incident for incident in incidents if not incident.is_over), *planned]),
    )


def reached(incidents: Iterable[Incident]) -> Mapping[int, int]:
    """How many different customers got an incident's first notice, by the incident's pk; one query.

    Got means that the message left us without an error: whoever opened their impact counts as ``seen``.
    """
    first_notices = Delivery.objects.filter(
        incident__in=[incident.pk for incident in incidents], state=Delivery.State.SENT, message="first_notice"
    )
    counts = first_notices.order_by().values("incident").annotate(customers=Count("customer", distinct=True))
    return {row["incident"]: row["customers"] for row in counts}


def _on_the_board(now: datetime) -> QuerySet[Incident]:
    """What is going on, and what is over but not closed while somebody may still not be whole."""
    waiting = Impact.objects.filter(incident=OuterRef("pk"), state__in=[Impact.State.RESTORED, Impact.State.REOPENED])
    going_on = ~Q(status__in=[*Incident.OVER, Incident.Status.SCHEDULED])
    aftercare = Q(status__in=Incident.OVER, closed_at=None, resolved_at__gte=now - AFTERCARE) & Exists(waiting)
    newest = Estimate.objects.filter(incident=OuterRef("pk")).order_by("-created_at", "-id")
    return (
        _read(Incident.objects.published())
        .filter(going_on | aftercare)
        .annotate(restored_by=Subquery(newest.values("restored_by")[:1]))
        .order_by(F("resolved_at").desc(nulls_first=True), "-started_at", "-id")
    )


def _lines(incidents: Sequence[Incident], now: datetime) -> list[Line]:
    figures, customers_reached = recoveries(incidents), reached(incidents)
    return [_line(incident, figures[incident.pk], customers_reached.get(incident.pk, 0), now) for incident in incidents]


def _line(incident: Incident, recovery: Recovery, customers_reached: int, now: datetime) -> Line:
    restored_by: datetime | None = getattr(incident, "restored_by", None)
    due_at = incident.next_update_due_at
    return Line(
        incident=incident,
        recovery=recovery,
        reached=customers_reached,
        restored_by=restored_by,
        is_update_overdue=not incident.is_over and due_at is not None and due_at < now,
        is_estimate_missed=not incident.is_over and restored_by is not None and restored_by < now,
    )


def _coming_up(now: datetime) -> QuerySet[Incident]:
    soon = Incident.objects.published().filter(status=Incident.Status.SCHEDULED, scheduled_for__lte=now + SOON)
    return soon.order_by("scheduled_for")


def _untranslated(incidents: Sequence[Incident]) -> list[tuple[Incident, Sequence[tuple[str, str, int]]]]:
    """What readers of other languages get in the original as long as nobody translates it."""
    missing_languages = untranslated(incidents)
    return [(incident, missing_languages[incident.pk]) for incident in incidents if incident.pk in missing_languages]


def _read(incidents: QuerySet[Incident]) -> QuerySet[Incident]:
    return incidents.select_related("page", "owner")


def _not_fixed() -> QuerySet[Impact]:
    """Whoever was told "restored" and said that it is not, longest waiting first."""
    waiting = Impact.objects.filter(state=Impact.State.REOPENED)
    return waiting.select_related("incident", "holding", "customer").order_by("reopened_at", "id")


def _tasks() -> QuerySet[Task]:
    due = Task.objects.filter(state=Task.State.OPEN).select_related("impact__incident", "impact__customer", "owner")
    return due.order_by("due_at", "id")


def _broken_promises() -> QuerySet[Promise]:
    """Broken and still not done, oldest first."""
    promises = Promise.objects.filter(state=Promise.State.BROKEN, done_at=None)
    return promises.select_related("impact__incident", "impact__customer").order_by("broken_at", "id")


def _queue(waiting: QuerySet[Row]) -> Queue[Row]:
    rows = list(waiting[: ROWS + 1])
    return Queue(rows=rows[:ROWS], has_more=len(rows) > ROWS)


def _sending(now: datetime) -> Sending:
    waits = Q(state__in=[Delivery.State.QUEUED, Delivery.State.SENDING])
    waiting = Delivery.objects.filter(waits).aggregate(number=Count("id"), oldest=Min("due_at"))
    failed = Delivery.objects.filter(state=Delivery.State.FAILED, created_at__gte=now - LATELY).count()
    oldest: datetime | None = waiting["oldest"]
    return Sending(
        waiting=waiting["number"],
        oldest_due_at=oldest,
        failed=failed,
        is_late=oldest is not None and oldest < now - LATE_AFTER,
    )
