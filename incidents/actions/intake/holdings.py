"""Writing many customers and holdings at once, by their references: a few statements for thousands of rows.

SQLite gets one prepared statement that runs per row, PostgreSQL one statement over arrays; both leave rows alone that
already say the same. The SQL is put together from this module's own words; what a file says travels as parameters.
Impacts keep the customer and the units that they were opened with.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from incidents.actions.intake.groupings import regroup
from incidents.actor import Actor
from incidents.events import record
from incidents.models import Event

_CUSTOMER = "(SELECT customer.id FROM incidents_customer customer WHERE customer.ref = v.customer_ref)"
# Every column that can be given, with what fills it otherwise. ``v`` is the row that is written.
CUSTOMER_COLUMNS = {"name": "v.ref", "email": "''", "phone": "''", "language": "''", "time_zone": "''"}
HOLDING_COLUMNS = {
    "customer_ref": "",
    "component_id": "NULL",
    "kind": "'other'",
    "label": "v.ref",
    "quantity": "1",
    "region": "''",
    "starts_at": "NULL",
    "ends_at": "NULL",
    "is_active": "TRUE",
}
_TYPES = {
    "component_id": "bigint",
    "quantity": "integer",
    "starts_at": "timestamptz",
    "ends_at": "timestamptz",
    "is_active": "boolean",
}
_COUNTED = "SELECT COUNT(*) FILTER (WHERE is_new), COUNT(*) FILTER (WHERE NOT is_new) FROM written"
# A blank one of these keeps what is there: nothing goes without a name.
_NAMES = ("name", "label")


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows by reference, their values in the order of the columns that the file has; other columns are left alone.

    ``holding_columns`` begins with ``customer_ref``. ``groups``: primary keys of the groups that a customer is in, by
    the customer's reference; of customers that it does not name they stay.
    """

    customer_columns: Sequence[str]
    holding_columns: Sequence[str]
    customers: Mapping[str, Sequence[Any]]
    holdings: Mapping[str, Sequence[Any]]
    groups: Mapping[str, Sequence[int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Written:
    created_count: int
    changed_count: int


@dataclass(frozen=True, slots=True)
class _Table:
    name: str
    columns: Mapping[str, str]


_CUSTOMERS = _Table("incidents_customer", CUSTOMER_COLUMNS)
_HOLDINGS = _Table("incidents_holding", HOLDING_COLUMNS)


@transaction.atomic
def upsert_holdings(
    batch: Batch, *, by: Actor, dry_run: bool = False, now: datetime | None = None
) -> tuple[Written, Written]:
    """Write the batch whole: (customers, holdings). Repeating it changes and records nothing.

    A dry run lets the database judge the same statements and takes them back, so that it tells what would be.
    Raises IntegrityError or DataError when the database refuses a row; then none of the batch is written.
    """
    now = now or timezone.now()
    customers = _upsert(_CUSTOMERS, batch.customer_columns, batch.customers, now)
    regroupings = regroup(batch.groups, by=by, now=now)
    customers = Written(customers.created_count, customers.changed_count + regroupings)
    holdings = _upsert(_HOLDINGS, batch.holding_columns, batch.holdings, now)
    if dry_run:
        transaction.set_rollback(True)
        return customers, holdings
    if customers.created_count or customers.changed_count:
        creations, changes = customers.created_count, customers.changed_count
        record(Event.Kind.CUSTOMER_CHANGED, by=by, at=now, imported={"created": creations, "changed": changes})
    if holdings.created_count or holdings.changed_count:
        creations, changes = holdings.created_count, holdings.changed_count
        record(Event.Kind.HOLDING_CHANGED, by=by, at=now, imported={"created": creations, "changed": changes})
    return customers, holdings


def _upsert(table: _Table, columns: Sequence[str], rows: Mapping[str, Sequence[Any]], now: datetime) -> Written:
    # Always in the same order, so that two imports at once wait for each other instead of locking each other out.
    ordered = [(ref, *rows[ref]) for ref in sorted(rows)]
    if not ordered:
        return Written(0, 0)
    if connection.vendor == "postgresql":
        return _upsert_on_postgresql(table, ["ref", *columns], ordered, now)
    return _upsert_on_sqlite(table, ["ref", *columns], ordered, now)


def _upsert_on_postgresql(table: _Table, columns: Sequence[str], rows: list[tuple[Any, ...]], now: datetime) -> Written:
    arrays = ", ".join(f"%s::{_TYPES.get(name, 'text')}[]" for name in columns)
    moment = connection.ops.adapt_datetimefield_value(now)
    statement = _statement(
        table,
        columns,
        source=f"unnest({arrays}) AS v ({', '.join(columns)})",
        public_id="right(replace(gen_random_uuid()::text, '-', ''), 16)",
        differs="IS DISTINCT FROM",
    )
    # A row that was inserted has no older self that a transaction could have ended: its xmax is 0.
    query = f"WITH written AS ({statement} RETURNING xmax = 0 AS is_new) {_COUNTED}"
    with connection.cursor() as cursor:
        cursor.execute(query, [moment, *(list(column) for column in zip(*rows, strict=True))])
        creations, changes = cursor.fetchone()
    return Written(creations, changes)


def _upsert_on_sqlite(table: _Table, columns: Sequence[str], rows: list[tuple[Any, ...]], now: datetime) -> Written:
    moment = connection.ops.adapt_datetimefield_value(now)
    statement = _statement(
        table,
        columns,
        source=f"(SELECT {', '.join(f'%s AS {name}' for name in columns)}) AS v",
        public_id="lower(hex(randomblob(8)))",
        differs="IS NOT",
    )
    created = len(rows) - _count_known(table, [row[0] for row in rows])
    with connection.cursor() as cursor:
        cursor.executemany(statement, [(moment, *row) for row in rows])
        return Written(created, cursor.rowcount - created)


def _statement(table: _Table, columns: Sequence[str], *, source: str, public_id: str, differs: str) -> str:
    """The first parameter is the moment of writing; the source's follow."""
    values = {name: _value(name) if name in columns else default for name, default in table.columns.items()}
    values = {"public_id": public_id, "ref": "v.ref", **values, "created_at": "moment", "updated_at": "moment"}
    if "customer_ref" in values:
        del values["customer_ref"]
        values["customer_id"] = _CUSTOMER
    into = f"INSERT INTO {table.name} ({', '.join(values)})"
    # "WHERE TRUE" tells SQLite that ON begins the conflict's clause, not a join's.
    select = f"SELECT {', '.join(values.values())} FROM (SELECT %s AS moment) AS clock, {source} WHERE TRUE"  # noqa: S608
    return f"{into} {select} ON CONFLICT (ref) {_resolution(table, columns, differs)}"


def _value(name: str) -> str:
    return f"COALESCE(NULLIF(v.{name}, ''), v.ref)" if name in _NAMES else f"v.{name}"


def _resolution(table: _Table, columns: Sequence[str], differs: str) -> str:
    targets = ["customer_id" if name == "customer_ref" else name for name in columns if name != "ref"]
    if not targets:
        return "DO NOTHING"
    news = {name: _new(table, name) for name in targets}
    sets = ", ".join(f"{name} = {new}" for name, new in news.items())
    differences = " OR ".join(f"{table.name}.{name} {differs} {new}" for name, new in news.items())
    return f"DO UPDATE SET {sets}, updated_at = excluded.updated_at WHERE {differences}"


def _new(table: _Table, name: str) -> str:
    if name in _NAMES:
        return f"CASE WHEN excluded.{name} = excluded.ref THEN {table.name}.{name} ELSE excluded.{name} END"
    return f"excluded.{name}"


def _count_known(table: _Table, refs: Iterable[str]) -> int:
    parameter: Any = list(refs)
    condition = "ref = ANY(%s)"
    if connection.vendor != "postgresql":
        parameter, condition = json.dumps(parameter), "ref IN (SELECT value FROM json_each(%s))"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT COUNT(*) FROM {table.name} WHERE {condition}", [parameter])  # noqa: S608
        return int(cursor.fetchone()[0])
