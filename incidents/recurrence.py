"""The rules of recurring windows (RFC 5545, section 3.3.10): judged, counted out within bounds, said in words.

A rule says days, and speaks of the wall clock of a zone. Pure: no database, no clock of its own.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise
from zoneinfo import ZoneInfo

from dateutil.rrule import rrule, rrulestr
from django.utils.dates import MONTHS, WEEKDAYS
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from incidents.errors import InvalidInput

# The calendar repeats itself every 400 years, weekdays included. Counted out in the last years that there are, a rule
# that never comes true runs out of years at once; counted from today it would look through eight thousand of them.
_AGES = timedelta(days=146097)
_LAST_YEARS = 9999 - 240
LONGEST = 300  # characters
MOST_TIMES = 1000
WIDEST_INTERVAL = 400
JUDGED = 60  # windows that are looked at to see whether they run into each other

_FREQUENCIES = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_EVERY_OTHER = 2
_ORDINALS = (-1, 1, 2, 3, 4, 5)
_DAY = re.compile(r"([+-]?\d{1,2})?(MO|TU|WE|TH|FR|SA|SU)")
_UNTIL = re.compile(r"\d{8}(T\d{6}Z?)?")
# How far the numbers of a part go; signed ones count from the end, too, but for months.
_NUMBERS = {"BYMONTHDAY": 31, "BYMONTH": 12, "BYSETPOS": 366, "BYYEARDAY": 366, "BYWEEKNO": 53}
_TOO_FINE = frozenset({"BYHOUR", "BYMINUTE", "BYSECOND"})


def check_rule(text: str) -> str:
    """The rule as it is kept: upper case, without "RRULE:". Raises InvalidInput (rule) in words."""
    text = "".join(text.split()).upper().removeprefix("RRULE:").strip(";")
    if not text:
        raise InvalidInput(_("Say how it repeats, like FREQ=WEEKLY;BYDAY=TU."), field="rule")
    if len(text) > LONGEST:
        raise InvalidInput(_("This rule is too long."), field="rule")
    parts = _parts(text)
    if parts.get("FREQ") not in _FREQUENCIES:
        raise InvalidInput(_("FREQ must be DAILY, WEEKLY, MONTHLY or YEARLY: nothing more often."), field="rule")
    if "COUNT" in parts and "UNTIL" in parts:
        raise InvalidInput(_("Say either COUNT or UNTIL, not both."), field="rule")
    for name, value in parts.items():
        _check_part(name, value)
    return text


def starts(rule: str, *, first: datetime, zone: str, after: datetime) -> Iterator[datetime]:
    """The starts later than ``after``, soonest first, as moments in UTC.

    A time that the clocks skip begins as much later as they skip; of one that comes twice, the first counts (RFC 5545,
    section 3.3.5). Whatever the rule, the next one is there or known not to come within a fraction of a second.
    """
    local_zone = ZoneInfo(zone)
    local = first.astimezone(local_zone).replace(tzinfo=None)
    ages = max(0, (_LAST_YEARS - local.year) // 400)
    recurrence: rrule = rrulestr(_shifted(rule, local_zone, ages), dtstart=local + ages * _AGES)
    # A day earlier than asked: a local time says nothing yet of the moment.
    since = after.astimezone(local_zone).replace(tzinfo=None) - timedelta(days=1)
    late = max(since, local - timedelta(days=1)) + ages * _AGES
    for start in recurrence.xafter(late, inc=True):
        moment = (start - ages * _AGES).replace(tzinfo=local_zone).astimezone(UTC)
        if moment > after:
            yield moment


def check_windows(rule: str, *, first: datetime, zone: str, lasts: timedelta) -> None:
    """Raises InvalidInput (rule, lasts_for) when it never comes true, or a window runs into the next one."""
    try:
        windows = list(islice(starts(rule, first=first, zone=zone, after=first - timedelta(seconds=1)), JUDGED))
    except (ValueError, IndexError) as error:  # parts that are sound alone, and say nothing together
        raise InvalidInput(_("The parts of this rule do not fit together."), field="rule") from error
    if not windows:
        raise InvalidInput(_("By this rule it would never come."), field="rule")
    if any(later - sooner < lasts for sooner, later in pairwise(windows)):
        raise InvalidInput(_("One window would run into the next one. Make it shorter, or rarer."), field="lasts_for")


def rhythm(rule: str) -> str:
    """In words: "every second week on Tuesday". What is more intricate is not guessed at."""
    parts = _parts(rule)
    interval = _describe_interval(parts["FREQ"], int(parts.get("INTERVAL", "1")))
    if parts.keys() & {"BYSETPOS", "BYYEARDAY", "BYWEEKNO"}:
        return _("%(every)s, on chosen days") % {"every": interval}
    words = [interval, _on_days(parts.get("BYDAY", "")), _on_dates(parts.get("BYMONTHDAY", "")), _in_months(parts)]
    return " ".join(filter(None, words))


def _parts(text: str) -> Mapping[str, str]:
    parts: dict[str, str] = {}
    for part in text.split(";"):
        name, sign, value = part.partition("=")
        if not (name and sign and value):
            raise InvalidInput(_("“%(part)s” is not a part of a rule.") % {"part": part}, field="rule")
        if name in parts:
            raise InvalidInput(_("%(name)s is said twice.") % {"name": name}, field="rule")
        parts[name] = value
    return parts


def _check_part(name: str, value: str) -> None:
    if name in _TOO_FINE:
        raise InvalidInput(_("A rule says days; the hour is that of the first start."), field="rule")
    if not _is_sound(name, value):
        raise InvalidInput(_("%(name)s cannot be “%(value)s”.") % {"name": name, "value": value}, field="rule")


def _is_sound(name: str, value: str) -> bool:
    if name in _CHECKS:
        return _CHECKS[name](value)
    most, signs = _NUMBERS.get(name, 0), "" if name == "BYMONTH" else "+-"
    return all(_number(number.lstrip(signs), most) > 0 for number in value.split(","))


def _is_day(day: str) -> bool:
    match = _DAY.fullmatch(day)
    return match is not None and (match[1] is None or 1 <= abs(int(match[1])) <= _NUMBERS["BYWEEKNO"])


def _number(value: str, most: int) -> int:
    """The number, or 0 for what is none, or too much."""
    number = int(value) if re.fullmatch("[0-9]{1,5}", value) else 0
    return number if number <= most else 0


def _until(value: str) -> datetime | None:
    if not _UNTIL.fullmatch(value):
        return None
    try:
        return datetime.strptime(value[:8] + (value[9:15] or "235959"), "%Y%m%d%H%M%S")  # noqa: DTZ007
    except ValueError:
        return None


_CHECKS: Mapping[str, Callable[[str], bool]] = {
    "FREQ": lambda value: value in _FREQUENCIES,
    "INTERVAL": lambda value: _number(value, WIDEST_INTERVAL) > 0,
    "COUNT": lambda value: _number(value, MOST_TIMES) > 0,
    "WKST": lambda value: value in _DAYS,
    "UNTIL": lambda value: _until(value) is not None,
    "BYDAY": lambda value: all(_is_day(day) for day in value.split(",")),
}


def _shifted(rule: str, zone: ZoneInfo, ages: int) -> str:
    """The rule with its end moved along; a UTC end is turned into wall clock time, as the starts are."""
    parts = dict(_parts(rule))
    if value := parts.get("UNTIL"):
        end = _until(value)
        if end and value.endswith("Z"):
            with suppress(OverflowError):  # in the first or the last hours of all years
                end = end.replace(tzinfo=UTC).astimezone(zone).replace(tzinfo=None)
        if end and end.year <= _LAST_YEARS:
            parts["UNTIL"] = f"{end + ages * _AGES:%Y%m%dT%H%M%S}"
        else:
            del parts["UNTIL"]
    return ";".join(f"{name}={value}" for name, value in parts.items())


def _describe_interval(frequency: str, interval: int) -> str:
    words = {
        ("DAILY", True): _("every second day"),
        ("WEEKLY", True): _("every second week"),
        ("MONTHLY", True): _("every second month"),
        ("YEARLY", True): _("every second year"),
        ("DAILY", False): ngettext("every day", "every %(number)d days", interval),
        ("WEEKLY", False): ngettext("every week", "every %(number)d weeks", interval),
        ("MONTHLY", False): ngettext("every month", "every %(number)d months", interval),
        ("YEARLY", False): ngettext("every year", "every %(number)d years", interval),
    }
    return words[frequency, interval == _EVERY_OTHER] % {"number": interval}


def _on_days(value: str) -> str:
    if not value:
        return ""
    return _("on %(days)s") % {"days": get_text_list([_day(day) for day in value.split(",")], _("and"))}


def _day(text: str) -> str:
    match = _DAY.fullmatch(text)
    if not match:
        return text
    day = str(WEEKDAYS[_DAYS.index(match[2])])
    number = int(match[1] or 0)
    if number not in _ORDINALS:
        return f"{match[1] or ''} {day}".strip()
    words = {
        -1: _("the last %(day)s"),
        1: _("the first %(day)s"),
        2: _("the second %(day)s"),
        3: _("the third %(day)s"),
        4: _("the fourth %(day)s"),
        5: _("the fifth %(day)s"),
    }
    return words[number] % {"day": day}


def _on_dates(value: str) -> str:
    if not value:
        return ""
    if value == "-1":
        return _("on the last day")
    return _("on day %(dates)s") % {"dates": get_text_list(value.split(","), _("and"))}


def _in_months(parts: Mapping[str, str]) -> str:
    if "BYMONTH" not in parts:
        return ""
    months = [str(MONTHS[int(month)]) for month in parts["BYMONTH"].split(",")]
    return _("in %(months)s") % {"months": get_text_list(months, _("and"))}
