"""Component groups and components of one document: compared with what is here, written where they differ."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from incidents.actions.intake.rows import ComponentRow, GroupRow
from incidents.actions.intake.statuspage import component_changes, group_changes, import_component, import_group
from incidents.actor import IMPORT
from incidents.imports.catalogue_rows import is_group, read_component, read_group
from incidents.imports.documents import Document
from incidents.imports.fields import Broken, Place, Record
from incidents.imports.report import ImportReport
from incidents.imports.target import REFUSALS, Target, database_refused
from incidents.models import Component, ComponentGroup


def import_components(document: Document, target: Target, report: ImportReport) -> None:
    """Groups first, since a component may stand in the file before its group."""
    groups: list[Record] = []
    components: list[Record] = []
    records = unique_records(document, "components", report, kind=_("components"))
    for record in records:
        try:
            (groups if is_group(record) else components).append(record)
        except Broken as error:
            report.skip(_("components"), record.where, error.reason)
    for record in groups:
        _import(record, target, report, kind=_("component groups"), import_record=_import_group)
    for record in components:
        _import(record, target, report, kind=_("components"), import_record=_import_component)


def unique_records(document: Document, key: str, report: ImportReport, *, kind: str) -> Iterator[Record]:
    """The list's objects, each with its place; what is no object, or repeats an id, is reported and left out."""
    first: dict[str, Place] = {}
    for number, value in enumerate(document.lists.get(key, [])):
        place = document.place.at_index(key, number)
        try:
            record = Record.at(place, value)
            refuse_repeated(record, first)
        except Broken as error:
            report.skip(kind, place, error.reason)
        else:
            yield record


def refuse_repeated(record: Record, first: dict[str, Place]) -> None:
    """Raises Broken for the second record with an id; ``first`` remembers the first."""
    public_id = record.values.get("id")
    if not isinstance(public_id, str):
        return
    if public_id in first:
        raise Broken(_("the id is repeated; %(place)s has it first") % {"place": first[public_id].path})
    first[public_id] = record.place


def _import(record: Record, target: Target, report: ImportReport, *, kind: str, import_record: Any) -> None:
    try:
        report.count(kind, import_record(record, target))
    except Broken as error:
        report.skip(kind, record.where, error.reason)
    except REFUSALS as error:
        report.skip(kind, record.where, database_refused(error))


def _import_group(record: Record, target: Target) -> str:
    row = read_group(record)
    if target.has_seen("group", row.public_id, row.updated_at):
        return "unchanged"
    group = target.groups.get(row.public_id)
    if group and not group_changes(row, group):
        return "unchanged"
    target.groups[row.public_id] = _written_group(row, group, target)
    return "changed" if group else "created"


def _written_group(row: GroupRow, group: ComponentGroup | None, target: Target) -> ComponentGroup:
    if target.dry_run:
        return group or ComponentGroup(page=target.page, public_id=row.public_id, name=row.name)
    return import_group(target.page, row, by=IMPORT)


def _import_component(record: Record, target: Target) -> str:
    row = read_component(record)
    if target.has_seen("component", row.public_id, row.updated_at):
        return "unchanged"
    group = _group_of(row, target)
    component = target.components.get(row.public_id)
    if component and not component_changes(row, component, group):
        return "unchanged"
    target.components[row.public_id] = _written_component(row, component, group, target)
    return "changed" if component else "created"


def _group_of(row: ComponentRow, target: Target) -> ComponentGroup | None:
    if not row.group:
        return None
    if row.group not in target.groups:
        raise Broken(_("group_id names no group of this page: %(group)s") % {"group": row.group})
    return target.groups[row.group]


def _written_component(
    row: ComponentRow, component: Component | None, group: ComponentGroup | None, target: Target
) -> Component:
    if target.dry_run:
        return component or Component(page=target.page, public_id=row.public_id, name=row.name)
    return import_component(target.page, row, group=group, by=IMPORT)
