"""Entries of timelines. Written here rather than as templates: a page's history holds thousands of them."""

from collections.abc import Iterable
from datetime import date
from functools import lru_cache

from django import template
from django.template.context import Context
from django.utils.html import escape
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from incidents.tongues import fallback_words, language_attributes
from portal import tongues
from portal.records import BEST
from portal.templatetags.look import below, excerpt, impact_words, lasting, moment, state, tone
from portal.templatetags.tongues import original_language
from portal.templatetags.uptime_words import day_name, fared
from portal.timeline import DisruptionView, UpdateView
from portal.uptime import UNKNOWN
from portal.uptime_sheets import DayRow

register = template.Library()


@register.simple_tag(takes_context=True)
def said(context: Context, update: UpdateView, style: str = "full", *, level: int) -> SafeString:
    """One update. `style`: that of its moment. `level`: that of the heading above it."""
    original = original_language(context)
    return SafeString(
        f'<li class="{tone(update.status)}" id="u-{escape(update.public_id)}">\n'
        f'<div class="row">{state(update.status)} <span class="soft">{moment(context, update.at, style, "relative")}'
        f"</span></div>\n{_remarks(context, update)}{_prose(update, original, level)}\n"
        f"{_turned(update, original)}</li>\n"
    )


@register.simple_tag(takes_context=True)
def entry(context: Context, view: DisruptionView) -> SafeString:
    """One incident or maintenance in a list of the history. The context's `page` says where it stands."""
    facts, original = view.facts, original_language(context)
    over = facts.is_over and not facts.is_withdrawn
    level = state(facts.impact, impact_words(facts.impact)) if over else state(facts.standing)
    return SafeString(
        f'<li>\n<a class="entry" href="{escape(context["page"].root)}incidents/{escape(facts.public_id)}">'
        f"{tongues.shown(facts, 'name', original)}</a>{_note(view, original)}\n"
        f'<p class="meta">{level} <span>{moment(context, facts.shown_at, "short")}</span>{_lasted(view)}</p>\n'
        f"{_beginning(view, original)}</li>\n"
    )


def _note(view: DisruptionView, original: str) -> str:
    """One for both, its name and what stands below it."""
    return tongues.noted(original, (view.facts, "name"), *([(view.latest, "html")] if view.latest else []))


def _lasted(view: DisruptionView) -> str:
    words = _("lasted %(duration)s") % {"duration": lasting(view.duration)} if view.duration else ""
    return f" <span>{escape(words)}</span>" if words else ""


def _beginning(view: DisruptionView, original: str) -> str:
    if view.latest is None:
        return ""
    is_foreign = tongues.is_foreign(view.latest, "html", original)
    mark = language_attributes(original) if is_foreign else ""
    return f'<p class="soft"{mark}>{escape(excerpt(view.latest.html))}</p>\n'


def _remarks(context: Context, update: UpdateView) -> str:
    """What became of it since, a line for each kind."""
    lines = []
    if update.corrects_at:
        lines.append(_("Corrects what we said %(said)s.") % {"said": moment(context, update.corrects_at)})
    if update.corrected_at:
        lines.append(_("We corrected this %(said)s.") % {"said": moment(context, update.corrected_at)})
    if update.amended_at:
        lines.append(_("We corrected this translation %(amended)s.") % {"amended": moment(context, update.amended_at)})
    return "".join(f'<p class="soft">{line}</p>\n' for line in lines)


def _prose(update: UpdateView, original: str, level: int) -> str:
    html = below(update.html, level)
    if not tongues.is_foreign(update, "html", original):
        return f'<div class="prose">{html}</div>'
    note = f'<p class="soft">{escape(fallback_words(original))}</p>'
    return f'{note}<div class="prose"{language_attributes(original)}>{html}</div>'


def _turned(update: UpdateView, original: str) -> str:
    if not update.turned:
        return ""
    parts = (f"<li>{tongues.shown(part, 'name', original)}: {state(part.status)}</li>" for part in update.turned)
    return f'<ul class="turned">{"".join(parts)}</ul>\n'


@register.simple_tag(takes_context=True)
def days(context: Context, rows: Iterable[DayRow]) -> SafeString:
    """The rows of a component's days; most of them are alike but for their date."""
    language = get_language()
    return SafeString("".join(_day(context, row, language) for row in rows))


def _day(context: Context, row: DayRow, language: str | None) -> str:
    if row.lasted.is_quiet and not row.touches:
        return _quiet_day(row.first, BEST if row.lasted.operational else UNKNOWN, language)
    how = "".join(f"<p>{state(status)} <span>{lasting(time)}</span></p>" for status, time in row.lasted.troubles)
    original = original_language(context)
    what = "".join(
        f'<p><a href="{escape(context["page"].root)}incidents/{escape(one.public_id)}">'
        f"{tongues.shown(one, 'name', original)}</a></p>"
        for one in row.touches
    )
    return _row(row.first, how or _as_always(row.lasted.worst), what)


@lru_cache(maxsize=4000)
def _quiet_day(first: date, worst: str, _language: str | None) -> str:
    return _row(first, _as_always(worst), "")


def _as_always(worst: str) -> str:
    return f'<span class="soft">{escape(fared(worst))}</span>'


def _row(first: date, how: str, what: str) -> str:
    name = escape(day_name(first))
    return f'<tr id="d-{first.isoformat()}"><th scope="row">{name}</th><td>{how}</td><td>{what}</td></tr>\n'
