"""States: each has its own tone, shape and words, the same on every page.

Tones are classes of site.css, shapes symbols of icons.svg; words come from the models.
"""

from functools import lru_cache
from itertools import chain

from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from incidents.models import Component, Impact, Incident, Promise
from portal.board.timeline import EstimateView

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


@lru_cache(maxsize=200)
def icon(name: str) -> SafeString:
    """One symbol of the sprite; decoration only, so a word must stand beside it."""
    return format_html(
        '<svg class="{}" width="20" height="20" aria-hidden="true"><use href="{}#{}"/></svg>',
        "icon points" if name in POINTING else "icon",
        static("img/icons.svg"),
        name,
    )


def tone(state: str) -> str:
    """The class that colours a state; calm for words that have none."""
    return f"state-{TONES.get(state, 'calm')}"


def shape(state: str) -> str:
    """The symbol that stands for a state."""
    return SHAPES.get(state, state)


def message_tone(level: str) -> str:
    """The tone of one of Django's messages, by its level."""
    return f"state-{MESSAGES.get(level, ('calm', 'info'))[0]}"


def message_shape(level: str) -> str:
    return MESSAGES.get(level, ("calm", "info"))[1]


def impact_words(level: str) -> str:
    return str(IMPACTS.get(level, level))


def estimate_words(estimate: EstimateView) -> str:
    """What became of an estimate: "Missed"; "We do not know yet" for one that names no time."""
    if estimate.restored_by is None:
        return gettext("We do not know yet") if estimate.state == "current" else gettext("Not known then")
    return str(ESTIMATES[estimate.state])


@lru_cache(maxsize=2000)
def state_in(_language: str | None, value: str, words: str = "", look: str = "") -> SafeString:
    """The same for those who know the active language already."""
    return format_html(
        '<span class="{}">{}{}</span>',
        " ".join(filter(None, ("state", look, tone(value)))),
        icon(shape(value)),
        words or WORDS.get(value, value),
    )
