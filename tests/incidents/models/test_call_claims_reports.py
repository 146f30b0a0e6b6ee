"""The counter of visitors' reports was called Claim: a database of that version comes over whole, and back."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from django.apps.registry import Apps
from django.db import IntegrityError, connection, transaction
from django.db.migrations.executor import MigrationExecutor

BEFORE = [("incidents", "0012_list_staff_first")]
AFTER = [("incidents", "0013_call_claims_reports")]
HOUR = datetime(2026, 11, 22, 12, tzinfo=UTC)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def migrate(targets: list[tuple[str, str]]) -> Apps:
    executor = MigrationExecutor(connection)
    executor.migrate(targets)
    return MigrationExecutor(connection).loader.project_state(targets).apps


@pytest.fixture
def old() -> Iterator[Apps]:
    """A database of the version before, with a report, a count, and a group that may look at both."""
    latest = MigrationExecutor(connection).loader.graph.leaf_nodes()
    apps = migrate(BEFORE)
    page = apps.get_model("incidents", "Page").objects.create(public_id="p", slug="p", name="P")
    component = apps.get_model("incidents", "Component").objects.create(public_id="c", page=page, name="Trains")
    apps.get_model("incidents", "Claim").objects.create(component=component, hour=HOUR, visitor="x")
    apps.get_model("incidents", "ClaimCount").objects.create(component=component, since=HOUR, number=7)
    kinds, permissions = apps.get_model("contenttypes", "ContentType"), apps.get_model("auth", "Permission")
    group = apps.get_model("auth", "Group").objects.create(name="Lookers")
    kinds.objects.filter(app_label="incidents", model__in=("claim", "claimcount", "report", "reportcount")).delete()
    for model in ("claim", "claimcount"):
        kind = kinds.objects.create(app_label="incidents", model=model)
        group.permissions.add(permissions.objects.create(content_type=kind, codename=f"view_{model}", name="Can view"))
    yield apps
    migrate(latest)


def names_with(text: str) -> list[str]:
    """Every table, index, constraint and sequence with this in its name."""
    if connection.vendor == "sqlite":
        query = "SELECT name FROM sqlite_master WHERE name LIKE %s OR sql LIKE %s"
    else:
        query = """
            SELECT relname FROM pg_class WHERE relname LIKE %s
            UNION SELECT conname FROM pg_constraint WHERE conname LIKE %s
        """
    with connection.cursor() as cursor:
        cursor.execute(query, [f"%{text}%"] * 2)
        return sorted(name for (name,) in cursor.fetchall())


def permissions_of(apps: Apps) -> set[tuple[str, str]]:
    group = apps.get_model("auth", "Group").objects.get(name="Lookers")
    return set(group.permissions.values_list("content_type__model", "codename"))


def test_rows_counts_and_permissions_come_along(old: Apps) -> None:
    apps = migrate(AFTER)

    reports, counts = apps.get_model("incidents", "Report"), apps.get_model("incidents", "ReportCount")
    assert list(reports.objects.values_list("component__name", "hour", "visitor")) == [("Trains", HOUR, "x")]
    assert list(counts.objects.values_list("component__name", "since", "number")) == [("Trains", HOUR, 7)]
    assert permissions_of(apps) == {("report", "view_report"), ("reportcount", "view_reportcount")}


@pytest.mark.parametrize(("model", "fields"), [("Report", ("hour", "visitor")), ("ReportCount", ("since", "number"))])
def test_what_was_refused_is_refused_still(old: Apps, model: str, fields: tuple[str, str]) -> None:
    rows = migrate(AFTER).get_model("incidents", model).objects
    row = rows.values("component_id", *fields).get()

    with pytest.raises(IntegrityError), transaction.atomic():
        rows.create(**row)

    assert rows.count() == 1


def test_nothing_is_left_that_a_claim_of_another_kind_would_meet(old: Apps) -> None:
    apps = migrate(AFTER)

    assert names_with("claim") == []
    assert not apps.get_model("contenttypes", "ContentType").objects.filter(model__contains="claim").exists()
    assert not apps.get_model("auth", "Permission").objects.filter(codename__contains="claim").exists()


def test_it_can_be_taken_back(old: Apps) -> None:
    names = names_with("incidents_claim")
    migrate(AFTER)

    apps = migrate(BEFORE)

    assert list(apps.get_model("incidents", "ClaimCount").objects.values_list("number", flat=True)) == [7]
    assert permissions_of(apps) == {("claim", "view_claim"), ("claimcount", "view_claimcount")}
    assert names_with("incidents_claim") == names
    assert names_with("incidents_report") == []
