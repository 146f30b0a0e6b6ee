"""The documents about uptime: all components over months, each component day by day, and the same for programs."""

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from portal.bars import Bars
from portal.board import first_of_day
from portal.documents import JSON
from portal.drawing import Context, Drawn, Sheet, page_sheet
from portal.facts import Disruption, Group, PageFacts, Part
from portal.letterhead import Letterhead
from portal.records import BEST, Record
from portal.uptime import (
    DAYS,
    FARED,
    TENTHS_OF_PARTIAL,
    UNKNOWN,
    Lasted,
    Spans,
    days_until,
    lasted,
    lasted_each,
    months_until,
    next_look,
    seconds_of,
    worst_each,
)

MONTH_OF_DAYS = 30
# Thirty days, of which twenty hours were planned work: a round sum to show the formula with.
EXAMPLE = Lasted(operational=693 * 3600, under_maintenance=20 * 3600, partial_outage=5 * 3600, major_outage=2 * 3600)


@dataclass(frozen=True)
class Touch:
    """A disruption as far as one component's days are concerned."""

    public_id: str
    name: str
    since: datetime
    until: datetime | None
    translated: tuple[str, ...] = ()


@dataclass(frozen=True)
class DayRow:
    """One day of one component: how it fared, and which disruptions touched it."""

    first: date
    lasted: Lasted
    touches: tuple[Touch, ...]


@dataclass(frozen=True)
class UptimeRow:
    """One component among the others: its uptime over 30 and 90 days, and month by month from the present one back."""

    part: Part
    shares: tuple[Decimal | None, ...]


def uptime_sheets(facts: PageFacts, now: datetime) -> Iterator[Sheet]:
    """All of them are seldom read."""
    head = facts.letterhead
    yield replace(_overview(facts), is_rare=True)
    yield _for_programs(facts)
    touches = touches_of(facts, now - timedelta(days=DAYS + 1))
    groups = {group.public_id: group for group in facts.groups}
    for part, record in zip(facts.parts, facts.records, strict=False):
        yield replace(
            _component(head, part, groups.get(part.group_id), record, touches.get(part.public_id, ())), is_rare=True
        )


def bars_of(facts: PageFacts, now: datetime) -> dict[str, Bars]:
    """The last ninety days of every component, by its public id."""
    days = days_until(now, facts.letterhead.zone)
    return {record.public_id: Bars(record, days) for record in facts.records}


def touches_of(facts: PageFacts, since: datetime) -> dict[str, tuple[Touch, ...]]:
    """By component, the disruptions that reach into the time since then, the oldest first."""
    touches = defaultdict(list)
    for one in reversed(facts.disruptions):
        until = one.resolved_at if one.is_over else None
        if not one.is_ahead and not one.is_withdrawn and (until is None or until >= since):
            for code in _touched(one):
                touches[code].append(Touch(one.public_id, one.name, one.shown_at, until, one.translated))
    return {code: tuple(some) for code, some in touches.items()}


def _touched(one: Disruption) -> set[str]:
    moved = {move.code for said in one.said for move in said.moves or ()}
    return moved | {touched.public_id for touched in one.touched}


def day_rows(record: Record, days: Spans, touches: tuple[Touch, ...]) -> list[DayRow]:
    """The days, newest first."""
    spans = zip(days.firsts, lasted_each(record, days.edges), days.edges, days.edges[1:], strict=False)
    rows = [DayRow(first, lasting, _on(start, end, touches)) for first, lasting, start, end in spans]
    return rows[::-1]


def _on(start: int, end: int, touches: tuple[Touch, ...]) -> tuple[Touch, ...]:
    return tuple(
        one for one in touches if seconds_of(one.since) < end and (one.until is None or seconds_of(one.until) >= start)
    )


def _midnight(now: datetime, head: Letterhead) -> datetime:
    zone = ZoneInfo(head.zone)
    return first_of_day(now.astimezone(zone) + timedelta(days=1), zone)


# -- one component ----------------------------------------------------------------------------------------------------


def _component(head: Letterhead, part: Part, group: Group | None, record: Record, touches: tuple[Touch, ...]) -> Sheet:
    def view(now: datetime) -> tuple[Context, datetime | None]:
        days = days_until(now, head.zone)
        months = months_until(now, head.zone)
        by_month = zip(months.firsts, lasted_each(record, months.edges), strict=True)
        context: Context = {
            "part": part,
            "group": group,
            "record": record,
            "bars": Bars(record, days),
            "short": lasted(record, days.edges[-1 - MONTH_OF_DAYS], days.edges[-1]),
            "long": lasted(record, days.edges[0], days.edges[-1]),
            "rows": day_rows(record, days, touches),
            "months": [(first, spent) for first, spent in by_month if spent.counted or spent.under_maintenance][::-1],
            "as_of": now,
            **_formula(),
        }
        return context, next_look([record], now, _midnight(now, head))

    path = f"{head.root}components/{part.public_id}"
    return page_sheet(path, "public/component.html", head, (head, part, group, record, touches), view)


