"""The status a component shows."""

import pytest

from incidents.actions.publishing.component_status import (
    ComponentVerdict,
    affected_snapshot,
    computed_status,
    recompute_statuses,
    worst,
)
from incidents.models import AffectedComponent, Component
from tests.incidents.outage import NOW, make_company
from tests.make import make_incident

OUTAGE = ComponentVerdict("incident", "investigating", "major_outage")
SLOW = ComponentVerdict("incident", "monitoring", "degraded_performance")
WORK = ComponentVerdict("maintenance", "in_progress", "under_maintenance")


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [
        ([], "operational"),
        (["operational"], "operational"),
        (["operational", "under_maintenance"], "under_maintenance"),
        (["degraded_performance", "under_maintenance"], "degraded_performance"),
        (["degraded_performance", "partial_outage"], "partial_outage"),
        (["major_outage", "partial_outage", "operational"], "major_outage"),
    ],
)
def test_the_worst_counts(statuses: list[str], expected: str) -> None:
    assert worst(statuses) == expected


@pytest.mark.parametrize(
    ("verdicts", "expected"),
    [
        ([], "operational"),
        ([OUTAGE], "major_outage"),
        ([SLOW, OUTAGE], "major_outage"),
        ([SLOW, WORK], "degraded_performance"),
        ([WORK], "under_maintenance"),
        ([ComponentVerdict("maintenance", "in_progress", "major_outage")], "under_maintenance"),
        ([ComponentVerdict("maintenance", "in_progress", "operational")], "under_maintenance"),
        ([ComponentVerdict("maintenance", "verifying", "under_maintenance")], "under_maintenance"),
        ([ComponentVerdict("maintenance", "scheduled", "under_maintenance")], "operational"),
        ([ComponentVerdict("maintenance", "completed", "under_maintenance")], "operational"),
        ([ComponentVerdict("incident", "resolved", "major_outage")], "operational"),
        ([ComponentVerdict("incident", "postmortem", "major_outage"), SLOW], "degraded_performance"),
        ([ComponentVerdict("incident", "identified", "operational")], "operational"),
    ],
)
def test_what_is_open_counts(verdicts: list[ComponentVerdict], expected: str) -> None:
    assert computed_status(verdicts) == expected


@pytest.mark.django_db
def test_drafts_and_what_is_over_do_not_count() -> None:
    it = make_company()
    draft = make_incident(it.page, published=False)
    over = make_incident(it.page, status="resolved", resolved_at=NOW)
    AffectedComponent.objects.create(incident=draft, component=it.trains, status="major_outage")
    AffectedComponent.objects.create(incident=over, component=it.trains, status="partial_outage")

    [change] = recompute_statuses([it.trains.pk], at=NOW)

    assert (change.new_status, change.moved) == ("operational", False)


@pytest.mark.django_db
def test_only_what_moved_is_written() -> None:
    it = make_company()
    Component.objects.filter(pk=it.buses.pk).update(status="partial_outage")
    incident = make_incident(it.page)
    AffectedComponent.objects.create(incident=incident, component=it.trains, status="operational")

    changes = recompute_statuses([it.buses.pk, it.trains.pk], at=NOW)

    it.trains.refresh_from_db()
    it.buses.refresh_from_db()
    assert [(change.component, change.old_status, change.new_status) for change in changes] == [
        (it.trains, "operational", "operational"),
        (it.buses, "partial_outage", "operational"),
    ]
    assert (it.buses.updated_at, it.trains.updated_at == NOW) == (NOW, False)


@pytest.mark.django_db
def test_others_are_left_alone() -> None:
    it = make_company()
    Component.objects.filter(pk=it.buses.pk).update(status="partial_outage")

    recompute_statuses([it.trains.pk], at=NOW)

    it.buses.refresh_from_db()
    assert it.buses.status == "partial_outage"


def test_no_changes_are_no_snapshot() -> None:
    assert affected_snapshot([]) is None
