"""Lists that stay fast with a million rows: counts stop early, searches ask an index, filters know their values."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any, ClassVar, cast

from django.contrib import admin
from django.core.paginator import Paginator
from django.db import connection
from django.db.models import Q, QuerySet
from django.db.models.functions import Lower
from django.http import HttpRequest

from incidents.models import Customer, Holding

COUNT_AT_MOST = 10_000
CUSTOMERS_AT_MOST = 500
_LAST_SIGN = "\U0010ffff"


class CappedPaginator(Paginator):  # type: ignore[type-arg]
    """Counts to ten thousand and no further: nobody turns to page 200, they search."""

    @cached_property
    def count(self) -> int:
        rows = cast("QuerySet[Any]", self.object_list)
        return rows.order_by()[: COUNT_AT_MOST + 1].count()


class ValueFilter(admin.SimpleListFilter):
    """Rows with one value of a column that has no choices of its own. To ask the rows which there are, as the admin
    does, looks through all of them for every list."""

    values: ClassVar[Sequence[str]] = ()

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(value, value) for value in self.values]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(Q((str(self.parameter_name), self.value()))) if self.value() else queryset


def begins(column: str, term: str) -> Q:
    """Rows whose column begins with the term, by the column's index on either database.

    PostgreSQL's pattern index serves LIKE; SQLite's LIKE ignores case and so ignores the index, a range does not.
    """
    if connection.vendor == "postgresql":
        return Q(**{f"{column}__startswith": term})
    return Q(**{f"{column}__gte": term, f"{column}__lt": term + _LAST_SIGN})


def customers_named(term: str, customers: QuerySet[Customer] | None = None) -> QuerySet[Customer]:
    """Customers by the beginning of their reference or name, or by their whole e-mail address."""
    rows = Customer.objects.all() if customers is None else customers
    if "@" in term:
        return rows.alias(address=Lower("email")).filter(address=term.lower())
    return rows.filter(begins("ref", term) | begins_as_name("name", term))


def theirs_or_this(term: str, *, customer: str, holding: str) -> Q:
    """Rows of the customers that a term names, or of the holding that it is the reference of.

    First the few ids, then the rows by their index: a join would look through all of them.
    """
    customers = list(customers_named(term).order_by().values_list("pk", flat=True)[:CUSTOMERS_AT_MOST])
    holdings = list(Holding.objects.filter(ref=term).values_list("pk", flat=True))
    return Q(**{f"{customer}__in": customers}) | Q(**{f"{holding}__in": holdings})


def begins_as_name(column: str, term: str) -> Q:
    """The same for names, which people type without their capitals."""
    return begins(column, term) | begins(column, term.title())
