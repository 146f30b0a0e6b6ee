"""What the record of components would hold, had it been kept from the start: read out of what was said in public."""

from collections import defaultdict
from datetime import timedelta
from typing import Any

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from incidents.actions.publishing.status_history import told_by


def fill(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Page by page. An incident's end frees no component that another one held at that moment."""
    get = apps.get_model
    for page in get("incidents", "Page").objects.all():
        components = {one.public_id: one for one in get("incidents", "Component").objects.filter(page=page)}
        told = _told(get("incidents", "Incident").objects.filter(page=page, published_at__isnull=False))
        changes: dict[str, dict[Any, str]] = defaultdict(dict)
        for incident, one in sorted(told, key=lambda pair: pair[1].from_at):
            if one.code in components and not (one.is_end and _is_held(incident, one, told)):
                changes[one.code][one.from_at] = one.status
        _write(get("incidents", "StatusChange"), components, changes)


def _told(incidents: Any) -> list[tuple[Any, Any]]:
    told = []
    for incident in incidents.prefetch_related("updates", "affected_components__component"):
        updates = sorted(incident.updates.all(), key=lambda update: (update.display_at, update.pk))
        affected = {one.component.public_id: one.status for one in incident.affected_components.all()}
        told += [(incident, one) for one in told_by(incident, updates, affected)]
    return told


def _is_held(incident: Any, end: Any, told: list[tuple[Any, Any]]) -> bool:
    return any(
        one.code == end.code
        and one.from_at < end.from_at
        and (not other.resolved_at or other.resolved_at > end.from_at)
        for other, one in told
        if other.pk != incident.pk and not one.is_end
    )


def _write(model: Any, components: dict[str, Any], changes: dict[str, dict[Any, str]]) -> None:
    """The last word has the component itself, in the status that it shows."""
    rows = []
    for code, component in components.items():
        own = changes.get(code, {})
        last = max(own, default=None)
        if (own[last] if last else "operational") != component.status:
            moment = (
                component.updated_at if last is None else max(component.updated_at, last + timedelta(microseconds=1))
            )
            own = {**own, moment: component.status}
        rows += [model(component=component, status=status, from_at=moment) for moment, status in own.items()]
    model.objects.bulk_create(rows, batch_size=1000)


class Migration(migrations.Migration):
    dependencies = [("incidents", "0007_component_history")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
