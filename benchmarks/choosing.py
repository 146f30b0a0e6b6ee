"""Choosing under contention against a bare transaction: ``python -m benchmarks.choosing [--choosers 500]``.

Everybody wants a unit of one pool at the same moment. The yardstick sends the same statements, written by hand, over
psycopg; both use as many processes and connections as a small installation has. PostgreSQL only: SQLite has one writer.
"""

import argparse
import os
import statistics
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from multiprocessing import get_context
from threading import local

import psycopg
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from benchmarks.scratch import describe_database, empty, fill_holdings, make_catalogue, scratch_database, settle
from incidents import events
from incidents.actions.publishing.impacts import match_impacts
from incidents.actions.recovery.choices import choose_offer
from incidents.actor import CLOCK, Actor
from incidents.errors import SoldOut
from incidents.ids import new_public_id
from incidents.models import AffectedComponent, Choice, Impact, Incident, Offer, Pool, Remedy

TARGET = 0.5
WITHIN_MS = 300
BY = Actor.link("Ana")

_LOCK = """
SELECT id, units, state, seen_at, restored_at, confirmed_at, reopened_at
FROM incidents_impact WHERE id = %s FOR NO KEY UPDATE
"""
_KNOWN = """
SELECT * FROM incidents_choice WHERE (key = %s OR state IN ('live', 'fulfilled')) AND impact_id = %s
"""
_OFFER = """
SELECT o.*, r.*, p.* FROM incidents_offer o JOIN incidents_incident i ON i.id = o.incident_id
JOIN incidents_remedy r ON r.id = o.remedy_id LEFT JOIN incidents_pool p ON p.id = o.pool_id
WHERE o.withdrawn_at IS NULL AND o.incident_id = %s AND i.published_at IS NOT NULL AND o.id = %s
ORDER BY o.position, o.id LIMIT 1
"""
_RESERVE = "UPDATE incidents_pool SET taken = taken + %s WHERE id = %s AND taken <= capacity - %s"
_CHOICE = """
INSERT INTO incidents_choice (public_id, impact_id, offer_id, offer_version, terms, pool_id, is_extra, units, state,
 via, key, chosen_by_id, chosen_by_name, chosen_at, ended_at, fulfilled_at)
VALUES (%s, %s, %s, 1, '{"name": "Seat"}', %s, false, 1, 'live', 'link', %s, NULL, 'Ana', %s, NULL, NULL) RETURNING id
"""
_PROMISE = """
INSERT INTO incidents_promise (public_id, impact_id, choice_id, text, state, made_at, due_at, broken_at, done_at)
VALUES (%s, %s, %s, 'We book you', 'open', %s, %s, NULL, NULL) RETURNING id
"""
_TASK = """
INSERT INTO incidents_task (kind, impact_id, choice_id, promise_id, title, owner_id, state, created_at, due_at, done_at,
 done_by_id) VALUES ('fulfil', %s, %s, %s, 'Seat · Customer · Order', NULL, 'open', %s, %s, NULL, NULL) RETURNING id
"""
_EVENT = """
INSERT INTO incidents_event (kind, page_id, incident_id, impact_id, actor_id, via, data, is_public, happened_at)
VALUES ('choice.made', %s, %s, %s, NULL, 'link', '{}', false, %s) RETURNING id
"""
_STATEMENTS = 8


