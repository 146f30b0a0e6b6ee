"""Entries of timelines. Written here rather than as templates: a page's history holds thousands of them."""

from django import template
from django.template.context import Context
from django.utils.html import escape
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from incidents.tongues import fallback_words, language_attributes
from portal import tongues
from portal.templatetags.look import excerpt, impact_words, lasting, moment, state, tone
from portal.templatetags.tongues import original_language
from portal.timeline import DisruptionView, UpdateView

register = template.Library()


@register.simple_tag(takes_context=True)
def said(context: Context, update: UpdateView, style: str = "full") -> SafeString:
    """One update. `style`: that of its moment."""
    original = original_language(context)
    return SafeString(
        f'<li class="{tone(update.status)}" id="u-{escape(update.public_id)}">\n'
        f'<div class="row">{state(update.status)}<span class="soft">{moment(context, update.at, style, "relative")}'
        f"</span></div>\n{_remarks(context, update)}{_prose(update, original)}\n{_turned(update, original)}</li>\n"
    )


@register.simple_tag(takes_context=True)
def entry(context: Context, view: DisruptionView) -> SafeString:
    """One incident or maintenance in a list of the history. The context's `page` says where it stands."""
    facts, original = view.facts, original_language(context)
    over = facts.is_over and not facts.is_withdrawn
    level = state(facts.impact, impact_words(facts.impact)) if over else state(facts.standing)
    return SafeString(
        f'<li>\n<a class="entry" href="{escape(context["page"].root)}incidents/{escape(facts.public_id)}">'
        f"{tongues.shown(facts, 'name', original)}</a>\n"
        f'<p class="meta">{level}<span>{moment(context, facts.shown_at, "short")}</span>{_lasted(view)}</p>\n'
        f"{_beginning(view, original)}</li>\n"
    )


def _lasted(view: DisruptionView) -> str:
    words = _("lasted %(duration)s") % {"duration": lasting(view.duration)} if view.duration else ""
    return f"<span>{escape(words)}</span>" if words else ""


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


def _prose(update: UpdateView, original: str) -> str:
    if not tongues.is_foreign(update, "html", original):
        return f'<div class="prose">{update.html}</div>'
    note = f'<p class="soft">{escape(fallback_words(original))}</p>'
    return f'{note}<div class="prose"{language_attributes(original)}>{update.html}</div>'


def _turned(update: UpdateView, original: str) -> str:
    if not update.turned:
        return ""
    parts = (f"<li>{tongues.shown(part, 'name', original)}: {state(part.status)}</li>" for part in update.turned)
    return f'<ul class="turned">{"".join(parts)}</ul>\n'
