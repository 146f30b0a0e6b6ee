"""Words for what is not in the reader's language, the same on pages and in mails."""

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, get_language_info, gettext


def fallback_words(original: str) -> str:
    """ "Not yet in German; in English:" in the reader's language."""
    names = {
        "language": get_language_info(get_language() or original)["name_translated"],
        "original": get_language_info(original)["name_translated"],
    }
    return gettext("Not yet in %(language)s; in %(original)s:") % names


def language_attributes(original: str) -> SafeString:
    """` lang="en"`, with the direction where that is another than the reader's."""
    own, reader = get_language_info(original), get_language_info(get_language() or original)
    if own["bidi"] == reader["bidi"]:
        return format_html(' lang="{}"', original)
    return format_html(' lang="{}" dir="{}"', original, "rtl" if own["bidi"] else "ltr")
