"""How uptime is written: shares, days, and the bars of a component."""

from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from html import escape

from django.utils.dateformat import format as date_format
from django.utils.formats import number_format
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext, ngettext

from incidents.models import Component
from portal.board.uptime import UNKNOWN
from portal.html.dates import format_of
from portal.html.uptime_bars import HEIGHT, Bars, drawing_of

WHOLE = Decimal(100)


def percent(share: Decimal | None) -> str:
    """ "99.98%"; 100 and 0 without places, a dash where there is none."""
    return "–" if share is None else _percent(share, get_language())


@lru_cache(maxsize=4096)
def _percent(share: Decimal, _language: str | None) -> str:
    places = 0 if share in (WHOLE, 0) else 2
    return gettext("%(number)s%%") % {"number": number_format(share, places)}


def fared(status: str) -> str:
    """A status in words; a time of which nothing is known has some too."""
    return gettext("No record") if status == UNKNOWN else str(Component.Status(status).label)


def day_name(first: date) -> str:
    return date_format(first, format_of("brief"))


def hours(seconds: int) -> str:
    """Seconds as hours, with places only where they matter."""
    number = Decimal(seconds) / 3600
    return number_format(number, 0 if number == number.to_integral() else 2)


def span(seconds: int) -> timedelta:
    return timedelta(seconds=seconds)


def bars_drawing(bars: Bars) -> SafeString:
    """The bars alone, for where words stand beside them."""
    return mark_safe(f"{_svg(bars.width)}{bars.drawing}</svg>")  # noqa: S308 - numbers and our own marks


def sample_bar(status: str) -> SafeString:
    """One day's bar, for the key."""
    return mark_safe(f"{_svg(1)}{drawing_of(((status, 1),))}</svg>")  # noqa: S308 - numbers and our own marks


def _svg(width: int) -> str:
    return f'<svg viewBox="0 0 {width} {HEIGHT}" preserveAspectRatio="none" aria-hidden="true">'


@lru_cache(maxsize=4096)
def _share_in_words(share: Decimal | None, days: int, _language: str | None) -> str:
    if share is None:
        return gettext("No record yet")
    words = ngettext("%(share)s in %(days)d day", "%(share)s in %(days)d days", days)
    return words % {"share": percent(share), "days": days}


def share_cells(shares: tuple[Decimal | None, ...]) -> SafeString:
    """A table's cells of shares. Most rows are alike."""
    return _cells(shares, get_language())


@lru_cache(maxsize=4096)
def _cells(shares: tuple[Decimal | None, ...], _language: str | None) -> SafeString:
    return mark_safe("".join(f'<td class="number">{escape(percent(share))}</td>' for share in shares))  # noqa: S308


def days_link(bars: Bars, address: str, language: str) -> str:
    words = escape(_share_in_words(bars.uptime, bars.known_days, language))
    return f'<a class="days" href="{address}"><span>{_svg(bars.width)}{bars.drawing}</svg></span>{words}</a>'
