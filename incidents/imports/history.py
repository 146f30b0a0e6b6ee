"""Incidents and maintenances of one document: compared with what is here, written one transaction each."""

from dataclasses import dataclass, field
from itertools import islice

from django.utils.translation import gettext as _

from incidents.actions.intake.rows import IncidentRow, UpdateRow
from incidents.actions.intake.statuspage import (
    IncidentChanges,
    import_incident,
    incident_changes,
    new_incident,
    refuse_foreign,
)
from incidents.actor import IMPORT
from incidents.errors import WrongState
from incidents.imports.bodies import render_body
from incidents.imports.catalogue import refuse_repeated, unique_records
from incidents.imports.documents import Document
from incidents.imports.fields import Broken, Place, Record
from incidents.imports.incident_rows import read_incident, read_update
from incidents.imports.report import ImportReport
from incidents.imports.target import REFUSALS, Target, database_refused
from incidents.models import Incident

_AT_ONCE = 200  # incidents whose stored selves are fetched together


@dataclass(slots=True)
class _Updates:
    """One incident's updates: those that can be taken, and those that cannot with the reason."""

    rows: list[UpdateRow] = field(default_factory=list)
    places: dict[str, str] = field(default_factory=dict)
    skips: list[tuple[str, str]] = field(default_factory=list)


def import_incidents(document: Document, target: Target, report: ImportReport) -> None:
    """Both lists of a document; a maintenance that stands among the incidents is taken for what it is."""
    for key, kind, planned in (
        ("incidents", _("incidents"), False),
        ("scheduled_maintenances", _("maintenances"), True),
    ):
        records = unique_records(document, key, report, kind=kind)
        while batch := list(islice(records, _AT_ONCE)):
            incidents = target.stored_incidents(_presentable_ids(batch))
            for record in batch:
                _import_one(record, incidents, target, report, kind=kind, planned=planned)


def _presentable_ids(records: list[Record]) -> list[str]:
    ids = []
    for record in records:
        try:
            ids.append(record.public_id())
        except Broken:
            continue  # reported when its turn comes
    return ids


def _import_one(
    record: Record, incidents: dict[str, Incident], target: Target, report: ImportReport, *, kind: str, planned: bool
) -> None:
    try:
        updates = _read_updates(record)
        row = read_incident(record, updates=updates.rows, planned=planned, note=report.note)
        changes = _bring_up_to_date(row, incidents.get(row.public_id), target, report)
    except Broken as error:
        report.skip(kind, record.where, error.reason)
    except WrongState as refusal:
        report.skip(kind, record.where, str(refusal.message))
    except REFUSALS as error:
        report.skip(kind, record.where, database_refused(error))
    else:
        report.count(kind, _outcome(changes))
        _report_updates(updates, changes, report, kind=_("their updates") if planned else _("updates"))


def _read_updates(record: Record) -> _Updates:
    updates = _Updates()
    first: dict[str, Place] = {}
    for number, value in enumerate(record.array("incident_updates")):
        place = record.place.at_index("incident_updates", number)
        where = str(place)
        try:
            update = Record.at(place, value)
            where = update.where
            refuse_repeated(update, first)
            row = read_update(update)
        except Broken as error:
            updates.skips.append((str(where), error.reason))
        else:
            updates.rows.append(row)
            updates.places[row.public_id] = update.where
    return updates


def _bring_up_to_date(
    row: IncidentRow, incident: Incident | None, target: Target, report: ImportReport
) -> IncidentChanges | None:
    """What was changed, or would be; None when this run met the same record in another file."""
    if target.has_seen("incident", row.public_id, row.updated_at):
        return None
    affected = target.affected(row, report)
    changes = _compare(row, incident, affected)
    if changes.is_older:
        note = _("%(id)s was changed here after the file was written and keeps what it has.")
        report.note(note % {"id": row.public_id})
    if target.dry_run or not changes:
        return changes
    bodies = {update.public_id: render_body(update.body) for update in changes.updates}
    return import_incident(target.page, row, affected=affected, bodies=bodies, by=IMPORT)


def _compare(row: IncidentRow, incident: Incident | None, affected: dict[int, str]) -> IncidentChanges:
    if incident is None:
        return new_incident(row, affected)
    refuse_foreign(row, incident)
    return incident_changes(row, incident, affected)


def _outcome(changes: IncidentChanges | None) -> str:
    if not changes:
        return "unchanged"
    return "created" if changes.is_new else "changed"


def _report_updates(updates: _Updates, changes: IncidentChanges | None, report: ImportReport, *, kind: str) -> None:
    created = {update.public_id for update in changes.updates} if changes is not None else set()
    edited = set(changes.edited) if changes is not None else set()
    for row in updates.rows:
        if row.public_id in edited:
            reason = _("differs from what was published; history is not edited")
            report.skip(kind, updates.places[row.public_id], reason)
        else:
            report.count(kind, "created" if row.public_id in created else "unchanged")
    for where, reason in updates.skips:
        report.skip(kind, where, reason)
