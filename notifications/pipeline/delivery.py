"""Sending what is due: lease, decide, write, send, mark; each message by itself, so that a crash repeats none.

A worker leases a few rows by one conditional UPDATE: a random token, and a lease, during which nobody else takes them.
What it does to a row afterwards asks for its token, so a worker that was too slow changes nothing. A worker that dies
leaves its rows to the next drain after the lease. The only message that can go out twice is the one that the server
took while the worker died before it could mark it; it goes out with the same Message-ID.
"""

import logging
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import uniform

from django.core.mail import EmailMessage
from django.db import connection
from django.db.models import F, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_noop

from notifications.actions.channels import switch_off
from notifications.channels.email.transport import Deferred, NotSent, Refused, Transport, Unreachable, check_address
from notifications.channels.email.writer import mail_of
from notifications.messages import kinds
from notifications.messages.facts import MessageFacts, read_facts
from notifications.messages.writer import Unwritable, Writer
from notifications.models import Delivery
from notifications.pipeline import gate
from notifications.pipeline.gate import Decision

logger = logging.getLogger(__name__)

BATCH = 100
LEASE = timedelta(seconds=180)
# A server may take EMAIL_TIMEOUT for each of its answers: what is not begun this long before the lease ends, is not.
LONGEST_SEND = timedelta(seconds=100)
# Well below the queue's own limit, which would kill the worker.
RUNS_FOR = timedelta(seconds=15)
FIRST_RETRY = timedelta(seconds=30)
LONGEST_RETRY = timedelta(hours=1)
# With the delays above: given up after about a day.
MAX_ATTEMPTS = 30
# How long the gate's word holds: then each message is looked at again before it goes.
HOLDS_FOR = timedelta(milliseconds=500)
LOOK_AGAIN = timedelta(seconds=15)

UNWRITABLE = gettext_noop("The message could not be written.")
TOO_OFTEN = gettext_noop("Given up: it was tried too often.")
WAITS_FOR_FIRST = gettext_noop("Waits for the first notice.")

Clock = Callable[[], datetime]


def is_due(lane: str, *, now: datetime) -> bool:
    return _due(lane, now).exists()


@dataclass(frozen=True, slots=True)
class Drained:
    """How many went out; whether the way out is blocked, so that trying again at once would not help."""

    deliveries_sent: int
    is_blocked: bool = False


def drain(lane: str, *, clock: Clock = timezone.now, runs_for: timedelta = RUNS_FOR) -> Drained:
    """Send what is due in a lane until nothing is, or until ``runs_for`` is over.

    Any number may run at once. The bulk lane lets the urgent one pass between its batches.
    """
    number, stop_at = 0, clock() + runs_for
    with Transport() as transport:
        while clock() < stop_at:
            batch = _next_batch(lane, clock())
            if batch is None:
                break
            number += _send_batch(batch, transport, clock)
            if batch.is_blocked:
                return Drained(number, is_blocked=True)
    return Drained(number)


@dataclass
class _Batch:
    """Rows that are ours until the lease ends."""

    token: str
    until: datetime
    deliveries: list[Delivery]
    judged_at: datetime
    is_blocked: bool = False


def _due(lane: str, now: datetime) -> QuerySet[Delivery]:
    """Queued and due; or being sent by a worker whose lease has ended."""
    waiting = (Delivery.State.QUEUED, Delivery.State.SENDING)
    return Delivery.objects.filter(lane=lane, state__in=waiting, due_at__lte=now).order_by("due_at", "pk")


def _next_batch(lane: str, now: datetime) -> _Batch | None:
    if lane == Delivery.Lane.BULK and (batch := _lease(Delivery.Lane.URGENT, now)):
        return batch
    return _lease(lane, now)


def _lease(lane: str, now: datetime) -> _Batch | None:
    """Take the oldest due rows, counting the attempt. What was tried before is taken alone: whatever made a worker die
    over it does not use up its neighbours' attempts."""
    due = list(_due(lane, now).values_list("pk", "attempts")[:BATCH])
    untried = [pk for pk, attempts in due if attempts == 0]
    keys = untried or [pk for pk, _ in due[:1]]
    if not keys:
        return None
    token, until = secrets.token_hex(16), now + LEASE
    _due(lane, now).order_by().filter(pk__in=keys).update(
        state=Delivery.State.SENDING, lease_token=token, due_at=until, attempts=F("attempts") + 1
    )
    leased = Delivery.objects.filter(pk__in=keys, lease_token=token).order_by("pk")
    # What a fan-out has in common is fetched once, not with each row.
    leased = leased.select_related("channel", "customer").prefetch_related("page", "incident", "entry__event")
    return _Batch(token, until, list(leased), judged_at=now)


def _send_batch(batch: _Batch, transport: Transport, clock: Clock) -> int:
    batch.judged_at = now = clock()
    leaving = _allowed(batch.deliveries, now)
    writer = Writer(read_facts(leaving, now=now))
    _note_what_is_said(leaving, writer.facts)
    number = 0
    for delivery in leaving:
        if batch.is_blocked:
            _give_back(delivery, clock() + FIRST_RETRY)
        elif clock() > batch.until - LONGEST_SEND:
            _give_back(delivery, clock())
        else:
            number += _send_one(delivery, writer, batch, transport, clock)
    return number


