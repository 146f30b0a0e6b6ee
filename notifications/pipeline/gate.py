"""The one gate that every message passes, when it is collected and again when it is sent.

The decision is kept with its reason even when nothing is sent: reasons are stored in English and shown translated.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db.models import F

from incidents.models import Choice, Impact, Incident, Promise
from notifications.messages.facts import event_data
from notifications.messages.kinds import REMINDERS, STATUS_MESSAGES
from notifications.models import Delivery, Subscription, Suppression
from notifications.pages import of_readers
from notifications.reasons import (
    ANSWERED,
    CODE_EXPIRED,
    NOT_AFFECTED,
    NOT_SUBSCRIBED,
    OFF,
    OUT_OF_DATE,
    STOPPED,
    STOPPED_ALL,
    TOLD_ALREADY,
    TOLD_BY_NEWER,
)
from notifications.topics import ACCOUNT, PUBLIC

# A sign-in code that comes later than this is of no use any more.
CODE_USEFUL_FOR = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Decision:
    """Send it (``state`` SENDING), leave it and say why, or look again later (QUEUED)."""

    state: str
    reason: str = ""


SEND = Decision(Delivery.State.SENDING)
WAIT = Decision(Delivery.State.QUEUED)


def suppress(reason: str) -> Decision:
    return Decision(Delivery.State.SUPPRESSED, reason)


def supersede(reason: str) -> Decision:
    return Decision(Delivery.State.SUPERSEDED, reason)


@dataclass(frozen=True, slots=True)
class _Sibling:
    """Another message of the same conversation: same channel, incident and customer."""

    pk: int
    event: int
    message: str
    state: str
    says_up_to: int


_Conversation = tuple[int, int | None, int | None]


@dataclass(frozen=True)
class Records:
    """What the gate must know about a batch, read with a fixed number of queries."""

    declined: Mapping[int, frozenset[str]]
    subscriptions: frozenset[tuple[int, int]]
    impacts: Mapping[tuple[int, int], frozenset[str]]
    siblings: Mapping[_Conversation, list[_Sibling]]
    standing_choices: frozenset[str]
    missed_promises: frozenset[str]
    starts: Mapping[int, datetime]


def decide(batch: Iterable[Delivery], *, now: datetime) -> dict[int, Decision]:
    """For each delivery, whether it may be sent now. The deliveries bring channel, entry and event along."""
    batch = list(batch)
    records = _read(batch)
    return {delivery.pk: _decide(delivery, records, now) for delivery in batch}


def _decide(delivery: Delivery, records: Records, now: datetime) -> Decision:
    if delivery.topic == ACCOUNT:
        return SEND if now - delivery.created_at <= CODE_USEFUL_FOR else supersede(CODE_EXPIRED)
    return _refuse(delivery, records) or _unconcerned(delivery, records, now) or _outdated(delivery, records) or SEND


def _refuse(delivery: Delivery, records: Records) -> Decision | None:
    """They must not or do not want to hear of it."""
    if delivery.channel.off_at:
        return suppress(OFF)
    topics = records.declined.get(delivery.channel_id, frozenset())
    if Suppression.Topic.ALL in topics:
        return suppress(STOPPED_ALL)
    if delivery.topic in STOPPED and delivery.topic in topics:
        return suppress(STOPPED[delivery.topic])
    return None


def _unconcerned(delivery: Delivery, records: Records, now: datetime) -> Decision | None:
    """What it is about does not concern them any more."""
    if delivery.topic == PUBLIC and (delivery.channel_id, delivery.page_id) not in records.subscriptions:
        return suppress(NOT_SUBSCRIBED)
    if delivery.message in REMINDERS and not _is_ahead(delivery, records, now):
        return supersede(OUT_OF_DATE)
    if delivery.customer_id is None or delivery.incident_id is None or delivery.message == "personal_cancelled":
        return None
    states = records.impacts.get((delivery.incident_id, delivery.customer_id), frozenset())
    if not states:
        return suppress(NOT_AFFECTED)
    if delivery.message == "check_in" and Impact.State.RESTORED not in states:
        return supersede(ANSWERED)
    return None if _still_holds(delivery, records) else supersede(OUT_OF_DATE)


def _is_ahead(delivery: Delivery, records: Records, now: datetime) -> bool:
    """Nobody is reminded of what has begun, was called off, or was moved to another time."""
    starts_at = records.starts.get(delivery.incident_id or 0)
    return starts_at is not None and now < starts_at and event_data(delivery).get("scheduled_for") == _iso(starts_at)


def _still_holds(delivery: Delivery, records: Records) -> bool:
    """A choice that was changed since is not confirmed; a promise that was met since is not reported as missed."""
    if delivery.message == "choice_made":
        return event_data(delivery).get("choice") in records.standing_choices
    if delivery.message == "promise_broken":
        return event_data(delivery).get("promise") in records.missed_promises
    return True


def _outdated(delivery: Delivery, records: Records) -> Decision | None:
    """Another message has told it, will tell it, or has to come first."""
    if delivery.message not in STATUS_MESSAGES or delivery.entry is None:
        return None
    event = delivery.entry.event_id
    siblings = [sibling for sibling in records.siblings[_conversation(delivery)] if sibling.pk != delivery.pk]
    if delivery.message != "check_in" and any(_was_told(sibling, event) for sibling in siblings):
        return supersede(TOLD_ALREADY)
    waiting = [sibling for sibling in siblings if sibling.state in (Delivery.State.QUEUED, Delivery.State.SENDING)]
    if any(sibling.event > event and _replaces(sibling.message, delivery.message) for sibling in waiting):
        return supersede(TOLD_BY_NEWER)
    if delivery.message != "check_in" and any(sibling.message == "first_notice" for sibling in waiting):
        return WAIT
    return None


def _was_told(sibling: _Sibling, event: int) -> bool:
    return sibling.state == Delivery.State.SENT and sibling.says_up_to >= event


def _replaces(newer: str, older: str) -> bool:
    """A first notice takes the place of none and gives way only to the check-in: it says who we are and what is up.
    A check-in gives way to none but a later check-in: it asks."""
    if older in ("first_notice", "check_in"):
        return newer == "check_in"
    return newer != "first_notice"


def _conversation(delivery: Delivery) -> _Conversation:
    return delivery.channel_id, delivery.incident_id, delivery.customer_id


def _read(batch: list[Delivery]) -> Records:
    channels = {delivery.channel_id for delivery in batch}
    return Records(
        declined=_declined(channels),
        subscriptions=_subscriptions(batch),
        impacts=_impacts(batch),
        siblings=_siblings(batch, channels),
        standing_choices=_standing_choices(batch),
        missed_promises=_missed_promises(batch),
        starts=_starts(batch),
    )


def _declined(channels: set[int]) -> Mapping[int, frozenset[str]]:
    topics: dict[int, set[str]] = defaultdict(set)
    rows = Suppression.objects.filter(channel__in=channels, lifted_at__isnull=True)
    for channel, topic in rows.values_list("channel_id", "topic"):
        topics[channel].add(topic)
    return {channel: frozenset(declined_topics) for channel, declined_topics in topics.items()}


def _subscriptions(batch: list[Delivery]) -> frozenset[tuple[int, int]]:
    channels = {delivery.channel_id for delivery in batch if delivery.topic == PUBLIC}
    active = of_readers(Subscription.objects.filter(channel__in=channels, state=Subscription.State.ACTIVE))
    return frozenset(active.values_list("channel_id", "page_id"))


def _impacts(batch: list[Delivery]) -> Mapping[tuple[int, int], frozenset[str]]:
    """The states of each customer's standing impacts, per incident."""
    customers = {delivery.customer_id for delivery in batch if delivery.customer_id}
    incidents = {delivery.incident_id for delivery in batch if delivery.customer_id}
    # "+ 0" keeps the planner on the customers' index: an incident may have a million impacts.
    rows = Impact.objects.current().order_by().filter(customer__in=customers)
    rows = rows.alias(of=F("incident_id") + 0).filter(of__in=incidents)
    states: dict[tuple[int, int], set[str]] = defaultdict(set)
    for incident, customer, state in rows.values_list("incident_id", "customer_id", "state"):
        states[incident, customer].add(state)
    return {key: frozenset(impact_states) for key, impact_states in states.items()}


