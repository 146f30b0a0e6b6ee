"""Publishing: the first update, the components, the people."""

from datetime import timedelta

import pytest

from incidents.actions.publishing.incidents import publish_incident
from incidents.errors import InvalidInput, WrongState
from incidents.models import Component, Event, Impact, Incident, Update
from tests.incidents.outage import LATER, NOW, declare, make_company, plan, publish, states, told
from tests.make import make_component

pytestmark = pytest.mark.django_db


def test_says_the_first_words() -> None:
    it = make_company()
    incident = declare(it)

    update = publish_incident(
        incident, body="We are *looking*.", by=it.dara, status="identified", next_update_due_at=LATER, now=NOW
    )

    incident = Incident.objects.get()
    assert Update.objects.get() == update
    assert (update.incident, update.status, update.author) == (incident, "identified", it.dara.user)
    assert (update.body, update.body_html) == ("We are *looking*.", "<p>We are <em>looking</em>.</p>")
    assert (update.display_at, update.deliver_notifications) == (NOW, True)
    assert (incident.status, incident.published_at, incident.next_update_due_at) == ("identified", NOW, LATER)


def test_shows_what_it_does_to_the_components() -> None:
    it = make_company()
    incident = declare(it, components={it.trains: "major_outage", it.buses: "degraded_performance"})

    update = publish_incident(incident, body="Standing still.", by=it.dara, now=NOW)

    assert list(Component.objects.values_list("status", flat=True)) == ["major_outage", "degraded_performance"]
    assert update.affected_components == [
        {
            "code": it.trains.public_id,
            "name": "Rail - Trains",
            "old_status": "operational",
            "new_status": "major_outage",
        },
        {
            "code": it.buses.public_id,
            "name": "Buses",
            "old_status": "operational",
            "new_status": "degraded_performance",
        },
    ]


def test_does_not_name_hidden_components() -> None:
    it = make_company()
    hidden = make_component(it.page, name="Secret", is_hidden=True)
    incident = declare(it, components={hidden: "major_outage"})

    update = publish_incident(incident, body="Something.", by=it.dara, now=NOW)

    hidden.refresh_from_db()
    assert (hidden.status, update.affected_components) == ("major_outage", None)


def test_opens_an_impact_for_each_holding() -> None:
    it = make_company()

    incident = publish(it)

    impacts = Impact.objects.order_by("pk").values_list("holding", "customer", "units", "state", "opened_at")
    assert list(impacts) == [
        (it.ticket.pk, it.ticket.customer_id, 1, "open", NOW),
        (it.family_pass.pk, it.family_pass.customer_id, 3, "open", NOW),
        (it.bens_ticket.pk, it.bens_ticket.customer_id, 1, "open", NOW),
    ]
    assert len(set(incident.impacts.values_list("public_id", flat=True))) == 3


def test_records_publication_before_the_impacts() -> None:
    it = make_company()

    incident = publish(it)

    published, opened = Event.objects.order_by("pk")[1:]
    assert (published.kind, published.is_public) == ("incident.published", True)
    assert published.data == {"update": incident.updates.get().public_id}
    assert (opened.kind, opened.is_public) == ("impacts.opened", False)
    assert opened.data == {
        "count": 3,
        "first": Impact.objects.order_by("pk")[0].pk,
        "since": "2026-03-02T14:02:00+00:00",
    }


def test_records_no_impacts_when_nobody_is_touched() -> None:
    it = make_company()

    incident = publish(it, declare(it, components={}))

    assert told(incident) == ["incident.declared", "incident.published"]


def test_twice_is_refused_and_changes_nothing() -> None:
    it = make_company()
    incident = publish(it)
    before = told(incident)

    with pytest.raises(WrongState, match="public already"):
        publish_incident(incident, body="Again.", by=it.dara, now=LATER)

    incident = Incident.objects.get()
    assert (incident.published_at, incident.updates.count(), told(incident)) == (NOW, 1, before)


def test_of_a_draft_that_was_read_before_somebody_else_published_it_is_refused() -> None:
    it = make_company()
    stale = Incident.objects.get(pk=declare(it).pk)
    publish(it, Incident.objects.get())

    with pytest.raises(WrongState):
        publish_incident(stale, body="Again.", by=it.dara, now=LATER)

    assert Update.objects.count() == 1


def test_without_words_is_refused_and_changes_nothing() -> None:
    it = make_company()
    incident = declare(it)

    with pytest.raises(InvalidInput) as refused:
        publish_incident(incident, body=" \n", by=it.dara, now=NOW)

    it.trains.refresh_from_db()
    assert refused.value.field == "body"
    assert (Incident.objects.get().published_at, it.trains.status, states(incident)) == (None, "operational", {})


def test_cannot_begin_resolved() -> None:
    it = make_company()

    with pytest.raises(InvalidInput) as refused:
        publish(it, status="resolved")

    assert refused.value.field == "status"


def test_with_a_next_update_that_the_draft_promised_for_a_time_now_past_is_refused() -> None:
    it = make_company()
    incident = declare(it, next_update_due_at=NOW + timedelta(minutes=5))

    with pytest.raises(InvalidInput) as refused:
        publish(it, incident, now=LATER)

    assert refused.value.field == "next_update_due_at"


def test_a_planned_maintenance_moves_no_component_yet() -> None:
    it = make_company()

    incident = publish(it, plan(it))

    it.trains.refresh_from_db()
    assert (incident.status, it.trains.status) == ("scheduled", "operational")
    assert states(incident) == {"T-1": "open", "P-1": "open", "T-2": "open"}


def test_a_component_shows_the_worst_of_two_incidents() -> None:
    it = make_company()
    publish(it, declare(it, components={it.trains: "partial_outage"}))

    update_of_second = publish(it, declare(it, components={it.trains: "degraded_performance"})).updates.get()

    it.trains.refresh_from_db()
    assert it.trains.status == "partial_outage"
    assert update_of_second.affected_components[0]["new_status"] == "partial_outage"
