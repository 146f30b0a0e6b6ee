"""What went wrong in the months before, in Statuspage's shape and read by our own importer, which tells nobody."""

from datetime import datetime, timedelta
from typing import Any

from incidents.imports.documents import Document
from incidents.imports.fields import Place
from incidents.imports.history import import_incidents
from incidents.imports.report import Report
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


def import_history(page: Page, *, now: datetime) -> None:
    """Bring in the incidents of the last months, as ``import_statuspage`` would from a file."""
    components = dict(page.components.values_list("name", "public_id"))
    incidents = [_incident(index, *row, components=components, now=now) for index, row in enumerate(PAST)]
    document = Document(place=Place("demo"), page=None, lists={"incidents": incidents})
    import_incidents(document, Target.load(page, dry_run=False), Report())


def _incident(
    index: int,
    days_ago: int,
    name: str,
    impact: str,
    component: str,
    said: list[tuple[int, str, str]],
    *,
    components: dict[str, str],
    now: datetime,
) -> dict[str, Any]:
    began = now - timedelta(days=days_ago, hours=index)
    ended = began + timedelta(minutes=said[-1][0])
    return {
        "id": f"nwpast{index:06}",
        "name": name,
        "status": "resolved",
        "impact": impact,
        "created_at": _iso(began),
        "updated_at": _iso(ended),
        "started_at": _iso(began),
        "monitoring_at": None,
        "resolved_at": _iso(ended),
        "shortlink": "",
        "components": [],
        "incident_updates": [
            _update(
                index, place, began + timedelta(minutes=after), status, body, code=components[component], name=component
            )
            for place, (after, status, body) in reversed(list(enumerate(said)))
        ],
    }


def _update(incident: int, place: int, at: datetime, status: str, body: str, *, code: str, name: str) -> dict[str, Any]:
    over = status == "resolved"
    touched = {
        "code": code,
        "name": name,
        "old_status": "partial_outage" if place else "operational",
        "new_status": "operational" if over else "partial_outage",
    }
    return {
        "id": f"nwpast{incident:04}{place:02}",
        "status": status,
        "body": body,
        "created_at": _iso(at),
        "updated_at": _iso(at),
        "display_at": _iso(at),
        "affected_components": [touched],
        "deliver_notifications": False,
    }


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds")
