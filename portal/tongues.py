"""How a text in another language than the reader's is marked: for screen readers, and in words."""

from typing import Any

from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, get_language_info, gettext


def is_foreign(thing: Any, field: str, original: str) -> bool:
    """Whether this text of a thing stands in its original's language, which is not the reader's."""
    return original != get_language() and field not in getattr(thing, "translated", ()) and bool(text_of(thing, field))


def text_of(thing: Any, field: str) -> str:
    return str(getattr(thing, field) or "")


def language_attributes(original: str) -> SafeString:
    """` lang="en"`, with the direction where that is another than the reader's."""
    own, reader = get_language_info(original), get_language_info(get_language() or original)
    if own["bidi"] == reader["bidi"]:
        return format_html(' lang="{}"', original)
    return format_html(' lang="{}" dir="{}"', original, "rtl" if own["bidi"] else "ltr")


def isolated(text: str, original: str) -> SafeString:
    """A foreign name inside a sentence: `<bdi lang="en">…</bdi>`."""
    return format_html("<bdi{}>{}</bdi>", language_attributes(original), text)


def fallback_words(original: str) -> str:
    """ "Not yet in German; in English:" in the reader's language."""
    names = {
        "language": get_language_info(get_language() or original)["name_translated"],
        "original": get_language_info(original)["name_translated"],
    }
    return gettext("Not yet in %(language)s; in %(original)s:") % names


def told(thing: Any, field: str, html: str, original: str) -> str:
    """An update's HTML where other programs show it: with the note, and marked, when it is foreign."""
    if not is_foreign(thing, field, original):
        return html
    note = escape(fallback_words(original))
    return f"<p><small>{note}</small></p><div{language_attributes(original)}>{html}</div>"


def shown(thing: Any, field: str, original: str) -> SafeString | str:
    """A name or a sentence for a page, marked when it is foreign."""
    text = text_of(thing, field)
    return isolated(text, original) if is_foreign(thing, field, original) else mark_safe(escape(text))  # noqa: S308
