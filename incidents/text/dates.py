"""A moment in a sentence of ours, in a page's zone and the active language."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils.dateformat import format as date_format
from django.utils.translation import pgettext

from incidents.models import Page


def moment_words(moment: datetime, page: Page) -> str:
    """ "20 Dec 2024, 16:44 GMT": absolute, since what is said stays."""
    local = moment.astimezone(ZoneInfo(page.time_zone))
    name = local.tzname() or "UTC"
    zone = f"UTC{name}" if name[0] in "+-" else name
    return f"{date_format(local, pgettext('format of a moment', 'j M Y, H:i'))} {zone}"


def window_words(start: datetime, until: datetime, page: Page) -> str:
    return pgettext("a window", "%(start)s until %(until)s") % {
        "start": moment_words(start, page),
        "until": moment_words(until, page),
    }
