"""Whether this process lives (/healthz) and whether the whole can do its work (/readyz)."""

import time
from functools import cache
from http import HTTPStatus

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from redis import RedisError

from config import heartbeat

# The clock sends a beat each minute, looked at every half: this is one missed.
LONGEST_SILENCE = 150


def alive(request: HttpRequest) -> HttpResponse:
    return JsonResponse({"status": "alive"})


def ready(request: HttpRequest) -> HttpResponse:
    """200, or 503 with the reasons in words; they say nothing that helps a stranger."""
    reasons = database_reasons() or queue_reasons()
    if reasons:
        return JsonResponse({"status": "not ready", "reasons": reasons}, status=HTTPStatus.SERVICE_UNAVAILABLE)
    return JsonResponse({"status": "ready"})


def database_reasons() -> list[str]:
    """Why the database cannot serve, in at most one reason."""
    try:
        applied = {(row.app, row.name) for row in MigrationRecorder(connection).migration_qs}
    except DatabaseError:
        return ["The database does not answer, or has no tables yet."]
    missing = len(last_migrations() - applied)
    return [f"{missing} migrations have not been applied."] if missing else []


def queue_reasons() -> list[str]:
    """Why the queue cannot be trusted: one reason for each cluster that shows no life."""
    try:
        silences = {name: _silence(name) for name in heartbeat.clusters()}
    except (DatabaseError, RedisError):
        return ["The cache does not answer."]
    limit = max(LONGEST_SILENCE, settings.HEARTBEAT_LIMIT)
    return [f"The queue {name} {_in_words(silence)}." for name, silence in silences.items() if silence > limit]


@cache
def last_migrations() -> frozenset[tuple[str, str]]:
    """The newest migration of each app; they cannot change while the process lives."""
    return frozenset(MigrationLoader(None).graph.leaf_nodes())


def not_here(request: HttpRequest) -> HttpResponse:
    """A page that a library brings and Makegood does not have."""
    raise Http404


def _silence(cluster: str) -> float:
    return time.time() - (heartbeat.last_beat(cluster) or float("-inf"))


def _in_words(silence: float) -> str:
    if silence == float("inf"):
        return "has done no work yet"
    return f"has done no work for {silence:.0f} s"
