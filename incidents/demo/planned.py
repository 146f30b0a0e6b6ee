"""What Northwind Air plans: a window that was moved, and work that comes back."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from incidents.actions.publishing.incidents import declare_incident, publish_incident
from incidents.actions.publishing.maintenances import reschedule_maintenance
from incidents.actions.publishing.series import announce_occurrences, plan_series
from incidents.demo.airline import Airline
from incidents.demo.cast import Cast
from incidents.models import Component, Incident

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
TUESDAY = 1


def planned_check_in_work(airline: Airline, cast: Cast, *, now: datetime) -> None:
    """A window for the app's check-in, moved once."""
    start = (now + 4 * DAY).replace(hour=1, minute=0, second=0, microsecond=0)
    work = declare_incident(
        airline.page,
        kind=Incident.Kind.MAINTENANCE,
        name="New check-in for the app and the web",
        impact="maintenance",
        by=cast.dara,
        components={airline.components["App and web check-in"]: Component.Status.UNDER_MAINTENANCE},
        owner=cast.dara.user,
        scheduled_for=start,
        scheduled_until=start + 3 * HOUR,
        now=now - 2 * DAY,
    )
    publish_incident(
        work,
        body="We move check-in to new machines. For up to three hours you cannot check in by app or web; the desks "
        "open an hour earlier instead.",
        by=cast.dara,
        now=now - 2 * DAY,
    )
    reschedule_maintenance(
        work,
        scheduled_for=start + DAY,
        scheduled_until=start + DAY + 3 * HOUR,
        body="The new machines arrive a day later than promised.",
        by=cast.dara,
        now=now - DAY,
    )


def restarted_phones(airline: Airline, cast: Cast, *, now: datetime) -> None:
    """Every second Tuesday before dawn, whatever the season."""
    start = now.astimezone(ZoneInfo(airline.page.time_zone)).replace(hour=3, minute=0, second=0, microsecond=0)
    series = plan_series(
        airline.page,
        name="Phone exchange restarts",
        rule="FREQ=WEEKLY;INTERVAL=2;BYDAY=TU",
        first_start=start + (TUESDAY - start.weekday()) % 7 * DAY,
        lasts_for=30,
        verify_for=15,
        body="Our phone exchange restarts. For up to half an hour nobody answers; the chat is staffed as always.",
        components=[airline.components["Phone line"]],
        owner=cast.dara.user,
        most_ahead=2,
        announce_days=30,
        by=cast.dara,
        now=now - DAY,
    )
    announce_occurrences(series, now=now - DAY)
