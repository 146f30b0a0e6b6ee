"""A CSV file of customers and holdings, streamed: each row is judged by itself, thousands are written at once."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, BinaryIO
from zoneinfo import ZoneInfo

from django.db import connection
from django.utils.translation import gettext as _

from incidents.actions.intake.holdings import Batch, upsert_holdings
from incidents.actor import IMPORT
from incidents.imports.csv_rows import BadLine, CsvRows, UnusableFile, decoded
from incidents.imports.fields import printable
from incidents.imports.holding_cells import (
    BadCell,
    Reader,
    Remembered,
    component_reader,
    groups_reader,
    moment_reader,
    read_active,
    read_email,
    read_kind,
    read_language,
    read_quantity,
    read_time_zone,
    text_reader,
)
from incidents.imports.report import ImportReport
from incidents.imports.target import REFUSALS, database_refused
from incidents.models import CustomerGroup, Page

ROWS_AT_ONCE = 2_000
REQUIRED = ("customer_ref", "holding_ref")
COLUMNS = (
    *REQUIRED, "customer_name", "customer_email", "customer_phone", "language", "time_zone", "groups",
    "kind", "label", "component", "quantity", "region", "starts_at", "ends_at", "active",
)  # fmt: skip

GROUPS = "groups"
# The file's columns and ours, in the order in which they are written.
_CUSTOMER = {
    "customer_name": "name",
    "customer_email": "email",
    "customer_phone": "phone",
    "language": "language",
    "time_zone": "time_zone",
}
_HOLDING = {
    "customer_ref": "customer_ref",
    "component": "component_id",
    "kind": "kind",
    "label": "label",
    "quantity": "quantity",
    "region": "region",
    "starts_at": "starts_at",
    "ends_at": "ends_at",
    "active": "is_active",
}


@dataclass(slots=True)
class HoldingsImportReport(ImportReport):
    """``line``: everything up to it is in. ``on_skip`` hears of each bad row: line, reference, reason."""

    at_most: int | None = 20
    line: int = 0
    on_skip: Callable[[int, str, str], None] | None = None

    def skip_row(self, line: int, reason: str, reference: str = "") -> None:
        where = _("line %(line)d") % {"line": line}
        self.skip(_("holdings"), f"{where} ({printable(reference)})" if reference else where, reason)
        if self.on_skip:
            self.on_skip(line, reference, reason)


@dataclass(slots=True)
class _Chunk:
    """Rows that were read and not yet written, by reference; ``lines`` says where each holding stands."""

    customers: dict[str, tuple[Any, ...]] = field(default_factory=dict)
    holdings: dict[str, tuple[Any, ...]] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)


def import_holdings(
    binary: BinaryIO,
    *,
    report: HoldingsImportReport,
    page: Page | None = None,
    dry_run: bool = False,
    progress: Callable[[], None] | None = None,
) -> None:
    """Upsert every good row of a CSV file; fills ``report`` as it goes, so that it holds when the run is cut off.

    A chunk of rows is one transaction. A chunk that the database refuses is written again row by row. ``page`` is
    where components are looked up, and whose zone times without one are in. Raises UnusableFile.
    """
    with decoded(binary) as stream:
        rows = CsvRows.open(stream, COLUMNS)
        reading = _RowReader(_columns(rows, report), page)
        _import_rows(rows, reading, report, dry_run=dry_run, progress=progress)


def _import_rows(
    rows: CsvRows,
    reading: "_RowReader",
    report: HoldingsImportReport,
    *,
    dry_run: bool,
    progress: Callable[[], None] | None,
) -> None:
    source = iter(rows)
    while batch := list(islice(source, ROWS_AT_ONCE)):
        chunk = _judge(batch, reading, report)
        _write(chunk, reading, report, dry_run=dry_run)
        report.line = rows.line
        if progress:
            progress()


def _columns(rows: CsvRows, report: ImportReport) -> dict[str, int]:
    """Each known column's place in a row. Raises UnusableFile."""
    names = [name for name in rows.header if name in COLUMNS]
    if repeated := {name for name in names if names.count(name) > 1}:
        raise UnusableFile(_("The header names a column twice: %(names)s.") % {"names": ", ".join(sorted(repeated))})
    if missing := [name for name in REQUIRED if name not in names]:
        raise UnusableFile(_("The header has no column %(names)s.") % {"names": ", ".join(missing)})
    for name in rows.header:
        if name and name not in COLUMNS:
            report.note(_("The column “%(name)s” is not known and was not read.") % {"name": printable(name)})
    return {name: rows.header.index(name) for name in names}


