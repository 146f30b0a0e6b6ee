"""Staff's own texts on pages in other languages: what lacks is shown as it was written, and marked."""

from typing import Any

from django import template
from django.template.context import Context
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from incidents.models import Page
from incidents.tongues import fallback_words, language_attributes
from portal import tongues
from portal.letterhead import Letterhead

register = template.Library()


@register.simple_tag(takes_context=True)
def words(context: Context, thing: Any, field: str) -> SafeString | str:
    """A short text of a thing, a name perhaps; in `<bdi lang>` where it is not in the reader's language."""
    return tongues.shown(thing, field, original_language(context, thing))


@register.simple_tag(takes_context=True)
def lang(context: Context, thing: Any, field: str) -> SafeString | str:
    """The attributes for an element that holds a text of a thing; nothing where it is in the reader's language."""
    original = original_language(context, thing)
    return language_attributes(original) if tongues.is_foreign(thing, field, original) else ""


@register.simple_tag(takes_context=True)
def fallback(context: Context, thing: Any, field: str) -> SafeString | str:
    """The visible note above a text that is not in the reader's language."""
    original = original_language(context, thing)
    if not tongues.is_foreign(thing, field, original):
        return ""
    return format_html('<p class="soft">{}</p>', fallback_words(original))


def original_language(context: Context, thing: object = None) -> str:
    """The language that staff write in: that of the page whose words these are."""
    page = thing if isinstance(thing, Letterhead) else context.get("page")
    if isinstance(page, Page):
        return page.language
    return page.original if isinstance(page, Letterhead) else get_language() or ""
