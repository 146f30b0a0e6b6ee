"""Incidents, maintenances and their updates as Statuspage writes them."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from incidents.actions.intake.rows import IncidentRow, UpdateRow
from incidents.actions.publishing.component_status import worst
from incidents.imports.catalogue_rows import web_address
from incidents.imports.fields import Broken, Record, described
from incidents.models import Component, Incident

LONGEST_TITLE = 300
LONGEST_BODY = 50_000
MOST_AFFECTED = 1_000

_LEVELS = ("none", "minor", "major", "critical", "maintenance")
_AFFECTED_KEYS = ("code", "name", "old_status", "new_status")


def read_incident(
    record: Record, *, updates: Iterable[UpdateRow], planned: bool, note: Callable[[str], None]
) -> IncidentRow:
    """Judge one incident or maintenance; ``updates`` are those of its updates that can be taken. Raises Broken."""
    ordered = tuple(sorted(updates, key=lambda update: update.display_at, reverse=True))
    kind = _kind(record, planned)
    planned = kind == Incident.Kind.MAINTENANCE
    status = record.word("status", Incident.MAINTENANCE_STATUSES if planned else Incident.INCIDENT_STATUSES)
    created_at = record.stated_moment("created_at")
    scheduled_for, scheduled_until = _window(record, kind)
    return IncidentRow(
        public_id=record.public_id(),
        kind=kind,
        name=record.text("name", longest=LONGEST_TITLE, required=True),
        status=status,
        impact=_impact(record, kind),
        shortlink=web_address(record, "shortlink", note=note),
        started_at=record.moment("started_at") or created_at,
        monitoring_at=record.moment("monitoring_at"),
        resolved_at=_resolved_at(record, status, ordered),
        scheduled_for=scheduled_for,
        scheduled_until=scheduled_until,
        created_at=created_at,
        updated_at=record.moment("updated_at") or created_at,
        updates=ordered,
        affected=_affected(record, status, ordered),
    )


def read_update(record: Record) -> UpdateRow:
    """Raises Broken."""
    created_at = record.stated_moment("created_at")
    return UpdateRow(
        public_id=record.public_id(),
        status=record.word("status", Incident.Status.values),
        body=record.text("body", longest=LONGEST_BODY),
        affected_components=_snapshot(record),
        deliver_notifications=record.flag("deliver_notifications", default=True),
        display_at=record.moment("display_at") or created_at,
        created_at=created_at,
        updated_at=record.moment("updated_at") or created_at,
    )


def _kind(record: Record, planned: bool) -> Incident.Kind:
    """A maintenance among the incidents is still a maintenance."""
    planned = planned or record.values.get("status") in Incident.MAINTENANCE_STATUSES
    return Incident.Kind.MAINTENANCE if planned else Incident.Kind.INCIDENT


def _impact(record: Record, kind: Incident.Kind) -> str:
    level = record.word("impact", _LEVELS, default="none")
    if kind == Incident.Kind.MAINTENANCE:
        return "maintenance"
    return "none" if level == "maintenance" else level


def _window(record: Record, kind: Incident.Kind) -> tuple[datetime | None, datetime | None]:
    start, end = record.moment("scheduled_for"), record.moment("scheduled_until")
    if kind == Incident.Kind.INCIDENT:
        return None, None
    if start is None or end is None:
        missing = "scheduled_for" if start is None else "scheduled_until"
        raise Broken(_("is a maintenance without its %(key)s") % {"key": missing})
    if end < start:
        raise Broken(_("is a maintenance that ends before it starts"))
    return start, end


def _resolved_at(record: Record, status: str, updates: tuple[UpdateRow, ...]) -> datetime | None:
    """As stated; otherwise what is over ended when an update said so, or at the last moment that is known."""
    resolved_at = record.moment("resolved_at")
    if resolved_at or status not in Incident.OVER:
        return resolved_at
    # A postmortem is written long after; the service was back when that was first said.
    ends = [update.display_at for update in updates if update.status in Incident.OVER]
    if ends:
        return ends[-1] if status == Incident.Status.POSTMORTEM else ends[0]
    return record.moment("updated_at") or record.moment("created_at")


def _affected(record: Record, status: str, updates: tuple[UpdateRow, ...]) -> dict[str, str]:
    """Open: what was said last of each component. Over: the worst that was ever said, for the history."""
    statuses_by_code: dict[str, list[str]] = {}
    for update in updates:
        for code, new_status in _statuses_in(update):
            statuses_by_code.setdefault(code, []).append(new_status)
    judge: Callable[[list[str]], str] = worst if status in Incident.OVER else _newest
    affected = {code: judge(statuses) for code, statuses in statuses_by_code.items()}
    return {**_listed_components(record), **affected}


def _newest(statuses: list[str]) -> str:
    return statuses[0]


def _statuses_in(update: UpdateRow) -> Iterator[tuple[str, str]]:
    for component in update.affected_components or []:
        code, new_status = component.get("code"), component.get("new_status")
        if code and new_status in Component.Status.values:
            yield code, str(new_status)


def _listed_components(record: Record) -> dict[str, str]:
    """The incident's own list of components, in the status that they had when the file was written."""
    statuses = {}
    for value in record.array("components")[:MOST_AFFECTED]:
        code, status = (value.get("id"), value.get("status")) if isinstance(value, dict) else (None, None)
        if isinstance(code, str) and isinstance(status, str) and status in Component.Status.values:
            statuses[code] = status
    return statuses


def _snapshot(record: Record) -> list[dict[str, str | None]] | None:
    if record.values.get("affected_components") is None:
        return None
    rows = record.array("affected_components")
    if len(rows) > MOST_AFFECTED:
        raise Broken(_("affected_components lists more than %(most)d") % {"most": MOST_AFFECTED})
    return [_snapshot_row(record, row) for row in rows]


def _snapshot_row(record: Record, row: Any) -> dict[str, str | None]:
    if not isinstance(row, Mapping):
        raise Broken(_("affected_components holds %(what)s instead of an object") % {"what": described(row)})
    snapshot = Record(row, record.place)
    return {key: snapshot.text(key, longest=500) or None for key in _AFFECTED_KEYS if key in row}
