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
_LEAD = re.compile(r"(\d{1,5})\s*(w|d|h|min|m)", re.IGNORECASE)


def check_leads(leads: Iterable[int]) -> list[int]:
    """Each once, longest first. Raises InvalidInput (reminders)."""
    found = sorted(set(leads), reverse=True)
    if len(found) > MOST:
        raise InvalidInput(_("At most %(most)d reminders.") % {"most": MOST}, field="reminders")
    if any(not 1 <= lead <= LONGEST for lead in found):
        raise InvalidInput(_("A reminder comes between one minute and 60 days before the start."), field="reminders")
    return found


def parse_leads(text: str) -> list[int]:
    """Minutes from "7 d, 24 h, 30 min"; nothing for an empty text. Raises InvalidInput (reminders)."""
    return check_leads(_minutes(part.strip()) for part in re.split("[,;]", text) if part.strip())


def write_leads(leads: Iterable[int]) -> str:
    return ", ".join(_written(lead) for lead in leads)


def next_reminder(starts_at: datetime, leads: Sequence[int], *, after: datetime) -> datetime | None:
    """The first moment to remind that lies later than ``after``."""
    moments = (starts_at - timedelta(minutes=lead) for lead in leads)
    return min((moment for moment in moments if moment > after), default=None)


def _minutes(part: str) -> int:
    found = _LEAD.fullmatch(part)
    if found is None:
        said = _("“%(part)s” is not a time before the start; write it like 7 d, 24 h or 30 min.")
        raise InvalidInput(said % {"part": part}, field="reminders")
    return int(found[1]) * _UNITS[found[2].lower()]


def _written(lead: int) -> str:
    """24 h rather than 1 d: people count the last day in hours."""
    if lead % DAY == 0 and lead > DAY:
        return f"{lead // DAY} d"
    return f"{lead // HOUR} h" if lead % HOUR == 0 else f"{lead} min"
