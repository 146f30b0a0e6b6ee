"""Waking the worker up. A wake-up is never a message: losing one loses nothing, since the sweep looks each minute."""

from django.conf import settings
from django.core.cache import cache
from django_q.tasks import async_task

from incidents.events import when_recorded
from notifications.models import Delivery

# A wake-up that got lost with its task stands in the way of the next ones no longer than this.
FORGET_AFTER = 30
COLLECT = "collect"


def wake_collector() -> None:
    """Ask for one look at new events. Hundreds of events in a row ask once."""
    if cache.add(_key(COLLECT), 1, timeout=FORGET_AFTER):
        async_task("notifications.tasks.collect_and_drain", cluster=settings.LANES[Delivery.Lane.URGENT], save=False)


def wake_urgent() -> None:
    """The same for what somebody waits for at this moment. A named function: Django names it when it fails."""
    wake(Delivery.Lane.URGENT)


def wake(lane: str) -> None:
    """Ask for one drain of a lane."""
    if cache.add(_key(lane), 1, timeout=FORGET_AFTER):
        async_task("notifications.tasks.drain", lane, cluster=settings.LANES[lane], save=False)


def is_awake(lane: str) -> None:
    """The worker says, before it looks, that it is about to: whatever comes later needs a wake-up of its own."""
    cache.delete(_key(lane))


def _key(lane: str) -> str:
    return f"notifications:wake:{lane}"


when_recorded(wake_collector)
