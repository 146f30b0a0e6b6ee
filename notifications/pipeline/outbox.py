"""From events to deliveries.

The event row, written in the transaction of the change that it records, *is* the transactional outbox: what was
committed will be told, what was rolled back never. Collecting pulls the events that have no ``OutboxEntry`` yet and, in
one transaction each, writes the entry and everything that is to be sent because of it.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.db import OperationalError, connection, transaction
from django.db.models import Exists, Max, OuterRef, QuerySet
from django.utils import timezone

from incidents.models import Event, Incident, Update
from notifications import topics
from notifications.models import Delivery, OutboxEntry, OutboxMark
from notifications.pipeline import audience, fanout

logger = logging.getLogger(__name__)

# After a long silence of the worker nobody is told of a disruption that was over long ago.
NEWS_FOR = timedelta(days=1)

BULK, URGENT = Delivery.Lane.BULK, Delivery.Lane.URGENT


@dataclass(frozen=True, slots=True)
class EventMessage:
    """One message that an event sends to one kind of people."""

    message: str
    topic: str
    lane: str = BULK
    people: Callable[[Incident], QuerySet[Any, Any]] = audience.affected


_PUBLIC = EventMessage("public_update", topics.PUBLIC)
_CHECK_IN = EventMessage("check_in", topics.PERSONAL)
_CHOICE = EventMessage("choice_made", topics.PERSONAL, URGENT)

EVENT_MESSAGES: dict[str, tuple[EventMessage, ...]] = {
    Event.Kind.INCIDENT_PUBLISHED: (_PUBLIC,),
    Event.Kind.IMPACTS_OPENED: (EventMessage("first_notice", topics.PERSONAL),),
    Event.Kind.INCIDENT_UPDATED: (_PUBLIC, EventMessage("personal_update", topics.PERSONAL)),
    Event.Kind.ESTIMATE_PUBLISHED: (EventMessage("estimate_revised", topics.PERSONAL),),
    Event.Kind.INCIDENT_RESOLVED: (_PUBLIC, _CHECK_IN),
    Event.Kind.MAINTENANCE_REMINDED: (
        EventMessage("reminder", topics.PUBLIC),
        EventMessage("personal_reminder", topics.PERSONAL),
    ),
    Event.Kind.MAINTENANCE_RESCHEDULED: (
        EventMessage("rescheduled", topics.PUBLIC),
        EventMessage("personal_rescheduled", topics.PERSONAL),
    ),
    Event.Kind.MAINTENANCE_CANCELLED: (
        EventMessage("cancelled", topics.PUBLIC, people=audience.concerned),
        EventMessage("personal_cancelled", topics.PERSONAL, people=audience.spared),
        _CHECK_IN,
    ),
    Event.Kind.IMPACT_RESTORED: (_CHECK_IN,),
    Event.Kind.CHOICE_MADE: (_CHOICE,),
    Event.Kind.CHOICE_CHANGED: (_CHOICE,),
    Event.Kind.CHOICE_CANCELLED: (EventMessage("choice_cancelled", topics.PERSONAL, URGENT),),
    Event.Kind.CHOICE_FULFILLED: (EventMessage("promise_kept", topics.PERSONAL),),
    Event.Kind.PROMISE_BROKEN: (EventMessage("promise_broken", topics.PERSONAL),),
}


def collect(*, now: datetime | None = None) -> int:
    """Write the deliveries of every event that is not collected yet; how many. Safe to repeat and to run twice at once.

    An event that cannot be collected is logged and left for the next time; it does not hold up the others.
    """
    now = now or timezone.now()
    settled = settled_up_to()
    number, is_complete = 0, True
    for event in uncollected():
        try:
            number += collect_event(event, now=now)
        except Exception:
            logger.exception("Event %s cannot be collected", event.pk)
            is_complete = False
    if is_complete and settled is not None:
        _move_mark(settled)
    return number


def uncollected() -> QuerySet[Event]:
    """Events that are to be told and have no entry. Above the mark only, so that years of history cost nothing."""
    mark = OutboxMark.objects.aggregate(at=Max("event_id"))["at"] or 0
    collected = OutboxEntry.objects.filter(event=OuterRef("pk"))
    events = Event.objects.filter(~Exists(collected), pk__gt=mark, kind__in=EVENT_MESSAGES.keys())
    return events.select_related("incident__page", "impact").order_by("pk")


@transaction.atomic
def collect_event(event: Event, *, now: datetime) -> int:
    """One event's entry and deliveries, together or not at all; 0 when another worker has done it."""
    outbox_entry, is_new = OutboxEntry.objects.get_or_create(event=event, defaults={"collected_at": now})
    if not is_new or event.incident is None or not _is_for_telling(event, event.incident, now):
        return 0
    number = sum(_tell(telling, event, event.incident, outbox_entry, now) for telling in EVENT_MESSAGES[event.kind])
    OutboxEntry.objects.filter(pk=outbox_entry.pk).update(recipients=number)
    return number


def settled_up_to() -> int | None:
    """The greatest event id below which no event can still appear; None when that cannot be told at this moment.

    PostgreSQL hands ids out before the commit, so an event may become visible after one with a greater id. A writer
    holds ROW EXCLUSIVE on the table from before it takes its id until it has committed; a SHARE lock is granted only
    while there is no such writer. What is visible then is all there is up to the greatest id. The lock is not waited
    for, and held for one look at an index. SQLite has one writer at a time: ids appear in order.
    """
    if connection.vendor != "postgresql":
        return _greatest_id()
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("LOCK TABLE incidents_event IN SHARE MODE NOWAIT")
            return _greatest_id()
    except OperationalError:  # somebody is writing; the next time will do
        return None


def _greatest_id() -> int:
    return Event.objects.aggregate(greatest=Max("pk"))["greatest"] or 0


def _move_mark(settled: int) -> None:
    OutboxMark.objects.get_or_create(pk=1)
    OutboxMark.objects.filter(event_id__lt=settled).update(event_id=settled)


def _is_for_telling(event: Event, incident: Incident, now: datetime) -> bool:
    """Imports tell nobody; nor does what happened to a draft; nor an update that was posted silently; nor old news."""
    if incident.is_over and now - event.happened_at > NEWS_FOR:
        return False
    if event.via == "import" or incident.origin == Incident.Origin.IMPORT:
        return False
    if incident.published_at is None or event.happened_at < incident.published_at:
        return False
    if event.kind != Event.Kind.INCIDENT_UPDATED:
        return True
    silent = Update.objects.filter(
        incident=incident, public_id=event.data.get("update", ""), deliver_notifications=False
    )
    return not silent.exists()


def _tell(telling: EventMessage, event: Event, incident: Incident, outbox_entry: OutboxEntry, now: datetime) -> int:
    fact = fanout.Fact(
        outbox_entry=outbox_entry.pk,
        message=telling.message,
        topic=telling.topic,
        lane=telling.lane,
        page=incident.page_id,
        incident=incident.pk,
        now=now,
    )
    if telling.topic == topics.PUBLIC:
        people = telling.people(incident)
        by_page = audience.subscribed_by_page(incident)
        return sum(
            fanout.tell_subscribers(replace(fact, page=page), subscriptions, affected=people)
            for page, subscriptions in by_page
        )
    if event.impact:
        people = audience.affected(incident, customer_id=event.impact.customer_id)
    else:
        people = telling.people(incident)
    fanout.make_channels(people, now=now)
    return fanout.tell_affected(fact, people)
