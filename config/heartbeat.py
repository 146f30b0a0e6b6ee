"""Proof that the queue works: a task that goes the whole way and leaves the time behind.

A cluster can look alive and take no work (one idle worker that the kernel kills may hold the lock that all wait for),
so nothing less than a task through the real queue shows that it works.
"""

import time

from django.conf import settings
from django.core.cache import cache
from django_q.tasks import async_task

KEPT_FOR = 86_400


def beat(cluster: str) -> None:
    """What the worker runs."""
    cache.set(_key(cluster), time.time(), timeout=KEPT_FOR)


def send_beat(cluster: str) -> None:
    """Put one beat at the end of a cluster's queue."""
    async_task("config.heartbeat.beat", cluster, cluster=cluster, save=False)


def last_beat(cluster: str) -> float | None:
    """When a worker last ran a beat (seconds since 1970), or None if not within a day."""
    moment = cache.get(_key(cluster))
    return None if moment is None else float(moment)


def clusters() -> list[str]:
    """Every cluster that has to run in this shape, once."""
    return sorted(set(settings.LANES.values()))


def _key(cluster: str) -> str:
    return f"heartbeat:{cluster}"
