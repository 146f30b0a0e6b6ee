"""How the statuses of components went, written down as it happens and read out of what was said before.

One row per change, in the transaction that changes the status. The record of a component only grows at its end; what
an import brings stands at its own times.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from django.db.models import Max, Q

from incidents.models import AffectedComponent, Component, Incident, Page, StatusChange

JUST_AFTER = timedelta(microseconds=1)
OPERATIONAL = Component.Status.OPERATIONAL.value


def write_changes(statuses: Mapping[int, str], *, from_at: datetime) -> None:
    """These components (by primary key) are in these statuses from this moment on, at the earliest from right after
    their last change. Inside an action's transaction, with the components locked.
    """
    last = _last_changes(statuses)
    StatusChange.objects.bulk_create(
        StatusChange(component_id=pk, status=status, from_at=_free_moment(from_at, last.get(pk)))
        for pk, status in statuses.items()
    )


def write_earlier_start(incident: Incident, *, was: datetime) -> None:
    """An incident began earlier than it was said to: so did what it did to its components, since their last change.

    A later start changes nothing: a correction never makes a record better. Inside an action's transaction.
    """
    start = incident.started_at
    concerned = Component.objects.filter(affected_by__incident=incident).order_by("pk")
    locked = [component.pk for component in concerned.select_for_update(of=("self",), no_key=True)]
    changes = StatusChange.objects.filter(component__in=locked, from_at__gte=start, from_at__lte=was).order_by(
        "from_at"
    )
    first = {change.component_id: change for change in changes.reverse()}
    StatusChange.objects.bulk_create(
        StatusChange(component_id=pk, status=change.status, from_at=start)
        for pk, change in first.items()
        if start < change.from_at == was and change.status != OPERATIONAL
    )


def _last_changes(component_ids: Collection[int]) -> dict[int, datetime]:
    changes = StatusChange.objects.filter(component__in=component_ids).order_by()
    return dict(changes.values("component").annotate(last=Max("from_at")).values_list("component", "last"))


def _free_moment(wanted: datetime, last: datetime | None) -> datetime:
    return wanted if last is None else max(wanted, last + JUST_AFTER)


# -- out of what was said ---------------------------------------------------------------------------------------------


class SaidUpdate(Protocol):
    """Of an update only when it was said and what it said of components."""

    @property
    def display_at(self) -> datetime: ...
    @property
    def affected_components(self) -> Any: ...


class SaidIncident(Protocol):
    """Of an incident only its course."""

    @property
    def kind(self) -> Any: ...
    @property
    def status(self) -> str: ...
    @property
    def started_at(self) -> datetime: ...
    @property
    def scheduled_for(self) -> datetime | None: ...
    @property
    def resolved_at(self) -> datetime | None: ...


@dataclass(frozen=True, slots=True)
class Told:
    """A component's status from a moment on, as an incident told it. ``is_end``: nobody said so, it was simply over."""

    code: str
    status: str
    from_at: datetime
    is_end: bool = False


def told_by(incident: SaidIncident, updates: Iterable[SaidUpdate], affected: Mapping[str, str]) -> list[Told]:
    """What one incident, with its updates from the oldest on, tells of its components, in order of time.

    What an incident says first holds since it started. Of ``affected`` components (status by public id) that no update
    spoke of, it tells their status from its start to its end. What is over leaves nothing behind.
    """
    told: dict[tuple[str, datetime], Told] = {}
    last: dict[str, Told] = {}
    for one in (*_in_updates(incident, updates), *_unspoken(incident, updates, affected)):
        told[one.code, one.from_at] = last[one.code] = one
    if incident.status in Incident.OVER and incident.resolved_at:
        for one in list(last.values()):
            if one.status != OPERATIONAL:
                end = max(incident.resolved_at, one.from_at)
                told[one.code, end] = Told(one.code, OPERATIONAL, end, is_end=True)
    return sorted(told.values(), key=lambda one: one.from_at)


def _in_updates(incident: SaidIncident, updates: Iterable[SaidUpdate]) -> Iterator[Told]:
    is_first = incident.kind == Incident.Kind.INCIDENT
    for update in updates:
        for code, status in _spoken_of(update.affected_components):
            yield Told(code, status, min(update.display_at, incident.started_at) if is_first else update.display_at)
        is_first = False


def _spoken_of(entries: Any) -> Iterator[tuple[str, str]]:
    for entry in entries if isinstance(entries, list) else ():
        code, status = entry.get("code"), entry.get("new_status")
        if code and status in Component.Status.values:
            yield code, status


def _unspoken(incident: SaidIncident, updates: Iterable[SaidUpdate], affected: Mapping[str, str]) -> Iterator[Told]:
    if incident.status == Incident.Status.SCHEDULED:
        return
    spoken = {code for update in updates for code, _status in _spoken_of(update.affected_components)}
    start = incident.scheduled_for or incident.started_at
    is_withdrawn = incident.resolved_at is not None and incident.resolved_at < start
    for code, status in affected.items():
        if code not in spoken and status != OPERATIONAL and not is_withdrawn:
            yield Told(code, status, start)


def write_told(page: Page, told: Collection[Told], *, incident: Incident) -> None:
    """Add what an imported incident tells of the page's components; what is known of a moment stays. Safe to repeat.

    Inside an action's transaction. An incident's end frees no component that another one held at that moment.
    """
    codes = {one.code for one in told}
    known = dict(page.components.filter(public_id__in=codes).values_list("public_id", "pk")) if codes else {}
    held = _held(incident, known.values()) if any(one.is_end for one in told) else set()
    StatusChange.objects.bulk_create(
        (
            StatusChange(component_id=known[one.code], status=one.status, from_at=one.from_at)
            for one in told
            if one.code in known and not (one.is_end and known[one.code] in held)
        ),
        ignore_conflicts=True,
    )


def _held(incident: Incident, component_ids: Collection[int]) -> set[int]:
    """Those components that other incidents held when this one ended."""
    end = incident.resolved_at
    held = AffectedComponent.objects.filter(
        Q(incident__resolved_at__gt=end) | Q(incident__resolved_at=None),
        component__in=component_ids,
        incident__published_at__isnull=False,
        incident__started_at__lt=end,
    )
    return set(held.exclude(incident=incident).values_list("component_id", flat=True))
