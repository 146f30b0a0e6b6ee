"""What time makes due. Called each minute; safe to repeat; catches up after downtime."""

import logging
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial

from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from incidents.actions.claims import forget_claims
from incidents.actions.incidents import resolve_incident
from incidents.actions.maintenances import start_maintenance
from incidents.actions.promises import break_due_promises
from incidents.actor import CLOCK
from incidents.errors import WrongState
from incidents.models import Event, Incident

logger = logging.getLogger(__name__)


def tick(now: datetime | None = None) -> None:
    """Do everything that has fallen due by now, each thing by itself: one that fails is logged and holds up no other.

    A maintenance whose whole window passed while nobody looked begins and ends in one call, in that order.
    """
    now = now or timezone.now()
    _try(partial(break_due_promises, now), "promises")
    _try(partial(forget_claims, now), "claims")
    for incident in _due_to_begin(now):
        _try(partial(_begin, incident, now), f"maintenance {incident.public_id} begins")
    for incident in _due_to_end(now):
        _try(partial(_end, incident, now), f"maintenance {incident.public_id} ends")


def _planned() -> QuerySet[Incident]:
    """Not one whose window had passed when it was imported: that is history, and nobody shall hear of it as news."""
    came_late = Event.objects.filter(
        incident=OuterRef("pk"), kind=Event.Kind.INCIDENT_IMPORTED, happened_at__gt=OuterRef("scheduled_until")
    )
    return Incident.objects.published().planned().select_related("page").filter(~Exists(came_late))


def _due_to_begin(now: datetime) -> Iterator[Incident]:
    yield from (
        _planned().filter(status=Incident.Status.SCHEDULED, scheduled_for__lte=now).order_by("scheduled_for", "id")
    )


def _due_to_end(now: datetime) -> Iterator[Incident]:
    """Not one that is being verified: a person is looking, and says when it is done."""
    yield from (
        _planned()
        .filter(status=Incident.Status.IN_PROGRESS, scheduled_until__lte=now)
        .order_by("scheduled_until", "id")
    )


def _begin(incident: Incident, now: datetime) -> None:
    with translation.override(incident.page.language):
        start_maintenance(incident, body=_("The planned work has begun."), by=CLOCK, now=now)


def _end(incident: Incident, now: datetime) -> None:
    with translation.override(incident.page.language):
        resolve_incident(incident, body=_("The planned work is done."), by=CLOCK, now=now)


def _try(act: Callable[[], object], what: str) -> None:
    try:
        act()
    except WrongState:
        logger.info("Somebody was faster: %s", what)
    except Exception:
        logger.exception("The clock could not do this: %s", what)