# -- all components ---------------------------------------------------------------------------------------------------


def _overview(facts: PageFacts) -> Sheet:
    head = facts.letterhead

    def view(now: datetime) -> tuple[Context, datetime | None]:
        months = months_until(now, head.zone)
        context: Context = {
            "groups": _by_group(facts, now),
            "months": months.firsts[::-1],
            "as_of": now,
            **_formula(),
        }
        return context, next_look(facts.records, now, _midnight(now, head))

    source = (head, facts.groups, facts.parts, facts.records)
    return page_sheet(f"{head.root}uptime", "public/uptime.html", head, source, view)


def _by_group(facts: PageFacts, now: datetime) -> list[tuple[Group | None, list[UptimeRow]]]:
    """Components without a group first, then the groups in their order."""
    places: dict[str, int] = {group.public_id: place for place, group in enumerate(facts.groups)}
    days, months = (spans(now, facts.letterhead.zone) for spans in (days_until, months_until))
    pairs = sorted(zip(facts.parts, facts.records, strict=False), key=lambda pair: places.get(pair[0].group_id, -1))
    return [
        (facts.groups[place] if place >= 0 else None, [_row(part, record, days, months) for part, record in some])
        for place, some in groupby(pairs, key=lambda pair: places.get(pair[0].group_id, -1))
    ]


def _row(part: Part, record: Record, days: Spans, months: Spans) -> UptimeRow:
    now = days.edges[-1]
    spans = (
        lasted(record, days.edges[-1 - MONTH_OF_DAYS], now),
        lasted(record, days.edges[0], now),
        *reversed(lasted_each(record, months.edges)),
    )
    return UptimeRow(part, tuple(spent.uptime for spent in spans))


def _formula() -> Context:
    return {"weight": Decimal(TENTHS_OF_PARTIAL) / 10, "example": EXAMPLE}


# -- for programs -----------------------------------------------------------------------------------------------------


def _for_programs(facts: PageFacts) -> Sheet:
    head = facts.letterhead

    def draw(now: datetime) -> Drawn:
        days, months = (spans(now, head.zone) for spans in (days_until, months_until))
        body = {
            "page": {"id": facts.public_id, "name": head.name, "url": head.absolute(), "time_zone": head.zone},
            "as_of": now.isoformat(timespec="seconds"),
            "weights": {"major_outage": 1, "partial_outage": TENTHS_OF_PARTIAL / 10},
            "components": [
                _told(part, record, days, months, head)
                for part, record in zip(facts.parts, facts.records, strict=False)
            ],
        }
        return Drawn(json.dumps(body, ensure_ascii=False), next_look(facts.records, now, _midnight(now, head)))

    source = (head, facts.public_id, facts.parts, facts.records)
    return Sheet(f"{head.root}uptime.json", head, source, draw, JSON, is_open=True, is_rare=True)


def _told(part: Part, record: Record, days: Spans, months: Spans, head: Letterhead) -> dict[str, Any]:
    by_month = zip(months.firsts, lasted_each(record, months.edges), strict=True)
    return {
        "id": part.public_id,
        "name": part.name,
        "group_id": part.group_id or None,
        "url": head.absolute(f"components/{part.public_id}"),
        "record_begins_at": record.begins_at.isoformat(timespec="seconds"),
        "days_30": _share(lasted(record, days.edges[-1 - MONTH_OF_DAYS], days.edges[-1])),
        "days_90": _share(lasted(record, days.edges[0], days.edges[-1])),
        "months": [{"month": f"{first:%Y-%m}", **_share(spent)} for first, spent in by_month],
        "days": list(_eventful(record, days)),
    }


def _eventful(record: Record, days: Spans) -> Iterator[dict[str, Any]]:
    """Only the days on which something was not as usual."""
    for number, worst in enumerate(worst_each(record, days.edges)):
        if worst not in (BEST, UNKNOWN):
            spent = lasted(record, days.edges[number], days.edges[number + 1])
            yield {"day": days.firsts[number].isoformat(), "worst": worst, **_share(spent)}


@lru_cache(maxsize=1024)
def _share(spent: Lasted) -> dict[str, Any]:
    """Uptime as a number, null where there is none, and the seconds that it was reckoned from."""
    seconds = {status: seconds for status in FARED if (seconds := getattr(spent, status))}
    return {"uptime": None if spent.uptime is None else float(spent.uptime), "seconds": seconds}