def _allowed(deliveries: list[Delivery], now: datetime) -> list[Delivery]:
    """Those that may go now; what was decided about the others is kept with them."""
    decisions = gate.decide(deliveries, now=now)
    for delivery in deliveries:
        if delivery.attempts > MAX_ATTEMPTS:
            _finish(delivery, Delivery.State.FAILED, reason=TOO_OFTEN)
        elif decisions[delivery.pk] != gate.SEND:
            _settle(delivery, decisions[delivery.pk], now)
    return [
        delivery for delivery in deliveries if delivery.attempts <= MAX_ATTEMPTS and decisions[delivery.pk] == gate.SEND
    ]


def _send_one(delivery: Delivery, writer: Writer, batch: _Batch, transport: Transport, clock: Clock) -> int:
    """1 when it went out."""
    message = _write(delivery, writer, clock())
    if message is None or not _still_ours(delivery, batch, clock()):
        return 0
    try:
        check_address(delivery.channel.address)
        transport.send(message)
    except NotSent as error:
        _accept_failure(delivery, error, clock())
        batch.is_blocked = isinstance(error, Unreachable)
        return 0
    _mark_sent(delivery, clock())
    return 1


def _still_ours(delivery: Delivery, batch: _Batch, now: datetime) -> bool:
    """Whoever unsubscribed since the batch was judged has taken the row from us; so has the end of the lease."""
    return now - batch.judged_at < HOLDS_FOR or _leased(delivery).exists()


def _write(delivery: Delivery, writer: Writer, now: datetime) -> EmailMessage | None:
    try:
        return mail_of(delivery, writer.write(delivery))
    except Unwritable as error:
        _settle(delivery, gate.suppress(str(error)), now)
    except Exception:
        # One message that cannot be written must not hold up the others; it is tried again, and then given up.
        logger.exception("Delivery %s cannot be written", delivery.key)
        _retry(delivery, UNWRITABLE, now)
    return None


def _accept_failure(delivery: Delivery, error: NotSent, now: datetime) -> None:
    reason = str(error)[:200]
    if isinstance(error, Deferred | Unreachable):
        _retry(delivery, reason, now)
        return
    logger.warning("Delivery %s failed for good: %s", delivery.key, reason)
    _finish(delivery, Delivery.State.FAILED, reason=reason)
    if isinstance(error, Refused):
        switch_off(delivery.channel, reason=reason, now=now)


def _settle(delivery: Delivery, decision: Decision, now: datetime) -> None:
    """Keep the gate's decision not to send, or not yet."""
    if decision == gate.WAIT:
        _give_back(delivery, now + LOOK_AGAIN, reason=WAITS_FOR_FIRST)
    else:
        _finish(delivery, decision.state, reason=decision.reason)


def _retry(delivery: Delivery, reason: str, now: datetime) -> None:
    if delivery.attempts >= MAX_ATTEMPTS:
        _finish(delivery, Delivery.State.FAILED, reason=reason)
        return
    delay = min(FIRST_RETRY * 2 ** (delivery.attempts - 1), LONGEST_RETRY) * uniform(0.9, 1.1)  # noqa: S311 - no secret
    _release(delivery, due_at=now + delay, reason=reason, says_up_to=None)


def _give_back(delivery: Delivery, due_at: datetime, reason: str = "") -> None:
    """Not begun: the attempt does not count."""
    _release(delivery, due_at=due_at, reason=reason, attempts=F("attempts") - 1)


def _release(delivery: Delivery, **changes: object) -> None:
    _leased(delivery).update(state=Delivery.State.QUEUED, lease_token="", **changes)


def _finish(delivery: Delivery, state: str, **changes: object) -> None:
    """The end of it. Codes and ready-made texts are not kept."""
    _leased(delivery).update(**{"state": state, "lease_token": "", "reason": "", "data": {}, **changes})


def _mark_sent(delivery: Delivery, now: datetime) -> None:
    """The same for the one statement that runs once per mail; written out, it takes a fifth of the time."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE notifications_delivery SET state = 'sent', sent_at = %s, lease_token = '', reason = '', data = '{}'"
            " WHERE id = %s AND lease_token = %s AND state = 'sending'",
            [connection.ops.adapt_datetimefield_value(now), delivery.pk, delivery.lease_token],
        )


def _leased(delivery: Delivery) -> QuerySet[Delivery]:
    return Delivery.objects.filter(pk=delivery.pk, lease_token=delivery.lease_token, state=Delivery.State.SENDING)


def _note_what_is_said(deliveries: list[Delivery], facts: MessageFacts) -> None:
    """Before it is sent; a repeat after a crash keeps the first mark, since that text may have gone out."""
    for incident, news in facts.incident_news.items():
        keys = [delivery.pk for delivery in deliveries if delivery.incident_id == incident]
        status_messages = Delivery.objects.filter(
            pk__in=keys, message__in=kinds.STATUS_MESSAGES, says_up_to__isnull=True
        )
        status_messages.update(says_up_to=news.says_up_to)
