"""Uptime: exact to the second, in the page's days, and never better than it was."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from portal.board.uptime import (
    EXAMPLE,
    Lasted,
    days_known,
    days_until,
    lasted,
    lasted_each,
    months_until,
    next_look,
    runs_of,
    seconds_of,
    worst_each,
)
from portal.facts.records import Record, Turn
from portal.html.uptime_bars import Bars, drawing_of

HOUR, DAY = 3600, 86400
NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def at(hours: float) -> datetime:
    return NOON + timedelta(hours=hours)


def make_record(*turns: tuple[float, str], begins_at: datetime = LONG_AGO) -> Record:
    return Record("belt", begins_at, tuple(Turn(at(hours), status) for hours, status in turns))


def span(hours: float, until: float) -> tuple[int, int]:
    return seconds_of(at(hours)), seconds_of(at(until))


@pytest.mark.parametrize(
    ("spent", "uptime"),
    [
        (Lasted(), None),
        (Lasted(unknown=DAY), None),
        (Lasted(under_maintenance=DAY), None),
        (Lasted(operational=DAY), "100"),
        (Lasted(major_outage=DAY), "0"),
        (Lasted(partial_outage=DAY), "70"),
        (Lasted(degraded_performance=DAY), "100"),
        (Lasted(operational=HOUR, major_outage=HOUR), "50"),
        (Lasted(operational=HOUR, major_outage=HOUR, under_maintenance=22 * HOUR), "50"),
        (Lasted(operational=HOUR, major_outage=HOUR, unknown=22 * HOUR), "50"),
        (Lasted(operational=90 * DAY - 1, major_outage=1), "99.99"),
        (Lasted(operational=90 * DAY - 1, partial_outage=1), "99.99"),
        (Lasted(operational=2 * HOUR, partial_outage=HOUR), "90"),
        (EXAMPLE, "99.5"),
    ],
)
def test_uptime_follows_its_formula_and_is_rounded_down(spent: Lasted, uptime: str | None) -> None:
    assert spent.uptime == (None if uptime is None else Decimal(uptime))


def test_each_second_of_a_span_is_counted_once() -> None:
    record = make_record(
        (-10, "degraded_performance"),
        (-9, "major_outage"),
        (-7, "partial_outage"),
        (-4, "under_maintenance"),
        (-3, "operational"),
        begins_at=at(-20),
    )

    assert lasted(record, *span(-24, 0)) == Lasted(
        operational=13 * HOUR,
        under_maintenance=HOUR,
        degraded_performance=HOUR,
        partial_outage=3 * HOUR,
        major_outage=2 * HOUR,
        unknown=4 * HOUR,
    )


@pytest.mark.parametrize(
    ("start", "until", "down"),
    [(-24, -10, 0), (-24, -9.5, 0.5), (-9.5, -9, 0.5), (-9, -8.5, 0.5), (-8, 0, 0), (-24, 0, 2), (-9, -9, 0)],
)
def test_an_outage_counts_only_where_it_meets_the_span(start: float, until: float, down: float) -> None:
    record = make_record((-10, "major_outage"), (-8, "operational"))

    assert lasted(record, *span(start, until)).major_outage == down * HOUR


def test_what_goes_on_counts_until_the_end_of_the_span() -> None:
    assert lasted(make_record((-10, "major_outage")), *span(-24, 0)).major_outage == 10 * HOUR


@pytest.mark.parametrize(("begins", "unknown"), [(-30, 0), (-24, 0), (-20, 4), (0, 24), (5, 24)])
def test_before_its_record_begins_nothing_is_known(begins: float, unknown: int) -> None:
    quiet = make_record(begins_at=at(begins))
    down = make_record((-48, "major_outage"), begins_at=at(begins))
    known = (24 - unknown) * HOUR

    assert lasted(quiet, *span(-24, 0)) == Lasted(unknown=unknown * HOUR, operational=known)
    assert lasted(down, *span(-24, 0)) == Lasted(unknown=unknown * HOUR, major_outage=known)


# -- days and months --------------------------------------------------------------------------------------------------


def test_a_day_has_as_many_hours_as_the_clocks_of_the_zone_say() -> None:
    """London put them forward on 29 March 2026, and back on 25 October."""
    spring = days_until(datetime(2026, 3, 30, 11, tzinfo=UTC), "Europe/London", 3)
    autumn = days_until(datetime(2026, 10, 26, 12, tzinfo=UTC), "Europe/London", 3)
    record = make_record()

    assert [day.operational / HOUR for day in lasted_each(record, spring.edges)] == [24, 23, 12]
    assert [day.operational / HOUR for day in lasted_each(record, autumn.edges)] == [24, 25, 12]


def test_a_whole_day_of_outage_is_zero_on_a_short_day_too() -> None:
    days = days_until(datetime(2026, 3, 30, 11, tzinfo=UTC), "Europe/London", 3)
    zone = ZoneInfo("Europe/London")
    turns = (
        Turn(datetime(2026, 3, 29, tzinfo=zone), "major_outage"),
        Turn(datetime(2026, 3, 30, tzinfo=zone), "operational"),
    )

    each = lasted_each(Record("belt", LONG_AGO, turns), days.edges)

    assert [(day.uptime, day.major_outage) for day in each] == [(100, 0), (0, 23 * HOUR), (100, 0)]


def test_days_are_those_of_the_zone() -> None:
    late = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)

    assert days_until(late, "UTC").firsts[-1] == date(2026, 11, 22)
    assert days_until(late, "Europe/Berlin").firsts[-1] == date(2026, 11, 23)
    assert len(days_until(late, "UTC").firsts) == 90


def test_months_go_back_a_whole_year_and_the_present_one_ends_now() -> None:
    months = months_until(NOON, "UTC")

    assert (months.firsts[0], months.firsts[-1], len(months.firsts)) == (date(2025, 11, 1), date(2026, 11, 1), 13)
    assert months.edges[-1] - months.edges[-2] == 21 * DAY + 12 * HOUR


def test_at_midnight_today_is_there_already() -> None:
    midnight = datetime(2026, 11, 22, tzinfo=UTC)
    record = Record("belt", LONG_AGO, (Turn(midnight - timedelta(hours=1), "major_outage"),))

    assert worst_each(record, days_until(midnight, "UTC", 3).edges) == ["operational", "major_outage", "major_outage"]


def test_a_day_goes_by_its_worst_and_a_start_is_not_invented() -> None:
    record = make_record(
        (-60, "partial_outage"), (-59.9, "operational"), (-36, "degraded_performance"), (-35, "under_maintenance"),
        (-11, "operational"), begins_at=at(-80),
    )  # fmt: skip
    days = days_until(NOON, "UTC", 6)

    fared = ["unknown", "unknown", "operational", "partial_outage", "degraded_performance", "under_maintenance"]
    assert worst_each(record, days.edges) == fared
    assert days_known(record, days) == 4


@pytest.mark.parametrize(
    ("begins", "runs"),
    [
        (LONG_AGO, [("operational", 4)]),
        (at(-13), [("unknown", 2), ("operational", 2)]),
        (at(-12), [("unknown", 3), ("operational", 1)]),
        (at(24), [("unknown", 4)]),
    ],
)
def test_quiet_days_are_one_run(begins: datetime, runs: list[tuple[str, int]]) -> None:
    days = days_until(NOON, "UTC", 4)

    assert runs_of(make_record(begins_at=begins), days.edges) == runs
    assert runs_of(make_record((100, "major_outage"), begins_at=begins), days.edges) == runs


# -- what is shown ----------------------------------------------------------------------------------------------------


def test_bars_are_one_path_per_tone() -> None:
    runs = (("unknown", 2), ("operational", 3), ("major_outage", 1), ("operational", 4))

    assert drawing_of(runs) == (
        '<path class="n" d="M0 23h2"/><path class="o" d="M2 19h3m1 0h4"/><path class="m" d="M5 12h1"/>'
    )


def test_the_bars_of_a_component_know_their_share() -> None:
    bars = Bars(make_record((-1, "major_outage"), begins_at=at(-10)), days_until(NOON, "UTC"))

    assert (bars.uptime, bars.known_days, bars.width) == (90, 1, 90)
    assert bars.drawing == '<path class="n" d="M0 23h89"/><path class="m" d="M89 12h1"/>'


def test_figures_stand_until_midnight_or_the_next_hour_while_something_is_wrong() -> None:
    midnight = at(12)
    fine, down = make_record((-3, "major_outage"), (-2, "operational")), make_record((-3, "major_outage"))

    assert next_look([make_record(), fine], at(0.2), midnight) == midnight
    assert next_look([fine, down], at(0.2), midnight) == at(1)
    assert next_look([down], at(11.5), midnight) == midnight
