"""Impacts and check-ins written for any number of holdings by one statement; never row by row."""

from datetime import datetime
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import DateTimeField, Exists, Max, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from incidents.ids import RandomId
from incidents.models import CheckIn, Choice, Holding, Impact, Incident

HELD = (Choice.State.LIVE, Choice.State.FULFILLED)


def open_impacts(incident: Incident, holdings: QuerySet[Holding], *, at: datetime) -> int:
    """Write an open impact for each active holding touched that has none, by one statement; how many were written.

    Inside an action's transaction, with the incident's row locked. Repeating it writes nothing.
    """
    rows = holdings.filter(is_active=True).values_list(
        RandomId(),
        Value(incident.pk),
        "pk",
        "customer_id",
        "quantity",
        Value(Impact.State.OPEN.value),
        Value(at, output_field=DateTimeField()),
    )
    columns = ("public_id", "incident", "holding", "customer", "units", "state", "opened_at")
    return _insert_select(Impact, columns, rows, once_per=("incident", "holding"))


def reopen_withdrawn(incident: Incident, holdings: QuerySet[Holding], *, at: datetime) -> int:
    """Impacts that a narrower scope withdrew and a wider one touches again are open again; how many."""
    holding = holdings.filter(is_active=True, pk=OuterRef("holding_id"))
    withdrawn = Impact.objects.filter(Exists(holding), incident=incident, state=Impact.State.WITHDRAWN)
    return withdrawn.update(state=Impact.State.OPEN, opened_at=at)


def withdraw_untouched(incident: Incident, holdings: QuerySet[Holding]) -> int:
    """Withdraw the open impacts that no rule touches any more; how many.

    Never one with a live or fulfilled choice: that was promised. A holding that was merely ended or cancelled meanwhile
    stays hit. The rows are locked before they are judged, so that a choice being made at this moment is seen.
    """
    holding = holdings.filter(pk=OuterRef("holding_id"))
    choices = Choice.objects.filter(impact=OuterRef("pk"), state__in=HELD)
    untouched = Impact.objects.filter(~Exists(holding), incident=incident, state=Impact.State.OPEN)
    _lock_rows(untouched)
    return untouched.filter(~Exists(choices)).update(state=Impact.State.WITHDRAWN)


def ask_check_ins(impacts: QuerySet[Impact], *, at: datetime) -> int:
    """Ask "is it fixed for you?" for each of these impacts, as its next round, by one statement; how many."""
    last = (
        CheckIn.objects.filter(impact=OuterRef("pk"))
        .order_by()
        .values("impact")
        .annotate(last=Max("round"))
        .values("last")
    )
    rows = impacts.order_by().values_list(
        "pk",
        Coalesce(Subquery(last), 0) + 1,
        Value(at, output_field=DateTimeField()),
        Value(""),
        Value(""),
        Value(""),
    )
    columns = ("impact", "round", "asked_at", "answer", "comment", "answered_by_name")
    return _insert_select(CheckIn, columns, rows, once_per=("impact", "round"))


def _insert_select(model: Any, columns: tuple[str, ...], rows: QuerySet[Any, Any], *, once_per: tuple[str, str]) -> int:
    """``INSERT INTO model (columns) SELECT …``, leaving out what is there already; how many rows were written.

    ``once_per`` names the constraint that makes a row the same row: a clash of any other is an error, not a row missed.
    Naming it also spares PostgreSQL looking through the other indexes first.
    """
    table = connection.ops.quote_name(model._meta.db_table)
    names, conflict = _columns(model, columns), _columns(model, once_per)
    try:
        select, params = rows.query.get_compiler(connection=connection).as_sql()
    except EmptyResultSet:  # Django knows without asking that nothing matches
        return 0
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {table} ({names}) {select} ON CONFLICT ({conflict}) DO NOTHING", params)
        return int(cursor.rowcount)


def _columns(model: Any, fields: tuple[str, ...]) -> str:
    return ", ".join(connection.ops.quote_name(model._meta.get_field(field).column) for field in fields)


def _lock_rows(rows: QuerySet[Any]) -> None:
    """Lock rows where they are, without fetching them. SQLite's one writer is us already."""
    if connection.vendor != "postgresql":
        return
    locking = rows.order_by("pk").select_for_update().values("pk")
    select, params = locking.query.get_compiler(connection=connection).as_sql()
    with connection.cursor() as cursor:
        cursor.execute(f"WITH locked AS ({select}) SELECT count(*) FROM locked", params)  # noqa: S608
