"""Words for what is not in the reader's language, the same on pages and in mails. Feeds say them hundreds of times."""

from functools import lru_cache

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, get_language_info, gettext


def fallback_words(original: str) -> str:
    """ "Not yet in German; in English:" in the reader's language."""
    return _fallback_words(original, get_language() or original)


@lru_cache(maxsize=200)
def _fallback_words(original: str, reader: str) -> str:
    names = {
        "language": get_language_info(reader)["name_translated"],
        "original": get_language_info(original)["name_translated"],
    }
    return gettext("Not yet in %(language)s; in %(original)s:") % names


def in_brackets(original: str) -> str:
    """ "(in English)" in the reader's language: beside a title that stands alone."""
    return _in_brackets(original, get_language() or original)


@lru_cache(maxsize=200)
def _in_brackets(original: str, _reader: str) -> str:
    return gettext("(in %(original)s)") % {"original": get_language_info(original)["name_translated"]}


def language_attributes(original: str, reader: str = "") -> SafeString:
    """` lang="en"`, with the direction where that is another than the reader's (the active language's)."""
    return _language_attributes(original, reader or get_language() or original)


@lru_cache(maxsize=200)
def _language_attributes(original: str, reader: str) -> SafeString:
    is_bidi = get_language_info(original)["bidi"]
    if is_bidi == get_language_info(reader)["bidi"]:
        return format_html(' lang="{}"', original)
    return format_html(' lang="{}" dir="{}"', original, "rtl" if is_bidi else "ltr")
