"""How each visible component fared, as plain values: when its record begins, and every change of status since then."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, Q

from incidents.models import Component, Page, StatusChange

# Enough for twelve whole months and the present one.
KEPT_FOR = timedelta(days=400)
BEST = Component.Status.OPERATIONAL.value


@dataclass(frozen=True)
class Turn:
    """From this moment on, a component was in this status."""

    at: datetime
    status: str


@dataclass(frozen=True)
class Record:
    """One component's own: `turns` from the oldest on, operational before the first.

    Nothing is known of the time before `begins_at`. Older changes than `KEPT_FOR` are left out, but for the last.
    """

    public_id: str
    begins_at: datetime
    turns: tuple[Turn, ...] = ()


def read_records(page: Page, components: Collection[Component], now: datetime) -> tuple[Record, ...]:
    """The records of a page's visible components, in one query."""
    since = now - KEPT_FOR
    later = StatusChange.objects.filter(
        component=OuterRef("component"), from_at__gt=OuterRef("from_at"), from_at__lt=since
    )
    guests = [component.pk for component in components if component.page_id != page.pk]
    visible = Q(component__page=page) | Q(component__in=guests) if guests else Q(component__page=page)
    changes = StatusChange.objects.filter(visible, ~Exists(later), component__is_hidden=False)
    turns = defaultdict(list)
    for component_id, at, status in changes.order_by("from_at").values_list("component_id", "from_at", "status"):
        turns[component_id].append(Turn(at, status))
    zone = ZoneInfo(page.time_zone)
    return tuple(_record(component, turns[component.pk], zone) for component in components if not component.is_hidden)


def _record(component: Component, turns: list[Turn], zone: ZoneInfo) -> Record:
    """The record never contradicts what the component shows now, whoever wrote that."""
    status = turns[-1].status if turns else BEST
    if status != component.status:
        turns = [*turns, Turn(max([component.updated_at, *(turn.at for turn in turns[-1:])]), component.status)]
    return Record(component.public_id, _begin(component, turns, zone), tuple(_moves(turns)))


def _begin(component: Component, turns: list[Turn], zone: ZoneInfo) -> datetime:
    """Its first day of service, where that is stated; else when we made it or first spoke of it."""
    if component.start_date:
        return midnight_of(component.start_date, zone)
    return min([component.created_at, *(turn.at for turn in turns[:1])])


def _moves(turns: list[Turn]) -> Iterable[Turn]:
    """Without those that say again what was so already."""
    before = BEST
    for turn in turns:
        if turn.status != before:
            yield turn
        before = turn.status


def midnight_of(day: date, zone: ZoneInfo) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=zone)
