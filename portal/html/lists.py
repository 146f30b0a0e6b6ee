"""Joining names as a language does: "a, b and c"."""

from collections.abc import Sequence

from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import pgettext


def join_names(names: Sequence[str]) -> str:
    """As text. Each step is a pattern of its own, so that a language may also put the words before the names."""
    if not names:
        return ""
    *first, last = names
    if not first:
        return last
    joined = first[0]
    for name in first[1:]:
        joined = pgettext("a list goes on", "%(names)s, %(name)s") % {"names": joined, "name": name}
    return pgettext("a list ends", "%(names)s and %(name)s") % {"names": joined, "name": last}


def join_names_html(names: Sequence[str]) -> SafeString:
    """The same for a page."""
    return mark_safe(join_names([conditional_escape(name) for name in names]))  # noqa: S308 - each was just escaped
