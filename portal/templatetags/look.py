"""How states, icons and moments look on every page; words come from the models, colours from tokens.css."""

import re
from collections.abc import Iterable
from datetime import date, datetime, timedelta, tzinfo
from functools import lru_cache
from html import unescape
from itertools import chain
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django import template
from django.template.context import Context
from django.templatetags.static import static
from django.utils import timezone
from django.utils.dateformat import format as date_format
from django.utils.html import format_html, strip_tags
from django.utils.safestring import SafeString
from django.utils.text import get_text_list
from django.utils.translation import get_language, gettext, ngettext, pgettext
from django.utils.translation import gettext_lazy as _

from incidents.models import Component, Impact, Incident, Promise
from incidents.recurrence import rhythm
from incidents.text.markdown import render_markdown
from portal.board.timeline import EstimateView
from portal.facts.profile import Letterhead
from portal.facts.scopes import Whom
from portal.html.dates import day_in, moment_in
from portal.html.sentences import sentence

register = template.Library()
register.filter(sentence)

EXCERPT = 220  # characters
HEADING = re.compile(r"<h([1-6])>(.*?)</h\1>", re.DOTALL)
BLOCK_END = re.compile(r"</(?:p|li|h[1-6]|blockquote|pre)>|<br */?>")

# Each state has its own tone (a class of site.css) and its own shape (a symbol of icons.svg).
TONES = {
    "operational": "good",
    "degraded_performance": "warn",
    "partial_outage": "bad",
    "major_outage": "worst",
    "under_maintenance": "plan",
    "investigating": "bad",
    "identified": "warn",
    "monitoring": "warn",
    "resolved": "good",
    "postmortem": "calm",
    "scheduled": "plan",
    "in_progress": "plan",
    "verifying": "plan",
    "completed": "good",
    "cancelled": "calm",
    "none": "calm",
    "minor": "warn",
    "major": "bad",
    "critical": "worst",
    "maintenance": "plan",
    "open": "warn",
    "restored": "plan",
    "confirmed": "good",
    "reopened": "bad",
    "withdrawn": "calm",
    "kept": "good",
    "beaten": "good",
    "broken": "bad",
    "current": "plan",
    "missed": "bad",
    "met": "good",
    "superseded": "calm",
}
SHAPES = {
    "cancelled": "cross",
    "minor": "degraded_performance",
    "major": "partial_outage",
    "critical": "major_outage",
    "maintenance": "under_maintenance",
    "open": "clock",
    "restored": "verifying",
    "confirmed": "operational",
    "reopened": "cross",
    "withdrawn": "none",
    "kept": "check",
    "beaten": "star",
    "broken": "cross",
    "current": "clock",
    "missed": "cross",
    "met": "check",
    "superseded": "forward",
}
IMPACTS = {
    "none": _("No impact"),
    "minor": _("Minor impact"),
    "major": _("Major impact"),
    "critical": _("Critical impact"),
    "maintenance": _("Planned work"),
}
# Who is touched, by the kind of holding.
HOLDERS = {
    "": _("Customers"),
    "order": _("Orders"),
    "booking": _("Bookings"),
    "subscription": _("Subscriptions"),
    "premise": _("Premises"),
    "appointment": _("Appointments"),
    "parcel": _("Parcels"),
    "line": _("Lines"),
    "other": _("Other things that people have with us"),
}
ESTIMATES = {
    "current": _("Our estimate now"),
    "missed": _("Missed"),
    "met": _("Met"),
    "superseded": _("Revised"),
}
WORDS = {
    choice.value: choice.label
    for choice in chain(Promise.State, Impact.State, Incident.Level, Incident.Status, Component.Status)
} | {"cancelled": _("Cancelled")}


# These show where one goes, so they turn round where one reads from right to left.
POINTING = frozenset({"back", "forward"})
MESSAGES = {
    "success": ("good", "check"),
    "warning": ("warn", "warning"),
    "error": ("bad", "warning"),
}


@register.simple_tag
def oembed_address(head: Letterhead, path: str) -> str:
    """Where other sites ask what to show for one of a page's documents."""
    return f"{head.origin}/oembed?{urlencode({'url': head.origin + path})}"


