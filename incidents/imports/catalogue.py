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
        except Broken as broken:
            report.skip(_("components"), record.where, broken.reason)
    for record in groups:
        _import(record, target, report, kind=_("component groups"), one=_import_group)
    for record in components:
        _import(record, target, report, kind=_("components"), one=_import_component)


def unique_records(document: Document, key: str, report: ImportReport, *, kind: str) -> Iterator[Record]:
    """The list's objects, each with its place; what is no object, or repeats an id, is reported and left out."""
    first: dict[str, Place] = {}
    for number, value in enumerate(document.lists.get(key, [])):
        here = document.place.item(key, number)
        try:
            record = Record.at(here, value)
            refuse_repeated(record, first)
        except Broken as broken:
            report.skip(kind, here, broken.reason)
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


def _import(record: Record, target: Target, report: ImportReport, *, kind: str, one: Any) -> None:
    try:
        report.count(kind, one(record, target))
    except Broken as broken:
        report.skip(kind, record.where, broken.reason)
    except REFUSALS as error:
        report.skip(kind, record.where, database_refused(error))


def _import_group(record: Record, target: Target) -> str:
    row = read_group(record)
    if target.has_seen("group", row.public_id, row.updated_at):
        return "unchanged"
    stored = target.groups.get(row.public_id)
    if stored and not group_changes(row, stored):
        return "unchanged"
    target.groups[row.public_id] = _written_group(row, stored, target)
    return "changed" if stored else "created"


def _written_group(row: GroupRow, stored: ComponentGroup | None, target: Target) -> ComponentGroup:
    if target.dry_run:
        return stored or ComponentGroup(page=target.page, public_id=row.public_id, name=row.name)
    return import_group(target.page, row, by=IMPORT)


def _import_component(record: Record, target: Target) -> str:
    row = read_component(record)
    if target.has_seen("component", row.public_id, row.updated_at):
        return "unchanged"
    group = _group_of(row, target)
    stored = target.components.get(row.public_id)
    if stored and not component_changes(row, stored, group):
        return "unchanged"
    target.components[row.public_id] = _written_component(row, stored, group, target)
    return "changed" if stored else "created"


def _group_of(row: ComponentRow, target: Target) -> ComponentGroup | None:
    if not row.group:
        return None
    if row.group not in target.groups:
        raise Broken(_("group_id names no group of this page: %(group)s") % {"group": row.group})
    return target.groups[row.group]


def _written_component(
    row: ComponentRow, stored: Component | None, group: ComponentGroup | None, target: Target
) -> Component:
    if target.dry_run:
        return stored or Component(page=target.page, public_id=row.public_id, name=row.name)
    return import_component(target.page, row, group=group, by=IMPORT)
