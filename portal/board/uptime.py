"""Uptime, computed from the record of a component and from nothing else.

    uptime = 1 - (major outage + 0.3 x partial outage) / (all time on record - maintenance)

A major outage counts in full, a partial outage for three tenths of its time, as on Statuspage. Slower or worse than
usual counts as up. Maintenance counts neither for nor against: it is told apart. Today counts until now. A share is
rounded down, so that 100 is said only where there was no outage at all. Days and months are those of the page's zone.

Pure: every function takes the moment and asks neither the clock nor the database. Times are whole seconds of the epoch.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from itertools import groupby, pairwise
from math import ceil
from zoneinfo import ZoneInfo

from incidents.models import Component
from portal.facts.records import BEST, Record, midnight_of

DAYS = 90
MONTHS = 12  # and the present one
MONTH_OF_DAYS = 30
TENTHS_OF_PARTIAL = 3

UNKNOWN = "unknown"
OUTAGES = ("major_outage", "partial_outage")
# From best to worst; a day goes by its worst.
FARED = (UNKNOWN, *Component.Status.values)
RANK = {status: number for number, status in enumerate(FARED)}

Edges = tuple[int, ...]
Stretch = tuple[int, int, str]
Run = tuple[str, int]


@dataclass(frozen=True)
class Lasted:
    """Seconds that a component spent in each status within a span."""

    operational: int = 0
    under_maintenance: int = 0
    degraded_performance: int = 0
    partial_outage: int = 0
    major_outage: int = 0
    unknown: int = 0

    @property
    def in_service(self) -> int:
        """What uptime is a share of."""
        return self.operational + self.degraded_performance + self.partial_outage + self.major_outage

    @property
    def uptime(self) -> Decimal | None:
        """In percent with two places, rounded down; None where there is nothing that it could be a share of."""
        if not self.in_service:
            return None
        lost = 10 * self.major_outage + TENTHS_OF_PARTIAL * self.partial_outage
        return Decimal((10 * self.in_service - lost) * 1000 // self.in_service) / 100

    @property
    def is_quiet(self) -> bool:
        """Whether nothing is to be told of it."""
        return not (self.major_outage or self.partial_outage or self.degraded_performance or self.under_maintenance)

    @property
    def worst(self) -> str:
        """The worst status that occurred, however shortly."""
        return max((status for status in FARED if getattr(self, status)), key=RANK.__getitem__, default=UNKNOWN)

    @property
    def troubles(self) -> tuple[tuple[str, timedelta], ...]:
        """What there was besides plain operation, the worst first, and how long."""
        durations = ((status, getattr(self, status)) for status in reversed(FARED) if status not in (BEST, UNKNOWN))
        return tuple((status, timedelta(seconds=seconds)) for status, seconds in durations if seconds)


# Thirty days, of which twenty hours were planned work: a round sum to show the formula with.
EXAMPLE = Lasted(operational=693 * 3600, under_maintenance=20 * 3600, partial_outage=5 * 3600, major_outage=2 * 3600)


def lasted(record: Record, start: int, end: int) -> Lasted:
    """How a component fared between two moments."""
    known_from = min(max(start, seconds_of(record.begins_at)), end)
    if not record.turns:
        return Lasted(unknown=known_from - start, operational=end - known_from)
    seconds = {UNKNOWN: known_from - start, BEST: end - known_from}
    for since, until, status in stretches(record, known_from, end):
        seconds[status] = seconds.get(status, 0) + until - since
        seconds[BEST] -= until - since
    return Lasted(**seconds)


def lasted_each(record: Record, edges: Edges) -> tuple[Lasted, ...]:
    """How a component fared in each of the spans that lie between the edges."""
    begin = max(seconds_of(record.begins_at), edges[0])
    spans = _quiet_each(begin, edges)
    if not record.turns:
        return spans
    eventful = {
        number
        for since, until, _status in stretches(record, begin, edges[-1])
        for number in range(bisect_right(edges, since) - 1, bisect_left(edges, until))
    }
    return tuple(
        lasted(record, edges[number], edges[number + 1]) if number in eventful else quiet
        for number, quiet in enumerate(spans)
    )


@lru_cache(maxsize=256)
def _quiet_each(begin: int, edges: Edges) -> tuple[Lasted, ...]:
    """Without any turn. Most components of a page are older than the figures: then it is the same for all of them."""
    record = Record("", datetime.fromtimestamp(begin, UTC))
    return tuple(lasted(record, start, end) for start, end in pairwise(edges))


def stretches(record: Record, start: int, end: int) -> Iterator[Stretch]:
    """When between two moments a component was not operational: since, until, status."""
    if not record.turns:
        return
    ends = (*record.turns[1:], None)
    for turn, following in zip(record.turns, ends, strict=True):
        since = max(seconds_of(turn.at), start)
        until = min(seconds_of(following.at), end) if following else end
        if turn.status != BEST and since < until:
            yield since, until, turn.status


def runs_of(record: Record, edges: Edges) -> list[Run]:
    """The same, equal neighbours taken together: status, and how many."""
    if record.turns:
        return [(status, len(list(days))) for status, days in groupby(worst_each(record, edges))]
    before_record, spans = spans_unknown(record, edges), len(edges) - 1
    return [run for run in ((UNKNOWN, before_record), (BEST, spans - before_record)) if run[1]]


def spans_unknown(record: Record, edges: Edges) -> int:
    """How many of these spans were over before the record began."""
    return bisect_right(edges, seconds_of(record.begins_at), 1) - 1


def worst_each(record: Record, edges: Edges) -> list[str]:
    """The worst status of each of the spans between the edges; unknown before the record begins."""
    before_record = spans_unknown(record, edges)
    worst = [UNKNOWN] * before_record + [BEST] * (len(edges) - 1 - before_record)
    for since, until, status in stretches(record, max(edges[0], seconds_of(record.begins_at)), edges[-1]):
        for number in range(bisect_right(edges, since) - 1, bisect_left(edges, until)):
            worst[number] = max(worst[number], status, key=RANK.__getitem__)
    return worst


def seconds_of(moment: datetime) -> int:
    return int(moment.timestamp())


# -- days and months --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Spans:
    """Days or months, from the oldest to the present one: their first days, and their edges with now as the last."""

    firsts: tuple[date, ...]
    edges: Edges

    def last(self, number: int) -> "Spans":
        return Spans(self.firsts[-number:], self.edges[-number - 1 :])


def days_until(now: datetime, zone: str, number: int = DAYS) -> Spans:
    """The last days in a zone, today until now. A day has 23 or 25 hours when the clocks change."""
    return _until(ceil(now.timestamp()), _days(now.astimezone(ZoneInfo(zone)).date(), zone, number))


def months_until(now: datetime, zone: str, number: int = MONTHS + 1) -> Spans:
    """The last months in a zone, the present one until now."""
    return _until(ceil(now.timestamp()), _months(now.astimezone(ZoneInfo(zone)).date(), zone, number))


@lru_cache(maxsize=64)
def _until(now: int, spans: Spans) -> Spans:
    return Spans(spans.firsts, (*spans.edges, max(now, spans.edges[-1] + 1)))


@lru_cache(maxsize=64)
def _days(today: date, zone: str, number: int) -> Spans:
    return _spans_from([today - timedelta(days=back) for back in reversed(range(number))], zone)


@lru_cache(maxsize=64)
def _months(today: date, zone: str, number: int) -> Spans:
    months = [today.year * 12 + today.month - 1 - back for back in reversed(range(number))]
    return _spans_from([date(month // 12, month % 12 + 1, 1) for month in months], zone)


def _spans_from(firsts: Sequence[date], zone: str) -> Spans:
    """As yet without the moment at which the last one ends."""
    return Spans(tuple(firsts), tuple(seconds_of(midnight_of(first, ZoneInfo(zone))) for first in firsts))


def days_known(record: Record, days: Spans) -> int:
    """How many of these days the record knows something of."""
    return len(days.firsts) - spans_unknown(record, days.edges)


def next_look(records: Iterable[Record], now: datetime, midnight: datetime) -> datetime:
    """Until when what was computed may stand: midnight, and while something is not as usual the next full hour."""
    if all(not record.turns or record.turns[-1].status == BEST for record in records):
        return midnight
    return min(midnight, (now + timedelta(hours=1)).replace(minute=0, second=0, microsecond=0))
