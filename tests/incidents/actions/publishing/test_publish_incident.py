"""Publishing: the first update, the components, the people."""

from datetime import timedelta

import pytest

from incidents.actions.publishing.incidents import publish_incident
from incidents.errors import InvalidInput, WrongState
from incidents.models import Component, Event, Impact, Incident, Update
from tests.incidents.outage import LATER, NOW, declare, event_kinds, make_company, plan, publish, states
from tests.make import make_component

pytestmark = pytest.mark.django_db


def test_says_the_first_words() -> None:
    company = make_company()
    incident = declare(company)

    update = publish_incident(
        incident, body="We are *looking*.", by=company.dara, status="identified", next_update_due_at=LATER, now=NOW
    )

    incident = Incident.objects.get()
    assert Update.objects.get() == update
    assert (update.incident, update.status, update.author) == (incident, "identified", company.dara.user)
    assert (update.body, update.body_html) == ("We are *looking*.", "<p>We are <em>looking</em>.</p>")
    assert (update.display_at, update.deliver_notifications) == (NOW, True)
    assert (incident.status, incident.published_at, incident.next_update_due_at) == ("identified", NOW, LATER)


def test_shows_what_it_does_to_the_components() -> None:
    company = make_company()
    incident = declare(company, components={company.trains: "major_outage", company.buses: "degraded_performance"})

    update = publish_incident(incident, body="Standing still.", by=company.dara, now=NOW)

    assert list(Component.objects.values_list("status", flat=True)) == ["major_outage", "degraded_performance"]
    assert update.affected_components == [
        {
            "code": company.trains.public_id,
            "name": "Rail - Trains",
            "old_status": "operational",
            "new_status": "major_outage",
        },
        {
            "code": company.buses.public_id,
            "name": "Buses",
            "old_status": "operational",
            "new_status": "degraded_performance",
        },
    ]


def test_does_not_name_hidden_components() -> None:
    company = make_company()
    secret = make_component(company.page, name="Secret", is_hidden=True)
    incident = declare(company, components={secret: "major_outage"})

    update = publish_incident(incident, body="Something.", by=company.dara, now=NOW)

    secret.refresh_from_db()
    assert (secret.status, update.affected_components) == ("major_outage", None)


def test_opens_an_impact_for_each_holding() -> None:
    company = make_company()

    incident = publish(company)

    impacts = Impact.objects.order_by("pk").values_list("holding", "customer", "units", "state", "opened_at")
    assert list(impacts) == [
        (company.ticket.pk, company.ticket.customer_id, 1, "open", NOW),
        (company.family_pass.pk, company.family_pass.customer_id, 3, "open", NOW),
        (company.bens_ticket.pk, company.bens_ticket.customer_id, 1, "open", NOW),
    ]
    assert len(set(incident.impacts.values_list("public_id", flat=True))) == 3


def test_records_publication_before_the_impacts() -> None:
    company = make_company()

    incident = publish(company)

    publication, matching = Event.objects.order_by("pk")[1:]
    assert (publication.kind, publication.is_public) == ("incident.published", True)
    assert publication.data == {"update": incident.updates.get().public_id}
    assert (matching.kind, matching.is_public) == ("impacts.opened", False)
    assert matching.data == {
        "count": 3,
        "first": Impact.objects.order_by("pk")[0].pk,
        "since": "2026-03-02T14:02:00+00:00",
    }


def test_records_no_impacts_when_nobody_is_touched() -> None:
    company = make_company()

    incident = publish(company, declare(company, components={}))

    assert event_kinds(incident) == ["incident.declared", "incident.published"]


def test_twice_is_refused_and_changes_nothing() -> None:
    company = make_company()
    incident = publish(company)
    before = event_kinds(incident)

    with pytest.raises(WrongState, match="public already"):
        publish_incident(incident, body="Again.", by=company.dara, now=LATER)

    incident = Incident.objects.get()
    assert (incident.published_at, incident.updates.count(), event_kinds(incident)) == (NOW, 1, before)


def test_of_a_draft_that_was_read_before_somebody_else_published_it_is_refused() -> None:
    company = make_company()
    stale = Incident.objects.get(pk=declare(company).pk)
    publish(company, Incident.objects.get())

    with pytest.raises(WrongState):
        publish_incident(stale, body="Again.", by=company.dara, now=LATER)

    assert Update.objects.count() == 1


def test_without_words_is_refused_and_changes_nothing() -> None:
    company = make_company()
    incident = declare(company)

    with pytest.raises(InvalidInput) as refusal:
        publish_incident(incident, body=" \n", by=company.dara, now=NOW)

    company.trains.refresh_from_db()
    assert refusal.value.field == "body"
    assert (Incident.objects.get().published_at, company.trains.status, states(incident)) == (None, "operational", {})


def test_cannot_begin_resolved() -> None:
    company = make_company()

    with pytest.raises(InvalidInput) as refusal:
        publish(company, status="resolved")

    assert refusal.value.field == "status"


def test_with_a_next_update_that_the_draft_promised_for_a_time_now_past_is_refused() -> None:
    company = make_company()
    incident = declare(company, next_update_due_at=NOW + timedelta(minutes=5))

    with pytest.raises(InvalidInput) as refusal:
        publish(company, incident, now=LATER)

    assert refusal.value.field == "next_update_due_at"


def test_a_planned_maintenance_moves_no_component_yet() -> None:
    company = make_company()

    incident = publish(company, plan(company))

    company.trains.refresh_from_db()
    assert (incident.status, company.trains.status) == ("scheduled", "operational")
    assert states(incident) == {"T-1": "open", "P-1": "open", "T-2": "open"}


def test_a_component_shows_the_worst_of_two_incidents() -> None:
    company = make_company()
    publish(company, declare(company, components={company.trains: "partial_outage"}))

    update_of_second = publish(
        company, declare(company, components={company.trains: "degraded_performance"})
    ).updates.get()

    company.trains.refresh_from_db()
    assert company.trains.status == "partial_outage"
    assert update_of_second.affected_components[0]["new_status"] == "partial_outage"
