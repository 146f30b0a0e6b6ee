"""Entries of timelines, in the language and zone of a page (see portal.html.writer)."""

from django import template
from django.template.context import Context
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from portal.board.timeline import IncidentView, UpdateView
from portal.html.writer import Writer, writer
from portal.templatetags.languages import original_language
from portal.templatetags.look import zone_of

register = template.Library()


@register.simple_tag(takes_context=True)
def update_row(context: Context, update: UpdateView, style: str = "full", *, level: int) -> SafeString:
    """One update. `style`: that of its moment. `level`: that of the heading above it."""
    return writer_of(context).update_row(update, style, level=level)


@register.simple_tag(takes_context=True)
def incident_row(context: Context, view: IncidentView) -> SafeString:
    """One incident or maintenance in a list of the history. The context's `page` says where it stands."""
    return writer_of(context).incident_row(view, context["page"].root)


def writer_of(context: Context) -> Writer:
    """For the reader of a template."""
    return writer(get_language() or "", original_language(context), zone_of(context))
