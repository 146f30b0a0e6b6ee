"""What time makes due. Called each minute; safe to repeat; catches up after downtime."""

import logging
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from incidents.actions.intake.reports import forget_reports
from incidents.actions.publishing.maintenances import remind_of_maintenance, run_due_steps
from incidents.actions.publishing.series import announce_occurrences
from incidents.actions.recovery.promises import break_due_promises
from incidents.errors import WrongState
from incidents.models import Event, Incident, MaintenanceSeries
from incidents.text.dates import moment_words

logger = logging.getLogger(__name__)

# Later than this, what the clock says of a step also says that it comes late.
ON_TIME = timedelta(minutes=5)

IN_TIME = {
    "in_progress": gettext_noop("The planned work has begun."),
    "verifying": gettext_noop("The planned work is done. We check whether everything holds."),
    "completed": gettext_noop("The planned work is done."),
}
LATE = {
    "in_progress": gettext_noop("By plan, the work began at %(then)s. We say so late."),
    "verifying": gettext_noop("By plan, the work ended at %(then)s, and we check it. We say so late."),
    "completed": gettext_noop("By plan, the work was done at %(then)s. We say so late."),
}


def tick(now: datetime | None = None) -> None:
    """Do everything that has fallen due by now, each thing by itself: one that fails is logged and holds up no other.

    A maintenance whose whole window passed while nobody looked begins and ends in one call, in that order.
    """
    now = now or timezone.now()
    _try(partial(break_due_promises, now), "promises")
    _try(partial(forget_reports, now), "reports")
    for incident in _to_remind(now):
        _try(partial(remind_of_maintenance, incident, now=now), f"maintenance {incident.public_id} reminds")
    for incident in _to_move_on(now):
        _try(partial(_move_on, incident, now), f"maintenance {incident.public_id} moves on")
    for series in _to_look_at(now):
        _try(partial(_announce, series, now), f"series {series.public_id} announces")


def _planned() -> QuerySet[Incident]:
    """Not one whose window had passed when it was imported: that is history, and nobody shall hear of it as news."""
    came_late = Event.objects.filter(
        incident=OuterRef("pk"), kind=Event.Kind.INCIDENT_IMPORTED, happened_at__gt=OuterRef("scheduled_until")
    )
    return Incident.objects.published().planned().select_related("page").filter(~Exists(came_late))


def _to_remind(now: datetime) -> Iterator[Incident]:
    yield from Incident.objects.select_related("page").filter(next_reminder_at__lte=now).order_by("scheduled_for", "id")


def _to_move_on(now: datetime) -> Iterator[Incident]:
    """Those that the clock owes a step; ``due_steps`` decides again once the row is locked."""
    begins = Q(status=Incident.Status.SCHEDULED, starts_by_itself=True, scheduled_for__lte=now)
    ends = Q(status=Incident.Status.IN_PROGRESS, ends_by_itself=True, scheduled_until__lte=now)
    is_verified = Q(status=Incident.Status.VERIFYING, completes_at__lte=now)
    yield from _planned().filter(begins | ends | is_verified).order_by("scheduled_for", "id")


def _to_look_at(now: datetime) -> Iterator[MaintenanceSeries]:
    due = MaintenanceSeries.objects.running().filter(look_at__lte=now)
    yield from due.select_related("page", "owner").order_by("look_at", "id")


def _move_on(incident: Incident, now: datetime) -> None:
    run_due_steps(incident, say=partial(_say, now=now), now=now)


def _announce(series: MaintenanceSeries, now: datetime) -> None:
    with translation.override(series.page.language):
        announce_occurrences(series, now=now)


def _say(incident: Incident, status: str, due_at: datetime, *, now: datetime) -> str:
    """What the clock knows, and no more: late, it does not claim to have seen it happen."""
    if now - due_at <= ON_TIME:
        return _(IN_TIME[status])
    return _(LATE[status]) % {"then": moment_words(due_at, incident.page)}


def _try(act: Callable[[], object], task: str) -> None:
    try:
        act()
    except WrongState:
        logger.info("Somebody was faster: %s", task)
    except Exception:
        logger.exception("The clock could not do this: %s", task)
