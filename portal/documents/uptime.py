"""The documents about uptime: all components over months, each component day by day, and the same for programs."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from itertools import groupby
from typing import Any

from portal.board.board import midnight_after
from portal.board.uptime import (
    DAYS,
    FARED,
    MONTH_OF_DAYS,
    TENTHS_OF_PARTIAL,
    UNKNOWN,
    Lasted,
    Spans,
    days_until,
    lasted,
    lasted_each,
    months_until,
    next_look,
    worst_each,
)
from portal.documents.component import component_document, incidents_by_component
from portal.documents.document import JSON
from portal.documents.spec import Context, DocumentSpec, RenderedDocument, page_document
from portal.facts.page import ComponentFacts, GroupFacts, PageFacts
from portal.facts.profile import PageProfile
from portal.facts.records import BEST, Record
from portal.html.uptime_bars import Bars


@dataclass(frozen=True)
class UptimeRow:
    """One component among the others: its uptime over 30 and 90 days, and month by month from the present one back."""

    component: ComponentFacts
    shares: tuple[Decimal | None, ...]


def uptime_documents(facts: PageFacts, now: datetime) -> Iterator[DocumentSpec]:
    """All of them are seldom read."""
    profile = facts.profile
    yield _overview(facts)
    yield _for_programs(facts)
    by_component = incidents_by_component(facts.incidents, now - timedelta(days=DAYS + 1))
    for component, record in zip(facts.components, facts.records, strict=False):
        yield component_document(profile, component, record, by_component.get(component.public_id, ()))


def bars_of(facts: PageFacts, now: datetime) -> dict[str, Bars]:
    """The last ninety days of every component, by its public id."""
    days = days_until(now, facts.profile.zone)
    return {record.public_id: Bars(record, days) for record in facts.records}


# -- all components ---------------------------------------------------------------------------------------------------


def _overview(facts: PageFacts) -> DocumentSpec:
    profile = facts.profile

    def view(now: datetime) -> tuple[Context, datetime | None]:
        months = months_until(now, profile.zone)
        context: Context = {
            "groups": _by_group(facts, now),
            "months": months.firsts[::-1],
            "as_of": now,
        }
        return context, next_look(facts.records, now, midnight_after(now, profile.zone))

    source = (profile, facts.groups, facts.components, facts.records)
    return page_document(f"{profile.root}uptime", "public/uptime.html", profile, source, view, is_lazy=True)


def _by_group(facts: PageFacts, now: datetime) -> list[tuple[GroupFacts | None, list[UptimeRow]]]:
    """Components without a group first, then the groups in their order."""
    places: dict[str, int] = {group.public_id: place for place, group in enumerate(facts.groups)}
    days, months = (spans(now, facts.profile.zone) for spans in (days_until, months_until))
    pairs = sorted(
        zip(facts.components, facts.records, strict=False), key=lambda pair: places.get(pair[0].group_id, -1)
    )
    return [
        (
            facts.groups[place] if place >= 0 else None,
            [_row(component, record, days, months) for component, record in group_pairs],
        )
        for place, group_pairs in groupby(pairs, key=lambda pair: places.get(pair[0].group_id, -1))
    ]


def _row(component: ComponentFacts, record: Record, days: Spans, months: Spans) -> UptimeRow:
    now = days.edges[-1]
    spans = (
        lasted(record, days.edges[-1 - MONTH_OF_DAYS], now),
        lasted(record, days.edges[0], now),
        *reversed(lasted_each(record, months.edges)),
    )
    return UptimeRow(component, tuple(times.uptime for times in spans))


# -- for programs -----------------------------------------------------------------------------------------------------


def _for_programs(facts: PageFacts) -> DocumentSpec:
    profile = facts.profile

    def render(now: datetime) -> RenderedDocument:
        days, months = (spans(now, profile.zone) for spans in (days_until, months_until))
        body = {
            "page": {"id": facts.public_id, "name": profile.name, "url": profile.absolute(), "time_zone": profile.zone},
            "as_of": now.isoformat(timespec="seconds"),
            "weights": {"major_outage": 1, "partial_outage": TENTHS_OF_PARTIAL / 10},
            "components": [
                _component_row(component, record, days, months, profile)
                for component, record in zip(facts.components, facts.records, strict=False)
            ],
        }
        valid_until = next_look(facts.records, now, midnight_after(now, profile.zone))
        return RenderedDocument(json.dumps(body, ensure_ascii=False), valid_until)

    source = (profile, facts.public_id, facts.components, facts.records)
    return DocumentSpec(f"{profile.root}uptime.json", profile, source, render, JSON, is_open=True, is_lazy=True)


def _component_row(
    component: ComponentFacts, record: Record, days: Spans, months: Spans, profile: PageProfile
) -> dict[str, Any]:
    return {
        "id": component.public_id,
        "name": component.name,
        "group_id": component.group_id or None,
        "url": profile.absolute(f"components/{component.public_id}"),
        "record_begins_at": record.begins_at.isoformat(timespec="seconds"),
        "days_30": _share(lasted(record, days.edges[-1 - MONTH_OF_DAYS], days.edges[-1])),
        "days_90": _share(lasted(record, days.edges[0], days.edges[-1])),
        "months": _monthly(months.firsts, lasted_each(record, months.edges)),
        "days": list(_eventful(record, days)),
    }


@lru_cache(maxsize=1000)
def _monthly(firsts: tuple[date, ...], spans: tuple[Lasted, ...]) -> list[dict[str, Any]]:
    """Most components of a page have the very same."""
    return [{"month": f"{first:%Y-%m}", **_share(times)} for first, times in zip(firsts, spans, strict=True)]


def _eventful(record: Record, days: Spans) -> Iterator[dict[str, Any]]:
    """Only the days on which something was not as usual."""
    for number, worst in enumerate(worst_each(record, days.edges)):
        if worst not in (BEST, UNKNOWN):
            times = lasted(record, days.edges[number], days.edges[number + 1])
            yield {"day": days.firsts[number].isoformat(), "worst": worst, **_share(times)}


@lru_cache(maxsize=1024)
def _share(times: Lasted) -> dict[str, Any]:
    """Uptime as a number, null where there is none, and the seconds that it was computed from."""
    seconds = {status: seconds for status in FARED if (seconds := getattr(times, status))}
    return {"uptime": None if times.uptime is None else float(times.uptime), "seconds": seconds}
