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
    make_company,
    newest_event,
    plan,
    publish,
    states,
    told,
)
from tests.make import make_customer, make_holding, make_offer, make_user

pytestmark = pytest.mark.django_db


def choose_for_ticket(it: Company, offer: Offer) -> Choice:
    impact = Impact.objects.get(holding=it.ticket, incident=offer.incident)
    ana = Actor.account(make_user("Ana"))
    return choose_offer(impact, offer=offer, seen_version=1, replaces="", key="k", by=ana, now=NOW)


def test_again_opens_nothing() -> None:
    it = make_company()
    incident = publish(it)
    before = newest_event()

    opened = match_impacts(incident, by=it.dara, now=LATER)

    assert (opened, Impact.objects.count(), newest_event()) == (0, 3, before)


def test_opens_only_what_came_late() -> None:
    it = make_company()
    incident = publish(it)
    late = make_holding(make_customer(), it.trains, ref="T-9")

    opened = match_impacts(incident, by=it.dara, now=LATER)

    impact = Impact.objects.get(holding=late)
    event = newest_event()
    assert (opened, impact.opened_at, event.kind) == (1, LATER, "impacts.opened")
    assert event.data == {"count": 1, "first": impact.pk, "since": LATER.isoformat()}
    assert Impact.objects.exclude(pk=impact.pk).filter(opened_at=NOW).count() == 3


def test_of_a_draft_touches_nobody() -> None:
    it = make_company()

    opened = match_impacts(declare(it), by=it.dara, now=LATER)

    assert (opened, Impact.objects.count()) == (0, 0)


def test_after_restoration_is_refused() -> None:
    it = make_company()
    incident = publish(it)
    resolve_incident(incident, body="Trains run.", by=it.dara, now=LATER)

    with pytest.raises(WrongState):
        match_impacts(incident, by=it.dara, now=LATER)


def test_two_incidents_each_have_their_own() -> None:
    it = make_company()

    publish(it)
    publish(it)

    assert Impact.objects.filter(holding=it.ticket).count() == 2


def test_a_narrower_scope_withdraws_those_it_no_longer_touches() -> None:
    it = make_company()
    incident = publish(it)

    set_scopes(incident, [{"kind": "booking"}], by=it.dara, now=LATER)

    event = newest_event()
    assert states(incident) == {"T-1": "open", "P-1": "withdrawn", "T-2": "open"}
    assert (event.kind, event.data) == ("impacts.withdrawn", {"count": 1})


def test_a_narrower_scope_keeps_whoever_chose() -> None:
    it = make_company()
    incident = publish(it)
    choose_for_ticket(it, make_offer(incident, choose_by=LATER))

    set_scopes(incident, [{"refs": "P-1"}], by=it.dara, now=LATER)

    assert states(incident) == {"T-1": "open", "P-1": "open", "T-2": "withdrawn"}


def test_a_narrower_scope_keeps_whose_choice_was_fulfilled() -> None:
    it = make_company()
    incident = publish(it)
    choose_for_ticket(it, make_offer(incident, choose_by=LATER))
    complete_task(Task.objects.get(), by=it.dara, now=NOW)

    set_scopes(incident, [{"refs": "P-1"}], by=it.dara, now=LATER)

    assert states(incident)["T-1"] == "open"


def test_a_narrower_scope_keeps_whose_state_has_moved_on() -> None:
    it = make_company()
    incident = publish(it)
    Impact.objects.filter(holding=it.ticket).update(state="reopened", reopened_at=NOW)

    set_scopes(incident, [{"refs": "P-1"}], by=it.dara, now=LATER)

    assert states(incident) == {"T-1": "reopened", "P-1": "open", "T-2": "withdrawn"}


def test_a_wider_scope_brings_them_back() -> None:
    it = make_company()
    incident = publish(it)
    set_scopes(incident, [{"refs": "T-1"}], by=it.dara, now=NOW)

    set_scopes(incident, [], by=it.dara, now=LATER)

    event = newest_event()
    back = Impact.objects.filter(opened_at=LATER).order_by("pk")
    assert states(incident) == {"T-1": "open", "P-1": "open", "T-2": "open"}
    assert [impact.holding for impact in back] == [it.family_pass, it.bens_ticket]
    assert (event.kind, event.data["count"], event.data["first"]) == ("impacts.opened", 2, back[0].pk)


def test_a_wider_scope_opens_new_ones_beside_those_it_brings_back() -> None:
    it = make_company()
    incident = publish(it)
    set_scopes(incident, [{"refs": "T-1"}], by=it.dara, now=NOW)
    make_holding(make_customer(), it.trains, ref="T-9")

    set_scopes(incident, [], by=it.dara, now=LATER)

    assert states(incident) == {"T-1": "open", "P-1": "open", "T-2": "open", "T-9": "open"}
    assert newest_event().data["count"] == 3


def test_keeps_whoever_cancelled_their_thing_because_of_it() -> None:
    it = make_company()
    incident = publish(it)
    Holding.objects.filter(pk=it.ticket.pk).update(is_active=False)

    match_impacts(incident, by=it.dara, now=LATER)

    assert states(incident) == {"T-1": "open", "P-1": "open", "T-2": "open"}


def test_keeps_the_customer_and_units_of_the_time() -> None:
    it = make_company()
    incident = publish(it)
    cleo = it.bus_ticket.customer
    Holding.objects.filter(pk=it.ticket.pk).update(customer=cleo, quantity=9)

    match_impacts(incident, by=it.dara, now=LATER)

    impact = Impact.objects.get(holding=it.ticket)
    assert (impact.customer, impact.units) == (it.ticket.customer, 1)


def test_takes_as_many_statements_for_many_as_for_few() -> None:
    it = make_company()
    for_trains = publish(it)
    customer = make_customer()
    Holding.objects.bulk_create(
        [Holding(ref=f"B-{n}", label="Bus", customer=customer, component=it.buses) for n in range(2, 60)]
    )
    for_buses = publish(it, declare(it, components={it.buses: "major_outage"}))
    Impact.objects.all().delete()

    with CaptureQueriesContext(connection) as few:
        match_impacts(for_trains, by=it.dara, now=LATER)
    with CaptureQueriesContext(connection) as many:
        match_impacts(for_buses, by=it.dara, now=LATER)

    assert (for_trains.impacts.count(), for_buses.impacts.count()) == (3, 59)
    assert len(few) == len(many)


def test_a_maintenance_does_not_touch_what_ends_before_its_window() -> None:
    it = make_company()
    Holding.objects.filter(pk=it.ticket.pk).update(ends_at=NOW + timedelta(minutes=30))

    incident = publish(it, plan(it))

    assert states(incident) == {"P-1": "open", "T-2": "open"}


def test_records_who_matched() -> None:
    it = make_company()
    incident = publish(it)
    make_holding(make_customer(), it.trains)

    match_impacts(incident, by=it.dara, now=LATER)

    event = Event.objects.order_by("-pk")[0]
    assert (event.actor, event.via, event.incident, event.happened_at) == (it.dara.user, "staff", incident, LATER)
    assert told(incident).count("impacts.opened") == 2
