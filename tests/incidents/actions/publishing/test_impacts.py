"""One impact: seen, and restored after it was reopened."""

import pytest

from incidents.actions.care.feedback import answer_check_in
from incidents.actions.publishing.impacts import mark_seen, restore_impact
from incidents.actions.publishing.incidents import resolve_incident
from incidents.actor import Actor
from incidents.errors import WrongState
from incidents.models import CheckIn, Impact
from tests.incidents.outage import LATER, NOW, make_company, newest_event, publish
from tests.make import make_user

pytestmark = pytest.mark.django_db


def make_reopened() -> tuple[Impact, Actor]:
    company = make_company()
    incident = publish(company)
    resolve_incident(incident, body="Trains run.", by=company.dara, now=NOW)
    impact = incident.impacts.get(holding=company.ticket)
    answer_check_in(impact, answer="no", by=Actor.account(make_user("Ana")), now=NOW)
    return impact, company.dara


def test_is_seen_once() -> None:
    company = make_company()
    impact = publish(company).impacts.get(holding=company.ticket)

    mark_seen(impact, now=NOW)
    mark_seen(impact, now=LATER)

    assert list(Impact.objects.order_by("pk").values_list("seen_at", flat=True)) == [NOW, None, None]


def test_restored_again_is_asked_again() -> None:
    impact, dara = make_reopened()

    restore_impact(impact, by=dara, now=LATER)

    impact = Impact.objects.get(pk=impact.pk)
    rounds = impact.check_ins.order_by("round").values_list("round", "answer", "asked_at")
    assert (impact.state, impact.restored_at) == ("restored", LATER)
    assert list(rounds) == [(1, "no", NOW), (2, "", LATER)]
    assert CheckIn.objects.exclude(impact=impact).filter(round=2).count() == 0


def test_restoring_is_recorded() -> None:
    impact, dara = make_reopened()

    restore_impact(impact, by=dara, now=LATER)

    event = newest_event()
    assert (event.kind, event.impact, event.data) == ("impact.restored", impact, {"round": 2})
    assert (event.incident, event.is_public) == (impact.incident, False)


def test_restoring_twice_is_refused_and_asks_once() -> None:
    impact, dara = make_reopened()
    restore_impact(impact, by=dara, now=LATER)

    with pytest.raises(WrongState):
        restore_impact(impact, by=dara, now=LATER)

    assert impact.check_ins.count() == 2


def test_restoring_what_nobody_reported_is_refused() -> None:
    company = make_company()
    impact = publish(company).impacts.get(holding=company.ticket)

    with pytest.raises(WrongState):
        restore_impact(impact, by=company.dara, now=LATER)

    assert (Impact.objects.get(pk=impact.pk).state, CheckIn.objects.count()) == ("open", 0)
