"""Matching against the bare statement: ``python -m benchmarks.matching [--sizes 100000,1000000]``."""

import argparse
from dataclasses import dataclass
from functools import partial

from django.db import connection, transaction
from django.utils import timezone

from benchmarks.scratch import (
    Compared,
    compare,
    describe_database,
    empty,
    fill_holdings,
    make_catalogue,
    median_time,
    scratch_database,
)
from incidents.actions.publishing.impacts import match_impacts
from incidents.actor import CLOCK
from incidents.models import AffectedComponent, Component, Impact, Incident
from incidents.queries.matching import dry_run

TARGET = 0.7
FEW = 1_000

_BARE = """
INSERT INTO incidents_impact (public_id, incident_id, holding_id, customer_id, units, state, opened_at)
SELECT {random_id}, %s, id, customer_id, quantity, 'open', %s
FROM incidents_holding WHERE component_id = %s AND is_active
"""
_RANDOM_ID = {
    "postgresql": "right(replace(gen_random_uuid()::text, '-', ''), 16)",
    "sqlite": "lower(hex(randomblob(8)))",
}


@dataclass(frozen=True, slots=True)
class Flat:
    """Seconds to match, and to try out, the same few holdings among ``total``."""

    total: int
    matching: float
    trying: float


def measure_speed(size: int, *, rounds: int) -> Compared:
    """``size`` holdings of one component, all affected: the bare INSERT … SELECT against ``match_impacts``."""
    [component] = make_catalogue(f"All of {size}")
    fill_holdings(component, size)
    incident = _published(component)
    compared = compare(
        partial(_match_bare, incident, component),
        partial(match_impacts, incident, by=CLOCK),
        rounds=rounds,
        reset=partial(empty, "incidents_impact"),
    )
    _expect(Impact.objects.filter(incident=incident).count(), size)
    return compared


def measure_flatness(totals: tuple[int, ...], *, rounds: int) -> list[Flat]:
    """A few affected holdings among ever more that are not."""
    few, many = make_catalogue("Few", "Many")
    fill_holdings(few, FEW)
    incident = _published(few)
    flats, holding_count = [], FEW
    for total in totals:
        fill_holdings(many, total - holding_count)
        holding_count = total
        reset = partial(empty, "incidents_impact")
        matching = median_time(partial(match_impacts, incident, by=CLOCK), rounds=rounds, reset=reset)
        _expect(Impact.objects.filter(incident=incident).count(), FEW)
        flats.append(Flat(total, matching, median_time(partial(dry_run, incident), rounds=rounds)))
    return flats


def _published(component: Component) -> Incident:
    now = timezone.now()
    incident = Incident.objects.create(page=component.page, name="Bench", started_at=now, published_at=now)
    AffectedComponent.objects.create(incident=incident, component=component)
    return incident


def _match_bare(incident: Incident, component: Component) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            _BARE.format(random_id=_RANDOM_ID[connection.vendor]), [incident.pk, timezone.now(), component.pk]
        )


def _expect(count: int, expected: int) -> None:
    """A fast answer that is wrong is no measurement."""
    if count != expected:
        raise SystemExit(f"matching wrote {count} impacts instead of {expected}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default="100000,1000000", help="numbers of affected holdings, separated by commas")
    parser.add_argument("--totals", default="10000,1000000", help=f"numbers of holdings that {FEW} affected are among")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    sizes = tuple(int(size) for size in options.sizes.split(","))
    totals = tuple(int(total) for total in options.totals.split(","))
    with scratch_database():
        print(f"Matching on {describe_database()}, medians of {options.rounds} rounds in turn")
        print(f"{'affected':>10} {'bare s':>9} {'match s':>9} {'µs/row':>8} {'ratio':>6}   target ≥ {TARGET}")
        for size in sizes:
            speed = measure_speed(size, rounds=options.rounds)
            print(
                f"{size:>10,} {speed.yardstick:>9.3f} {speed.measured:>9.3f}"
                f" {speed.measured / size * 1e6:>8.2f} {speed.ratio:>6.2f}"
            )
    with scratch_database():
        flats = measure_flatness(totals, rounds=options.rounds)
        print(f"\n{FEW:,} affected among {'match ms':>10} {'dry run ms':>12} {'× first':>8}")
        for flat in flats:
            print(
                f"{flat.total:>20,} {flat.matching * 1e3:>10.1f} {flat.trying * 1e3:>12.1f}"
                f" {flat.matching / flats[0].matching:>8.2f}"
            )


if __name__ == "__main__":
    main()
