"""The status a component shows: the worst that any published, open incident says of it."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from incidents.actions.publishing.status_history import write_changes
from incidents.models import AffectedComponent, Component, Incident

_FROM_BEST = [status.value for status in Component.Status]


@dataclass(frozen=True, slots=True)
class ComponentVerdict:
    """What one published incident says of one component."""

    kind: str
    incident_status: str
    status: str


@dataclass(frozen=True, slots=True)
class Change:
    """One component before and after."""

    component: Component
    old_status: str
    new_status: str

    @property
    def has_moved(self) -> bool:
        return self.old_status != self.new_status


def worst(statuses: Iterable[str]) -> str:
    """The worst of some component statuses; operational when there is none. Maintenance never hides an outage."""
    return max(statuses, key=_FROM_BEST.index, default=Component.Status.OPERATIONAL.value)


def computed_status(verdicts: Iterable[ComponentVerdict]) -> str:
    """What a component shows, given what published incidents say of it.

    Incidents that are over say nothing any more; a maintenance counts while it is in progress or being verified,
    and then always as under maintenance.
    """
    return worst(_counted_status(verdict) for verdict in verdicts)


def _counted_status(verdict: ComponentVerdict) -> str:
    if verdict.incident_status in (*Incident.OVER, Incident.Status.SCHEDULED):
        return Component.Status.OPERATIONAL.value
    if verdict.kind == Incident.Kind.MAINTENANCE:
        return Component.Status.UNDER_MAINTENANCE.value
    return verdict.status


def recompute_statuses(component_ids: Collection[int], *, at: datetime, since: datetime | None = None) -> list[Change]:
    """Write the computed status of these components; one Change each, in the page's order, moved or not.

    ``since``: from when on what moves has been so, where that is earlier than ``at``: the record says so.

    Inside an action's transaction. The rows are locked first: of two incidents published at once on one component,
    the second has to see what the first one said.
    """
    components = list(
        Component.objects.select_for_update(of=("self",), no_key=True)
        .select_related("group")
        .filter(pk__in=component_ids)
        .order_by("pk")
    )
    verdicts = _verdicts_on(component_ids)
    changes = [Change(component, component.status, computed_status(verdicts[component.pk])) for component in components]
    _write(changes, at, since or at)
    return sorted(changes, key=lambda change: (change.component.position, change.component.pk))


def affected_snapshot(changes: Iterable[Change]) -> list[dict[str, str]] | None:
    """Statuspage's ``affected_components`` of an update; None when nothing public is concerned."""
    rows = [_snapshot_row(change) for change in changes if not change.component.is_hidden]
    return rows or None


def set_affected(incident: Incident, components: Mapping[Component, str]) -> set[int]:
    """Give components their status in this incident, adding those that are new to it.

    Inside an action's transaction. Returns the ids of the components that were added or changed.
    """
    before = dict(incident.affected_components.values_list("component_id", "status"))
    statuses = {component.pk: status for component, status in components.items() if before.get(component.pk) != status}
    AffectedComponent.objects.bulk_create(
        [AffectedComponent(incident=incident, component_id=pk, status=status) for pk, status in statuses.items()],
        update_conflicts=True,
        unique_fields=["incident", "component"],
        update_fields=["status"],
    )
    return set(statuses)


def _verdicts_on(component_ids: Collection[int]) -> dict[int, list[ComponentVerdict]]:
    rows: Any = AffectedComponent.objects.filter(
        component__in=component_ids, incident__published_at__isnull=False
    ).exclude(incident__status__in=Incident.OVER)
    verdicts = defaultdict(list)
    for component_id, kind, incident_status, status in rows.order_by().values_list(
        "component_id", "incident__kind", "incident__status", "status"
    ):
        verdicts[component_id].append(ComponentVerdict(kind, incident_status, status))
    return verdicts


def _write(changes: list[Change], at: datetime, since: datetime) -> None:
    ids_by_status = defaultdict(list)
    for change in changes:
        if change.has_moved:
            ids_by_status[change.new_status].append(change.component.pk)
            change.component.status = change.new_status
    for status, ids in ids_by_status.items():
        Component.objects.filter(pk__in=ids).update(status=status, updated_at=at)
    if ids_by_status:
        write_changes({pk: status for status, ids in ids_by_status.items() for pk in ids}, from_at=since)


def _snapshot_row(change: Change) -> dict[str, str]:
    component = change.component
    return {
        "code": component.public_id,
        "name": f"{component.group.name} - {component.name}" if component.group else component.name,
        "old_status": change.old_status,
        "new_status": change.new_status,
    }
