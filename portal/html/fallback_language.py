"""How a text in another language than the reader's is marked: for screen readers, and in words."""

from html import escape
from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import get_language

from incidents.text.fallback_language import fallback_words, in_brackets, language_attributes


def is_foreign(holder: Any, field: str, original: str, reader: str = "") -> bool:
    """Whether this text of a thing stands in its original's language, which is not the reader's (the active one)."""
    if original == (reader or get_language()):
        return False
    return field not in getattr(holder, "translated", ()) and bool(text_of(holder, field))


def text_of(holder: Any, field: str) -> str:
    return str(getattr(holder, field) or "")


def isolated(text: str, original: str, reader: str = "") -> SafeString:
    """A foreign name inside a sentence: `<bdi lang="en">…</bdi>`."""
    return SafeString(f"<bdi{language_attributes(original, reader)}>{escape(text)}</bdi>")


def with_language_note(holder: Any, field: str, html: str, original: str, reader: str = "") -> str:
    """An update's HTML where other programs show it: with the note, and marked, when it is foreign."""
    if not is_foreign(holder, field, original, reader):
        return html
    note = escape(fallback_words(original))
    return f"<p><small>{note}</small></p><div{language_attributes(original)}>{html}</div>"


def language_note(original: str, *texts: tuple[Any, str], reader: str = "") -> SafeString | str:
    """The visible note beside what stands alone in a list: "(in English)" if any of these texts (a thing and its
    field) is foreign."""
    if not any(is_foreign(holder, field, original, reader) for holder, field in texts):
        return ""
    return SafeString(f' <small class="soft">{escape(in_brackets(original))}</small>')


def marked_text(holder: Any, field: str, original: str, reader: str = "") -> SafeString:
    """A name or a sentence for a page, marked when it is foreign."""
    text = text_of(holder, field)
    return isolated(text, original, reader) if is_foreign(holder, field, original, reader) else SafeString(escape(text))
