"""Statuspage documents as small as they can be, and what an import of them left behind."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from incidents.imports.report import ImportReport
from incidents.imports.statuspage import import_statuspage
from incidents.models import AffectedComponent, Component, ComponentGroup, Event, Incident, Page, Update

DATA = Path(__file__).parents[2] / "data" / "statuspage"
HISTORY = DATA / "github-history"
SUMMARY = DATA / "github-2020"

PAGE = {
    "id": "northwindair",
    "name": "Northwind Air",
    "url": "https://northwind.example",
    "time_zone": "Europe/London",
    "updated_at": "2025-03-01T10:00:00.000Z",
}


def component(public_id: str = "checkin", **fields: Any) -> dict[str, Any]:
    return {
        "id": public_id,
        "name": public_id.title(),
        "status": "operational",
        "created_at": "2024-01-01T00:00:00.000Z",
        "updated_at": "2025-02-01T00:00:00.000Z",
        "position": 1,
        "description": None,
        "showcase": False,
        "start_date": None,
        "group_id": None,
        "page_id": PAGE["id"],
        "group": False,
        "only_show_if_degraded": False,
        **fields,
    }


def update(public_id: str = "u1", **fields: Any) -> dict[str, Any]:
    return {
        "id": public_id,
        "status": "investigating",
        "body": "We are looking into it.",
        "created_at": "2025-02-03T10:05:00.123Z",
        "updated_at": "2025-02-03T10:05:00.123Z",
        "display_at": "2025-02-03T10:05:00.123Z",
        "affected_components": None,
        "deliver_notifications": True,
        **fields,
    }


def incident(public_id: str = "belt", **fields: Any) -> dict[str, Any]:
    return {
        "id": public_id,
        "name": "The belt stands still",
        "status": "investigating",
        "created_at": "2025-02-03T10:00:00.000Z",
        "updated_at": "2025-02-03T10:05:00.000Z",
        "monitoring_at": None,
        "resolved_at": None,
        "impact": "minor",
        "shortlink": "https://stspg.example/belt",
        "started_at": "2025-02-03T09:58:00.000Z",
        "page_id": PAGE["id"],
        "incident_updates": [update()],
        "components": [],
        **fields,
    }


def maintenance(public_id: str = "works", **fields: Any) -> dict[str, Any]:
    return incident(
        public_id,
        **{
            "name": "New belts",
            "status": "scheduled",
            "impact": "maintenance",
            "scheduled_for": "2031-03-01T01:00:00.000Z",
            "scheduled_until": "2031-03-01T05:00:00.000Z",
            "incident_updates": [update("m1", status="scheduled", body="We change the belts.")],
            **fields,
        },
    )


def write(folder: Path, name: str = "summary.json", **content: Any) -> Path:
    """A document with these lists; its page is Northwind Air's unless ``page`` says otherwise."""
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps({"page": PAGE, **content}), encoding="utf-8")
    return file


def edit(file: Path, change: Callable[[Any], Any]) -> Path:
    """Change the file in place."""
    content = json.loads(file.read_text(encoding="utf-8"))
    change(content)
    file.write_text(json.dumps(content), encoding="utf-8")
    return file


def read(path: Path, **options: Any) -> ImportReport:
    return import_statuspage(path, **options)


def counts(report: ImportReport, kind: str) -> dict[str, int]:
    """What is not zero."""
    tally = report.tallies[kind]
    names = ("read", "created", "changed", "unchanged", "skipped")
    return {name: getattr(tally, name) for name in names if getattr(tally, name)}


def reasons(report: ImportReport) -> list[str]:
    return [str(skip) for skip in report.skips]


def stored_rows() -> list[list[dict[str, Any]]]:
    """All rows that an import may touch, to tell whether it touched any."""
    models: list[Any] = [Page, ComponentGroup, Component, Incident, AffectedComponent, Update, Event]
    return [list(model.objects.order_by("pk").values()) for model in models]
