"""Whom a scope touches, and trying it out without a trace."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from incidents.actions.publishing.incidents import change_incident, set_scopes
from incidents.models import CheckIn, Component, Customer, Event, Holding, Impact, Incident
from incidents.queries.matching import Reach, dry_run, holdings_in_scope
from tests.incidents.outage import LATER, NOW, declare, make_company, plan, publish
from tests.make import make_customer, make_holding

pytestmark = pytest.mark.django_db


def refs(incident: Incident) -> set[str]:
    return set(holdings_in_scope(incident).values_list("ref", flat=True))


def test_without_a_rule_every_holding_of_its_components_is_touched() -> None:
    company = make_company()

    assert refs(declare(company)) == {"T-1", "P-1", "T-2"}


def test_without_components_nothing_is_touched() -> None:
    company = make_company()
    make_holding(make_customer())

    assert refs(declare(company, components={})) == set()


def test_a_component_that_is_listed_as_working_counts_too() -> None:
    company = make_company()

    assert refs(declare(company, components={company.buses: "operational"})) == {"B-1"}


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ({}, {"T-1", "P-1", "T-2"}),
        ({"kind": "booking"}, {"T-1", "T-2"}),
        ({"region": "north"}, {"T-2"}),
        ({"region": "north", "kind": "subscription"}, set()),
        ({"refs": "P-1"}, {"P-1"}),
        ({"refs": " T-1\r\n\nP-1 \nT-1\nX-0"}, {"T-1", "P-1"}),
        ({"refs": "T-1\nT-2", "region": "north"}, {"T-2"}),
        ({"refs": "B-1"}, {"B-1"}),
        ({"refs": "X-0"}, set()),
    ],
)
def test_all_parts_of_a_rule_must_hold(rule: dict[str, str], expected: set[str]) -> None:
    company = make_company()

    assert refs(declare(company, scopes=[rule])) == expected


def test_a_rule_may_name_a_component_that_is_not_listed_as_affected() -> None:
    company = make_company()

    assert refs(declare(company, scopes=[{"component": company.buses}])) == {"B-1"}


def test_references_with_a_component_count_only_there() -> None:
    company = make_company()

    assert refs(declare(company, scopes=[{"component": company.trains, "refs": "T-1\nB-1"}])) == {"T-1"}


def test_references_reach_holdings_that_depend_on_no_component() -> None:
    company = make_company()
    make_holding(make_customer(), ref="X-1")

    assert refs(declare(company, components={}, scopes=[{"refs": "X-1"}])) == {"X-1"}


def test_any_rule_suffices_and_none_counts_twice() -> None:
    company = make_company()
    incident = declare(company, scopes=[{"region": "north"}, {"kind": "booking"}, {"refs": "B-1"}])

    assert sorted(holdings_in_scope(incident).values_list("ref", flat=True)) == ["B-1", "T-1", "T-2"]


def test_a_span_has_its_first_moment_and_not_its_last() -> None:
    company = make_company()
    make_holding(make_customer(), company.trains, ref="before", starts_at=NOW - timedelta(seconds=1))
    make_holding(make_customer(), company.trains, ref="first", starts_at=NOW)
    make_holding(make_customer(), company.trains, ref="last", starts_at=LATER)
    incident = declare(company, scopes=[{"starts_from": NOW, "starts_before": LATER}])

    assert refs(incident) == {"first"}


def test_what_is_not_active_is_not_touched() -> None:
    company = make_company()
    Holding.objects.filter(ref="T-1").update(is_active=False)

    assert refs(declare(company)) == {"P-1", "T-2"}


def test_what_ended_before_it_began_is_not_touched() -> None:
    company = make_company()
    make_holding(make_customer(), company.trains, ref="ended", ends_at=NOW - timedelta(seconds=1))
    make_holding(make_customer(), company.trains, ref="ending", ends_at=NOW)

    assert refs(declare(company)) == {"T-1", "P-1", "T-2", "ending"}


def test_what_ends_before_a_planned_window_is_not_touched() -> None:
    company = make_company()
    incident = plan(company)
    make_holding(make_customer(), company.trains, ref="ended", ends_at=incident.scheduled_for - timedelta(seconds=1))
    make_holding(make_customer(), company.trains, ref="ending", ends_at=incident.scheduled_for)

    assert refs(incident) == {"T-1", "P-1", "T-2", "ending"}


def test_a_dry_run_counts_people_things_and_units() -> None:
    company = make_company()

    assert dry_run(declare(company)) == Reach(customers=2, holdings=3, units=5, reachable=2, new=3)


def test_a_dry_run_counts_whom_no_mail_reaches() -> None:
    company = make_company()
    Customer.objects.filter(name="Ana").update(email="")

    assert dry_run(declare(company)).reachable == 1


def test_a_dry_run_that_touches_nobody_is_all_zeros() -> None:
    company = make_company()

    assert dry_run(declare(company, components={})) == Reach(customers=0, holdings=0, units=0, reachable=0, new=0)
    assert dry_run(declare(company, scopes=[{"refs": "X-0"}])) == Reach(0, 0, 0, 0, 0)


def test_a_dry_run_tells_new_ones_from_those_that_stand() -> None:
    company = make_company()
    incident = publish(company)
    before = dry_run(incident)
    make_holding(make_customer(), company.trains)

    assert before == Reach(customers=2, holdings=3, units=5, reachable=2, new=0)
    assert dry_run(incident) == Reach(customers=3, holdings=4, units=6, reachable=3, new=1)


def test_a_dry_run_counts_the_withdrawn_as_new() -> None:
    company = make_company()
    incident = publish(company)
    Impact.objects.filter(holding=company.ticket).update(state="withdrawn")

    assert dry_run(incident).new == 1


def test_a_dry_run_writes_nothing() -> None:
    company = make_company()
    incident = declare(company)
    set_scopes(incident, [{"kind": "booking"}], by=company.dara, now=NOW)
    before = (Impact.objects.count(), Event.objects.count(), CheckIn.objects.count())

    with CaptureQueriesContext(connection) as queries:
        dry_run(incident)

    after = (Impact.objects.count(), Event.objects.count(), CheckIn.objects.count())
    assert before == after == (0, 2, 0)
    assert {query["sql"].split()[0] for query in queries} == {"SELECT"}
    assert list(Component.objects.values_list("status", flat=True)) == ["operational", "operational"]


def test_a_dry_run_says_what_matching_then_does() -> None:
    company = make_company()
    incident = declare(company, scopes=[{"kind": "booking"}])
    reach = dry_run(incident)

    publish(company, incident)

    assert (reach.new, Impact.objects.count()) == (2, 2)
    assert dry_run(incident) == replace(reach, new=0)


def test_a_dry_run_follows_the_start() -> None:
    company = make_company()
    Holding.objects.filter(ref="T-1").update(ends_at=NOW)
    incident = declare(company, now=LATER)
    before = dry_run(incident).holdings

    change_incident(incident, by=company.dara, started_at=NOW, now=LATER)

    assert (before, dry_run(incident).holdings) == (2, 3)


def test_asking_costs_what_is_affected_not_what_there_is() -> None:
    company = make_company()
    incident = declare(company)

    with connection.cursor() as cursor:
        cursor.execute(_PREFER_INDEXES[connection.vendor])  # a planner reads tables this small from end to end
    plan = holdings_in_scope(incident).explain()

    assert re.findall(r"SEARCH incidents_holding USING INDEX|Index Scan using \w+ on incidents_holding", plan)
    assert re.findall(r"SCAN incidents_holding|Seq Scan", plan) == []


_PREFER_INDEXES = {"postgresql": "SET LOCAL enable_seqscan = off", "sqlite": "SELECT 1"}
