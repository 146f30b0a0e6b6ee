"""Staff's own texts on pages in other languages: what lacks is shown as it was written, and marked."""

from collections.abc import Iterable
from typing import Any

from django import template
from django.conf import settings
from django.template.context import Context
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from incidents.models import Page
from incidents.text.fallback_language import fallback_words, language_attributes
from portal.facts.profile import PageProfile, own_name
from portal.html import fallback_language
from portal.html.lists import join_names_html

register = template.Library()

MANY = 2


@register.simple_tag(takes_context=True)
def words(context: Context, holder: Any, field: str) -> SafeString | str:
    """A short text of a thing, a name perhaps; in `<bdi lang>` where it is not in the reader's language."""
    return fallback_language.marked_text(holder, field, original_language(context, holder))


@register.simple_tag(takes_context=True)
def lang(context: Context, holder: Any, field: str) -> SafeString | str:
    """The attributes for an element that holds a text of a thing; nothing where it is in the reader's language."""
    original = original_language(context, holder)
    return language_attributes(original) if fallback_language.is_foreign(holder, field, original) else ""


@register.simple_tag(takes_context=True)
def fallback(context: Context, holder: Any, field: str) -> SafeString | str:
    """The visible note above a text that is not in the reader's language."""
    original = original_language(context, holder)
    if not fallback_language.is_foreign(holder, field, original):
        return ""
    return format_html('<p class="soft">{}</p>', fallback_words(original))


@register.simple_tag(takes_context=True)
def in_brackets(context: Context, holder: Any, field: str) -> SafeString | str:
    """The visible note beside a title that stands alone: "(in English)" where it is not in the reader's language."""
    return fallback_language.language_note(original_language(context, holder), (holder, field))


@register.simple_tag(takes_context=True)
def names(context: Context, holders: Iterable[Any]) -> SafeString:
    """The names of several things: "a, b and c"."""
    return join_names_html([words(context, holder, "name") for holder in holders])


@register.filter
def bdi(text: object) -> SafeString:
    """A name, a reference, an address inside a sentence: its own direction does not disturb that of the sentence."""
    return format_html("<bdi>{}</bdi>", text)


@register.simple_tag
def alternates(profile: PageProfile, path: str) -> SafeString | str:
    """For search engines: the addresses of a public document in each of its languages."""
    if len(profile.languages) < MANY or not profile.is_public or not path.startswith(profile.root):
        return ""
    rest = path.removeprefix(profile.root)
    rows = [(language.code, profile.origin + language.root + rest) for language in profile.languages]
    rows.append(("x-default", rows[0][1]))
    return format_html_join("\n", '<link rel="alternate" hreflang="{}" href="{}">', rows)


@register.simple_tag
def own_languages(profile: PageProfile, path: str) -> list[tuple[str, str, str]]:
    """Where a document stands in the page's languages: code, own name, address; none when it has but one."""
    if len(profile.languages) < MANY or not path or not path.startswith(profile.root):
        return []
    rest = path.removeprefix(profile.root)
    return [(language.code, language.name, language.root + rest) for language in profile.languages]


@register.simple_tag
def all_languages() -> list[tuple[str, str]]:
    """Every language of the interface: code and own name."""
    return [(code, own_name(code)) for code, _name in settings.LANGUAGES]


def original_language(context: Context, holder: object = None) -> str:
    """The language that staff write in: that of the page whose words these are."""
    page = holder if isinstance(holder, PageProfile) else context.get("page")
    if isinstance(page, Page):
        return page.language
    return page.original if isinstance(page, PageProfile) else get_language() or ""
