"""Resolving: the service is back; whether the customers are whole is asked."""

import pytest

from incidents.actions.care.feedback import answer_check_in
from incidents.actions.publishing.incidents import resolve_incident, set_scopes
from incidents.actor import Actor
from incidents.errors import InvalidInput, WrongState
from incidents.models import CheckIn, Impact, Incident, Update
from tests.incidents.outage import LATER, NOW, declare, event_kinds, make_company, newest_event, plan, publish, states
from tests.make import make_user

pytestmark = pytest.mark.django_db


def test_says_so() -> None:
    company = make_company()
    incident = publish(company, next_update_due_at=LATER)

    update = resolve_incident(incident, body="Trains **run**.", by=company.dara, now=LATER)

    incident = Incident.objects.get()
    assert (update.status, update.body_html) == ("resolved", "<p>Trains <strong>run</strong>.</p>")
    assert (incident.status, incident.resolved_at, incident.next_update_due_at) == ("resolved", LATER, None)
    assert incident.closed_at is None


def test_frees_the_components() -> None:
    company = make_company()
    incident = publish(company)

    update = resolve_incident(incident, body="Trains run.", by=company.dara, now=LATER)

    company.trains.refresh_from_db()
    assert company.trains.status == "operational"
    assert update.affected_components == [
        {
            "code": company.trains.public_id,
            "name": "Rail - Trains",
            "old_status": "major_outage",
            "new_status": "operational",
        }
    ]


def test_leaves_a_component_that_another_incident_holds_down() -> None:
    company = make_company()
    incident = publish(company)
    publish(company, declare(company, components={company.trains: "degraded_performance"}))

    resolve_incident(incident, body="Trains run, slowly.", by=company.dara, now=LATER)

    company.trains.refresh_from_db()
    assert company.trains.status == "degraded_performance"


def test_asks_everybody_affected_whether_it_is_fixed() -> None:
    company = make_company()
    incident = publish(company)

    resolve_incident(incident, body="Trains run.", by=company.dara, now=LATER)

    check_ins = CheckIn.objects.order_by("impact_id").values_list("impact__holding__ref", "round", "asked_at", "answer")
    assert list(check_ins) == [("T-1", 1, LATER, ""), ("P-1", 1, LATER, ""), ("T-2", 1, LATER, "")]
    assert states(incident) == {"T-1": "restored", "P-1": "restored", "T-2": "restored"}
    assert set(Impact.objects.values_list("restored_at", flat=True)) == {LATER}


def test_does_not_ask_those_who_were_not_affected_after_all() -> None:
    company = make_company()
    incident = publish(company)
    set_scopes(incident, [{"refs": "T-1"}], by=company.dara, now=NOW)

    resolve_incident(incident, body="Trains run.", by=company.dara, now=LATER)

    assert states(incident) == {"T-1": "restored", "P-1": "withdrawn", "T-2": "withdrawn"}
    assert CheckIn.objects.get().impact.holding == company.ticket


def test_leaves_other_incidents_alone() -> None:
    company = make_company()
    incident, other_incident = publish(company), publish(company)

    resolve_incident(incident, body="Trains run.", by=company.dara, now=LATER)

    assert states(other_incident) == {"T-1": "open", "P-1": "open", "T-2": "open"}
    assert CheckIn.objects.filter(impact__incident=other_incident).count() == 0


def test_is_recorded() -> None:
    company = make_company()
    incident = publish(company)

    update = resolve_incident(incident, body="Trains run.", by=company.dara, now=LATER)

    event = newest_event()
    assert (event.kind, event.is_public, event.happened_at) == ("incident.resolved", True, LATER)
    assert event.data == {"update": update.public_id, "restored": 3}


def test_closes_at_once_when_nobody_is_affected() -> None:
    company = make_company()
    incident = publish(company, declare(company, components={}))

    resolve_incident(incident, body="Over.", by=company.dara, now=LATER)

    assert Incident.objects.get().closed_at == LATER
    assert event_kinds(incident)[-2:] == ["incident.resolved", "incident.closed"]


def test_closes_when_the_last_one_confirms() -> None:
    company = make_company()
    incident = publish(company)
    resolve_incident(incident, body="Trains run.", by=company.dara, now=LATER)
    ana = Actor.account(make_user("Ana"))
    first, second, third = incident.impacts.order_by("pk")

    answer_check_in(first, answer="yes", by=ana, now=LATER)
    answer_check_in(second, answer="yes", by=ana, now=LATER)
    before_the_last = Incident.objects.get().closed_at
    answer_check_in(third, answer="yes", by=ana, now=LATER)

    assert (before_the_last, Incident.objects.get().closed_at) == (None, LATER)
    assert event_kinds(incident).count("incident.closed") == 1


def test_completes_a_maintenance() -> None:
    company = make_company()
    incident = publish(company, plan(company))

    update = resolve_incident(incident, body="New rails lie.", by=company.dara, now=LATER)

    incident = Incident.objects.get()
    assert (update.status, incident.status, incident.resolved_at) == ("completed", "completed", LATER)


def test_twice_is_refused_and_asks_nobody_again() -> None:
    company = make_company()
    incident = publish(company)
    resolve_incident(incident, body="Trains run.", by=company.dara, now=LATER)
    before = newest_event()

    with pytest.raises(WrongState, match="resolved already"):
        resolve_incident(incident, body="Trains run.", by=company.dara, now=LATER)

    assert (CheckIn.objects.count(), Update.objects.count(), newest_event()) == (3, 2, before)


def test_a_draft_is_refused() -> None:
    company = make_company()

    with pytest.raises(WrongState, match="draft"):
        resolve_incident(declare(company), body="Never mind.", by=company.dara, now=LATER)


def test_without_words_is_refused_and_changes_nothing() -> None:
    company = make_company()
    incident = publish(company)

    with pytest.raises(InvalidInput) as refusal:
        resolve_incident(incident, body=" ", by=company.dara, now=LATER)

    company.trains.refresh_from_db()
    assert (refusal.value.field, company.trains.status) == ("body", "major_outage")
    assert (Incident.objects.get().status, CheckIn.objects.count()) == ("investigating", 0)
