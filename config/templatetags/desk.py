"""Charts of the staff desk: drawn by the server as SVG inside the table that holds the same figures."""

from collections.abc import Sequence
from dataclasses import dataclass

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from config.desk.board import reached
from incidents.models import Incident
from incidents.queries.metrics import Recovery
from incidents.queries.report_trend import Trend

register = template.Library()

Slice = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Measure:
    """One row: what is measured, its figures in words, and the parts of the whole, each with its tone."""

    label: str
    words: str
    parts: Sequence[Slice] = ()
    total: int = 0

    @property
    def bar(self) -> SafeString | str:
        return _bar(self.parts, self.total) if self.total else ""


@register.inclusion_tag("admin/_measures.html")
def measures(recovery: Recovery, reached: int) -> dict[str, Sequence[Measure]]:
    """The rows of one incident; `reached` counts the customers whom the first notice reached."""
    return {"measures": [_affected(recovery), *_outcome(recovery, reached), _ratings(recovery)]}


@register.simple_tag
def reached_of(incident: Incident) -> int:
    """How many different customers the first notice reached; for the page of one incident."""
    return reached([incident]).get(incident.pk, 0)


@register.simple_tag
def report_chart(trend: Trend) -> SafeString:
    """The last twenty-four hours as bars beside each other; the figures stand in the same row, and below in words."""
    most = max(*trend.hours, 1)
    bars = [(hour * 4, 24 - 24 * number / most, 24 * number / most) for hour, number in enumerate(trend.hours)]
    rects = ((x, f"{y:.1f}", f"{height:.1f}") for x, y, height in bars)
    columns = format_html_join("", '<rect x="{}" y="{}" width="3" height="{}"/>', rects)
    return format_html(
        '<svg class="spark" viewBox="0 0 95 24" preserveAspectRatio="none" aria-hidden="true" focusable="false">'
        '<rect class="track" y="23" width="95" height="1"/>{}</svg>',
        columns,
    )


def _affected(recovery: Recovery) -> Measure:
    customers, holdings = recovery.customers, recovery.impacts
    words = [
        ngettext("%(count)d customer", "%(count)d customers", customers) % {"count": customers},
        ngettext("%(count)d holding", "%(count)d holdings", holdings) % {"count": holdings},
        ngettext("%(count)d unit", "%(count)d units", recovery.units) % {"count": recovery.units},
    ]
    return Measure(_("Affected"), " · ".join(words))


def _outcome(recovery: Recovery, reached: int) -> list[Measure]:
    said_no = recovery.reopened
    return [
        Measure(
            _("Reached"),
            _of(reached, recovery.customers, (_("%d without an address"), recovery.unreachable)),
            [("good", reached), ("bad", recovery.unreachable)],
            recovery.customers,
        ),
        Measure(
            _("Seen"), _of(recovery.impacts_seen, recovery.impacts), [("calm", recovery.impacts_seen)], recovery.impacts
        ),
        Measure(
            _("Chosen"),
            _of(recovery.impacts_chosen, recovery.impacts),
            [("good", recovery.impacts_chosen)],
            recovery.impacts,
        ),
        Measure(
            _("Promises"),
            _join_counts(
                (_("%d kept"), recovery.honoured),
                (_("%d broken"), recovery.promises_broken),
                (_("%d due"), recovery.promises_due),
            ),
            [("good", recovery.honoured), ("bad", recovery.promises_broken), ("warn", recovery.promises_due)],
            recovery.promises,
        ),
        Measure(
            _("Confirmed fixed"),
            _of(
                recovery.confirmed,
                recovery.impacts_asked,
                (_("%d said no"), recovery.not_fixed),
                (_("%d no answer yet"), recovery.unanswered),
            )
            if recovery.impacts_asked
            else _("not asked yet"),
            [("good", recovery.confirmed), ("bad", said_no)],
            recovery.impacts_asked,
        ),
    ]


def _ratings(recovery: Recovery) -> Measure:
    if recovery.satisfaction is None or recovery.effort is None:
        return Measure(_("Rating"), _("none yet"))
    count = ngettext("%(count)d rating", "%(count)d ratings", recovery.ratings) % {"count": recovery.ratings}
    words = _("%(satisfaction).1f of 5 · ease %(effort).1f of 7 · %(count)s")
    text = words % {"satisfaction": recovery.satisfaction, "effort": recovery.effort, "count": count}
    return Measure(_("Rating"), text, [("good", round(recovery.satisfaction * 100))], 500)


def _of(part: int, total: int, *also: tuple[str, int]) -> str:
    head = _("%(part)d of %(whole)d") % {"part": part, "whole": total}
    return " · ".join([head, *(words % number for words, number in also if number)])


def _join_counts(*counts: tuple[str, int]) -> str:
    return " · ".join(words % number for words, number in counts if number) or _("none yet")


def _bar(parts: Sequence[Slice], total: int) -> SafeString:
    """A track with the parts on it, one after the other; decoration, since the words say the same."""
    rects, start = [], 0.0
    for tone, number in parts:
        width = min(100.0 * number / total, 100.0 - start)
        rects.append((tone, f"{start:.2f}", f"{width:.2f}"))
        start += width
    stripes = format_html_join("", '<rect class="part-{}" x="{}" width="{}" height="8"/>', rects)
    return format_html(
        '<svg class="bar" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true" focusable="false">'
        '<rect class="track" width="100" height="8"/>{}</svg>',
        stripes,
    )
