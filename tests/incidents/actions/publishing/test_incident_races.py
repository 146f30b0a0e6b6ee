"""Two communicators, one incident: real threads on PostgreSQL. SQLite's turn is in test_incident_processes.py."""

import time
from threading import Event as Signal

import pytest
from django.db import connection, transaction

from incidents.actions.care.feedback import answer_check_in
from incidents.actions.publishing.impacts import match_impacts
from incidents.actions.publishing.incidents import publish_incident, resolve_incident, set_components, set_scopes
from incidents.actions.publishing.maintenances import start_maintenance
from incidents.actions.publishing.updates import post_update, publish_estimate
from incidents.actions.recovery.choices import choose_offer
from incidents.actor import Actor
from incidents.clock import tick
from incidents.models import AffectedComponent, CheckIn, Choice, Estimate, Event, Holding, Impact, Incident, Update
from tests.at_once import Call, at_once, call, kinds
from tests.incidents.outage import LATER, NOW, Company, declare, make_company, plan, publish, states
from tests.make import make_customer, make_holding, make_offer

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="threads need a server; see the processes"),
]

ANA = Actor(via="link", name="Ana")


def fresh(incident: Incident) -> Incident:
    """The same row as another process would have read it."""
    return Incident.objects.get(pk=incident.pk)


def make_many(company: Company, count: int) -> None:
    customer = make_customer()
    Holding.objects.bulk_create(
        [Holding(ref=f"M-{n}", label="Ticket", customer=customer, component=company.trains) for n in range(count)]
    )


def choose_for_ticket(company: Company, incident: Incident) -> Choice:
    impact = Impact.objects.get(incident=incident, holding=company.ticket)
    offer = incident.offers.get()
    return choose_offer(impact, offer=offer, seen_version=1, replaces="", key="k", by=ANA, now=NOW)


def wait_for_somebody_to_wait() -> None:
    """Until another session of this database stands before a lock."""
    until = time.monotonic() + 20
    with connection.cursor() as cursor:
        while time.monotonic() < until:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )
            if cursor.fetchone()[0]:
                return
            time.sleep(0.01)


def hold_until_waited_for(act: Call, acted: Signal) -> None:
    """Do it, and commit only when somebody else waits for what it locked."""
    with transaction.atomic():
        act()
        acted.set()
        wait_for_somebody_to_wait()


def after(acted: Signal, act: Call) -> object:
    assert acted.wait(timeout=20)
    return act()


def before(acted: Signal, act: Call) -> None:
    act()
    acted.set()


def update_and_wait(company: Company, incident: Incident, chosen: Signal) -> bool:
    with transaction.atomic():
        post_update(incident, body="Still looking.", by=company.dara, now=LATER)
        return chosen.wait(timeout=20)


@pytest.mark.parametrize("round_", range(3))
def test_one_of_two_publishers_is_faster(round_: int) -> None:
    company = make_company()
    make_many(company, 200)
    incident = declare(company)

    outcomes = at_once(
        call(publish_incident, incident, body="One.", by=company.dara, now=NOW),
        call(publish_incident, incident, body="Two.", by=company.dara, now=NOW),
    )

    assert kinds(outcomes) == ["Update", "WrongState"]
    assert (Update.objects.count(), Impact.objects.count()) == (1, 203)
    assert list(Event.objects.order_by("pk").values_list("kind", flat=True)) == [
        "incident.declared",
        "incident.published",
        "impacts.opened",
    ]


@pytest.mark.parametrize("round_", range(3))
def test_matchings_at_once_open_each_impact_once(round_: int) -> None:
    company = make_company()
    incident = publish(company)
    make_many(company, 300)

    outcomes = at_once(*[call(match_impacts, incident, by=company.dara, now=LATER) for _ in range(4)])

    assert sorted(outcomes) == [0, 0, 0, 300]
    assert (Impact.objects.count(), Event.objects.filter(kind="impacts.opened").count()) == (303, 2)


def test_one_of_two_who_resolve_is_faster_and_everybody_is_asked_once() -> None:
    company = make_company()
    incident = publish(company)

    outcomes = at_once(
        call(resolve_incident, incident, body="One.", by=company.dara, now=LATER),
        call(resolve_incident, incident, body="Two.", by=company.dara, now=LATER),
    )

    assert kinds(outcomes) == ["Update", "WrongState"]
    assert (CheckIn.objects.count(), Update.objects.filter(status="resolved").count()) == (3, 1)


@pytest.mark.parametrize("round_", range(3))
def test_nobody_is_matched_after_everybody_was_asked(round_: int) -> None:
    company = make_company()
    incident = publish(company)
    make_many(company, 200)

    at_once(
        call(resolve_incident, incident, body="Over.", by=company.dara, now=LATER),
        call(match_impacts, incident, by=company.dara, now=LATER),
    )

    assert set(states(incident).values()) == {"restored"}
    assert CheckIn.objects.count() == Impact.objects.count()


def test_two_incidents_published_at_once_on_one_component_both_count() -> None:
    company = make_company()
    down = declare(company, components={company.trains: "major_outage"})
    slow = declare(company, components={company.trains: "degraded_performance"})
    acted = Signal()

    at_once(
        call(hold_until_waited_for, call(publish, company, down), acted),
        call(after, acted, call(publish, company, slow)),
    )

    company.trains.refresh_from_db()
    assert company.trains.status == "major_outage"