class _RowReader:
    """Judges rows: ``customer_columns`` and ``holding_columns`` are our columns that the file has, in order."""

    def __init__(self, columns: Mapping[str, int], page: Page | None) -> None:
        readers = _readers(page)
        self.customer_columns = [column for name, column in _CUSTOMER.items() if name in columns]
        self.holding_columns = [column for name, column in _HOLDING.items() if name in columns]
        self._customer = [(columns[name], readers[name]) for name in (*_CUSTOMER, GROUPS) if name in columns]
        self._has_groups = GROUPS in columns
        self._holding = [(columns[name], readers[name]) for name in _HOLDING if name in columns]
        self._holding_ref = (columns["holding_ref"], readers["holding_ref"])
        self._by_name = [(name, place, readers[name]) for name, place in columns.items()]
        holding_columns = self.holding_columns
        self._window = (
            (holding_columns.index("starts_at"), holding_columns.index("ends_at"))
            if {"starts_at", "ends_at"} <= set(holding_columns)
            else None
        )

    def read(self, cells: list[str]) -> tuple[str, tuple[Any, ...], tuple[Any, ...]]:
        """The holding's reference, the customer's values (its groups last), the holding's values. Raises BadCell."""
        index, read = self._holding_ref
        ref = read(cells[index])
        customer = tuple([read(cells[index]) for index, read in self._customer])
        holding = tuple([read(cells[index]) for index, read in self._holding])
        if self._window:
            starts_at, ends_at = holding[self._window[0]], holding[self._window[1]]
            if starts_at is not None and ends_at is not None and ends_at < starts_at:
                raise BadCell(_("lies before starts_at"))
        return ref, customer, holding

    def reasons(self, cells: list[str], error: BadCell) -> str:
        """Everything that is wrong with a row that was refused, column by column."""
        problems = [
            f"{name} {problem}" for name, place, read in self._by_name if (problem := _problem(read, cells[place]))
        ]
        return "; ".join(problems) or f"ends_at {error}"

    def reference(self, cells: list[str]) -> str:
        """Whatever stands there, for the report."""
        return cells[self._holding_ref[0]].strip()

    def batch(self, customers: Mapping[str, Any], holdings: Mapping[str, Any]) -> Batch:
        if not self._has_groups:
            return Batch(self.customer_columns, self.holding_columns, customers, holdings)
        groups = {ref: values[-1] for ref, values in customers.items()}
        rows = {ref: values[:-1] for ref, values in customers.items()}
        return Batch(self.customer_columns, self.holding_columns, rows, holdings, groups)


def _readers(page: Page | None) -> dict[str, Reader]:
    moment = moment_reader(ZoneInfo(page.time_zone if page else "UTC"), connection.ops.adapt_datetimefield_value)
    components = page.components.all() if page else []
    return {
        "customer_ref": text_reader(64, required=True),
        "customer_name": text_reader(200),
        "customer_email": read_email,
        "customer_phone": text_reader(40),
        "language": _remembered(read_language),
        "time_zone": _remembered(read_time_zone),
        GROUPS: _remembered(groups_reader(CustomerGroup.objects.all())),
        "holding_ref": text_reader(64, required=True),
        "kind": _remembered(read_kind),
        "label": text_reader(200),
        "component": _remembered(component_reader(components)),
        "quantity": _remembered(read_quantity),
        "region": _remembered(text_reader(64)),
        "starts_at": _remembered(moment),
        "ends_at": _remembered(moment),
        "active": _remembered(read_active),
    }


def _remembered(read: Reader) -> Reader:
    return Remembered(read).__getitem__


def _problem(read: Reader, cell: str) -> str:
    try:
        read(cell)
    except BadCell as bad:
        return str(bad)
    return ""


def _judge(batch: list[tuple[int, list[str]] | BadLine], reading: _RowReader, report: HoldingsImportReport) -> _Chunk:
    """The chunk's good rows. Where a reference comes twice, the later row counts."""
    chunk = _Chunk()
    for row in batch:
        if isinstance(row, BadLine):
            report.skip_row(row.line, row.reason)
            continue
        line, cells = row
        try:
            ref, customer, holding = reading.read(cells)
        except BadCell as error:
            report.skip_row(line, reading.reasons(cells, error), reading.reference(cells))
            continue
        _add(chunk, line, ref, customer, holding, report)
    return chunk


def _add(
    chunk: _Chunk,
    line: int,
    ref: str,
    customer: tuple[Any, ...],
    holding: tuple[Any, ...],
    report: HoldingsImportReport,
) -> None:
    customer_ref = holding[0]
    earlier_customer = chunk.customers.setdefault(customer_ref, customer)
    if earlier_customer != customer:
        chunk.customers[customer_ref] = customer
        _note_conflict(customer_ref, report)
    if ref in chunk.lines:
        report.count(_("holdings"), "unchanged")
        report.note(_("A row has the holding_ref of a later one; the later one counts."))
    chunk.holdings[ref] = holding
    chunk.lines[ref] = line


def _note_conflict(customer_ref: str, report: HoldingsImportReport) -> None:
    note = _("The customer %(ref)s is described in different ways; the last row counts.")
    report.note(note % {"ref": printable(customer_ref)})


def _write(chunk: _Chunk, reading: _RowReader, report: HoldingsImportReport, *, dry_run: bool) -> None:
    batch = reading.batch(chunk.customers, chunk.holdings)
    try:
        customers, holdings = upsert_holdings(batch, by=IMPORT, dry_run=dry_run)
    except REFUSALS:
        _write_singly(chunk, reading, report, dry_run=dry_run)
        return
    _tally(report, _("customers"), len(chunk.customers), customers.created_count, customers.changed_count)
    _tally(report, _("holdings"), len(chunk.holdings), holdings.created_count, holdings.changed_count)


def _write_singly(chunk: _Chunk, reading: _RowReader, report: HoldingsImportReport, *, dry_run: bool) -> None:
    """One row spoils a statement for thousands: each gets a transaction of its own, and only the bad one is lost."""
    for ref, holding in chunk.holdings.items():
        customer_ref = holding[0]
        batch = reading.batch({customer_ref: chunk.customers[customer_ref]}, {ref: holding})
        try:
            customers, holdings = upsert_holdings(batch, by=IMPORT, dry_run=dry_run)
        except REFUSALS as error:
            report.skip_row(chunk.lines[ref], _refusal(error), ref)
            continue
        _tally(report, _("customers"), 1, customers.created_count, customers.changed_count)
        _tally(report, _("holdings"), 1, holdings.created_count, holdings.changed_count)


def _refusal(error: Exception) -> str:
    if "holding_ends_after_start" in str(error):
        return _("it would end before it starts")
    return database_refused(error)


def _tally(report: ImportReport, kind: str, read: int, created: int, changes: int) -> None:
    report.count(kind, "created", created)
    report.count(kind, "changed", changes)
    report.count(kind, "unchanged", read - created - changes)
