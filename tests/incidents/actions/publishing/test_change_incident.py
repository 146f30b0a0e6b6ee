"""Correcting what is written about an incident, whom it touches, and what."""

from datetime import timedelta

import pytest

from incidents.actions.publishing.incidents import change_incident, resolve_incident, set_components, set_scopes
from incidents.errors import InvalidInput
from incidents.models import Incident
from tests.incidents.outage import LATER, NOW, declare, make_company, newest_event, plan, publish, states, told
from tests.make import make_component, make_customer, make_holding, make_page, make_user

pytestmark = pytest.mark.django_db


def test_changes_what_is_stated_and_nothing_else() -> None:
    it = make_company()
    incident = declare(it)
    eli = make_user("Eli")

    change_incident(incident, by=it.dara, name="No trains", owner=eli, now=LATER)

    incident = Incident.objects.get()
    assert (incident.name, incident.owner, incident.impact, incident.updated_at) == ("No trains", eli, "minor", LATER)


def test_is_recorded_with_the_fields_that_changed() -> None:
    it = make_company()
    incident = publish(it)

    change_incident(incident, by=it.dara, name="No trains", impact="minor", now=LATER)

    event = newest_event()
    assert (event.kind, event.data, event.is_public) == ("incident.changed", {"fields": ["name"]}, True)


def test_of_a_draft_is_not_public() -> None:
    it = make_company()

    change_incident(declare(it), by=it.dara, name="No trains", now=LATER)

    assert newest_event().is_public is False


def test_of_the_advice_shows_at_once() -> None:
    it = make_company()
    incident = publish(it)

    change_incident(incident, by=it.dara, advice="Take the **bus**.", now=LATER)

    assert Incident.objects.get().advice == "Take the **bus**."
    assert (newest_event().data, newest_event().is_public) == ({"fields": ["advice"]}, True)


def test_advice_that_fits_no_first_screen_is_refused() -> None:
    it = make_company()

    with pytest.raises(InvalidInput) as refusal:
        change_incident(publish(it), by=it.dara, advice="x" * 2001, now=LATER)

    assert refusal.value.field == "advice"
    assert Incident.objects.get().advice == ""


def test_to_the_same_changes_and_records_nothing() -> None:
    it = make_company()
    incident = publish(it)
    before = newest_event()

    change_incident(incident, by=it.dara, name="Trains stand still", now=LATER)

    assert (newest_event(), Incident.objects.get().updated_at) == (before, NOW)


def test_of_the_start_touches_those_whose_things_had_not_ended_by_then() -> None:
    it = make_company()
    make_holding(make_customer(), it.trains, ref="T-0", ends_at=NOW - timedelta(minutes=5))
    incident = publish(it)

    change_incident(incident, by=it.dara, started_at=NOW - timedelta(minutes=30), now=LATER)

    assert states(incident) == {"T-1": "open", "P-1": "open", "T-2": "open", "T-0": "open"}
    assert told(incident)[-2:] == ["incident.changed", "impacts.opened"]


def test_refuses_what_declaring_refuses() -> None:
    it = make_company()
    incident = declare(it)

    with pytest.raises(InvalidInput) as refused:
        change_incident(incident, by=it.dara, name="", now=LATER)

    assert (refused.value.field, Incident.objects.get().name) == ("name", "Trains stand still")


def test_refuses_a_next_update_in_the_past() -> None:
    it = make_company()

    with pytest.raises(InvalidInput) as refused:
        change_incident(declare(it), by=it.dara, next_update_due_at=NOW, now=LATER)

    assert refused.value.field == "next_update_due_at"


def test_refuses_a_window_that_ends_before_it_begins() -> None:
    it = make_company()

    with pytest.raises(InvalidInput) as refused:
        change_incident(plan(it), by=it.dara, scheduled_until=NOW, now=LATER)

    assert refused.value.field == "scheduled_until"


def test_replaces_the_components_of_a_draft_quietly() -> None:
    it = make_company()
    incident = declare(it)

    set_components(incident, {it.buses: "partial_outage"}, by=it.dara, now=LATER)

    it.buses.refresh_from_db()
    assert list(incident.affected_components.values_list("component", "status")) == [(it.buses.pk, "partial_outage")]
    assert (it.buses.status, states(incident)) == ("operational", {})


def test_replaces_the_components_of_a_published_incident_for_all_to_see() -> None:
    it = make_company()
    incident = publish(it)

    set_components(incident, {it.buses: "partial_outage"}, by=it.dara, now=LATER)

    it.trains.refresh_from_db()
    it.buses.refresh_from_db()
    assert (it.trains.status, it.buses.status) == ("operational", "partial_outage")
    assert states(incident) == {"T-1": "withdrawn", "P-1": "withdrawn", "T-2": "withdrawn", "B-1": "open"}
    assert told(incident)[-3:] == ["incident.changed", "impacts.opened", "impacts.withdrawn"]


def test_the_same_components_again_change_nothing() -> None:
    it = make_company()
    incident = publish(it)
    before = newest_event()

    set_components(incident, {it.trains: "major_outage"}, by=it.dara, now=LATER)

    assert newest_event() == before


def test_refuses_another_pages_component() -> None:
    it = make_company()

    with pytest.raises(InvalidInput) as refused:
        set_components(declare(it), {make_component(make_page()): "major_outage"}, by=it.dara, now=LATER)

    assert refused.value.field == "components"


def test_replaces_the_rules() -> None:
    it = make_company()
    incident = publish(it, declare(it, scopes=[{"refs": "T-1"}]))

    set_scopes(incident, [{"region": "north"}], by=it.dara, now=LATER)

    assert list(incident.scopes.values_list("region", "refs")) == [("north", "")]
    assert states(incident) == {"T-1": "withdrawn", "T-2": "open"}


def test_the_same_rules_again_change_nothing() -> None:
    it = make_company()
    rules = [{"component": it.trains, "starts_from": NOW, "refs": "T-1\nT-2"}, {"region": "north"}]
    incident = publish(it, declare(it, scopes=rules))
    before = newest_event()

    set_scopes(incident, rules, by=it.dara, now=LATER)

    assert (newest_event(), incident.scopes.count()) == (before, 2)


def test_does_not_match_anew_once_the_service_is_restored() -> None:
    it = make_company()
    incident = publish(it, declare(it, scopes=[{"refs": "T-1"}]))
    resolve_incident(incident, body="Trains run.", by=it.dara, now=LATER)

    set_scopes(incident, [], by=it.dara, now=LATER)

    assert states(incident) == {"T-1": "restored"}
