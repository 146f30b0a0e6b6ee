"""The few functions that the queue runs. Each may run at any time, twice, or at the same time as itself."""

from django.utils import timezone

from incidents import clock
from notifications import wakeups
from notifications.models import Delivery
from notifications.pipeline import delivery, outbox

URGENT, BULK = str(Delivery.Lane.URGENT), str(Delivery.Lane.BULK)


def collect_and_drain() -> None:
    """Turn new events into deliveries, send the urgent ones, leave the others to their own lane."""
    wakeups.is_awake(wakeups.COLLECT)
    outbox.collect()
    _drain_and_wake(URGENT)
    _wake_if_due(BULK)


def drain(lane: str) -> None:
    """Send what is due in a lane; when time runs out before it is empty, ask for another turn."""
    wakeups.is_awake(lane)
    _drain_and_wake(lane)


def sweep() -> None:
    """Each minute: find what a lost wake-up left lying."""
    outbox.collect()
    _drain_and_wake(URGENT)
    _wake_if_due(BULK)


def tick() -> None:
    """Each minute: what time has made due."""
    clock.tick()


def _drain_and_wake(lane: str) -> None:
    """While the mail server is away, only the sweep looks again."""
    if not delivery.drain(lane).is_blocked:
        _wake_if_due(lane)


def _wake_if_due(lane: str) -> None:
    if delivery.is_due(lane, now=timezone.now()):
        wakeups.wake(lane)
