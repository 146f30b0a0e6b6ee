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


def _free_moment(moment: datetime, last: datetime | None) -> datetime:
    return moment if last is None else max(moment, last + JUST_AFTER)


# -- out of what was said ---------------------------------------------------------------------------------------------


class UpdateCourse(Protocol):
    """Of an update only when it was said and what it said of components."""

    @property
    def display_at(self) -> datetime: ...
    @property
    def affected_components(self) -> Any: ...


class IncidentCourse(Protocol):
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
class StatusMoment:
    """A component's status from a moment on, as an incident told it. ``is_end``: nobody said so, it was simply over."""

    code: str
    status: str
    from_at: datetime
    is_end: bool = False


def told_by(
    incident: IncidentCourse, updates: Iterable[UpdateCourse], affected: Mapping[str, str]
) -> list[StatusMoment]:
    """What one incident, with its updates from the oldest on, tells of its components, in order of time.

    What an incident says first holds since it started. Of ``affected`` components (status by public id) that no update
    spoke of, it tells their status from its start to its end. What is over leaves nothing behind.
    """
    moments: dict[tuple[str, datetime], StatusMoment] = {}
    last: dict[str, StatusMoment] = {}
    for moment in (*_in_updates(incident, updates), *_unspoken(incident, updates, affected)):
        moments[moment.code, moment.from_at] = last[moment.code] = moment
    if incident.status in Incident.OVER and incident.resolved_at:
        for moment in list(last.values()):
            if moment.status != OPERATIONAL:
                end = max(incident.resolved_at, moment.from_at)
                moments[moment.code, end] = StatusMoment(moment.code, OPERATIONAL, end, is_end=True)
    return sorted(moments.values(), key=lambda moment: moment.from_at)


def _in_updates(incident: IncidentCourse, updates: Iterable[UpdateCourse]) -> Iterator[StatusMoment]:
    is_first = incident.kind == Incident.Kind.INCIDENT
    for update in updates:
        for code, status in _statuses_in(update.affected_components):
            yield StatusMoment(
                code, status, min(update.display_at, incident.started_at) if is_first else update.display_at
            )
        is_first = False


def _statuses_in(rows: Any) -> Iterator[tuple[str, str]]:
    for row in rows if isinstance(rows, list) else ():
        code, status = row.get("code"), row.get("new_status")
        if code and status in Component.Status.values:
            yield code, status


def _unspoken(
    incident: IncidentCourse, updates: Iterable[UpdateCourse], affected: Mapping[str, str]
) -> Iterator[StatusMoment]:
    if incident.status == Incident.Status.SCHEDULED:
        return
    codes = {code for update in updates for code, _status in _statuses_in(update.affected_components)}
    start = incident.scheduled_for or incident.started_at
    is_withdrawn = incident.resolved_at is not None and incident.resolved_at < start
    for code, status in affected.items():
        if code not in codes and status != OPERATIONAL and not is_withdrawn:
            yield StatusMoment(code, status, start)


def write_status_moments(page: Page, moments: Collection[StatusMoment], *, incident: Incident) -> None:
    """Add what an imported incident tells of the page's components; what is known of a moment stays. Safe to repeat.

    Inside an action's transaction. An incident's end frees no component that another one held at that moment.
    """
    codes = {moment.code for moment in moments}
    ids = dict(page.components.filter(public_id__in=codes).values_list("public_id", "pk")) if codes else {}
    ids_elsewhere = _held_elsewhere(incident, ids.values()) if any(moment.is_end for moment in moments) else set()
    StatusChange.objects.bulk_create(
        (
            StatusChange(component_id=ids[moment.code], status=moment.status, from_at=moment.from_at)
            for moment in moments
            if moment.code in ids and not (moment.is_end and ids[moment.code] in ids_elsewhere)
        ),
        ignore_conflicts=True,
    )


def _held_elsewhere(incident: Incident, component_ids: Collection[int]) -> set[int]:
    """Those components that other incidents held when this one ended."""
    end = incident.resolved_at
    affected = AffectedComponent.objects.filter(
        Q(incident__resolved_at__gt=end) | Q(incident__resolved_at=None),
        component__in=component_ids,
        incident__published_at__isnull=False,
        incident__started_at__lt=end,
    )
    return set(affected.exclude(incident=incident).values_list("component_id", flat=True))
