"""Writes what stands on pages thousands of times: states, moments, names, updates, entries of the history.

By hand rather than by templates, in one language and zone, which are not asked for again with every word.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta, tzinfo
from functools import lru_cache
from html import escape
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from incidents.text.fallback_language import fallback_words, language_attributes
from portal.board.timeline import IncidentView, UpdateView
from portal.facts.page import AffectedFacts
from portal.facts.profile import PageProfile
from portal.html import fallback_language
from portal.html.dates import day_in, moment_in
from portal.html.durations import lasting
from portal.html.markup import below, excerpt
from portal.html.states import impact_words, state_in, tone


class Writer:
    """`language`: the reader's, which must be the active one. `original`: that in which staff write."""

    def __init__(self, language: str, original: str, zone: tzinfo) -> None:
        self.language = language
        self.original = original
        self.zone = zone

    def state(self, value: str, words: str = "", look: str = "") -> SafeString:
        return state_in(self.language, value, words, look)

    def moment(self, when: datetime, style: str = "full", *, is_relative: bool = False) -> SafeString:
        """`style`: full (with the year), short (without), time."""
        return moment_in(self.zone, when, style, self.language, is_relative=is_relative)

    def day(self, when: datetime, style: str = "day") -> SafeString:
        """A date without a time; `style="brief"` shortens the month."""
        return day_in(self.zone, when, style, self.language)

    def text(self, holder: Any, field: str = "name") -> str:
        """A name or a sentence, marked where it is not in the reader's language."""
        return fallback_language.marked_text(holder, field, self.original, self.language)

    def marks(self, holder: Any, field: str) -> str:
        """The attributes of the element that holds this text."""
        is_foreign = fallback_language.is_foreign(holder, field, self.original, self.language)
        return language_attributes(self.original, self.language) if is_foreign else ""

    # -- updates ------------------------------------------------------------------------------------------------------

    def update_row(self, update: UpdateView, style: str = "full", *, level: int) -> SafeString:
        """One update. `style`: that of its moment. `level`: that of the heading above it."""
        at = self.moment(update.at, style, is_relative=True)
        return SafeString(
            f'<li class="{tone(update.status)}" id="u-{escape(update.public_id)}">\n'
            f'<div class="row">{self.state(update.status)} <span class="soft">{at}</span></div>\n'
            f"{self._remarks(update)}{self._prose(update, level)}\n{self.turned(update.turned)}</li>\n"
        )

    def _remarks(self, update: UpdateView) -> str:
        """What became of it since, a line for each kind."""
        lines = []
        if update.corrects_at:
            lines.append(_("Corrects what we said %(said)s.") % {"said": self.moment(update.corrects_at)})
        if update.corrected_at:
            lines.append(_("We corrected this %(said)s.") % {"said": self.moment(update.corrected_at)})
        if update.amended_at:
            amended = {"amended": self.moment(update.amended_at)}
            lines.append(_("We corrected this translation %(amended)s.") % amended)
        return "".join(f'<p class="soft">{line}</p>\n' for line in lines)

    def _prose(self, update: UpdateView, level: int) -> str:
        html, marks = below(update.html, level), self.marks(update, "html")
        note = f'<p class="soft">{escape(fallback_words(self.original))}</p>' if marks else ""
        return f'{note}<div class="prose"{marks}>{html}</div>'

    def turned(self, components: Iterable[AffectedFacts]) -> str:
        """Components and the status that each is in."""
        rows = "".join(f"<li>{self.text(component)}: {self.state(component.status)}</li>" for component in components)
        return f'<ul class="turned">{rows}</ul>\n' if rows else ""

    # -- entries ------------------------------------------------------------------------------------------------------

    def incident_row(self, view: IncidentView, root: str) -> SafeString:
        """One incident or maintenance in a list of the history. `root`: of the page on which it stands."""
        facts = view.facts
        over = facts.is_over and not facts.is_withdrawn
        level = impact_state(facts.impact, self.language) if over else self.state(facts.status_word)
        lasted = f" <span>{_lasted(view.duration, self.language)}</span>" if view.duration else ""
        return SafeString(
            f'<li>\n<a class="entry" href="{escape(root)}incidents/{escape(facts.public_id)}">{self.text(facts)}</a>'
            f"{self._note(view)}\n"
            f'<p class="meta">{level} <span>{self.moment(facts.shown_at, "short")}</span>{lasted}</p>\n'
            f"{self._beginning(view)}</li>\n"
        )

    def _note(self, view: IncidentView) -> str:
        """One for both, its name and what stands below it."""
        texts = [(view.facts, "name"), *((update, "html") for update in view.facts.updates[:1])]
        return fallback_language.language_note(self.original, *texts, reader=self.language)

    def _beginning(self, view: IncidentView) -> str:
        newest = view.facts.updates[:1]
        return "".join(
            f'<p class="soft"{self.marks(update, "html")}>{escape(excerpt(update.html))}</p>\n' for update in newest
        )


@lru_cache(maxsize=100)
def writer(language: str, original: str, zone: str | tzinfo) -> Writer:
    return Writer(language, original, ZoneInfo(zone) if isinstance(zone, str) else zone)


def writer_for(profile: PageProfile) -> Writer:
    """In a page's language and zone."""
    return writer(profile.language, profile.original, profile.zone)


@lru_cache(maxsize=200)
def impact_state(level: str, language: str) -> SafeString:
    """An impact as icon and words."""
    return state_in(language, level, impact_words(level))


@lru_cache(maxsize=2000)
def _lasted(duration: timedelta, _language: str) -> str:
    return escape(_("lasted %(duration)s") % {"duration": lasting(duration)})
