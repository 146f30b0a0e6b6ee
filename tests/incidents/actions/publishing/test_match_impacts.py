"""Matching: one impact per holding, opened once, withdrawn only when nothing was promised."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from incidents.actions.publishing.impacts import match_impacts
from incidents.actions.publishing.incidents import resolve_incident, set_scopes
from incidents.actions.recovery.choices import choose_offer
from incidents.actions.recovery.promises import complete_task
from incidents.actor import Actor
from incidents.errors import WrongState
from incidents.models import Choice, Event, Holding, Impact, Offer, Task
from tests.incidents.outage import (
    LATER,
    NOW,
    Company,
    declare,
    event_kinds,
    make_company,
    newest_event,
    plan,
    publish,
    states,
)
from tests.make import make_customer, make_holding, make_offer, make_user

pytestmark = pytest.mark.django_db


def choose_for_ticket(company: Company, offer: Offer) -> Choice:
    impact = Impact.objects.get(holding=company.ticket, incident=offer.incident)
    ana = Actor.account(make_user("Ana"))
    return choose_offer(impact, offer=offer, seen_version=1, replaces="", key="k", by=ana, now=NOW)


def test_again_opens_nothing() -> None:
    company = make_company()
    incident = publish(company)
    before = newest_event()

    count = match_impacts(incident, by=company.dara, now=LATER)

    assert (count, Impact.objects.count(), newest_event()) == (0, 3, before)


def test_opens_only_what_came_late() -> None:
    company = make_company()
    incident = publish(company)
    late = make_holding(make_customer(), company.trains, ref="T-9")

    count = match_impacts(incident, by=company.dara, now=LATER)

    impact = Impact.objects.get(holding=late)
    event = newest_event()
    assert (count, impact.opened_at, event.kind) == (1, LATER, "impacts.opened")
    assert event.data == {"count": 1, "first": impact.pk, "since": LATER.isoformat()}
    assert Impact.objects.exclude(pk=impact.pk).filter(opened_at=NOW).count() == 3


def test_of_a_draft_touches_nobody() -> None:
    company = make_company()

    count = match_impacts(declare(company), by=company.dara, now=LATER)

    assert (count, Impact.objects.count()) == (0, 0)


def test_after_restoration_is_refused() -> None:
    company = make_company()
    incident = publish(company)
    resolve_incident(incident, body="Trains run.", by=company.dara, now=LATER)

    with pytest.raises(WrongState):
        match_impacts(incident, by=company.dara, now=LATER)


def test_two_incidents_each_have_their_own() -> None:
    company = make_company()

    publish(company)
    publish(company)

    assert Impact.objects.filter(holding=company.ticket).count() == 2


def test_a_narrower_scope_withdraws_those_it_no_longer_touches() -> None:
    company = make_company()
    incident = publish(company)

    set_scopes(incident, [{"kind": "booking"}], by=company.dara, now=LATER)

    event = newest_event()
    assert states(incident) == {"T-1": "open", "P-1": "withdrawn", "T-2": "open"}
    assert (event.kind, event.data) == ("impacts.withdrawn", {"count": 1})


def test_a_narrower_scope_keeps_whoever_chose() -> None:
    company = make_company()
    incident = publish(company)
    choose_for_ticket(company, make_offer(incident, choose_by=LATER))

    set_scopes(incident, [{"refs": "P-1"}], by=company.dara, now=LATER)

    assert states(incident) == {"T-1": "open", "P-1": "open", "T-2": "withdrawn"}


def test_a_narrower_scope_keeps_whose_choice_was_fulfilled() -> None:
    company = make_company()
    incident = publish(company)
    choose_for_ticket(company, make_offer(incident, choose_by=LATER))
    complete_task(Task.objects.get(), by=company.dara, now=NOW)

    set_scopes(incident, [{"refs": "P-1"}], by=company.dara, now=LATER)

    assert states(incident)["T-1"] == "open"


def test_a_narrower_scope_keeps_whose_state_has_moved_on() -> None:
    company = make_company()
    incident = publish(company)
    Impact.objects.filter(holding=company.ticket).update(state="reopened", reopened_at=NOW)

    set_scopes(incident, [{"refs": "P-1"}], by=company.dara, now=LATER)

    assert states(incident) == {"T-1": "reopened", "P-1": "open", "T-2": "withdrawn"}


def test_a_wider_scope_brings_them_back() -> None:
    company = make_company()
    incident = publish(company)
    set_scopes(incident, [{"refs": "T-1"}], by=company.dara, now=NOW)

    set_scopes(incident, [], by=company.dara, now=LATER)

    event = newest_event()
    back = Impact.objects.filter(opened_at=LATER).order_by("pk")
    assert states(incident) == {"T-1": "open", "P-1": "open", "T-2": "open"}
    assert [impact.holding for impact in back] == [company.family_pass, company.bens_ticket]
    assert (event.kind, event.data["count"], event.data["first"]) == ("impacts.opened", 2, back[0].pk)


def test_a_wider_scope_opens_new_ones_beside_those_it_brings_back() -> None:
    company = make_company()
    incident = publish(company)
    set_scopes(incident, [{"refs": "T-1"}], by=company.dara, now=NOW)
    make_holding(make_customer(), company.trains, ref="T-9")

    set_scopes(incident, [], by=company.dara, now=LATER)

    assert states(incident) == {"T-1": "open", "P-1": "open", "T-2": "open", "T-9": "open"}
    assert newest_event().data["count"] == 3


def test_keeps_whoever_cancelled_their_thing_because_of_it() -> None:
    company = make_company()
    incident = publish(company)
    Holding.objects.filter(pk=company.ticket.pk).update(is_active=False)

    match_impacts(incident, by=company.dara, now=LATER)

    assert states(incident) == {"T-1": "open", "P-1": "open", "T-2": "open"}


def test_keeps_the_customer_and_units_of_the_time() -> None:
    company = make_company()
    incident = publish(company)
    cleo = company.bus_ticket.customer
    Holding.objects.filter(pk=company.ticket.pk).update(customer=cleo, quantity=9)

    match_impacts(incident, by=company.dara, now=LATER)

    impact = Impact.objects.get(holding=company.ticket)
    assert (impact.customer, impact.units) == (company.ticket.customer, 1)


def test_takes_as_many_statements_for_many_as_for_few() -> None:
    company = make_company()
    for_trains = publish(company)
    customer = make_customer()
    Holding.objects.bulk_create(
        [Holding(ref=f"B-{n}", label="Bus", customer=customer, component=company.buses) for n in range(2, 60)]
    )
    for_buses = publish(company, declare(company, components={company.buses: "major_outage"}))
    Impact.objects.all().delete()

    with CaptureQueriesContext(connection) as few:
        match_impacts(for_trains, by=company.dara, now=LATER)
    with CaptureQueriesContext(connection) as many:
        match_impacts(for_buses, by=company.dara, now=LATER)

    assert (for_trains.impacts.count(), for_buses.impacts.count()) == (3, 59)
    assert len(few) == len(many)


def test_a_maintenance_does_not_touch_what_ends_before_its_window() -> None:
    company = make_company()
    Holding.objects.filter(pk=company.ticket.pk).update(ends_at=NOW + timedelta(minutes=30))

    incident = publish(company, plan(company))

    assert states(incident) == {"P-1": "open", "T-2": "open"}


def test_records_who_matched() -> None:
    company = make_company()
    incident = publish(company)
    make_holding(make_customer(), company.trains)

    match_impacts(incident, by=company.dara, now=LATER)

    event = Event.objects.order_by("-pk")[0]
    assert (event.actor, event.via, event.incident, event.happened_at) == (company.dara.user, "staff", incident, LATER)
    assert event_kinds(incident).count("impacts.opened") == 2
