"""How durations are written, in the active language."""

from collections.abc import Iterable
from datetime import timedelta
from functools import lru_cache

from django.utils.text import get_text_list
from django.utils.translation import get_language, gettext, ngettext


def lasting(duration: timedelta) -> str:
    """A duration in its two largest units: "2 hours 8 minutes"; less than a minute is "less than a minute"."""
    return _lasting(int(duration.total_seconds()) // 60, get_language())


@lru_cache(maxsize=4000)
def _lasting(minutes: int, _language: str | None) -> str:
    days, hours, minutes = minutes // 1440, minutes // 60 % 24, minutes % 60
    words = [
        ngettext("%(n)d day", "%(n)d days", days) % {"n": days} if days else "",
        ngettext("%(n)d hour", "%(n)d hours", hours) % {"n": hours} if hours else "",
        ngettext("%(n)d minute", "%(n)d minutes", minutes) % {"n": minutes} if minutes and not days else "",
    ]
    return " ".join(filter(None, words)) or gettext("less than a minute")


def reminder_times(reminders: Iterable[int]) -> str:
    """How long before something: "7 days, 1 day and 1 hour"."""
    return get_text_list([lasting(timedelta(minutes=lead)) for lead in reminders], gettext("and"))
