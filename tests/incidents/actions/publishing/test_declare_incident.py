"""Declaring: a draft that nobody outside sees."""

from datetime import timedelta

import pytest

from incidents.errors import InvalidInput
from incidents.models import Event, Impact, Incident, Scope, Update
from tests.incidents.outage import LATER, NOW, declare, make_company, plan
from tests.make import make_component, make_page, make_user

pytestmark = pytest.mark.django_db


def test_writes_a_draft() -> None:
    company = make_company()
    eli = make_user("Eli", is_staff=True)

    incident = declare(company, impact="critical", owner=eli, next_update_due_at=LATER)

    incident = Incident.objects.get(pk=incident.pk)
    assert (incident.page, incident.name, incident.kind) == (company.page, "Trains stand still", "incident")
    assert (incident.status, incident.impact, incident.origin) == ("investigating", "critical", "staff")
    assert (incident.owner, incident.started_at, incident.next_update_due_at) == (eli, NOW, LATER)
    assert (incident.published_at, incident.resolved_at, incident.closed_at) == (None, None, None)


def test_says_what_it_does_to_each_component() -> None:
    company = make_company()

    incident = declare(company, components={company.trains: "major_outage", company.buses: "degraded_performance"})

    affected = incident.affected_components.values_list("component__name", "status")
    assert list(affected) == [("Trains", "major_outage"), ("Buses", "degraded_performance")]


def test_keeps_the_rules_of_whom_it_touches() -> None:
    company = make_company()

    incident = declare(company, scopes=[{"component": company.trains, "region": "north"}, {"refs": "T-1"}])

    rules = incident.scopes.values_list("component__name", "region", "refs")
    assert list(rules) == [("Trains", "north", ""), (None, "", "T-1")]


def test_is_recorded_and_touches_nothing_public() -> None:
    company = make_company()

    incident = declare(company)

    event = Event.objects.get()
    company.trains.refresh_from_db()
    assert (event.kind, event.incident, event.page) == ("incident.declared", incident, company.page)
    assert (event.actor, event.via, event.is_public, event.happened_at) == (company.dara.user, "staff", False, NOW)
    assert (company.trains.status, Impact.objects.count(), Update.objects.count()) == ("operational", 0, 0)


def test_plans_a_maintenance_that_begins_with_its_window() -> None:
    company = make_company()

    incident = plan(company)

    assert (incident.status, incident.impact) == ("scheduled", "maintenance")
    assert incident.started_at == incident.scheduled_for == NOW + timedelta(hours=1)


def test_refuses_a_name_of_spaces() -> None:
    company = make_company()

    with pytest.raises(InvalidInput) as refusal:
        declare(company, name="  ")

    assert refusal.value.field == "name"


def test_refuses_a_maintenance_without_a_window() -> None:
    company = make_company()

    with pytest.raises(InvalidInput) as refusal:
        plan(company, scheduled_until=None)

    assert refusal.value.field == "scheduled_for"


def test_refuses_a_window_that_ends_before_it_begins() -> None:
    company = make_company()

    with pytest.raises(InvalidInput) as refusal:
        plan(company, scheduled_until=NOW)

    assert refusal.value.field == "scheduled_until"


@pytest.mark.parametrize("status", ["scheduled", "resolved", "nonsense"])
def test_refuses_a_status_that_no_incident_begins_with(status: str) -> None:
    company = make_company()

    with pytest.raises(InvalidInput) as refusal:
        declare(company, status=status)

    assert refusal.value.field == "status"


def test_refuses_the_impact_of_a_maintenance() -> None:
    company = make_company()

    with pytest.raises(InvalidInput) as refusal:
        declare(company, impact="maintenance")

    assert refusal.value.field == "impact"


def test_refuses_to_have_started_in_the_future() -> None:
    company = make_company()

    with pytest.raises(InvalidInput) as refusal:
        declare(company, started_at=LATER)

    assert refusal.value.field == "started_at"


def test_refuses_a_next_update_that_is_due_already() -> None:
    company = make_company()

    with pytest.raises(InvalidInput) as refusal:
        declare(company, next_update_due_at=NOW)

    assert refusal.value.field == "next_update_due_at"


def test_refuses_another_pages_component() -> None:
    company = make_company()
    foreign = make_component(make_page())

    with pytest.raises(InvalidInput) as refusal:
        declare(company, components={foreign: "major_outage"})

    assert (refusal.value.field, Incident.objects.count()) == ("components", 0)


def test_refuses_an_unknown_component_status() -> None:
    company = make_company()

    with pytest.raises(InvalidInput) as refusal:
        declare(company, components={company.trains: "broken"})

    assert refusal.value.field == "components"


def test_refuses_a_rule_about_another_pages_component() -> None:
    company = make_company()
    foreign = make_component(make_page())

    with pytest.raises(InvalidInput) as refusal:
        declare(company, scopes=[{"component": foreign}])

    assert (refusal.value.field, Scope.objects.count()) == ("component", 0)


def test_refuses_a_rule_of_an_unknown_kind() -> None:
    company = make_company()

    with pytest.raises(InvalidInput) as refusal:
        declare(company, scopes=[{"kind": "spaceship"}])

    assert refusal.value.field == "kind"


def test_refuses_a_span_that_ends_before_it_begins() -> None:
    company = make_company()

    with pytest.raises(InvalidInput) as refusal:
        declare(company, scopes=[{"starts_from": LATER, "starts_before": NOW}])

    assert refusal.value.field == "starts_before"


def test_refuses_more_references_than_one_statement_takes() -> None:
    company = make_company()

    with pytest.raises(InvalidInput) as refusal:
        declare(company, scopes=[{"refs": "\n".join(map(str, range(10_001)))}])

    assert refusal.value.field == "refs"
