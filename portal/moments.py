"""How moments are written for people, in the active language: on pages, and where other programs show our words."""

from datetime import date, datetime
from functools import lru_cache

from django.utils import timezone
from django.utils.dateformat import format as date_format
from django.utils.translation import get_language, pgettext_lazy

CLOCK = "H:i"
PLACE = "\ue000"  # no letter, so no format reads it

FORMATS = {
    "full": pgettext_lazy("format of a moment", "j M Y, H:i"),
    "short": pgettext_lazy("format of a moment", "j M, H:i"),
    "time": pgettext_lazy("format of a moment", "H:i"),
    "day": pgettext_lazy("format of a day", "j F Y"),
    "brief": pgettext_lazy("format of a day", "j M Y"),
}


def written(local: datetime, style: str = "full") -> str:
    """A moment in words with its zone: "20 Dec 2024, 16:44 UTC"; the short style names the year when it is another."""
    if style == "short" and local.year != timezone.now().astimezone(local.tzinfo).year:
        style = "full"
    language = get_language()
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
