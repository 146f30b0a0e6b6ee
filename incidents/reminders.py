"""How long before planned work people are reminded: minutes, written like "7 d, 24 h, 1 h"."""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from incidents.errors import InvalidInput

WEEK, DAY, HOUR = 7 * 24 * 60, 24 * 60, 60
USUAL = (WEEK, DAY, HOUR)
# Of what comes back anyway, fewer.
USUAL_OF_SERIES = (DAY, HOUR)
LONGEST = 60 * DAY
MOST = 6
# A reminder that is later than this, since nobody looked, is not sent any more: the next one, or the work itself, is.
USEFUL_FOR = timedelta(minutes=30)

_UNITS = {"w": WEEK, "d": DAY, "h": HOUR, "m": 1, "min": 1}
_REMINDER = re.compile(r"(\d{1,5})\s*(w|d|h|min|m)", re.IGNORECASE)


def check_reminders(reminders: Iterable[int]) -> list[int]:
    """Each once, longest first. Raises InvalidInput (reminders)."""
    longest_first = sorted(set(reminders), reverse=True)
    if len(longest_first) > MOST:
        raise InvalidInput(_("At most %(most)d reminders.") % {"most": MOST}, field="reminders")
    if any(not 1 <= reminder <= LONGEST for reminder in longest_first):
        raise InvalidInput(_("A reminder comes between one minute and 60 days before the start."), field="reminders")
    return longest_first


def parse_reminders(text: str) -> list[int]:
    """Minutes from "7 d, 24 h, 30 min"; nothing for an empty text. Raises InvalidInput (reminders)."""
    return check_reminders(_minutes(part.strip()) for part in re.split("[,;]", text) if part.strip())


def write_reminders(reminders: Iterable[int]) -> str:
    return ", ".join(_write_reminder(reminder) for reminder in reminders)


def next_reminder(starts_at: datetime, reminders: Sequence[int], *, after: datetime) -> datetime | None:
    """The first moment to remind that lies later than ``after``."""
    moments = (starts_at - timedelta(minutes=reminder) for reminder in reminders)
    return min((moment for moment in moments if moment > after), default=None)


def _minutes(part: str) -> int:
    match = _REMINDER.fullmatch(part)
    if match is None:
        message = _("“%(part)s” is not a time before the start; write it like 7 d, 24 h or 30 min.")
        raise InvalidInput(message % {"part": part}, field="reminders")
    return int(match[1]) * _UNITS[match[2].lower()]


def _write_reminder(reminder: int) -> str:
    """24 h rather than 1 d: people count the last day in hours."""
    if reminder % DAY == 0 and reminder > DAY:
        return f"{reminder // DAY} d"
    return f"{reminder // HOUR} h" if reminder % HOUR == 0 else f"{reminder} min"
