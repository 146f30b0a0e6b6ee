"""Calling planned work off, before it begins and in the middle of it."""

from datetime import timedelta
from typing import Any

import pytest

from incidents.actions.publishing.maintenances import cancel_maintenance
from incidents.actions.recovery.choices import choose_offer
from incidents.actor import Actor
from incidents.clock import tick
from incidents.errors import InvalidInput, NotOffered, WrongState
from incidents.models import CheckIn, Choice, Component, Event, Impact, Incident, Offer, Update
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
from tests.make import make_offer

pytestmark = pytest.mark.django_db

BEGIN, END = NOW + timedelta(hours=1), NOW + timedelta(hours=3)
ANA = Actor.link("Ana")


def cancel(company: Company, incident: Incident, **fields: Any) -> Update:
    return cancel_maintenance(incident, **{"body": "We found another way.", "by": company.dara, "now": LATER, **fields})


def choose(incident: Incident, offer: Offer) -> Choice:
    impact = Impact.objects.get(incident=incident, holding__ref="T-1")
    return choose_offer(impact, offer=offer, seen_version=1, replaces="", key="k", by=ANA, now=NOW)


def test_before_it_begins_nothing_was_touched() -> None:
    company = make_company()
    incident = publish(company, plan(company))
    trains = Component.objects.get(pk=company.trains.pk)

    update = cancel(company, incident)

    current = Incident.objects.get()
    assert (current.status, current.cancelled_at, current.resolved_at, current.closed_at) == (
        "completed",
        LATER,
        LATER,
        LATER,
    )
    assert (update.status, update.body, update.affected_components) == ("completed", "We found another way.", None)
    assert (set(states(incident).values()), CheckIn.objects.count()) == ({"withdrawn"}, 0)
    company.trains.refresh_from_db()
    assert (company.trains.status, company.trains.updated_at) == ("operational", trains.updated_at)


def test_the_event_says_what_became_of_whom() -> None:
    company = make_company()
    incident = publish(company, plan(company))
    before = newest_event()

    cancel(company, incident)

    event = Event.objects.get(kind="maintenance.cancelled")
    assert (event.is_public, event.data["withdrawn"], event.data["restored"]) == (True, 3, 0)
    assert event_kinds(incident, after=before) == ["maintenance.cancelled", "incident.closed"]


def test_in_the_middle_of_it_parts_are_freed_and_people_are_asked() -> None:
    company = make_company()
    incident = publish(company, plan(company))
    tick(BEGIN)

    cancel(company, incident, now=BEGIN + timedelta(minutes=5))

    company.trains.refresh_from_db()
    assert (company.trains.status, set(states(incident).values()), CheckIn.objects.count()) == (
        "operational",
        {"restored"},
        3,
    )
    assert Update.objects.get(status="completed").affected_components[0]["old_status"] == "under_maintenance"


def test_offers_end_and_what_was_chosen_stays() -> None:
    company = make_company()
    incident = publish(company, plan(company))
    offer = make_offer(incident, choose_by=END)
    choice = choose(incident, offer)

    cancel(company, incident)

    offer.refresh_from_db()
    choice.refresh_from_db()
    assert (offer.withdrawn_at, choice.state) == (LATER, "live")
    assert states(incident) == {"T-1": "restored", "P-1": "withdrawn", "T-2": "withdrawn"}
    assert Incident.objects.get().closed_at is None


def test_nothing_can_be_chosen_any_more() -> None:
    company = make_company()
    incident = publish(company, plan(company))
    offer = make_offer(incident, choose_by=END)
    cancel(company, incident)

    with pytest.raises(NotOffered):
        choose(incident, offer)


def test_the_clock_leaves_it_alone() -> None:
    company = make_company()
    incident = publish(company, plan(company, reminders=[30]))
    cancel(company, incident)
    before = newest_event()

    tick(NOW + timedelta(minutes=31))
    tick(END)

    assert newest_event() == before


def test_a_second_time_is_refused() -> None:
    company = make_company()
    incident = publish(company, plan(company))
    cancel(company, incident)

    with pytest.raises(WrongState, match="cancelled already"):
        cancel(company, incident)

    assert Update.objects.count() == 2


def test_a_reason_is_needed() -> None:
    company = make_company()
    incident = publish(company, plan(company))

    with pytest.raises(InvalidInput) as refusal:
        cancel(company, incident, body=" ")

    assert (refusal.value.field, Incident.objects.get().status) == ("body", "scheduled")


def test_drafts_incidents_and_what_is_done_are_not_cancelled() -> None:
    company = make_company()
    completed = publish(company, plan(company))
    tick(END)

    with pytest.raises(WrongState, match="draft"):
        cancel(company, plan(company))
    with pytest.raises(WrongState, match="no planned work"):
        cancel(company, publish(company, declare(company)))
    with pytest.raises(WrongState, match="completed already"):
        cancel(company, completed)


def test_nobody_cancels_past_an_update_that_they_have_not_seen() -> None:
    company = make_company()
    incident = publish(company, plan(company))

    with pytest.raises(WrongState) as refusal:
        cancel(company, incident, seen=0)

    assert refusal.value.field == "seen"
