"""One component: how it fared, day by day and month by month, and which incidents touched it."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from html import escape
from typing import NamedTuple

from django.utils.translation import gettext as _

from portal.board.board import midnight_after
from portal.board.uptime import (
    DAYS,
    MONTH_OF_DAYS,
    UNKNOWN,
    Edges,
    Lasted,
    Spans,
    days_until,
    lasted,
    lasted_each,
    months_until,
    next_look,
    seconds_of,
    spans_unknown,
)
from portal.documents.prerendered import gap, prerendered
from portal.documents.spec import DocumentSpec, RenderedDocument
from portal.facts.page import ComponentFacts, IncidentFacts
from portal.facts.profile import PageProfile
from portal.facts.records import BEST, Record
from portal.html.dates import month as month_words
from portal.html.durations import lasting
from portal.html.uptime_bars import Bars
from portal.html.uptime_words import bars_drawing, day_name, fared, percent
from portal.html.writer import Writer, writer_for

TEMPLATE = "public/component.html"
PATH = f"components/{gap('public_id')}"
GAPS = (
    "title", "name", "description", "month_share", "share", "maintenance", "bars", "as_of", "begin",
    "months", "days",
)  # fmt: skip


class Shape(NamedTuple):
    """What the template asks about. `is_new`: on record for less than the days that it shows."""

    status: str
    has_description: bool
    has_maintenance: bool
    is_new: bool


@dataclass(frozen=True)
class Touch:
    """An incident as far as one component's days are concerned."""

    public_id: str
    name: str
    since: datetime
    until: datetime | None
    translated: tuple[str, ...] = ()


def component_document(
    profile: PageProfile, component: ComponentFacts, record: Record, touches: tuple[Touch, ...]
) -> DocumentSpec:
    def draw(now: datetime) -> RenderedDocument:
        text = _text(profile, component, record, touches, now)
        return RenderedDocument(text, next_look([record], now, midnight_after(now, profile.zone)))

    path, source = f"{profile.root}components/{component.public_id}", (profile, component, record, touches)
    return DocumentSpec(path, profile, source, draw, is_lazy=True)


def touches_of(incidents: Iterable[IncidentFacts], since: datetime) -> dict[str, tuple[Touch, ...]]:
    """By component, those of these disruptions (newest first) that reach into the time since then, the oldest first."""
    touches = defaultdict(list)
    for one in reversed(tuple(incidents)):
        until = one.resolved_at if one.is_over else None
        if (until is None or until >= since) and not one.is_ahead and not one.is_withdrawn:
            for code in _touched(one):
                touches[code].append(Touch(one.public_id, one.name, one.shown_at, until, one.translated))
    return {code: tuple(some) for code, some in touches.items()}


def _touched(one: IncidentFacts) -> set[str]:
    moved = {move.code for said in one.updates for move in said.changes or ()}
    return moved | {touched.public_id for touched in one.affected}


def _text(
    profile: PageProfile, component: ComponentFacts, record: Record, touches: tuple[Touch, ...], now: datetime
) -> str:
    pen, days, months = writer_for(profile), days_until(now, profile.zone), months_until(now, profile.zone)
    bars, title = Bars(record, days), escape(component.name)
    month, whole = (lasted(record, days.edges[-1 - number], days.edges[-1]) for number in (MONTH_OF_DAYS, DAYS))
    shape = Shape(component.status, bool(component.description), bool(whole.under_maintenance), bars.known < DAYS)
    return prerendered(TEMPLATE, profile, PATH, GAPS, shape).fill(
        {
            "public_id": escape(component.public_id),
            "title": title,
            "name": pen.text(component),
            "description": pen.text(component, "description"),
            "month_share": percent(month.uptime),
            "share": percent(whole.uptime),
            "maintenance": lasting(timedelta(seconds=whole.under_maintenance)) if shape.has_maintenance else "",
            "bars": bars_drawing(bars),
            "as_of": pen.moment(now),
            "begin": pen.day(record.begins_at, "brief") if shape.is_new else "",
            "months": _month_rows(months.firsts, lasted_each(record, months.edges), pen.language),
            "days": _day_rows(record, days, touches, pen, profile.root),
        }
    )


# -- months -----------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=1000)
def _month_rows(firsts: tuple[date, ...], spent: tuple[Lasted, ...], _language: str) -> str:
    """Newest first, without those of which nothing is known. Most components of a page have the very same."""
    known = [(first, one) for first, one in zip(firsts, spent, strict=True) if one.counted or one.under_maintenance]
    return "".join(_month_row(first, one) for first, one in reversed(known))


def _month_row(first: date, spent: Lasted) -> str:
    troubles = "".join(f"<p>{escape(fared(status))}: {escape(lasting(time))}</p>" for status, time in spent.troubles)
    nothing = _("Nothing")
    what = troubles or f'<span class="soft">{escape(nothing)}</span>'
    return (
        f'<tr><th scope="row">{escape(month_words(first))}</th><td class="number">{escape(percent(spent.uptime))}</td>'
        f"<td>{what}</td></tr>\n"
    )


# -- days -------------------------------------------------------------------------------------------------------------


def _day_rows(record: Record, days: Spans, touches: tuple[Touch, ...], pen: Writer, root: str) -> str:
    """Newest first. Most of them are alike but for their date."""
    rows = list(_quiet_rows(days.firsts, spans_unknown(record, days.edges), pen.language))
    touching = _by_day(touches, days.edges)
    eventful = {number for number, spent in enumerate(lasted_each(record, days.edges)) if not spent.is_quiet}
    for number in touching.keys() | eventful:
        spent = lasted(record, days.edges[number], days.edges[number + 1])
        how = "".join(f"<p>{pen.state(status)} <span>{lasting(time)}</span></p>" for status, time in spent.troubles)
        what = "".join(
            f'<p><a href="{escape(root)}incidents/{escape(one.public_id)}">{pen.text(one)}</a></p>'
            for one in touching[number]
        )
        rows[number] = _row(days.firsts[number], how or _as_always(spent.worst), what)
    return "".join(reversed(rows))


def _by_day(touches: Iterable[Touch], edges: Edges) -> dict[int, list[Touch]]:
    """What touched each day, by its number."""
    found = defaultdict(list)
    for one in touches:
        last = len(edges) - 1 if one.until is None else min(bisect_right(edges, seconds_of(one.until)), len(edges) - 1)
        for number in range(bisect_right(edges, seconds_of(one.since), 1) - 1, last):
            found[number].append(one)
    return found


@lru_cache(maxsize=500)
def _quiet_rows(firsts: tuple[date, ...], unknown: int, _language: str) -> tuple[str, ...]:
    """Days on which nothing happened, of which nothing is known for the first so many."""
    return tuple(_row(day, _as_always(UNKNOWN if at < unknown else BEST), "") for at, day in enumerate(firsts))


def _as_always(worst: str) -> str:
    return f'<span class="soft">{escape(fared(worst))}</span>'


def _row(first: date, how: str, what: str) -> str:
    name = escape(day_name(first))
    return f'<tr id="d-{first.isoformat()}"><th scope="row">{name}</th><td>{how}</td><td>{what}</td></tr>\n'
