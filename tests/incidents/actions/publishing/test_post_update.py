"""Posting: what is new, for readers and for components."""

from datetime import timedelta

import pytest

from incidents.actions.publishing.incidents import resolve_incident
from incidents.actions.publishing.updates import post_update
from incidents.errors import InvalidInput, WrongState
from incidents.models import Incident, Update
from tests.incidents.outage import LATER, NOW, declare, event_kinds, make_company, newest_event, plan, publish, states

pytestmark = pytest.mark.django_db

AGAIN = LATER + timedelta(minutes=20)


def test_says_what_is_new() -> None:
    company = make_company()
    incident = publish(company)

    update = post_update(
        incident, body="A signal box burnt.", by=company.dara, status="identified", next_update_due_at=AGAIN, now=LATER
    )

    incident = Incident.objects.get()
    assert incident.updates.order_by("pk").last() == update
    assert (update.status, update.body, update.display_at) == ("identified", "A signal box burnt.", LATER)
    assert (update.affected_components, update.corrects, update.deliver_notifications) == (None, None, True)
    assert (incident.status, incident.next_update_due_at, incident.updated_at) == ("identified", AGAIN, LATER)


def test_is_recorded_with_when_it_was_due() -> None:
    company = make_company()
    incident = publish(company, next_update_due_at=LATER)

    update = post_update(incident, body="Still looking.", by=company.dara, now=LATER)

    event = newest_event()
    assert (event.kind, event.is_public, event.actor) == ("incident.updated", True, company.dara.user)
    assert event.data == {"update": update.public_id, "status": "investigating", "due": LATER.isoformat()}


def test_keeps_a_promised_next_update_that_lies_ahead() -> None:
    company = make_company()
    incident = publish(company, next_update_due_at=AGAIN)

    post_update(incident, body="Still looking.", by=company.dara, now=LATER)

    assert Incident.objects.get().next_update_due_at == AGAIN


def test_has_met_a_promised_next_update_that_is_due() -> None:
    company = make_company()
    incident = publish(company, next_update_due_at=LATER)

    post_update(incident, body="Still looking.", by=company.dara, now=LATER)

    assert Incident.objects.get().next_update_due_at is None


def test_remembers_when_watching_began() -> None:
    company = make_company()
    incident = publish(company)

    post_update(incident, body="Trains run again.", by=company.dara, status="monitoring", now=LATER)
    post_update(incident, body="Still watching.", by=company.dara, status="monitoring", now=AGAIN)

    assert Incident.objects.get().monitoring_at == LATER


def test_moves_components_and_says_so() -> None:
    company = make_company()
    incident = publish(
        company, declare(company, components={company.trains: "major_outage", company.buses: "degraded_performance"})
    )

    update = post_update(
        incident, body="Half run.", by=company.dara, components={company.trains: "partial_outage"}, now=LATER
    )

    company.trains.refresh_from_db()
    company.buses.refresh_from_db()
    assert (company.trains.status, company.buses.status) == ("partial_outage", "degraded_performance")
    assert update.affected_components == [
        {
            "code": company.trains.public_id,
            "name": "Rail - Trains",
            "old_status": "major_outage",
            "new_status": "partial_outage",
        }
    ]


def test_says_nothing_of_components_that_stay_as_they_are() -> None:
    company = make_company()
    incident = publish(company)

    update = post_update(
        incident, body="No news.", by=company.dara, components={company.trains: "major_outage"}, now=LATER
    )

    assert update.affected_components is None


def test_matches_the_holdings_of_a_component_that_is_new_to_the_incident() -> None:
    company = make_company()
    incident = publish(company)
    before = newest_event()

    post_update(incident, body="Buses too.", by=company.dara, components={company.buses: "partial_outage"}, now=LATER)

    assert states(incident) == {"T-1": "open", "P-1": "open", "T-2": "open", "B-1": "open"}
    assert event_kinds(incident, after=before) == ["incident.updated", "impacts.opened"]


