"""How moments are written for people, in the active language: on pages, and where other programs show our words."""

from datetime import UTC, date, datetime, tzinfo
from functools import lru_cache
from html import escape
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.dateformat import format as date_format
from django.utils.safestring import SafeString
from django.utils.translation import get_language, pgettext, pgettext_lazy

CLOCK = "H:i"
PLACE = "\ue000"  # no letter, so no format reads it

FORMATS = {
    "full": pgettext_lazy("format of a moment", "j M Y, H:i"),
    "short": pgettext_lazy("format of a moment", "j M, H:i"),
    "time": pgettext_lazy("format of a moment", "H:i"),
    "day": pgettext_lazy("format of a day", "j F Y"),
    "brief": pgettext_lazy("format of a day", "j M Y"),
}


def moment_in(zone: tzinfo, when: datetime, style: str, language: str, *, is_relative: bool = False) -> SafeString:
    """A `<time>` that the script moves into the reader's zone; `is_relative` lets it add "in 5 minutes"."""
    words = moment_words(when.astimezone(zone), style, language)
    stamp = when.astimezone(UTC).isoformat()[: len("2024-12-20T16:44:00")]
    more = " data-relative" if is_relative else ""
    return SafeString(f'<time datetime="{stamp}Z" data-local="{style}"{more}>{escape(words)}</time>')


def day_in(zone: tzinfo, when: datetime, style: str, language: str) -> SafeString:
    """A date without a time; `style="brief"` shortens the month."""
    local = when.astimezone(zone).date()
    words = _day(local, _format_in(language, style), language)
    return SafeString(f'<time datetime="{local.isoformat()}">{escape(words)}</time>')


def moment_words(local: datetime, style: str = "full", language: str | None = None) -> str:
    """A moment in words with its zone: "20 Dec 2024, 16:44 UTC"; the short style names the year when it is another.

    `language`: the active one, where it is known already; asking for it takes longer than the rest.
    """
    if style == "short" and local.year != timezone.now().astimezone(local.tzinfo).year:
        style = "full"
    language = language or get_language()
    pattern = _format_in(language, style)
    if CLOCK not in pattern:
        return f"{date_format(local, pattern)} {zone_name(local)}"
    clock = f"{local.hour:02}:{local.minute:02}"
    return f"{_day(local.date(), pattern, language).replace(PLACE, clock)} {zone_name(local)}"


@lru_cache(maxsize=5000)
def _day(day: date, pattern: str, _language: str | None) -> str:
    """Days stand on many documents, so each is written once, with a place for the time."""
    return date_format(day, pattern.replace(CLOCK, PLACE))


def zone_name(local: datetime) -> str:
    """ "CET", or "UTC-03" for zones that have no letters."""
    name = local.tzname() or "UTC"
    return f"UTC{name}" if name[0] in "+-" else name


def format_of(style: str) -> str:
    """Django's date format of a style."""
    return _format_in(get_language(), style)


@lru_cache(maxsize=200)
def _format_in(_language: str | None, style: str) -> str:
    return str(FORMATS[style])


def date_in(moment: datetime, zone: str) -> date:
    """The day on which a moment falls in a zone."""
    return moment.astimezone(ZoneInfo(zone)).date()


def month_name(first: datetime) -> str:
    return date_format(first, "F")


def month(first: date) -> str:
    """ "December 2024"."""
    return date_format(first, pgettext("format of a month", "F Y"))
