"""Importing holdings against the bare upsert: ``python -m benchmarks.importing [--rows 100000] [--brief]``.

The yardstick writes the same rows, ready-made, to the same two tables: ``executemany`` of an upsert on SQLite; COPY to
a staging table and two upserts on PostgreSQL. The import is the command itself, from the file to the report.
Unless brief, it first runs in processes of its own over 100,000 and over 1,000,000 rows and tells the most memory used.
"""

import argparse
import csv
import os
import random
import resource
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from io import StringIO
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.db import connection, transaction
from django.utils import timezone

from benchmarks.scratch import Compared, compare, describe_database, empty, make_catalogue, scratch_database, timed
from incidents import events
from incidents.models import Component, Customer, Holding

TARGET = 0.5
AT_ONCE = 2_000  # rows in a transaction, for both

HEADER = (
    "customer_ref", "customer_name", "customer_email", "customer_phone", "language", "time_zone", "holding_ref",
    "kind", "label", "component", "quantity", "region", "starts_at", "ends_at", "active",
)  # fmt: skip
COMPONENTS = ("Flights", "Trains", "Parcels", "Hotels", "Lines")

_CUSTOMERS = """
INSERT INTO incidents_customer (public_id, ref, name, email, phone, language, time_zone, created_at, updated_at)
{source} ON CONFLICT (ref) DO UPDATE SET name = excluded.name, email = excluded.email, phone = excluded.phone,
language = excluded.language, time_zone = excluded.time_zone, updated_at = excluded.updated_at
"""
_HOLDINGS = """
INSERT INTO incidents_holding (public_id, ref, customer_id, component_id, kind, label, quantity, region, starts_at,
ends_at, is_active, created_at, updated_at)
{source} ON CONFLICT (ref) DO UPDATE SET customer_id = excluded.customer_id, component_id = excluded.component_id,
kind = excluded.kind, label = excluded.label, quantity = excluded.quantity, region = excluded.region,
starts_at = excluded.starts_at, ends_at = excluded.ends_at, is_active = excluded.is_active,
updated_at = excluded.updated_at
"""
_STAGING = """
CREATE TEMP TABLE staging (customer_ref text, name text, email text, phone text, language text, time_zone text,
ref text, kind text, label text, component_id bigint, quantity integer, region text, starts_at timestamptz,
ends_at timestamptz, is_active boolean) ON COMMIT DELETE ROWS
"""
_RANDOM = "right(replace(gen_random_uuid()::text, '-', ''), 16)"

Row = tuple[Any, ...]


