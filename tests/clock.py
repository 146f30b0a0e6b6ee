"""The clock of the tests: the only place where they read what day it is, and the days on which `make test-days` runs.

`TEST_MOMENT` (ISO 8601 with its offset) lets the whole run begin at another moment; time goes on from there. A zone
goes with it as TZ.
"""

import os
from datetime import UTC, datetime

import time_machine
from django.utils import timezone

# Moments at which something is different: the name, the moment, the machine's zone.
DAYS = {
    "clocks-go-forward": ("2027-03-28T00:59:30+00:00", "Europe/London"),
    "clocks-go-back": ("2027-10-31T00:59:30+00:00", "Europe/London"),
    "leap-day": ("2028-02-29T23:57:00+00:00", "UTC"),
    "new-years-eve": ("2026-12-31T23:59:30+00:00", "UTC"),
    "first-of-march": ("2027-03-01T00:03:00+00:00", "UTC"),
    "sunday": ("2027-06-06T12:00:00+00:00", "UTC"),
    "kathmandu": ("2026-12-05T02:30:00+05:45", "Asia/Kathmandu"),
    "new-york": ("2027-01-15T21:10:00-05:00", "America/New_York"),
}


def now() -> datetime:
    """This moment, in UTC."""
    return timezone.now()


def begin_at(moment: str) -> None:
    """From now on this process lives at another moment, until it ends."""
    begin = datetime.fromisoformat(moment)
    time_machine.travel(begin if begin.tzinfo else begin.replace(tzinfo=UTC), tick=True).start()


if moment := os.environ.get("TEST_MOMENT"):
    begin_at(moment)
