"""Our texts for programs that show no HTML, and what other programs must not be given."""

import re
from html import unescape

from django.utils.html import strip_tags

# What XML 1.0 has no place for, not even escaped; calendars do not want it either.
_UNSPEAKABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_LINE_END = re.compile(r"</(?:p|li|h[1-6]|blockquote|pre|tr)>\s*|<br ?/?>\s*")


def without_controls(text: str) -> str:
    return _UNSPEAKABLE.sub("", text)


def plain_text(html: str) -> str:
    """The words of a sanitised text, a line for each of its blocks."""
    return unescape(strip_tags(_LINE_END.sub("\n", html))).strip()
