"""The figures of recovery, each against a disruption that was lived through; silence is never satisfaction."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from incidents.actions.care.feedback import answer_check_in, rate
from incidents.actions.publishing.impacts import mark_seen, restore_impact
from incidents.actions.publishing.incidents import resolve_incident, set_scopes
from incidents.actions.recovery.choices import cancel_choice, choose_offer
from incidents.actions.recovery.promises import break_due_promises, complete_task
from incidents.actor import CLOCK
from incidents.models import Choice, Impact, Incident, Task
from incidents.queries.metrics import Recovery, recoveries, recovery
from tests.incidents.outage import LATER, NOW, Company, make_company, publish
from tests.make import make_offer, make_remedy

pytestmark = pytest.mark.django_db


def disruption() -> tuple[Company, Incident]:
    company = make_company()
    return company, publish(company)


def impact_of(incident: Incident, ref: str) -> Impact:
    return Impact.objects.get(incident=incident, holding__ref=ref)


def choose(incident: Incident, ref: str, **columns: object) -> Choice:
    remedy = make_remedy(fulfil_within=timedelta(hours=2), **columns)
    offer = make_offer(incident, remedy=remedy, choose_by=NOW + timedelta(hours=4), is_extra=remedy.is_extra)
    return choose_offer(
        impact_of(incident, ref), offer=offer, seen_version=1, replaces="", key=remedy.name, by=CLOCK, now=NOW
    )


def test_nothing_happened_yet() -> None:
    company, incident = disruption()
    company.bens_ticket.customer.__class__.objects.filter(name="Ben").update(email="")

    assert recovery(incident) == Recovery(customers=2, impacts=3, units=5, unreachable=1)


def test_whoever_is_not_affected_after_all_is_not_counted() -> None:
    company, incident = disruption()

    set_scopes(incident, [{"refs": "T-1"}], by=company.dara, now=NOW)

    assert recovery(incident) == Recovery(customers=1, impacts=1, units=1)


def test_seen_counts_impacts_once() -> None:
    _, incident = disruption()
    mark_seen(impact_of(incident, "T-1"), now=NOW)
    mark_seen(impact_of(incident, "T-1"), now=LATER)

    assert recovery(incident).impacts_seen == 1


def test_a_choice_counts_while_it_stands_and_an_extra_never() -> None:
    _, incident = disruption()
    choose(incident, "T-1")
    choose(incident, "T-1", is_extra=True)
    cancel_choice(choose(incident, "T-2"), by=CLOCK, now=NOW)

    figures = recovery(incident)

    assert (figures.impacts_chosen, figures.promises_due, figures.promises) == (1, 2, 2)


def test_promises_beaten_kept_and_broken() -> None:
    _, incident = disruption()
    early, in_time, late = choose(incident, "T-1"), choose(incident, "P-1"), choose(incident, "T-2")
    complete_task(Task.objects.get(choice=early), by=CLOCK, now=NOW + timedelta(minutes=10))
    complete_task(Task.objects.get(choice=in_time), by=CLOCK, now=NOW + timedelta(minutes=110))
    break_due_promises(NOW + timedelta(hours=3))
    complete_task(Task.objects.get(choice=late), by=CLOCK, now=NOW + timedelta(hours=4))

    figures = recovery(incident)

    assert (figures.promises_beaten, figures.promises_kept, figures.promises_broken, figures.promises_due) == (
        1,
        1,
        1,
        0,
    )
    assert (figures.honoured, figures.promises, figures.impacts_chosen) == (2, 3, 3)


def test_silence_is_not_satisfaction() -> None:
    company, incident = disruption()
    resolve_incident(incident, body="All trains run.", by=company.dara, now=NOW)
    answer_check_in(impact_of(incident, "T-1"), answer="yes", by=CLOCK, now=LATER)

    figures = recovery(incident)

    assert (figures.impacts_asked, figures.confirmed, figures.not_fixed, figures.unanswered) == (3, 1, 0, 2)
    assert (figures.ratings, figures.satisfaction, figures.effort) == (0, None, None)


def test_who_said_no_is_remembered_when_it_was_put_right() -> None:
    company, incident = disruption()
    resolve_incident(incident, body="All trains run.", by=company.dara, now=NOW)
    impact = impact_of(incident, "T-1")
    answer_check_in(impact, answer="no", by=CLOCK, now=LATER)
    waiting = recovery(incident)
    restore_impact(impact, by=company.dara, now=LATER)
    answer_check_in(impact, answer="yes", by=CLOCK, now=LATER)

    figures = recovery(incident)

    assert (waiting.reopened, waiting.not_fixed, waiting.confirmed) == (1, 1, 0)
    assert (figures.reopened, figures.not_fixed, figures.confirmed, figures.impacts_asked) == (0, 1, 1, 3)


def test_ratings_are_a_mean_over_those_who_rated() -> None:
    company, incident = disruption()
    resolve_incident(incident, body="All trains run.", by=company.dara, now=NOW)
    first, second = impact_of(incident, "T-1"), impact_of(incident, "T-2")
    answer_check_in(first, answer="yes", by=CLOCK, now=LATER)
    answer_check_in(second, answer="yes", by=CLOCK, now=LATER)
    rate(first, satisfaction=5, effort=7, by=CLOCK, now=LATER)
    rate(second, satisfaction=2, effort=4, by=CLOCK, now=LATER)

    figures = recovery(incident)

    assert (figures.ratings, figures.satisfaction, figures.effort) == (2, 3.5, 5.5)


def test_one_incidents_figures_are_not_anothers() -> None:
    company, incident = disruption()
    other_incident = publish(company)
    choose(incident, "T-1")
    choose(other_incident, "T-1")
    choose(other_incident, "T-2")

    figures = recoveries([incident, other_incident])

    assert {
        pk: (recovery_figures.impacts, recovery_figures.impacts_chosen) for pk, recovery_figures in figures.items()
    } == {
        incident.pk: (3, 1),
        other_incident.pk: (3, 2),
    }


@pytest.mark.parametrize("number", [1, 3])
def test_six_queries_however_many_incidents(number: int) -> None:
    company = make_company()
    incidents = [publish(company) for _ in range(number)]

    with CaptureQueriesContext(connection) as queries:
        recoveries(incidents)

    assert len(queries) == 6
