"""Ninety days of a component as bars: one path per tone, one piece of it per run of equal days.

A dash pattern (site.css) cuts a piece into days, so that three quiet months are a single line of eight characters. The
worse a day, the higher its bar; maintenance has two thin bars, and what nothing is known of is a dotted ground line.
"""

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from django.utils.functional import cached_property
from django.utils.safestring import SafeString

from portal.board.uptime import Run, Spans, days_known, lasted, runs_of
from portal.facts.records import Record

HEIGHT = 24
# By status: the class, and the middle of the bars. Their height is the class's stroke-width.
TONES = {
    "unknown": ("n", "23"),
    "operational": ("o", "19"),
    "under_maintenance": ("w", "19"),
    "degraded_performance": ("d", "17"),
    "partial_outage": ("p", "14.5"),
    "major_outage": ("m", "12"),
}


@dataclass(frozen=True)
class Bars:
    """One component's days; `known_days` of them are on record."""

    record: Record
    days: Spans

    @cached_property
    def known_days(self) -> int:
        return days_known(self.record, self.days)

    @cached_property
    def uptime(self) -> Decimal | None:
        return lasted(self.record, self.days.edges[0], self.days.edges[-1]).uptime

    @cached_property
    def drawing(self) -> SafeString:
        """The inside of an SVG that is as many units wide as there are days."""
        return drawing_of(tuple(runs_of(self.record, self.days.edges)))

    @property
    def width(self) -> int:
        return len(self.days.firsts)


@lru_cache(maxsize=4000)
def drawing_of(runs: tuple[Run, ...]) -> SafeString:
    """Runs of equal days, from the oldest on. Most components of a page have the very same."""
    pieces: dict[str, list[tuple[int, int]]] = defaultdict(list)
    place = 0
    for status, length in runs:
        pieces[status].append((place, length))
        place += length
    return SafeString("".join(_path(status, runs) for status, runs in pieces.items()))


def _path(status: str, runs: list[tuple[int, int]]) -> str:
    tone, middle = TONES[status]
    (place, length), *rest = runs
    path = f"M{place} {middle}h{length}"
    end = place + length
    for start, length in rest:
        path += f"m{start - end} 0h{length}"
        end = start + length
    return f'<path class="{tone}" d="{path}"/>'