@register.simple_tag
@lru_cache(maxsize=200)
def icon(name: str) -> SafeString:
    """One symbol of the sprite; decoration only, so a word must stand beside it."""
    return format_html(
        '<svg class="{}" width="20" height="20" aria-hidden="true"><use href="{}#{}"/></svg>',
        "icon points" if name in POINTING else "icon",
        static("img/icons.svg"),
        name,
    )


@register.filter
def tone(state: str) -> str:
    """The class that colours a state; calm for words that have none."""
    return f"state-{TONES.get(state, 'calm')}"


@register.filter
def shape(state: str) -> str:
    """The symbol that stands for a state."""
    return SHAPES.get(state, state)


@register.filter
def message_tone(level: str) -> str:
    """The tone of one of Django's messages, by its level."""
    return f"state-{MESSAGES.get(level, ('calm', 'info'))[0]}"


@register.filter
def message_shape(level: str) -> str:
    return MESSAGES.get(level, ("calm", "info"))[1]


@register.filter
def impact_words(level: str) -> str:
    return str(IMPACTS.get(level, level))


@register.filter
def estimate_words(estimate: EstimateView) -> str:
    """What became of an estimate: "Missed"; "We do not know yet" for one that names no time."""
    if estimate.restored_by is None:
        return gettext("We do not know yet") if estimate.state == "current" else gettext("Not known then")
    return str(ESTIMATES[estimate.state])


@register.filter
def whom_words(rule: Whom) -> str:
    """Whom one rule describes, without its times: "Bookings: Trains, north"; "Customers" when it names nothing."""
    holders, named = HOLDERS.get(rule.kind, HOLDERS[""]), ", ".join(filter(None, [rule.part, rule.region]))
    return gettext("%(holders)s: %(named)s") % {"holders": holders, "named": named} if named else str(holders)


@register.filter
def markdown(text: str) -> SafeString:
    """What staff wrote as harmless HTML."""
    return SafeString(render_markdown(text))


@register.filter
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


@register.filter
def leads(reminders: Iterable[int]) -> str:
    """How long before something: "7 days, 1 day and 1 hour"."""
    return get_text_list([lasting(timedelta(minutes=lead)) for lead in reminders], gettext("and"))


@register.filter
def rhythm_words(rule: str) -> str:
    """How planned work comes back: "every second week on Tuesday"."""
    return rhythm(rule)


@register.filter
@lru_cache(maxsize=2000)
def excerpt(html: str) -> str:
    """The beginning of a text, without its marks, cut between two words."""
    words = " ".join(unescape(strip_tags(BLOCK_END.sub(" ", html))).split())
    return words if len(words) <= EXCERPT else words[:EXCERPT].rsplit(" ", 1)[0] + "…"


@register.filter
def below(html: str, level: int) -> SafeString:
    """A text of staff (clean since it was written), its headings without a gap below one of the page's."""
    if "<h" not in html:
        return SafeString(html)
    above: list[int] = []

    def lower(found: re.Match[str]) -> str:
        written = int(found[1])
        while above and above[-1] >= written:
            above.pop()
        above.append(written)
        tag = f"h{min(level + len(above), 6)}"
        return f"<{tag}>{found[2]}</{tag}>"

    return SafeString(HEADING.sub(lower, html))


@register.filter
def date_in(moment: datetime, zone: str) -> date:
    """The day on which a moment falls in a zone."""
    return moment.astimezone(ZoneInfo(zone)).date()


@register.filter
def month_name(first: datetime) -> str:
    return date_format(first, "F")


@register.simple_tag
def state(value: str, words: str = "", look: str = "") -> SafeString:
    """Icon and word of a state; `words` replaces the model's own, `look="tag"` gives it a coloured ground."""
    return state_in(get_language(), value, words, look)


@lru_cache(maxsize=2000)
def state_in(_language: str | None, value: str, words: str = "", look: str = "") -> SafeString:
    """The same for those who know the active language already."""
    return format_html(
        '<span class="{}">{}{}</span>',
        " ".join(filter(None, ("state", look, tone(value)))),
        icon(shape(value)),
        words or WORDS.get(value, value),
    )


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


@register.filter
def month(first: date) -> str:
    """ "December 2024"."""
    return date_format(first, pgettext("format of a month", "F Y"))


def zone_of(context: Context) -> tzinfo:
    """In which moments are written: the context's, else the active one."""
    zone = context.get("zone")
    if isinstance(zone, str) and zone:
        return ZoneInfo(zone)
    return zone or timezone.get_current_timezone()
