"""Rules of recurring windows: the wall clock stays, the clocks' jumps are met, nonsense is refused, nothing hangs."""

from datetime import UTC, datetime, timedelta
from itertools import islice

import pytest

from incidents.errors import InvalidInput
from incidents.recurrence import LONGEST, check_rule, check_windows, rhythm, starts

HOUR = timedelta(hours=1)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def next_starts(rule: str, first: str, zone: str, *, after: str = "", count: int = 4) -> list[str]:
    windows = starts(rule, first=at(first), zone=zone, after=at(after or first) - timedelta(seconds=1))
    return [f"{start:%Y-%m-%d %H:%M}" for start in islice(windows, count)]


def test_two_in_the_morning_stays_two_in_the_morning() -> None:
    assert next_starts("FREQ=WEEKLY", "2026-03-15 02:00", "Europe/London") == [
        "2026-03-15 02:00",
        "2026-03-22 02:00",
        "2026-03-29 01:00",
        "2026-04-05 01:00",
    ]


def test_a_time_that_the_clocks_skip_begins_as_much_later() -> None:
    # On 29 March 2026 London's clocks go from 01:00 to 02:00: 01:30 is 02:30 by the new time, 01:30 UTC.
    assert next_starts("FREQ=DAILY", "2026-03-28 01:30", "Europe/London", count=3) == [
        "2026-03-28 01:30",
        "2026-03-29 01:30",
        "2026-03-30 00:30",
    ]


def test_of_a_time_that_comes_twice_the_first_counts() -> None:
    # On 25 October 2026 it is 01:30 twice in London: at 00:30 and at 01:30 UTC.
    assert next_starts("FREQ=DAILY", "2026-10-24 00:30", "Europe/London", count=3) == [
        "2026-10-24 00:30",
        "2026-10-25 00:30",
        "2026-10-26 01:30",
    ]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU", ["2026-01-06", "2026-01-20", "2026-02-03", "2026-02-17"]),
        ("FREQ=MONTHLY;BYDAY=2TU", ["2026-01-13", "2026-02-10", "2026-03-10", "2026-04-14"]),
        ("FREQ=MONTHLY;BYMONTHDAY=-1", ["2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30"]),
        ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", ["2026-01-30", "2026-02-27", "2026-03-31", "2026-04-30"]),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", ["2028-02-29", "2032-02-29", "2036-02-29", "2040-02-29"]),
        ("FREQ=WEEKLY;COUNT=2", ["2026-01-06", "2026-01-13"]),
        ("FREQ=WEEKLY;UNTIL=20260113", ["2026-01-06", "2026-01-13"]),
        ("FREQ=WEEKLY;UNTIL=20260113T020000Z", ["2026-01-06", "2026-01-13"]),
        ("FREQ=WEEKLY;UNTIL=20260113T015959Z", ["2026-01-06"]),
        ("FREQ=WEEKLY;UNTIL=99991231", ["2026-01-06", "2026-01-13", "2026-01-20", "2026-01-27"]),
    ],
)
def test_counts_as_the_standard_says(rule: str, expected: list[str]) -> None:
    windows = next_starts(check_rule(rule), "2026-01-06 02:00", "UTC")

    assert [start.removesuffix(" 02:00") for start in windows] == expected