def _siblings(batch: list[Delivery], channels: set[int]) -> Mapping[_Conversation, list[_Sibling]]:
    incidents = {delivery.incident_id for delivery in batch if delivery.message in STATUS_MESSAGES}
    rows = Delivery.objects.filter(channel__in=channels, message__in=STATUS_MESSAGES)
    # "+ 0" keeps the planner on the channels' index: an incident may have a million deliveries.
    rows = rows.alias(of=F("incident_id") + 0).filter(of__in=incidents)
    siblings: dict[_Conversation, list[_Sibling]] = defaultdict(list)
    columns = ("channel_id", "incident_id", "customer_id", "pk", "entry__event_id", "message", "state", "says_up_to")
    for channel, incident, customer, pk, event, message, state, says_up_to in rows.values_list(*columns):
        siblings[channel, incident, customer].append(_Sibling(pk, event or 0, message, state, says_up_to or 0))
    return siblings


def _standing_choices(batch: list[Delivery]) -> frozenset[str]:
    ids = [event_data(delivery).get("choice", "") for delivery in batch if delivery.message == "choice_made"]
    choices = Choice.objects.filter(public_id__in=ids, state__in=(Choice.State.LIVE, Choice.State.FULFILLED))
    return frozenset(choices.values_list("public_id", flat=True))


def _missed_promises(batch: list[Delivery]) -> frozenset[str]:
    ids = [event_data(delivery).get("promise", "") for delivery in batch if delivery.message == "promise_broken"]
    missed = Promise.objects.filter(public_id__in=ids, state=Promise.State.BROKEN, done_at__isnull=True)
    return frozenset(missed.values_list("public_id", flat=True))


def _starts(batch: list[Delivery]) -> Mapping[int, datetime]:
    """When the planned work that is still ahead begins, for reminders."""
    reminders = (delivery for delivery in batch if delivery.message in REMINDERS)
    incidents = [delivery.incident_id for delivery in reminders if delivery.incident_id]
    ahead = Incident.objects.filter(pk__in=incidents, status=Incident.Status.SCHEDULED)
    return {pk: start for pk, start in ahead.order_by().values_list("pk", "scheduled_for") if start}


def _iso(moment: datetime) -> str:
    """As the event wrote it."""
    return moment.astimezone(UTC).isoformat()
