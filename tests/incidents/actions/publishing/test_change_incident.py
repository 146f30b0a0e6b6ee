"""Correcting what is written about an incident, whom it touches, and what."""

from datetime import timedelta

import pytest

from incidents.actions.publishing.incidents import change_incident, resolve_incident, set_components, set_scopes
from incidents.errors import InvalidInput
from incidents.models import Incident
from tests.incidents.outage import LATER, NOW, declare, event_kinds, make_company, newest_event, plan, publish, states
from tests.make import make_component, make_customer, make_holding, make_page, make_user

pytestmark = pytest.mark.django_db


def test_changes_what_is_stated_and_nothing_else() -> None:
    company = make_company()
    incident = declare(company)
    eli = make_user("Eli")

    change_incident(incident, by=company.dara, name="No trains", owner=eli, now=LATER)

    incident = Incident.objects.get()
    assert (incident.name, incident.owner, incident.impact, incident.updated_at) == ("No trains", eli, "minor", LATER)


def test_is_recorded_with_the_fields_that_changed() -> None:
    company = make_company()
    incident = publish(company)

    change_incident(incident, by=company.dara, name="No trains", impact="minor", now=LATER)

    event = newest_event()
    assert (event.kind, event.data, event.is_public) == ("incident.changed", {"fields": ["name"]}, True)


def test_of_a_draft_is_not_public() -> None:
    company = make_company()

    change_incident(declare(company), by=company.dara, name="No trains", now=LATER)

    assert newest_event().is_public is False


def test_of_the_advice_shows_at_once() -> None:
    company = make_company()
    incident = publish(company)

    change_incident(incident, by=company.dara, advice="Take the **bus**.", now=LATER)

    assert Incident.objects.get().advice == "Take the **bus**."
    assert (newest_event().data, newest_event().is_public) == ({"fields": ["advice"]}, True)


def test_advice_that_fits_no_first_screen_is_refused() -> None:
    company = make_company()

    with pytest.raises(InvalidInput) as refusal:
        change_incident(publish(company), by=company.dara, advice="x" * 2001, now=LATER)

    assert refusal.value.field == "advice"
    assert Incident.objects.get().advice == ""


def test_to_the_same_changes_and_records_nothing() -> None:
    company = make_company()
    incident = publish(company)
    before = newest_event()

    change_incident(incident, by=company.dara, name="Trains stand still", now=LATER)

    assert (newest_event(), Incident.objects.get().updated_at) == (before, NOW)


def test_of_the_start_touches_those_whose_things_had_not_ended_by_then() -> None:
    company = make_company()
    make_holding(make_customer(), company.trains, ref="T-0", ends_at=NOW - timedelta(minutes=5))
    incident = publish(company)

    change_incident(incident, by=company.dara, started_at=NOW - timedelta(minutes=30), now=LATER)

    assert states(incident) == {"T-1": "open", "P-1": "open", "T-2": "open", "T-0": "open"}
    assert event_kinds(incident)[-2:] == ["incident.changed", "impacts.opened"]


def test_refuses_what_declaring_refuses() -> None:
    company = make_company()
    incident = declare(company)

    with pytest.raises(InvalidInput) as refusal:
        change_incident(incident, by=company.dara, name="", now=LATER)

    assert (refusal.value.field, Incident.objects.get().name) == ("name", "Trains stand still")


def test_refuses_a_next_update_in_the_past() -> None:
    company = make_company()

    with pytest.raises(InvalidInput) as refusal:
        change_incident(declare(company), by=company.dara, next_update_due_at=NOW, now=LATER)

    assert refusal.value.field == "next_update_due_at"


def test_refuses_a_window_that_ends_before_it_begins() -> None:
    company = make_company()

    with pytest.raises(InvalidInput) as refusal:
        change_incident(plan(company), by=company.dara, scheduled_until=NOW, now=LATER)

    assert refusal.value.field == "scheduled_until"


def test_replaces_the_components_of_a_draft_quietly() -> None:
    company = make_company()
    incident = declare(company)

    set_components(incident, {company.buses: "partial_outage"}, by=company.dara, now=LATER)

    company.buses.refresh_from_db()
    assert list(incident.affected_components.values_list("component", "status")) == [
        (company.buses.pk, "partial_outage")
    ]
    assert (company.buses.status, states(incident)) == ("operational", {})


def test_replaces_the_components_of_a_published_incident_for_all_to_see() -> None:
    company = make_company()
    incident = publish(company)

    set_components(incident, {company.buses: "partial_outage"}, by=company.dara, now=LATER)

    company.trains.refresh_from_db()
    company.buses.refresh_from_db()
    assert (company.trains.status, company.buses.status) == ("operational", "partial_outage")
    assert states(incident) == {"T-1": "withdrawn", "P-1": "withdrawn", "T-2": "withdrawn", "B-1": "open"}
    assert event_kinds(incident)[-3:] == ["incident.changed", "impacts.opened", "impacts.withdrawn"]


def test_the_same_components_again_change_nothing() -> None:
    company = make_company()
    incident = publish(company)
    before = newest_event()

    set_components(incident, {company.trains: "major_outage"}, by=company.dara, now=LATER)

    assert newest_event() == before


def test_refuses_another_pages_component() -> None:
    company = make_company()

    with pytest.raises(InvalidInput) as refusal:
        set_components(declare(company), {make_component(make_page()): "major_outage"}, by=company.dara, now=LATER)

    assert refusal.value.field == "components"


def test_replaces_the_rules() -> None:
    company = make_company()
    incident = publish(company, declare(company, scopes=[{"refs": "T-1"}]))

    set_scopes(incident, [{"region": "north"}], by=company.dara, now=LATER)

    assert list(incident.scopes.values_list("region", "refs")) == [("north", "")]
    assert states(incident) == {"T-1": "withdrawn", "T-2": "open"}


def test_the_same_rules_again_change_nothing() -> None:
    company = make_company()
    rules = [{"component": company.trains, "starts_from": NOW, "refs": "T-1\nT-2"}, {"region": "north"}]
    incident = publish(company, declare(company, scopes=rules))
    before = newest_event()

    set_scopes(incident, rules, by=company.dara, now=LATER)

    assert (newest_event(), incident.scopes.count()) == (before, 2)


def test_does_not_match_anew_once_the_service_is_restored() -> None:
    company = make_company()
    incident = publish(company, declare(company, scopes=[{"refs": "T-1"}]))
    resolve_incident(incident, body="Trains run.", by=company.dara, now=LATER)

    set_scopes(incident, [], by=company.dara, now=LATER)

    assert states(incident) == {"T-1": "restored"}