def test_only_what_lies_later_counts() -> None:
    assert next_starts("FREQ=DAILY", "2026-01-06 02:00", "UTC", after="2026-03-01 02:00", count=1) == [
        "2026-03-01 02:00"
    ]
    assert next_starts("FREQ=DAILY", "2026-01-06 02:00", "UTC", after="2026-03-01 02:00:01", count=1) == [
        "2026-03-02 02:00"
    ]


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("", "how it repeats"),
        ("weekly", "not a part"),
        ("FREQ=", "not a part"),
        ("FREQ=SECONDLY", "FREQ must be"),
        ("FREQ=MINUTELY;INTERVAL=5", "FREQ must be"),
        ("FREQ=HOURLY", "FREQ must be"),
        ("INTERVAL=2", "FREQ must be"),
        ("FREQ=DAILY;BYHOUR=1,2,3", "hour is that of the first start"),
        ("FREQ=DAILY;BYSECOND=1", "hour is that of the first start"),
        ("FREQ=DAILY;COUNT=99999999", "COUNT cannot be"),
        ("FREQ=DAILY;COUNT=1001", "COUNT cannot be"),
        ("FREQ=DAILY;COUNT=0", "COUNT cannot be"),
        ("FREQ=DAILY;COUNT=٣", "COUNT cannot be"),
        ("FREQ=DAILY;INTERVAL=0", "INTERVAL cannot be"),
        ("FREQ=DAILY;INTERVAL=401", "INTERVAL cannot be"),
        ("FREQ=DAILY;UNTIL=tomorrow", "UNTIL cannot be"),
        ("FREQ=DAILY;UNTIL=20261399", "UNTIL cannot be"),
        ("FREQ=DAILY;COUNT=3;UNTIL=20270101", "either COUNT or UNTIL"),
        ("FREQ=DAILY;FREQ=WEEKLY", "said twice"),
        ("FREQ=WEEKLY;BYDAY=XX", "BYDAY cannot be"),
        ("FREQ=MONTHLY;BYDAY=99MO", "BYDAY cannot be"),
        ("FREQ=MONTHLY;BYMONTHDAY=32", "BYMONTHDAY cannot be"),
        ("FREQ=DAILY;BYMONTH=-1,3", "BYMONTH cannot be"),
        ("FREQ=DAILY;BYMONTH=13", "BYMONTH cannot be"),
        ("FREQ=YEARLY;BYEASTER=0", "BYEASTER cannot be"),
        ("FREQ=DAILY;X-EVIL=1", "X-EVIL cannot be"),
        ("FREQ=DAILY\nDTSTART:19700101", "not a part|cannot be|must be"),
        ("FREQ=DAILY;BYMONTHDAY=" + ",".join(["1"] * LONGEST), "too long"),
    ],
)
def test_nonsense_is_refused_in_words(rule: str, words: str) -> None:
    with pytest.raises(InvalidInput, match=words) as refusal:
        check_rule(rule)

    assert refusal.value.field == "rule"


def test_a_rule_is_kept_as_the_standard_writes_it() -> None:
    assert check_rule(" rrule:freq=weekly; byday=tu ;") == "FREQ=WEEKLY;BYDAY=TU"


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=WEEKLY;BYMONTH=2;BYMONTHDAY=30,31;BYDAY=MO",
        "FREQ=YEARLY;BYMONTH=4;BYMONTHDAY=31",
        "FREQ=DAILY;INTERVAL=7;BYDAY=MO",
        "FREQ=DAILY;UNTIL=20250101",
    ],
)
def test_a_rule_that_never_comes_true_is_found_out(rule: str) -> None:
    with pytest.raises(InvalidInput, match="never come"):
        check_windows(check_rule(rule), first=at("2026-01-06 02:00"), zone="Europe/London", lasts=HOUR)


@pytest.mark.parametrize("rule", ["FREQ=MONTHLY;BYDAY=53MO", "FREQ=DAILY;BYMONTHDAY=--5"])
def test_parts_that_say_nothing_together_are_refused_in_words(rule: str) -> None:
    with pytest.raises(InvalidInput, match="do not fit together"):
        check_windows(check_rule(rule), first=at("2026-01-06 02:00"), zone="UTC", lasts=HOUR)


@pytest.mark.parametrize("zone", ["Pacific/Auckland", "America/New_York", "UTC"])
def test_an_end_at_the_end_of_all_time_is_none(zone: str) -> None:
    assert len(next_starts("FREQ=DAILY;UNTIL=99991231T235959Z", "2026-01-06 02:00", zone)) == 4
    assert next_starts("FREQ=DAILY;UNTIL=00010101T000000Z", "2026-01-06 02:00", zone) == []


def test_windows_do_not_run_into_each_other() -> None:
    check_windows("FREQ=DAILY", first=at("2026-01-06 02:00"), zone="UTC", lasts=24 * HOUR)

    with pytest.raises(InvalidInput, match="run into the next") as refusal:
        check_windows("FREQ=DAILY", first=at("2026-01-06 02:00"), zone="UTC", lasts=25 * HOUR)

    assert refusal.value.field == "lasts_for"


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("FREQ=DAILY", "every day"),
        ("FREQ=WEEKLY;BYDAY=TU", "every week on Tuesday"),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,TH", "every second week on Tuesday and Thursday"),
        ("FREQ=MONTHLY;INTERVAL=3;BYDAY=-1SU", "every 3 months on the last Sunday"),
        ("FREQ=MONTHLY;BYMONTHDAY=1,15", "every month on day 1 and 15"),
        ("FREQ=MONTHLY;BYMONTHDAY=-1", "every month on the last day"),
        ("FREQ=YEARLY;BYMONTH=3,9;BYDAY=1SA", "every year on the first Saturday in March and September"),
        ("FREQ=MONTHLY;BYDAY=MO,TU;BYSETPOS=-1", "every month, on chosen days"),
    ],
)
def test_says_it_in_words(rule: str, words: str) -> None:
    assert rhythm(rule) == words
