"""A scratch database, filled by SQL, and clocks that compare two things in turn."""

import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.conf import settings
from django.db import connection
from django.utils import timezone

from incidents.models import Component, Customer, Page

HOLDINGS_PER_CUSTOMER = 2


@contextmanager
def scratch_database() -> Iterator[None]:
    """A migrated database of one's own, dropped at the end; only for programs, tests have theirs."""
    name = connection.settings_dict["NAME"]
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        yield
    finally:
        connection.creation.destroy_test_db(name, verbosity=0)


def child_environment() -> dict[str, str]:
    """What processes of their own are told, so that they work on the scratch database and in the scratch folder."""
    name = str(connection.settings_dict["NAME"])
    server = settings.ENVIRONMENT.database_url.rpartition("/")[0]
    return {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DATABASE_URL": f"{server}/{name}" if connection.vendor == "postgresql" else f"sqlite:///{name}",
        "DATA_DIR": str(settings.DATA_DIR),
        "SECRET_KEY": settings.SECRET_KEY,
        "LOG_LEVEL": "ERROR",
    }


def make_catalogue(*names: str) -> list[Component]:
    """A page with components of these names."""
    page = Page.objects.create(slug=f"bench-{time.monotonic_ns()}", name="Bench")
    return [Component.objects.create(page=page, name=name) for name in names]


def fill_customers(count: int) -> int:
    """Write ``count`` customers by one statement; returns the greatest id there was before."""
    before = _newest(Customer)
    _execute(
        f"INSERT INTO incidents_customer"
        f" (public_id, ref, name, email, phone, language, time_zone, created_at, updated_at)"
        f" SELECT {_random_id()}, 'C-' || n, 'Customer ' || n, 'c' || n || '@example.org', '', '', '', %s, %s"
        f" FROM {_numbers(before + 1, before + count)}",
        [timezone.now(), timezone.now()],
    )
    return before


def fill_holdings(component: Component, count: int) -> None:
    """Write ``count`` holdings of a component, two to a customer, with their customers."""
    before = fill_customers(-(-count // HOLDINGS_PER_CUSTOMER))
    _execute(
        f"INSERT INTO incidents_holding"
        f" (public_id, ref, customer_id, component_id, kind, label, quantity, region, is_active,"
        f" created_at, updated_at)"
        f" SELECT {_random_id()}, 'H-' || id || '-' || n, id, %s, 'order', 'Order ' || id, 1, 'north', %s, %s, %s"
        f" FROM incidents_customer CROSS JOIN {_numbers(1, HOLDINGS_PER_CUSTOMER)} WHERE id > %s"
        f" ORDER BY id LIMIT {int(count)}",
        [component.pk, True, timezone.now(), timezone.now(), before],
    )
    settle()


def empty(table: str) -> None:
    """Delete all rows of a table, and of those that point at it on PostgreSQL, without looking at each."""
    if connection.vendor == "postgresql":
        _execute(f"TRUNCATE {table} CASCADE")
        return
    _execute("PRAGMA foreign_keys=OFF")
    _execute(f"DELETE FROM {table}")
    _execute("PRAGMA foreign_keys=ON")
    _execute("PRAGMA wal_checkpoint(TRUNCATE)")


def settle() -> None:
    """Let the database finish what filling left to do, so that nobody is measured doing it."""
    _execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")


@dataclass(frozen=True, slots=True)
class Compared:
    """Medians in seconds of a yardstick and the thing measured."""

    yardstick: float
    measured: float

    @property
    def ratio(self) -> float:
        """How much of the yardstick's speed the thing measured reaches."""
        return self.yardstick / self.measured


def compare(
    yardstick: Callable[[], object], measured: Callable[[], object], *, rounds: int, reset: Callable[[], object]
) -> Compared:
    """Run both in turn, the first alternating, after one round that does not count; ``reset`` before each run."""
    times: dict[Callable[[], object], list[float]] = {yardstick: [], measured: []}
    for number in range(rounds + 1):
        pair = (yardstick, measured) if number % 2 else (measured, yardstick)
        for act in pair:
            reset()
            seconds = timed(act)
            if number:
                times[act].append(seconds)
    return Compared(statistics.median(times[yardstick]), statistics.median(times[measured]))


def timed(act: Callable[[], object]) -> float:
    """Seconds that one call takes."""
    start = time.perf_counter()
    act()
    return time.perf_counter() - start


def median_time(act: Callable[[], object], *, rounds: int, reset: Callable[[], object] = lambda: None) -> float:
    """Median seconds of ``rounds`` calls, after one that does not count; ``reset`` before each."""
    times = []
    for _ in range(rounds + 1):
        reset()
        times.append(timed(act))
    return statistics.median(times[1:])


def describe_database() -> str:
    """The database measured, with its version, for the head of a table."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SHOW server_version")
            return f"PostgreSQL {cursor.fetchone()[0].split()[0]}"
        cursor.execute("SELECT sqlite_version()")
        return f"SQLite {cursor.fetchone()[0]}"


def _newest(model: type[Customer]) -> int:
    return model.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


def _random_id() -> str:
    if connection.vendor == "postgresql":
        return "right(replace(gen_random_uuid()::text, '-', ''), 16)"
    return "lower(hex(randomblob(8)))"


def _numbers(first: int, last: int) -> str:
    """A table of one column ``n``."""
    if connection.vendor == "postgresql":
        return f"generate_series({first}, {last}) AS numbers(n)"
    counting = f"WITH RECURSIVE counting(n) AS (VALUES ({first}) UNION ALL SELECT n + 1 FROM counting WHERE n < {last})"
    return f"({counting} SELECT n FROM counting) AS numbers"


def _execute(sql: str, params: list[object] | None = None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