@dataclass(frozen=True, slots=True)
class Scene:
    """Who wants what: every impact one unit of the offer's pool."""

    page: int
    incident: int
    offer: int
    pool: int
    impacts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one chooser fared: seconds waited since all began, seconds of those in hand, whether a unit was got."""

    seconds_waiting: float
    seconds_in_hand: float
    is_reserved: bool


@dataclass(frozen=True, slots=True)
class Rush:
    """Everybody at once: seconds until the last was answered, and how each fared."""

    seconds: float
    outcomes: list[Outcome]

    def percentile_ms(self, part: float, of: Callable[[Outcome], float]) -> float:
        ordered = sorted(of(outcome) for outcome in self.outcomes)
        return ordered[min(len(ordered) - 1, int(part * len(ordered)))] * 1000


def choose_bare(own_connection: psycopg.Connection, scene: Scene, impact: int) -> bool:
    """The statements of `choose_offer`, nothing else."""
    now = timezone.now()
    key = f"bare-{impact}"
    with own_connection.transaction(), own_connection.cursor() as cursor:
        cursor.execute(_LOCK, [impact]).fetchone()
        cursor.execute(_KNOWN, [key, impact]).fetchall()
        cursor.execute(_OFFER, [scene.incident, scene.offer]).fetchone()
        values = [new_public_id(), impact, scene.offer, scene.pool, key, now]
        [choice] = cursor.execute(_CHOICE, values).fetchone() or [0]
        due = now + timedelta(days=1)
        [promise] = cursor.execute(_PROMISE, [new_public_id(), impact, choice, now, due]).fetchone() or [0]
        cursor.execute(_TASK, [impact, choice, promise, now, due]).fetchone()
        is_reserved = cursor.execute(_RESERVE, [1, scene.pool, 1]).rowcount == 1
        cursor.execute(_EVENT, [scene.page, scene.incident, impact, now]).fetchone()
    return is_reserved


def choose_properly(offer: Offer, impact: Impact) -> bool:
    try:
        choose_offer(impact, offer=offer, seen_version=1, replaces="", key=f"key-{impact.pk}", by=BY)
    except SoldOut:
        return False
    return True


def load_impacts(impacts: Sequence[int]) -> dict[int, Impact]:
    """As a view has them at hand before anything is chosen."""
    return Impact.objects.select_related("incident__page", "holding", "customer").in_bulk(impacts)


def run_share(bare: bool, scene: Scene, impacts: Sequence[int], threads: int, begins_at: float) -> list[Outcome]:
    """One process's share of the rush, from the moment that all agreed upon."""
    offer = Offer.objects.get(pk=scene.offer)
    impacts_by_id = load_impacts(impacts)
    thread = local()

    def connect() -> None:
        if bare:
            parameters = connection.get_connection_params()
            thread.connection = psycopg.connect(
                **{
                    name: parameters[name]
                    for name in ("host", "port", "user", "password", "dbname")
                    if name in parameters
                },
                autocommit=True,
            )
        else:
            connection.ensure_connection()
        time.sleep(max(0.0, begins_at - time.time()))

    def choose(impact: int) -> Outcome:
        begins = time.time()
        is_reserved = (
            choose_bare(thread.connection, scene, impact) if bare else choose_properly(offer, impacts_by_id[impact])
        )
        ends = time.time()
        return Outcome(ends - begins_at, ends - begins, is_reserved)

    with ThreadPoolExecutor(threads, initializer=connect) as pool:
        return list(pool.map(choose, impacts))


def rush(scene: Scene, *, bare: bool, processes: int, threads: int, capacity: int) -> Rush:
    """Let everybody go at once, on an empty slate."""
    for table in ("incidents_choice", "incidents_event"):
        empty(table)
    Pool.objects.update(taken=0, capacity=capacity)
    settle()
    connection.close()  # forks must not share it
    begins_at = time.time() + 1.5
    shares = [scene.impacts[number::processes] for number in range(processes)]
    share = partial(run_share, bare, scene, threads=threads, begins_at=begins_at)
    with ProcessPoolExecutor(processes, mp_context=get_context("fork")) as pool:
        outcomes = [outcome for part in pool.map(share, shares) for outcome in part]
    _check_books(scene, outcomes, capacity)
    return Rush(max(outcome.seconds_waiting for outcome in outcomes), outcomes)


def make_scene(choosers: int) -> Scene:
    [component] = make_catalogue("Trains")
    fill_holdings(component, choosers)
    now = timezone.now()
    incident = Incident.objects.create(page=component.page, name="Bench", started_at=now, published_at=now)
    AffectedComponent.objects.create(incident=incident, component=component)
    match_impacts(incident, by=CLOCK)
    words = {"name": "Seat", "what_you_get": "A seat", "promise": "We book you", "fulfil_within": timedelta(days=1)}
    pool = Pool.objects.create(page=component.page, name="Seats", capacity=choosers)
    offer = Offer.objects.create(
        incident=incident,
        remedy=Remedy.objects.create(kind=Remedy.Kind.REBOOK, **words),
        pool=pool,
        choose_by=now + timedelta(days=1),
        **words,
    )
    impacts = tuple(incident.impacts.order_by("pk").values_list("pk", flat=True))
    return Scene(component.page.pk, incident.pk, offer.pk, pool.pk, impacts)