def test_keeps_the_impacts_of_a_component_that_works_again() -> None:
    company = make_company()
    incident = publish(company)

    post_update(incident, body="Trains run.", by=company.dara, components={company.trains: "operational"}, now=LATER)

    company.trains.refresh_from_db()
    assert company.trains.status == "operational"
    assert states(incident) == {"T-1": "open", "P-1": "open", "T-2": "open"}


def test_points_back_to_what_it_corrects() -> None:
    company = make_company()
    incident = publish(company)
    wrong = incident.updates.get()

    update = post_update(
        incident, body="Not burnt: flooded.", by=company.dara, corrects=wrong, deliver=False, now=LATER
    )

    assert (update.corrects, update.deliver_notifications) == (wrong, False)
    assert Update.objects.get(pk=wrong.pk).body == "We are looking into it."


def test_cannot_correct_another_incidents_update() -> None:
    company = make_company()
    incident, other_incident = publish(company), publish(company)

    with pytest.raises(InvalidInput) as refusal:
        post_update(incident, body="Flooded.", by=company.dara, corrects=other_incident.updates.get(), now=LATER)

    assert refusal.value.field == "corrects"


def test_on_a_draft_is_refused() -> None:
    company = make_company()
    incident = declare(company)

    with pytest.raises(WrongState, match="draft"):
        post_update(incident, body="Hello?", by=company.dara, now=LATER)

    assert Update.objects.count() == 0


def test_without_words_is_refused() -> None:
    company = make_company()
    incident = publish(company)

    with pytest.raises(InvalidInput) as refusal:
        post_update(incident, body="", by=company.dara, status="identified", now=LATER)

    assert (refusal.value.field, Incident.objects.get().status) == ("body", "investigating")


def test_with_a_next_update_in_the_past_is_refused() -> None:
    company = make_company()
    incident = publish(company)

    with pytest.raises(InvalidInput) as refusal:
        post_update(incident, body="Soon.", by=company.dara, next_update_due_at=NOW, now=LATER)

    assert refusal.value.field == "next_update_due_at"


@pytest.mark.parametrize("status", ["resolved", "postmortem", "in_progress", "nonsense"])
def test_does_not_take_an_incident_to(status: str) -> None:
    company = make_company()
    incident = publish(company)

    with pytest.raises(InvalidInput) as refusal:
        post_update(incident, body="Done?", by=company.dara, status=status, now=LATER)

    assert refusal.value.field == "status"


def test_adds_a_postmortem_to_what_is_over() -> None:
    company = make_company()
    incident = publish(company)
    resolve_incident(incident, body="Trains run.", by=company.dara, now=LATER)

    update = post_update(incident, body="What we learnt.", by=company.dara, status="postmortem", now=AGAIN)

    incident = Incident.objects.get()
    assert (update.status, incident.status, incident.resolved_at) == ("postmortem", "postmortem", LATER)


def test_does_not_bring_back_what_is_over() -> None:
    company = make_company()
    incident = publish(company)
    resolve_incident(incident, body="Trains run.", by=company.dara, now=LATER)

    with pytest.raises(WrongState, match="declare a new incident"):
        post_update(incident, body="They stopped.", by=company.dara, status="investigating", now=AGAIN)


def test_can_still_be_said_when_it_is_over() -> None:
    company = make_company()
    incident = publish(company)
    resolve_incident(incident, body="Trains run.", by=company.dara, now=LATER)

    update = post_update(incident, body="Refunds take a week.", by=company.dara, next_update_due_at=None, now=AGAIN)

    assert update.status == "resolved"


def test_takes_a_maintenance_forward() -> None:
    company = make_company()
    incident = publish(company, plan(company))

    update = post_update(incident, body="We begin early.", by=company.dara, status="in_progress", now=LATER)

    company.trains.refresh_from_db()
    assert company.trains.status == "under_maintenance"
    assert [row["new_status"] for row in update.affected_components] == ["under_maintenance"]


def test_does_not_take_a_maintenance_back() -> None:
    company = make_company()
    incident = publish(company, plan(company))
    post_update(incident, body="We begin early.", by=company.dara, status="in_progress", now=LATER)

    with pytest.raises(InvalidInput) as refusal:
        post_update(incident, body="Not yet.", by=company.dara, status="scheduled", now=AGAIN)

    assert refusal.value.field == "status"