def test_two_incidents_on_the_same_two_components_do_not_block_each_other() -> None:
    company = make_company()
    one = declare(company, components={company.trains: "partial_outage", company.buses: "partial_outage"})
    two = declare(company, components={company.buses: "major_outage", company.trains: "major_outage"})

    outcomes = at_once(
        call(publish_incident, one, body="One.", by=company.dara, now=NOW),
        call(publish_incident, two, body="Two.", by=company.dara, now=NOW),
    )

    assert kinds(outcomes) == ["Update", "Update"]


def test_a_choice_in_the_making_is_not_withdrawn_by_a_narrower_scope() -> None:
    company = make_company()
    incident = publish(company)
    make_offer(incident, choose_by=LATER)
    acted = Signal()

    at_once(
        call(hold_until_waited_for, call(choose_for_ticket, company, incident), acted),
        call(after, acted, call(set_scopes, incident, [{"refs": "P-1"}], by=company.dara, now=LATER)),
    )

    assert states(incident) == {"T-1": "open", "P-1": "open", "T-2": "withdrawn"}
    assert Choice.objects.get().state == "live"


def test_what_a_narrower_scope_withdraws_can_no_longer_be_chosen_for() -> None:
    company = make_company()
    incident = publish(company)
    make_offer(incident, choose_by=LATER)
    acted = Signal()

    outcomes = at_once(
        call(
            hold_until_waited_for,
            call(set_scopes, incident, [{"refs": "P-1"}], by=company.dara, now=LATER),
            acted,
        ),
        call(after, acted, call(choose_for_ticket, company, incident)),
    )

    assert (kinds(outcomes), states(incident)["T-1"]) == (["NoneType", "NotOffered"], "withdrawn")


def test_customers_choose_while_the_incident_is_locked() -> None:
    company = make_company()
    incident = publish(company)
    make_offer(incident, choose_by=LATER)
    chosen = Signal()

    [did_not_wait, _] = at_once(
        call(update_and_wait, company, incident, chosen),
        call(before, chosen, call(choose_for_ticket, company, incident)),
    )

    assert did_not_wait


def test_the_last_two_who_confirm_at_once_close_the_incident_once() -> None:
    company = make_company()
    incident = publish(company)
    set_scopes(incident, [{"kind": "booking"}], by=company.dara, now=NOW)
    resolve_incident(incident, body="Over.", by=company.dara, now=NOW)
    one, two = incident.impacts.filter(state="restored")

    at_once(
        call(answer_check_in, one, answer="yes", by=ANA, now=LATER),
        call(answer_check_in, two, answer="yes", by=ANA, now=LATER),
    )

    assert fresh(incident).closed_at == LATER
    assert Event.objects.filter(kind="incident.closed").count() == 1


def test_two_first_estimates_at_once_are_one_and_a_refusal() -> None:
    company = make_company()
    incident = publish(company)

    outcomes = at_once(
        call(publish_estimate, incident, by=company.dara, restored_by=LATER, now=NOW),
        call(publish_estimate, incident, by=company.dara, restored_by=LATER.replace(hour=18), now=NOW),
    )

    assert kinds(outcomes) == ["Estimate", "InvalidInput"]
    assert Estimate.objects.get().stage == "initial"


def test_a_component_set_by_two_at_once_is_affected_once() -> None:
    company = make_company()
    incident = publish(company)

    at_once(
        call(set_components, incident, {company.buses: "major_outage"}, by=company.dara, now=LATER),
        call(set_components, incident, {company.buses: "partial_outage"}, by=company.dara, now=LATER),
    )

    affected = AffectedComponent.objects.get()
    company.buses.refresh_from_db()
    assert (affected.component, company.buses.status) == (company.buses, affected.status)


def test_two_clocks_and_a_person_begin_a_maintenance_once() -> None:
    company = make_company()
    incident = publish(company, plan(company))
    moment = incident.scheduled_for

    at_once(
        call(tick, moment),
        call(tick, moment),
        call(start_maintenance, incident, body="We begin.", by=company.dara, now=moment),
    )

    assert Update.objects.filter(status="in_progress").count() == 1


def test_nothing_deadlocks_when_everybody_does_something_else() -> None:
    company = make_company()
    incident = publish(company)
    make_offer(incident, choose_by=LATER)
    make_many(company, 100)

    outcomes = at_once(
        call(
            post_update,
            fresh(incident),
            body="More.",
            by=company.dara,
            components={company.buses: "major_outage"},
            now=NOW,
        ),
        call(match_impacts, incident, by=company.dara, now=NOW),
        call(set_scopes, incident, [{"kind": "booking"}], by=company.dara, now=NOW),
        call(choose_for_ticket, company, incident),
        call(publish_estimate, incident, by=company.dara, restored_by=LATER, now=NOW),
        call(publish, company),
        call(make_holding, make_customer(), company.trains),
        call(resolve_incident, incident, body="Over.", by=company.dara, now=NOW),
    )

    assert len(outcomes) == 8
    assert CheckIn.objects.count() == Impact.objects.filter(incident=incident, state="restored").count()