def rows(count: int, components: dict[str, int] | None = None) -> Iterator[Row]:
    """Two holdings to a customer on average, in no order. As a file has them, or, with ``components``, ready-made."""
    dice = random.Random(7)
    for number in range(count):
        customer_number = dice.randrange(max(1, count // 2))
        day, hour = 1 + number % 28, number % 24
        name = COMPONENTS[number % len(COMPONENTS)]
        starts_at = datetime(2025, 1 + number % 12, day, hour, tzinfo=UTC)
        customer = (
            f"C-{customer_number}",
            f"Customer {customer_number}",
            f"c{customer_number}@example.org",
            f"+44 20 {customer_number}",
            "en",
            "Europe/London",
        )
        holding = (f"H-{number}", "order", f"Order {number}")
        rest = (1 + number % 4, f"north-{number % 20}")
        if components is None:
            yield (*customer, *holding, name, *rest, starts_at.isoformat(), "", "yes")
        else:
            moment = connection.ops.adapt_datetimefield_value(starts_at)
            yield (*customer, *holding, components[name], *rest, moment, None, True)


def write_file(path: Path, count: int) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        writer.writerows(rows(count))
    return path


def upsert_bare(ready: list[Row]) -> None:
    """The same rows without reading, judging, counting or recording."""
    for begin in range(0, len(ready), AT_ONCE):
        with transaction.atomic(), connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                _copy(cursor, ready[begin : begin + AT_ONCE])
            else:
                _executemany(cursor, ready[begin : begin + AT_ONCE])


def _executemany(cursor: Any, batch: list[Row]) -> None:
    now = connection.ops.adapt_datetimefield_value(timezone.now())
    values = "VALUES (lower(hex(randomblob(8))), {})"
    customers = values.format(", ".join(["%s"] * 8))
    customer_id = "(SELECT id FROM incidents_customer WHERE ref = %s)"
    holdings = values.format(", ".join(["%s", customer_id, *["%s"] * 10]))
    cursor.executemany(_CUSTOMERS.format(source=customers), [(*row[:6], now, now) for row in _once_each(batch)])
    cursor.executemany(
        _HOLDINGS.format(source=holdings),
        [(row[6], row[0], row[9], row[7], row[8], *row[10:], now, now) for row in batch],
    )


def _copy(cursor: Any, batch: list[Row]) -> None:
    now = timezone.now()
    with cursor.copy("COPY staging FROM STDIN") as copy:
        for row in batch:
            copy.write_row(row)
    customers = (
        f"SELECT DISTINCT ON (customer_ref) {_RANDOM}, customer_ref, name, email, phone, language, time_zone, %s, %s"
        " FROM staging"
    )
    holdings = (
        f"SELECT {_RANDOM}, s.ref, c.id, s.component_id, s.kind, s.label, s.quantity, s.region, s.starts_at,"
        " s.ends_at, s.is_active, %s::timestamptz, %s::timestamptz"
        " FROM staging s JOIN incidents_customer c ON c.ref = s.customer_ref"
    )
    cursor.execute(_CUSTOMERS.format(source=customers), [now, now])
    cursor.execute(_HOLDINGS.format(source=holdings), [now, now])


def _once_each(batch: list[Row]) -> list[Row]:
    """One row per customer: the yardstick need not write one twice."""
    return list({row[0]: row for row in batch}.values())


def import_file(path: Path, *more: str) -> None:
    call_command("import_holdings", str(path), *more, stdout=StringIO())


def measure(count: int, components: list[Component], *, rounds: int) -> dict[str, Compared]:
    """New rows into empty tables, and all of them again."""
    catalogue = {component.name: component.pk for component in components}
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(_STAGING)
    ready = list(rows(count, catalogue))
    with _file(count) as path:
        bare, imported = partial(upsert_bare, ready), partial(import_file, path)
        comparisons = {"new": compare(bare, imported, rounds=rounds, reset=_empty)}
        _expect(count)
        comparisons["again"] = compare(bare, imported, rounds=rounds, reset=lambda: None)
        _expect(count)
    return comparisons


def _catalogue() -> list[Component]:
    components = make_catalogue(*COMPONENTS)
    page = components[0].page
    page.is_default = True
    page.save(update_fields=["is_default"])
    return components


@contextmanager
def _file(count: int) -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        yield write_file(Path(folder) / "holdings.csv", count)


def _empty() -> None:
    empty("incidents_holding")
    empty("incidents_customer")


def _expect(count: int) -> None:
    """A fast answer that is wrong is no measurement."""
    if Holding.objects.count() != count or Customer.objects.count() > count // 2:
        raise SystemExit(f"{Holding.objects.count()} holdings instead of {count}")


def measure_memory(count: int) -> tuple[float, float]:
    """Seconds, and megabytes at most, of a process that imports ``count`` rows into empty tables."""
    connection.close()  # the child must not share it
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        _empty()
        with _file(count) as path:
            seconds = timed(partial(import_file, path))
        megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        os.write(writing, f"{seconds} {megabytes}".encode())
        os._exit(0)
    os.waitpid(child, 0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        seconds, megabytes = map(float, pipe.read().split())
    return seconds, megabytes


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--brief", action="store_true", help="leave memory out: it takes a million rows")
    options = parser.parse_args()
    events._nudges.clear()  # the worker's wake-up comes after the commit, and no real worker shall hear of this
    with scratch_database():
        components = _catalogue()
        if not options.brief:  # first, while this process, which the children begin as, is still small
            report_memory()
        report(options.rows, components, rounds=options.rounds)


def report(count: int, components: list[Component], *, rounds: int) -> None:
    yardstick = "COPY + upsert" if connection.vendor == "postgresql" else "executemany upsert"
    print(f"Importing {count} holdings on {describe_database()}; yardstick: {yardstick}; medians of {rounds} in turn")
    print(f"{'':>8} {'bare rows/s':>12} {'import rows/s':>14} {'ratio':>6}   target ≥ {TARGET}")
    for name, compared in measure(count, components, rounds=rounds).items():
        bare, imported = count / compared.yardstick, count / compared.measured
        print(f"{name:>8} {bare:>12.0f} {imported:>14.0f} {compared.ratio:>6.2f}")


def report_memory() -> None:
    print(f"Importing on {describe_database()}: whole process", flush=True)
    print(f"{'rows':>10} {'rows/s':>8} {'MB at most':>11}")
    for count in (100_000, 1_000_000):
        seconds, megabytes = measure_memory(count)
        print(f"{count:>10} {count / seconds:>8.0f} {megabytes:>11.0f}", flush=True)


if __name__ == "__main__":
    main()
