"""Builders of public facts, for tests that need no database. All times are told from NOON."""

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from portal.facts.page import ComponentFacts, EstimateFacts, GroupFacts, IncidentFacts, PageFacts, UpdateFacts
from portal.facts.profile import PageProfile

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
NORTHWIND = PageProfile(name="Northwind Energy", slug="northwind", zone="Europe/London")

_numbers = count(1)


def at(hours: float) -> datetime:
    """So many hours after noon; negative for the morning."""
    return NOON + timedelta(hours=hours)


def make_component_facts(status: str = "operational", **fields: Any) -> ComponentFacts:
    number = next(_numbers)
    defaults = {"public_id": f"part{number}", "name": f"Part {number}", "description": "", "group_id": ""}
    defaults |= {"position": number, "showcase": False, "start_date": None, "created_at": at(-9), "updated_at": at(-9)}
    return ComponentFacts(**{**defaults, "status": status, "only_if_degraded": False, **fields})


def make_group(public_id: str, name: str = "", **fields: Any) -> GroupFacts:
    defaults = {"description": "", "position": 1, "created_at": at(-9), "updated_at": at(-9)}
    return GroupFacts(public_id, name or public_id.title(), **{**defaults, **fields})


def make_update_facts(hours: float = 0, status: str = "investigating", **fields: Any) -> UpdateFacts:
    number = next(_numbers)
    body = fields.get("body", f"Update {number}")
    moment = at(hours)
    defaults = {"key": number, "public_id": f"said{number}", "body": body, "html": f"<p>{body}</p>", "affected": None}
    defaults |= {"changes": None, "corrects": None, "is_sent": True, "created_at": moment, "updated_at": moment}
    return UpdateFacts(**{**defaults, "status": status, "at": moment, **fields})


def make_estimate_facts(
    said: float, restored_by: float | None = None, stage: str = "initial", **fields: Any
) -> EstimateFacts:
    moment = None if restored_by is None else at(restored_by)
    return EstimateFacts(
        **{"stage": stage, "restored_by": moment, "reason": "", "source": "", "at": at(said), **fields}
    )


def make_incident_facts(**fields: Any) -> IncidentFacts:
    number = next(_numbers)
    defaults: dict[str, Any] = {
        "key": number,
        "public_id": f"incident{number}",
        "name": f"Disruption {number}",
        "kind": "incident",
        "status": "investigating",
        "impact": "minor",
        "shortlink": "",
        "started_at": at(-2),
        "published_at": at(-2),
        "monitoring_at": None,
        "resolved_at": None,
        "scheduled_for": None,
        "scheduled_until": None,
        "next_update_due_at": None,
        "updated_at": at(-2),
        "affected": (),
        "updates": (),
        "estimates": (),
    }
    return IncidentFacts(**{**defaults, **fields})


def make_resolved(ended: float = -1, **fields: Any) -> IncidentFacts:
    return make_incident_facts(**{"status": "resolved", "resolved_at": at(ended), **fields})


def make_maintenance(start: float, end: float, **fields: Any) -> IncidentFacts:
    planned = {"kind": "maintenance", "impact": "maintenance", "status": "scheduled"}
    return make_incident_facts(**{**planned, "scheduled_for": at(start), "scheduled_until": at(end), **fields})


def make_page_facts(**fields: Any) -> PageFacts:
    defaults: dict[str, Any] = {"profile": NORTHWIND, "groups": (), "components": (), "incidents": ()}
    defaults |= {"public_id": "northwindpage", "created_at": at(-99), "changed_at": at(-9), "updated_at": at(-1)}
    return PageFacts(**{**defaults, **fields})
