"""Writing what another status page said. Keeps its ids and times, tells nobody, and is safe to repeat.

The newer one wins: a row that was changed here after the file was written keeps what it has. What was once said in
public is never edited: updates that are missing are added, those that are here stay word for word.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, count
from typing import Any

from django.db import models, transaction
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from incidents.actions.intake.rows import ComponentRow, GroupRow, IncidentRow, PageRow, UpdateRow
from incidents.actions.publishing.status_history import told_by, write_changes, write_status_moments
from incidents.actor import Actor
from incidents.errors import WrongState
from incidents.events import record
from incidents.models import AffectedComponent, Component, ComponentGroup, Event, Incident, Page, Update

Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class IncidentChanges:
    """What stands between an incident here and in the file. ``updates`` are missing here, oldest first.

    ``edited`` are ids of updates whose words differ; ``is_older``: the file knows less than we do.
    """

    is_new: bool
    values: Values
    affected: Mapping[int, str] | None
    updates: tuple[UpdateRow, ...]
    edited: tuple[str, ...]
    is_older: bool

    def __bool__(self) -> bool:
        return self.is_new or bool(self.values or self.updates) or self.affected is not None


def page_changes(row: PageRow, page: Page) -> Values:
    """The columns in which a page differs from a file that is not older.

    A file's address is that of the status page it came from; a page that names the company's own site keeps it.
    """
    url = page.url or row.url
    values = {"name": row.name, "url": url, "time_zone": row.time_zone, **_without_none(updated_at=row.updated_at)}
    return _newer(page, values)


def group_changes(row: GroupRow, group: ComponentGroup) -> Values:
    """The columns in which a group differs from a file that is not older."""
    return _newer(group, _group_values(row))


def component_changes(row: ComponentRow, component: Component, group: ComponentGroup | None) -> Values:
    """The columns in which a component differs from a file that is not older."""
    return _newer(component, _component_values(row, group))


def incident_changes(row: IncidentRow, incident: Incident, affected: Mapping[int, str]) -> IncidentChanges:
    """Compare an incident (its updates and affected components fetched or not) with the file; writes nothing.

    ``affected`` maps ids of components to their status in this incident.
    """
    updates = {update.public_id: update for update in incident.updates.all()}
    statuses = {link.component_id: link.status for link in incident.affected_components.all()}
    is_older = row.updated_at < incident.updated_at
    return IncidentChanges(
        is_new=False,
        values={} if is_older else _differing(incident, _incident_values(row)),
        affected=None if is_older or statuses == affected else affected,
        updates=tuple(update for update in reversed(row.updates) if update.public_id not in updates),
        edited=tuple(
            u.public_id for u in row.updates if u.public_id in updates and _is_edited(u, updates[u.public_id])
        ),
        is_older=is_older,
    )


@transaction.atomic
def import_page(row: PageRow, *, by: Actor, now: datetime | None = None, language: str = "") -> Page:
    """Create the page with this public id, or bring it up to date. The first page of all becomes the default one.
    ``language``: that of a new page; what the other status page is written in, which its files do not say."""
    now = now or timezone.now()
    page = Page.objects.select_for_update().filter(public_id=row.public_id).first()
    if page is None:
        page = Page.objects.create(
            public_id=row.public_id,
            slug=_free_slug(row.name),
            name=row.name,
            url=row.url,
            time_zone=row.time_zone,
            **({"language": language} if language else {}),
            is_default=not Page.objects.filter(is_default=True).exists(),
            updated_at=row.updated_at or now,
        )
        record(Event.Kind.PAGE_CHANGED, by=by, at=now, page=page, fields=["created"])
    elif changes := page_changes(row, page):
        _write(page, changes)
        record(Event.Kind.PAGE_CHANGED, by=by, at=now, page=page, fields=sorted(changes))
    return page


@transaction.atomic
def import_group(page: Page, row: GroupRow, *, by: Actor, now: datetime | None = None) -> ComponentGroup:
    """Create the component group with this public id, or bring it up to date."""
    now = now or timezone.now()
    group = page.groups.select_for_update().filter(public_id=row.public_id).first()
    if group is None:
        group = ComponentGroup.objects.create(
            page=page, public_id=row.public_id, **{"created_at": now, "updated_at": now, **_group_values(row)}
        )
        changes: Values = {"created": True}
    else:
        changes = group_changes(row, group)
        _write(group, changes)
    if changes:
        record(Event.Kind.PAGE_CHANGED, by=by, at=now, page=page, group=group.public_id, fields=sorted(changes))
    return group


@transaction.atomic
def import_component(
    page: Page, row: ComponentRow, *, group: ComponentGroup | None, by: Actor, now: datetime | None = None
) -> Component:
    """Create the component with this public id, or bring it up to date. Whether it is hidden is decided here only."""
    now = now or timezone.now()
    component = page.components.select_for_update().filter(public_id=row.public_id).first()
    status = component.status if component else Component.Status.OPERATIONAL
    if component is None:
        values = {"created_at": now, "updated_at": now, **_component_values(row, group)}
        component = Component.objects.create(page=page, public_id=row.public_id, **values)
        changes: Values = {"created": True}
    else:
        changes = component_changes(row, component, group)
        _write(component, changes)
    if component.status != status:
        write_changes({component.pk: component.status}, from_at=row.updated_at or now)
    if changes:
        fields = sorted(changes)
        record(Event.Kind.COMPONENT_CHANGED, by=by, at=now, page=page, component=component.public_id, fields=fields)
    return component


@transaction.atomic
def import_incident(
    page: Page,
    row: IncidentRow,
    *,
    affected: Mapping[int, str],
    bodies: Mapping[str, str],
    by: Actor,
    now: datetime | None = None,
) -> IncidentChanges:
    """Write one incident or maintenance as it was: published when it was made, closed when it was over.

    ``bodies`` holds the rendered text of each update that may be new, by public id. Returns what changed; repeating
    it changes and records nothing. Raises WrongState for an incident that was declared here, or is of the other kind.
    """
    now = now or timezone.now()
    incident = page.incidents.select_for_update().filter(public_id=row.public_id).first()
    if incident is None:
        changes = new_incident(row, affected)
        incident = Incident.objects.create(page=page, **changes.values)
    else:
        refuse_foreign(row, incident)
        changes = incident_changes(row, incident, affected)
        _write(incident, {**changes.values, **_closing(row, incident, changes)})
    _add_updates(incident, changes.updates, bodies)
    if changes.affected is not None:
        _replace_affected(incident, changes.affected)
    if changes:
        statuses = dict(incident.affected_components.values_list("component__public_id", "status"))
        write_status_moments(page, told_by(row, tuple(reversed(row.updates)), statuses), incident=incident)
        is_new, updates = changes.is_new, len(changes.updates)
        record(Event.Kind.INCIDENT_IMPORTED, by=by, at=now, incident=incident, created=is_new, updates=updates)
    return changes


def new_incident(row: IncidentRow, affected: Mapping[int, str]) -> IncidentChanges:
    """Everything that the file says, for an incident that is not here yet."""
    values = {
        **_incident_values(row),
        "public_id": row.public_id,
        "kind": row.kind,
        "origin": Incident.Origin.IMPORT,
        "published_at": row.created_at,
        "closed_at": row.resolved_at if row.is_over else None,
    }
    updates = tuple(reversed(row.updates))
    return IncidentChanges(True, values, affected or None, updates, edited=(), is_older=False)


def refuse_foreign(row: IncidentRow, incident: Incident) -> None:
    """Raises WrongState when the import may not touch this incident."""
    if incident.origin != Incident.Origin.IMPORT:
        raise WrongState(_("was declared here and is not changed by an import"))
    if incident.kind != row.kind:
        raise WrongState(_("is stored as the other kind (incident or maintenance)"))


def _group_values(row: GroupRow) -> Values:
    return _without_none(
        name=row.name,
        description=row.description,
        position=row.position,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def _component_values(row: ComponentRow, group: ComponentGroup | None) -> Values:
    return {
        "group": group,
        "start_date": row.start_date,
        **_without_none(
            name=row.name,
            description=row.description,
            position=row.position,
            status=row.status,
            showcase=row.showcase,
            only_show_if_degraded=row.only_show_if_degraded,
            created_at=row.created_at,
            updated_at=row.updated_at,
        ),
    }


def _incident_values(row: IncidentRow) -> Values:
    return {
        "name": row.name,
        "status": row.status,
        "impact": row.impact,
        "shortlink": row.shortlink,
        "started_at": row.started_at,
        "monitoring_at": row.monitoring_at,
        "resolved_at": row.resolved_at,
        "scheduled_for": row.scheduled_for,
        "scheduled_until": row.scheduled_until,
        "created_at": row.created_at,
        "updated_at": row.updated_at,
    }


def _without_none(**values: Any) -> Values:
    return {name: value for name, value in values.items() if value is not None}


def _newer(row: Page | ComponentGroup | Component, values: Values) -> Values:
    """What differs, unless the stored row was changed after the file was written."""
    written_at = values.get("updated_at")
    if written_at is not None and written_at < row.updated_at:
        return {}
    return _differing(row, values)


def _differing(row: models.Model, values: Values) -> Values:
    return {name: value for name, value in values.items() if getattr(row, name) != value}


def _write(row: models.Model, values: Values) -> None:
    for name, value in values.items():
        setattr(row, name, value)
    if values:
        row.save(update_fields=list(values))


def _is_edited(row: UpdateRow, update: Update) -> bool:
    return (row.status, row.body, row.display_at) != (update.status, update.body, update.display_at)


def _closing(row: IncidentRow, incident: Incident, changes: IncidentChanges) -> Values:
    """Closed with its end, open again without one. Where customers are concerned, they say when it is closed."""
    if "status" not in changes.values or incident.impacts.exists():
        return {}
    return _differing(incident, {"closed_at": row.resolved_at if row.is_over else None})


def _add_updates(incident: Incident, updates: Sequence[UpdateRow], bodies: Mapping[str, str]) -> None:
    Update.objects.bulk_create(
        [
            Update(
                incident=incident,
                public_id=row.public_id,
                status=row.status,
                body=row.body,
                body_html=bodies[row.public_id],
                affected_components=row.affected_components,
                deliver_notifications=row.deliver_notifications,
                display_at=row.display_at,
                created_at=row.created_at,
                updated_at=row.updated_at,
            )
            for row in updates
        ]
    )


def _replace_affected(incident: Incident, affected: Mapping[int, str]) -> None:
    incident.affected_components.exclude(component__in=affected).delete()
    AffectedComponent.objects.bulk_create(
        [AffectedComponent(incident=incident, component_id=pk, status=status) for pk, status in affected.items()],
        update_conflicts=True,
        unique_fields=["incident", "component"],
        update_fields=["status"],
    )


def _free_slug(name: str) -> str:
    base = slugify(name)[:40].strip("-") or "page"
    existing = set(Page.objects.filter(slug__startswith=base).values_list("slug", flat=True))
    numbered = (f"{base}-{number}" for number in count(2))
    return next(slug for slug in chain([base], numbered) if slug not in existing)
