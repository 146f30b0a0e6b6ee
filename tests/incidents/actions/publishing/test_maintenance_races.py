"""Clocks and people at the same maintenance: real threads on PostgreSQL. SQLite's turn is in the processes' test."""

from datetime import timedelta

import pytest
from django.db import connection

from incidents.actions.publishing.maintenances import cancel_maintenance, remind_of_maintenance, reschedule_maintenance
from incidents.actions.publishing.series import announce_occurrences, change_series, plan_series
from incidents.actions.recovery.choices import choose_offer
from incidents.actor import Actor
from incidents.clock import tick
from incidents.models import CheckIn, Choice, Event, Impact, Incident, Update
from tests.at_once import Call, at_once, call, kinds
from tests.incidents.outage import NOW, Company, make_company, plan, publish
from tests.make import make_offer

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="threads need a server; see the processes"),
]

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
BEGIN, END = NOW + HOUR, NOW + 3 * HOUR
LATER = {"scheduled_for": NOW + DAY, "scheduled_until": NOW + DAY + HOUR}
ROUNDS = pytest.mark.parametrize("round_", range(3))


def fresh(incident: Incident) -> Incident:
    return Incident.objects.get(pk=incident.pk)


def move(company: Company, incident: Incident) -> Call:
    return call(reschedule_maintenance, incident, **LATER, body="", by=company.dara, now=BEGIN)


def cancel(company: Company, incident: Incident) -> Call:
    return call(cancel_maintenance, incident, body="Not needed.", by=company.dara, now=BEGIN)


@ROUNDS
def test_clocks_at_once_take_each_step_once(round_: int) -> None:
    company = make_company()
    publish(company, plan(company, verify_for=30))

    at_once(*[call(tick, END + DAY)] * 4)

    said = Update.objects.order_by("pk").values_list("status", flat=True)
    assert list(said) == ["scheduled", "in_progress", "verifying", "completed"]
    assert CheckIn.objects.count() == 3


@ROUNDS
def test_clocks_at_once_remind_once(round_: int) -> None:
    company = make_company()
    incident = publish(company, plan(company, reminders=[20]))

    outcomes = at_once(*[call(remind_of_maintenance, incident, now=BEGIN - HOUR / 3) for _ in range(4)])

    assert kinds(outcomes) == ["Event", "NoneType", "NoneType", "NoneType"]
    assert Event.objects.filter(kind="maintenance.reminded").count() == 1


@ROUNDS
def test_it_begins_or_is_moved_never_both(round_: int) -> None:
    company = make_company()
    incident = publish(company, plan(company))

    at_once(call(tick, BEGIN), move(company, incident))

    stored = fresh(incident)
    begun = stored.status == "in_progress"
    assert (stored.scheduled_for == BEGIN) == begun
    assert Update.objects.filter(status="in_progress").exists() == begun
    assert Event.objects.filter(kind="maintenance.rescheduled").exists() != begun


@ROUNDS
def test_one_of_two_who_move_it_is_faster(round_: int) -> None:
    company = make_company()
    incident = publish(company, plan(company))
    seen = incident.updates.get().pk

    outcomes = at_once(*[move(company, incident).but(seen=seen, now=NOW) for _ in range(2)])

    assert kinds(outcomes) == ["Update", "WrongState"]
    assert len(fresh(incident).former_windows) == 1


@ROUNDS
def test_cancelled_while_the_clock_comes_it_ends_once(round_: int) -> None:
    company = make_company()
    incident = publish(company, plan(company))

    at_once(call(tick, END), cancel(company, incident))

    company.trains.refresh_from_db()
    assert (fresh(incident).status, company.trains.status) == ("completed", "operational")
    assert Update.objects.filter(status="completed").count() == 1


@ROUNDS
def test_whoever_chooses_while_it_is_cancelled_has_a_promise_or_a_refusal(round_: int) -> None:
    company = make_company()
    incident = publish(company, plan(company))
    offer = make_offer(incident, choose_by=END)
    impact = Impact.objects.get(incident=incident, holding=company.ticket)
    choose = call(
        choose_offer, impact, offer=offer, seen_version=1, replaces="", key="k", by=Actor.link("Ana"), now=NOW
    )

    at_once(choose, cancel(company, incident))

    impact.refresh_from_db()
    assert impact.state == ("restored" if Choice.objects.exists() else "withdrawn")


@ROUNDS
def test_clocks_at_once_announce_each_window_once(round_: int) -> None:
    company = make_company()
    series = plan_series(
        company.page,
        name="Rails",
        rule="FREQ=DAILY",
        first_start=NOW + HOUR,
        lasts_for=60,
        body="We grind.",
        most_ahead=5,
        by=company.dara,
        now=NOW,
    )

    at_once(
        *[call(announce_occurrences, series, now=NOW)] * 3,
        call(tick, NOW),
        call(change_series, series, name="Rails are ground", by=company.dara, now=NOW),
    )
    tick(NOW)

    starts = Incident.objects.order_by("occurs_at").values_list("occurs_at", "name")
    assert list(starts) == [(NOW + HOUR + number * DAY, "Rails are ground") for number in range(5)]
    assert Update.objects.count() == 5
