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
    company = make_company()
    draft = make_incident(company.page, published=False)
    over = make_incident(company.page, status="resolved", resolved_at=NOW)
    AffectedComponent.objects.create(incident=draft, component=company.trains, status="major_outage")
    AffectedComponent.objects.create(incident=over, component=company.trains, status="partial_outage")

    [change] = recompute_statuses([company.trains.pk], at=NOW)

    assert (change.new_status, change.has_moved) == ("operational", False)


@pytest.mark.django_db
def test_only_what_moved_is_written() -> None:
    company = make_company()
    Component.objects.filter(pk=company.buses.pk).update(status="partial_outage")
    incident = make_incident(company.page)
    AffectedComponent.objects.create(incident=incident, component=company.trains, status="operational")

    changes = recompute_statuses([company.buses.pk, company.trains.pk], at=NOW)

    company.trains.refresh_from_db()
    company.buses.refresh_from_db()
    assert [(change.component, change.old_status, change.new_status) for change in changes] == [
        (company.trains, "operational", "operational"),
        (company.buses, "partial_outage", "operational"),
    ]
    assert (company.buses.updated_at, company.trains.updated_at == NOW) == (NOW, False)


@pytest.mark.django_db
def test_others_are_left_alone() -> None:
    company = make_company()
    Component.objects.filter(pk=company.buses.pk).update(status="partial_outage")

    recompute_statuses([company.trains.pk], at=NOW)

    company.buses.refresh_from_db()
    assert company.buses.status == "partial_outage"


def test_no_changes_are_no_snapshot() -> None:
    assert affected_snapshot([]) is None
