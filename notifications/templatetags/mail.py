"""What the templates of mails need: moments in the reader's zone, in their language."""

from datetime import datetime

from django import template
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import get_language_bidi, gettext

from incidents.text.markdown import render_markdown
from incidents.text.plain import plain_text

register = template.Library()


@register.filter
def moment(when: datetime | None) -> str:
    """ "Friday 20 December, 16:44 WET": absolute, because a mail is read who knows when."""
    if when is None:
        return ""
    local = timezone.localtime(when)
    # Translators: day and time in a mail, as in "Friday 20 December, 16:44"; letters as in Django's date filter.
    day_and_time = gettext("l j F, H:i")
    return f"{date_format(local, day_and_time)} {_zone(local)}"


@register.filter
def indent(text: str, by: str = "  ") -> str:
    """Each line of a text moved to the right: what somebody else said, in a plain text mail."""
    return "\n".join(f"{by}{line}".rstrip() for line in str(text).splitlines())


@register.filter
def markdown(text: str) -> SafeString:
    """What staff wrote as harmless HTML."""
    return SafeString(render_markdown(text))


@register.filter
def plain(html: str) -> str:
    """What staff wrote, from its HTML, as text that reads well without marks."""
    return plain_text(html)


@register.filter
def isolated(text: object) -> str:
    """A name, number or address inside a sentence of a plain text mail that is read from right to left: its own
    direction does not disturb that of the sentence (Unicode's FIRST STRONG ISOLATE)."""
    return f"\u2068{text}\u2069" if get_language_bidi() else str(text)


def _zone(local: datetime) -> str:
    """WET, or UTC-03 where a zone has no letters of its own."""
    name = local.tzname() or ""
    return f"UTC{name}" if name[:1] in "+-" else name
