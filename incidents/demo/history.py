"""What went wrong in the months before, in Statuspage's shape and read by our own importer, which tells nobody."""

from datetime import datetime, timedelta
from typing import Any

from incidents.imports.documents import Document
from incidents.imports.fields import Place
from incidents.imports.history import import_incidents
from incidents.imports.report import ImportReport
from incidents.imports.target import Target
from incidents.models import Page

PAST: list[tuple[int, str, str, str, list[tuple[int, str, str]]]] = [
    (
        5,
        "Slow booking pages",
        "minor",
        "Booking",
        [
            (0, "investigating", "Booking pages take up to twenty seconds to open. Bookings you have made are safe."),
            (25, "identified", "A search index was being rebuilt at the wrong hour. We have stopped it."),
            (50, "resolved", "Pages open at their usual speed again. The rebuild now runs at night only."),
        ],
    ),
    (
        19,
        "Phone line silent for some callers",
        "major",
        "Phone line",
        [
            (
                0,
                "investigating",
                "Some callers hear nothing after the welcome. The chat works; please use it meanwhile.",
            ),
            (40, "monitoring", "Our carrier has moved our calls to another exchange. Calls come through."),
            (
                95,
                "resolved",
                "All calls have come through for an hour. If you gave up, ring again: we are on the line.",
            ),
        ],
    ),
    (
        33,
        "Fog at Edinburgh",
        "major",
        "Edinburgh departures",
        [
            (0, "identified", "Fog keeps departures from Edinburgh on the ground. Travellers have a message from us."),
            (120, "identified", "First departures expected within the hour, one every ten minutes."),
            (
                210,
                "resolved",
                "The last delayed flight has left. Claims for meals are paid without a receipt up to £15.",
            ),
        ],
    ),
    (
        47,
        "Flight alerts came late",
        "minor",
        "Flight alerts",
        [
            (0, "investigating", "Alerts by text message arrive up to an hour late. E-mail alerts are on time."),
            (70, "resolved", "Texts go out in seconds again. We now switch to e-mail by ourselves when texts queue."),
        ],
    ),
    (
        76,
        "Check-in desks without system",
        "critical",
        "Check-in desks",
        [
            (
                0,
                "investigating",
                "No desk can print boarding passes. Check in by app, or come early: we write by hand.",
            ),
            (35, "identified", "A network switch in the terminal failed. The spare is being fitted."),
            (80, "monitoring", "All desks print again. Queues are long; flights wait for their passengers."),
            (150, "resolved", "Queues are gone. Four flights left late, none without its passengers."),
        ],
    ),
]


# What each level does to the component, and planned work of the past: days ago, name, component, hours, words.
STATUSES = {"minor": "degraded_performance", "major": "partial_outage", "critical": "major_outage"}
WORK = [
    (12, "New database for bookings", "Booking", 3, "We have moved all bookings to a new database. Nothing was lost."),
    (61, "New switches in the terminal", "Check-in desks", 2, "The desks have their new switches."),
]


def import_history(page: Page, *, now: datetime) -> None:
    """Bring in the incidents of the last months, as ``import_statuspage`` would from a file."""
    components = dict(page.components.values_list("name", "public_id"))
    incidents = [_incident(index, *row, components=components, now=now) for index, row in enumerate(PAST)]
    work = [_work(index, *row, components=components, now=now) for index, row in enumerate(WORK)]
    lists = {"incidents": incidents, "scheduled_maintenances": work}
    document = Document(place=Place("demo"), page=None, lists=lists)
    import_incidents(document, Target.load(page, dry_run=False), ImportReport())


def _incident(
    index: int,
    days_ago: int,
    name: str,
    impact: str,
    component: str,
    steps: list[tuple[int, str, str]],
    *,
    components: dict[str, str],
    now: datetime,
) -> dict[str, Any]:
    start = now - timedelta(days=days_ago, hours=index)
    end = start + timedelta(minutes=steps[-1][0])
    updates = [
        _update(
            f"nwpast{index:04}{place:02}",
            start + timedelta(minutes=after),
            status,
            body,
            _affected(component, components, "operational" if status == "resolved" else STATUSES[impact]),
        )
        for place, (after, status, body) in enumerate(steps)
    ]
    return {
        "id": f"nwpast{index:06}",
        "name": name,
        "status": "resolved",
        "impact": impact,
        **_course(start, end),
        "incident_updates": updates[::-1],
    }


def _work(
    index: int,
    days_ago: int,
    name: str,
    component: str,
    hours: int,
    words: str,
    *,
    components: dict[str, str],
    now: datetime,
) -> dict[str, Any]:
    start = (now - timedelta(days=days_ago)).replace(hour=1, minute=0)
    end = start + timedelta(hours=hours)
    steps = [
        (start, "in_progress", "We have begun.", "under_maintenance"),
        (end, "completed", words, "operational"),
    ]
    updates = [
        _update(f"nwwork{index:04}{place:02}", at, status, body, _affected(component, components, turned))
        for place, (at, status, body, turned) in enumerate(steps)
    ]
    return {
        "id": f"nwwork{index:06}",
        "name": name,
        "status": "completed",
        "impact": "maintenance",
        **_course(start, end),
        "scheduled_for": _iso(start),
        "scheduled_until": _iso(end),
        "incident_updates": updates[::-1],
    }


def _course(start: datetime, end: datetime) -> dict[str, Any]:
    return {
        "created_at": _iso(start),
        "updated_at": _iso(end),
        "started_at": _iso(start),
        "monitoring_at": None,
        "resolved_at": _iso(end),
        "shortlink": "",
        "components": [],
    }


def _update(public_id: str, at: datetime, status: str, body: str, affected: dict[str, str]) -> dict[str, Any]:
    return {
        "id": public_id,
        "status": status,
        "body": body,
        "created_at": _iso(at),
        "updated_at": _iso(at),
        "display_at": _iso(at),
        "affected_components": [affected],
        "deliver_notifications": False,
    }


def _affected(component: str, components: dict[str, str], status: str) -> dict[str, str]:
    return {"code": components[component], "name": component, "new_status": status}


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds")
