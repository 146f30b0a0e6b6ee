"""How uptime reads in templates (see portal.html.uptime_words)."""

from collections.abc import Iterable
from decimal import Decimal
from html import escape

from django import template
from django.template.context import Context
from django.utils.safestring import SafeString

from portal.board.uptime import EXAMPLE, TENTHS_OF_PARTIAL, Lasted
from portal.facts.page import ComponentFacts
from portal.html.uptime_bars import Bars
from portal.html.uptime_words import (
    bars_drawing,
    day_name,
    days_link,
    fared,
    hours,
    percent,
    sample_bar,
    share_cells,
    span,
)
from portal.html.writer import Writer
from portal.templatetags.timeline import writer_of

register = template.Library()
register.filter(day_name)
register.filter(fared)
register.filter(hours)
register.filter(percent)
register.filter(span)
register.simple_tag(bars_drawing)
register.simple_tag(sample_bar)
register.simple_tag(share_cells)


@register.simple_tag
def weight_of_partial() -> Decimal:
    """How much of the time of a partial outage counts."""
    return Decimal(TENTHS_OF_PARTIAL) / 10


@register.simple_tag
def example_of_uptime() -> Lasted:
    return EXAMPLE


@register.simple_tag(takes_context=True)
def components(context: Context, components: Iterable[ComponentFacts]) -> SafeString:
    """Components with their states; where the context's `bars` have a component, its days are the way to its own page.

    By hand, since a page may have hundreds.
    """
    pen, bars_by_component, root = writer_of(context), context.get("bars") or {}, escape(context["page"].root)
    return SafeString(
        "".join(_part(component, bars_by_component.get(component.public_id), root, pen) for component in components)
    )


def _part(component: ComponentFacts, bars: Bars | None, root: str, pen: Writer) -> str:
    more = f"<small>{pen.text(component, 'description')}</small>" if component.description else ""
    days = days_link(bars, f"{root}components/{escape(component.public_id)}", pen.language) if bars else ""
    return f"\n<li><span>{pen.text(component)}{more}</span>{pen.state(component.status)}{days}</li>"