def count_statements(scene: Scene) -> int:
    """How many statements `choose_offer` sends; the yardstick must send as many."""
    offer = Offer.objects.get(pk=scene.offer)
    first = load_impacts(scene.impacts)[scene.impacts[0]]
    with CaptureQueriesContext(connection) as captured:
        choose_properly(offer, first)
    return sum(query["sql"].startswith(("SELECT", "UPDATE", "INSERT")) for query in captured)


def _check_books(scene: Scene, outcomes: list[Outcome], capacity: int) -> None:
    """A fast answer that is wrong is no measurement."""
    successes = Counter(outcome.is_reserved for outcome in outcomes)[True]
    units_taken = Pool.objects.get(pk=scene.pool).taken
    expected = min(capacity, len(scene.impacts))
    if not successes == units_taken == Choice.objects.count() == expected:
        raise SystemExit(f"{successes} got a unit and {units_taken} are taken, instead of {expected}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--choosers", type=int, default=500)
    parser.add_argument("--processes", type=int, default=2, help="web processes")
    parser.add_argument("--threads", type=int, default=4, help="threads, and connections, in each")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    if connection.vendor != "postgresql":
        print("Choosing: skipped, the yardstick is PostgreSQL's (set DATABASE_URL).")
        return
    events._nudges.clear()  # the worker's wake-up comes after the commit, and no real worker shall hear of this
    with scratch_database():
        scene = make_scene(options.choosers)
        if (statements := count_statements(scene)) != _STATEMENTS:
            raise SystemExit(
                f"choose_offer sends {statements} statements, the yardstick {_STATEMENTS}: mend the yardstick"
            )
        report(scene, options)


def report(scene: Scene, options: argparse.Namespace) -> None:
    go = partial(rush, scene, processes=options.processes, threads=options.threads)
    rushes: dict[bool, list[Rush]] = {True: [], False: []}
    for number in range(options.rounds + 1):
        for bare in (True, False) if number % 2 else (False, True):
            outcome = go(bare=bare, capacity=options.choosers)
            if number:
                rushes[bare].append(outcome)
    print(
        f"Choosing on {describe_database()}: {options.choosers} people, one pool, {options.processes} processes of"
        f" {options.threads} connections, {os.cpu_count()} cores for everything; medians of {options.rounds} in turn"
    )
    print(f"{'':>12} {'choices/s':>10} {'p50 ms':>8} {'p99 ms':>8} {'p99 ms in hand':>15}")
    for bare, name in ((True, "bare"), (False, "choose_offer")):
        print(
            f"{name:>12} {options.choosers / _median(rushes[bare], lambda r: r.seconds):>10.0f}"
            f" {_median(rushes[bare], lambda r: r.percentile_ms(0.5, lambda o: o.seconds_waiting)):>8.0f}"
            f" {_median(rushes[bare], lambda r: r.percentile_ms(0.99, lambda o: o.seconds_waiting)):>8.0f}"
            f" {_median(rushes[bare], lambda r: r.percentile_ms(0.99, lambda o: o.seconds_in_hand)):>15.0f}"
        )
    ratio = _median(rushes[True], lambda r: r.seconds) / _median(rushes[False], lambda r: r.seconds)
    print(f"ratio {ratio:.2f}, target ≥ {TARGET}; p99 target ≤ {WITHIN_MS} ms")
    few = options.choosers // 5
    go(bare=False, capacity=few)
    print(
        f"{few} units for {options.choosers} people: {few} got one, the others heard that it was taken; none oversold"
    )


def _median(rushes: list[Rush], of: Callable[[Rush], float]) -> float:
    return statistics.median(of(rush_) for rush_ in rushes)


if __name__ == "__main__":
    main()
