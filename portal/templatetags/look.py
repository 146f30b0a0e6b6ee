"""How states, dates and texts are written, for templates (see portal.html)."""

from datetime import datetime, tzinfo
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django import template
from django.template.context import Context
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from incidents.recurrence import rhythm
from portal.facts.profile import PageProfile
from portal.html.dates import date_in, day_in, moment_in, month, month_name
from portal.html.durations import lasting, reminder_times
from portal.html.markup import below, excerpt, markdown
from portal.html.scopes import scope_words
from portal.html.sentences import sentence
from portal.html.states import estimate_words, icon, impact_words, message_shape, message_tone, shape, state_in, tone

register = template.Library()
register.filter(sentence)
register.filter(below)
register.filter(date_in)
register.filter(estimate_words)
register.filter(excerpt)
register.filter(impact_words)
register.filter(lasting)
register.filter(reminder_times)
register.filter(markdown)
register.filter(message_shape)
register.filter(message_tone)
register.filter(month)
register.filter(month_name)
register.filter(rhythm)
register.filter(shape)
register.filter(tone)
register.filter(scope_words)
register.simple_tag(icon)


@register.simple_tag
def oembed_address(profile: PageProfile, path: str) -> str:
    """Where other sites ask what to show for one of a page's documents."""
    return f"{profile.origin}/oembed?{urlencode({'url': profile.origin + path})}"


@register.simple_tag
def state(value: str, words: str = "", look: str = "") -> SafeString:
    """Icon and word of a state; `words` replaces the model's own, `look="tag"` gives it a coloured ground."""
    return state_in(get_language(), value, words, look)


@register.simple_tag(takes_context=True)
def moment(context: Context, when: datetime, style: str = "full", relative: str = "") -> SafeString:
    """A `<time>` in the page's zone, which the script moves into the reader's.

    `style`: full (with the year), short (without), time. `relative`, if given, lets the script add "in 5 minutes".
    The zone is the context's `zone` (a name or a tzinfo), else the active one.
    """
    return moment_in(zone_of(context), when, style, get_language() or "", is_relative=bool(relative))


@register.simple_tag(takes_context=True)
def day(context: Context, when: datetime, style: str = "day") -> SafeString:
    """A date without a time, in the page's zone; `style="brief"` shortens the month."""
    return day_in(zone_of(context), when, style, get_language() or "")


def zone_of(context: Context) -> tzinfo:
    """In which moments are written: the context's, else the active one."""
    zone = context.get("zone")
    if isinstance(zone, str) and zone:
        return ZoneInfo(zone)
    return zone or timezone.get_current_timezone()
