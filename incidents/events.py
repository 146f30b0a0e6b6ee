"""Recording what happened. Every action ends here, inside its own transaction.

Whoever wants to know pulls rows; ``nudge`` only shortens the wait and may be lost without harm.
"""

import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Max

from incidents.actor import Actor
from incidents.models import Event, Impact, Incident, Page

logger = logging.getLogger(__name__)

# What changes the public documents.
PUBLIC_KINDS = frozenset(
    {
        Event.Kind.PAGE_CHANGED,
        Event.Kind.COMPONENT_CHANGED,
        Event.Kind.TRANSLATED,
        Event.Kind.INCIDENT_PUBLISHED,
        Event.Kind.INCIDENT_CHANGED,
        Event.Kind.INCIDENT_UPDATED,
        Event.Kind.INCIDENT_RESOLVED,
        Event.Kind.INCIDENT_CLOSED,
        Event.Kind.INCIDENT_IMPORTED,
        Event.Kind.MAINTENANCE_RESCHEDULED,
        Event.Kind.MAINTENANCE_CANCELLED,
        Event.Kind.ESTIMATE_PUBLISHED,
    }
)

_PUBLIC_ORDER_LOCK = 0x6D616B65  # "make": one advisory lock for all public events

_nudges: list[Callable[[], None]] = []


def when_recorded(nudge: Callable[[], None]) -> None:
    """Call ``nudge`` after each commit that recorded an event. For wake-ups only: it gets nothing and may be lost."""
    if nudge not in _nudges:
        _nudges.append(nudge)


def record(
    kind: Event.Kind,
    *,
    by: Actor,
    at: datetime,
    page: Page | None = None,
    incident: Incident | None = None,
    impact: Impact | None = None,
    **data: Any,
) -> Event:
    """Write one event; the last act of every action, inside its transaction.

    Public events get ids in the order of their commits (an advisory lock, held until the commit), so that a reader
    who remembers the greatest id it saw never misses one that committed late. SQLite has one writer at a time.
    """
    incident = incident or (impact.incident if impact else None)
    is_public = kind in PUBLIC_KINDS and (incident is None or incident.is_published)
    if is_public and connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_PUBLIC_ORDER_LOCK])
    event = Event.objects.create(
        kind=kind,
        page=page or (incident.page if incident else None),
        incident=incident,
        impact=impact,
        actor=by.user,
        via=by.via,
        data=dict(data),
        is_public=is_public,
        happened_at=at,
    )
    transaction.on_commit(_nudge_all)
    return event


def newest_public_id() -> int:
    """The id of the newest event that changed a public document, 0 before the first."""
    newest: Mapping[str, int | None] = Event.objects.filter(is_public=True).aggregate(newest=Max("id"))
    return newest["newest"] or 0


def _nudge_all() -> None:
    for nudge in _nudges:
        try:
            nudge()
        except Exception as error:  # whatever ails the queue must not ail what was just committed
            logger.warning("Nobody was woken (%s); the next sweep will find what was recorded.", error)
