"""How long before: written as people write it, judged in words."""

from datetime import timedelta

import pytest

from incidents.errors import InvalidInput
from incidents.reminders import check_reminders, next_reminder, parse_reminders, write_reminders
from tests.incidents.outage import NOW


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("7 d, 24 h, 1 h", [10080, 1440, 60]),
        ("1h; 30 min;7D", [10080, 60, 30]),
        ("2w,2w", [20160]),
        ("", []),
        (" , ", []),
    ],
)
def test_reads(text: str, minutes: list[int]) -> None:
    assert parse_reminders(text) == minutes


def test_writes_what_it_reads() -> None:
    assert write_reminders([10080, 1440, 90, 60]) == "7 d, 24 h, 90 min, 1 h"
    assert parse_reminders(write_reminders([10080, 1440, 90, 60])) == [10080, 1440, 90, 60]


@pytest.mark.parametrize("text", ["soon", "5", "-1 h", "1.5 h", "0 h", "61 d", "1h,2h,3h,4h,5h,6h,7h", "999999 min"])
def test_refuses_in_words(text: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        parse_reminders(text)

    assert refusal.value.field == "reminders"


def test_each_once_longest_first() -> None:
    assert check_reminders([60, 1440, 60]) == [1440, 60]


def test_the_next_one_lies_ahead() -> None:
    start = NOW + timedelta(hours=2)

    assert next_reminder(start, [1440, 60, 30], after=NOW) == NOW + timedelta(hours=1)
    assert next_reminder(start, [1440, 60, 30], after=NOW + timedelta(hours=1)) == NOW + timedelta(minutes=90)
    assert next_reminder(start, [1440], after=NOW) is None
