"""Estimates: honest, reasoned, never in the past."""

from datetime import timedelta

import pytest

from incidents.actions.publishing.incidents import resolve_incident
from incidents.actions.publishing.updates import publish_estimate
from incidents.errors import InvalidInput, WrongState
from incidents.models import Estimate
from tests.incidents.outage import LATER, NOW, declare, make_company, newest_event, publish

pytestmark = pytest.mark.django_db

FIVE = NOW + timedelta(hours=3)
SIX = NOW + timedelta(hours=4)


def test_says_that_we_do_not_know_yet() -> None:
    company = make_company()
    incident = publish(company)

    publish_estimate(incident, by=company.dara, restored_by=None, source="Control room", now=LATER)

    estimate = Estimate.objects.get()
    assert (estimate.incident, estimate.stage, estimate.restored_by) == (incident, "assessing", None)
    assert (estimate.source, estimate.reason, estimate.author) == ("Control room", "", company.dara.user)
    assert estimate.created_at == LATER


def test_states_a_first_time() -> None:
    company = make_company()
    incident = publish(company)

    estimate = publish_estimate(incident, by=company.dara, restored_by=FIVE, now=LATER)

    event = newest_event()
    assert (estimate.stage, estimate.restored_by) == ("initial", FIVE)
    assert (event.kind, event.is_public) == ("estimate.published", True)
    assert event.data == {"estimate": estimate.pk, "stage": "initial"}


def test_after_assessing_is_still_the_first() -> None:
    company = make_company()
    incident = publish(company)
    publish_estimate(incident, by=company.dara, restored_by=None, now=NOW)

    estimate = publish_estimate(incident, by=company.dara, restored_by=FIVE, now=LATER)

    assert estimate.stage == "initial"


def test_revises_with_a_reason_and_keeps_the_history() -> None:
    company = make_company()
    incident = publish(company)
    publish_estimate(incident, by=company.dara, restored_by=FIVE, now=NOW)

    publish_estimate(incident, by=company.dara, restored_by=SIX, reason="A second fire.", now=LATER)

    estimates = Estimate.objects.order_by("pk").values_list("stage", "restored_by", "reason")
    assert list(estimates) == [("initial", FIVE, ""), ("revised", SIX, "A second fire.")]


@pytest.mark.parametrize("restored_by", [SIX, None])
def test_does_not_change_a_published_time_without_a_reason(restored_by: object) -> None:
    company = make_company()
    incident = publish(company)
    publish_estimate(incident, by=company.dara, restored_by=FIVE, now=NOW)

    with pytest.raises(InvalidInput) as refusal:
        publish_estimate(incident, by=company.dara, restored_by=restored_by, reason="  ", now=LATER)

    assert (refusal.value.field, Estimate.objects.count()) == ("reason", 1)


def test_needs_a_reason_for_a_new_time_after_one_was_taken_back() -> None:
    company = make_company()
    incident = publish(company)
    publish_estimate(incident, by=company.dara, restored_by=FIVE, now=NOW)
    publish_estimate(incident, by=company.dara, restored_by=None, reason="A second fire.", now=NOW)

    with pytest.raises(InvalidInput) as refusal:
        publish_estimate(incident, by=company.dara, restored_by=SIX, now=LATER)

    assert refusal.value.field == "reason"


@pytest.mark.parametrize("moment", [NOW, LATER])
def test_refuses_the_past(moment: object) -> None:
    company = make_company()
    incident = publish(company)

    with pytest.raises(InvalidInput) as refusal:
        publish_estimate(incident, by=company.dara, restored_by=moment, now=LATER)

    assert (refusal.value.field, Estimate.objects.count()) == ("restored_by", 0)


def test_confirms_the_same_time_without_a_reason() -> None:
    company = make_company()
    incident = publish(company)
    publish_estimate(incident, by=company.dara, restored_by=FIVE, now=NOW)

    estimate = publish_estimate(incident, by=company.dara, restored_by=FIVE, stage="confirmed", now=LATER)

    assert (estimate.stage, Estimate.objects.count()) == ("confirmed", 2)


@pytest.mark.parametrize("restored_by", [FIVE, None])
def test_the_same_again_is_the_same_estimate(restored_by: object) -> None:
    company = make_company()
    incident = publish(company)
    first = publish_estimate(incident, by=company.dara, restored_by=restored_by, now=NOW)
    before = newest_event()

    repeated = publish_estimate(incident, by=company.dara, restored_by=restored_by, now=LATER)

    assert (repeated, newest_event()) == (first, before)


@pytest.mark.parametrize(
    ("stage", "restored_by"), [("assessing", FIVE), ("confirmed", None), ("revised", FIVE), ("initial", None)]
)
def test_refuses_a_stage_that_does_not_fit(stage: str, restored_by: object) -> None:
    company = make_company()
    incident = publish(company)

    with pytest.raises(InvalidInput) as refusal:
        publish_estimate(incident, by=company.dara, restored_by=restored_by, stage=stage, now=LATER)

    assert (refusal.value.field, Estimate.objects.count()) == ("stage", 0)


def test_refuses_a_reason_that_is_too_long_for_a_line() -> None:
    company = make_company()
    incident = publish(company)

    with pytest.raises(InvalidInput) as refusal:
        publish_estimate(incident, by=company.dara, restored_by=FIVE, reason="x" * 301, now=LATER)

    assert refusal.value.field == "reason"


def test_on_a_draft_is_refused() -> None:
    company = make_company()

    with pytest.raises(WrongState, match="draft"):
        publish_estimate(declare(company), by=company.dara, restored_by=FIVE, now=LATER)


def test_after_restoration_is_refused() -> None:
    company = make_company()
    incident = publish(company)
    resolve_incident(incident, body="Trains run.", by=company.dara, now=LATER)

    with pytest.raises(WrongState, match="restored already"):
        publish_estimate(incident, by=company.dara, restored_by=FIVE, now=LATER)
