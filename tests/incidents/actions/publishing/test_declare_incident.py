"""Declaring: a draft that nobody outside sees."""

from datetime import timedelta

import pytest

from incidents.errors import InvalidInput
from incidents.models import Event, Impact, Incident, Scope, Update
from tests.incidents.outage import LATER, NOW, declare, make_company, plan
from tests.make import make_component, make_page, make_user

pytestmark = pytest.mark.django_db


def test_writes_a_draft() -> None:
    it = make_company()
    eli = make_user("Eli", is_staff=True)

    incident = declare(it, impact="critical", owner=eli, next_update_due_at=LATER)

    incident = Incident.objects.get(pk=incident.pk)
    assert (incident.page, incident.name, incident.kind) == (it.page, "Trains stand still", "incident")
    assert (incident.status, incident.impact, incident.origin) == ("investigating", "critical", "staff")
    assert (incident.owner, incident.started_at, incident.next_update_due_at) == (eli, NOW, LATER)
    assert (incident.published_at, incident.resolved_at, incident.closed_at) == (None, None, None)


def test_says_what_it_does_to_each_component() -> None:
    it = make_company()

    incident = declare(it, components={it.trains: "major_outage", it.buses: "degraded_performance"})

    affected = incident.affected_components.values_list("component__name", "status")
    assert list(affected) == [("Trains", "major_outage"), ("Buses", "degraded_performance")]


def test_keeps_the_rules_of_whom_it_touches() -> None:
    it = make_company()

    incident = declare(it, scopes=[{"component": it.trains, "region": "north"}, {"refs": "T-1"}])

    rules = incident.scopes.values_list("component__name", "region", "refs")
    assert list(rules) == [("Trains", "north", ""), (None, "", "T-1")]


def test_is_recorded_and_touches_nothing_public() -> None:
    it = make_company()

    incident = declare(it)

    event = Event.objects.get()
    it.trains.refresh_from_db()
    assert (event.kind, event.incident, event.page) == ("incident.declared", incident, it.page)
    assert (event.actor, event.via, event.is_public, event.happened_at) == (it.dara.user, "staff", False, NOW)
    assert (it.trains.status, Impact.objects.count(), Update.objects.count()) == ("operational", 0, 0)


def test_plans_a_maintenance_that_begins_with_its_window() -> None:
    it = make_company()

    incident = plan(it)

    assert (incident.status, incident.impact) == ("scheduled", "maintenance")
    assert incident.started_at == incident.scheduled_for == NOW + timedelta(hours=1)


def test_refuses_a_name_of_spaces() -> None:
    it = make_company()

    with pytest.raises(InvalidInput) as refused:
        declare(it, name="  ")

    assert refused.value.field == "name"


def test_refuses_a_maintenance_without_a_window() -> None:
    it = make_company()

    with pytest.raises(InvalidInput) as refused:
        plan(it, scheduled_until=None)

    assert refused.value.field == "scheduled_for"


def test_refuses_a_window_that_ends_before_it_begins() -> None:
    it = make_company()

    with pytest.raises(InvalidInput) as refused:
        plan(it, scheduled_until=NOW)

    assert refused.value.field == "scheduled_until"


@pytest.mark.parametrize("status", ["scheduled", "resolved", "nonsense"])
def test_refuses_a_status_that_no_incident_begins_with(status: str) -> None:
    it = make_company()

    with pytest.raises(InvalidInput) as refused:
        declare(it, status=status)

    assert refused.value.field == "status"


def test_refuses_the_impact_of_a_maintenance() -> None:
    it = make_company()

    with pytest.raises(InvalidInput) as refused:
        declare(it, impact="maintenance")

    assert refused.value.field == "impact"


def test_refuses_to_have_started_in_the_future() -> None:
    it = make_company()

    with pytest.raises(InvalidInput) as refused:
        declare(it, started_at=LATER)

    assert refused.value.field == "started_at"


def test_refuses_a_next_update_that_is_due_already() -> None:
    it = make_company()

    with pytest.raises(InvalidInput) as refused:
        declare(it, next_update_due_at=NOW)

    assert refused.value.field == "next_update_due_at"


def test_refuses_another_pages_component() -> None:
    it = make_company()
    foreign = make_component(make_page())

    with pytest.raises(InvalidInput) as refused:
        declare(it, components={foreign: "major_outage"})

    assert (refused.value.field, Incident.objects.count()) == ("components", 0)


def test_refuses_an_unknown_component_status() -> None:
    it = make_company()

    with pytest.raises(InvalidInput) as refused:
        declare(it, components={it.trains: "broken"})

    assert refused.value.field == "components"


def test_refuses_a_rule_about_another_pages_component() -> None:
    it = make_company()
    foreign = make_component(make_page())

    with pytest.raises(InvalidInput) as refused:
        declare(it, scopes=[{"component": foreign}])

    assert (refused.value.field, Scope.objects.count()) == ("component", 0)


def test_refuses_a_rule_of_an_unknown_kind() -> None:
    it = make_company()

    with pytest.raises(InvalidInput) as refused:
        declare(it, scopes=[{"kind": "spaceship"}])

    assert refused.value.field == "kind"


def test_refuses_a_span_that_ends_before_it_begins() -> None:
    it = make_company()

    with pytest.raises(InvalidInput) as refused:
        declare(it, scopes=[{"starts_from": LATER, "starts_before": NOW}])

    assert refused.value.field == "starts_before"


def test_refuses_more_references_than_one_statement_takes() -> None:
    it = make_company()

    with pytest.raises(InvalidInput) as refused:
        declare(it, scopes=[{"refs": "\n".join(map(str, range(10_001)))}])

    assert refused.value.field == "refs"
