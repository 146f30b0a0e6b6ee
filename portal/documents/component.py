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
from portal.documents.prerendered import placeholder, prerendered
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
PATH = f"components/{placeholder('public_id')}"
PLACEHOLDERS = (
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
class ComponentIncident:
    """An incident as far as one component's days are concerned."""

    public_id: str
    name: str
    since: datetime
    until: datetime | None
    translated: tuple[str, ...] = ()


def component_document(
    profile: PageProfile, component: ComponentFacts, record: Record, incidents: tuple[ComponentIncident, ...]
) -> DocumentSpec:
    def render(now: datetime) -> RenderedDocument:
        text = _text(profile, component, record, incidents, now)
        return RenderedDocument(text, next_look([record], now, midnight_after(now, profile.zone)))

    path, source = f"{profile.root}components/{component.public_id}", (profile, component, record, incidents)
    return DocumentSpec(path, profile, source, render, is_lazy=True)


def incidents_by_component(
    incidents: Iterable[IncidentFacts], since: datetime
) -> dict[str, tuple[ComponentIncident, ...]]:
    """By component, those of these incidents (newest first) that reach into the time since then, the oldest first."""
    by_component = defaultdict(list)
    for incident in reversed(tuple(incidents)):
        until = incident.resolved_at if incident.is_over else None
        if (until is None or until >= since) and not incident.is_ahead and not incident.is_withdrawn:
            for code in _component_ids(incident):
                by_component[code].append(
                    ComponentIncident(incident.public_id, incident.name, incident.shown_at, until, incident.translated)
                )
    return {code: tuple(incident_list) for code, incident_list in by_component.items()}


def _component_ids(incident: IncidentFacts) -> set[str]:
    codes = {change.code for update in incident.updates for change in update.changes or ()}
    return codes | {component.public_id for component in incident.affected}


def _text(
    profile: PageProfile,
    component: ComponentFacts,
    record: Record,
    incidents: tuple[ComponentIncident, ...],
    now: datetime,
) -> str:
    pen, days, months = writer_for(profile), days_until(now, profile.zone), months_until(now, profile.zone)
    bars, title = Bars(record, days), escape(component.name)
    month, quarter = (lasted(record, days.edges[-1 - number], days.edges[-1]) for number in (MONTH_OF_DAYS, DAYS))
    shape = Shape(
        component.status, bool(component.description), bool(quarter.under_maintenance), bars.known_days < DAYS
    )
    return prerendered(TEMPLATE, profile, PATH, PLACEHOLDERS, shape).fill(
        {
            "public_id": escape(component.public_id),
            "title": title,
            "name": pen.text(component),
            "description": pen.text(component, "description"),
            "month_share": percent(month.uptime),
            "share": percent(quarter.uptime),
            "maintenance": lasting(timedelta(seconds=quarter.under_maintenance)) if shape.has_maintenance else "",
            "bars": bars_drawing(bars),
            "as_of": pen.moment(now),
            "begin": pen.day(record.begins_at, "brief") if shape.is_new else "",
            "months": _month_rows(months.firsts, lasted_each(record, months.edges), pen.language),
            "days": _day_rows(record, days, incidents, pen, profile.root),
        }
    )


# -- months -----------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=1000)
def _month_rows(firsts: tuple[date, ...], spans: tuple[Lasted, ...], _language: str) -> str:
    """Newest first, without those of which nothing is known. Most components of a page have the very same."""
    rows = [
        (first, times)
        for first, times in zip(firsts, spans, strict=True)
        if times.in_service or times.under_maintenance
    ]
    return "".join(_month_row(first, times) for first, times in reversed(rows))


def _month_row(first: date, times: Lasted) -> str:
    troubles = "".join(f"<p>{escape(fared(status))}: {escape(lasting(time))}</p>" for status, time in times.troubles)
    no_trouble = _("Nothing")
    details = troubles or f'<span class="soft">{escape(no_trouble)}</span>'
    return (
        f'<tr><th scope="row">{escape(month_words(first))}</th><td class="number">{escape(percent(times.uptime))}</td>'
        f"<td>{details}</td></tr>\n"
    )


# -- days -------------------------------------------------------------------------------------------------------------


def _day_rows(record: Record, days: Spans, incidents: tuple[ComponentIncident, ...], pen: Writer, root: str) -> str:
    """Newest first. Most of them are alike but for their date."""
    rows = list(_quiet_rows(days.firsts, spans_unknown(record, days.edges), pen.language))
    by_day = _by_day(incidents, days.edges)
    eventful = {number for number, in_day in enumerate(lasted_each(record, days.edges)) if not in_day.is_quiet}
    for number in by_day.keys() | eventful:
        times = lasted(record, days.edges[number], days.edges[number + 1])
        fared_html = "".join(
            f"<p>{pen.state(status)} <span>{lasting(time)}</span></p>" for status, time in times.troubles
        )
        links = "".join(
            f'<p><a href="{escape(root)}incidents/{escape(incident.public_id)}">{pen.text(incident)}</a></p>'
            for incident in by_day[number]
        )
        rows[number] = _row(days.firsts[number], fared_html or _as_always(times.worst), links)
    return "".join(reversed(rows))


def _by_day(incidents: Iterable[ComponentIncident], edges: Edges) -> dict[int, list[ComponentIncident]]:
    """What touched each day, by its number."""
    by_day = defaultdict(list)
    for incident in incidents:
        last = (
            len(edges) - 1
            if incident.until is None
            else min(bisect_right(edges, seconds_of(incident.until)), len(edges) - 1)
        )
        for number in range(bisect_right(edges, seconds_of(incident.since), 1) - 1, last):
            by_day[number].append(incident)
    return by_day


@lru_cache(maxsize=500)
def _quiet_rows(firsts: tuple[date, ...], before_record: int, _language: str) -> tuple[str, ...]:
    """Days on which nothing happened, of which nothing is known for the first so many."""
    return tuple(_row(day, _as_always(UNKNOWN if at < before_record else BEST), "") for at, day in enumerate(firsts))


def _as_always(worst: str) -> str:
    return f'<span class="soft">{escape(fared(worst))}</span>'


def _row(first: date, fared_html: str, links: str) -> str:
    name = escape(day_name(first))
    return f'<tr id="d-{first.isoformat()}"><th scope="row">{name}</th><td>{fared_html}</td><td>{links}</td></tr>\n'
