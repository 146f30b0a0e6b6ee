"""Planned work begins, once."""

import pytest

from incidents.actions.publishing.maintenances import start_maintenance
from incidents.errors import WrongState
from incidents.models import Incident, Update
from tests.incidents.outage import LATER, declare, make_company, plan, publish

pytestmark = pytest.mark.django_db


def test_begins() -> None:
    company = make_company()
    incident = publish(company, plan(company))

    update = start_maintenance(incident, body="We begin.", by=company.dara, now=LATER)

    company.trains.refresh_from_db()
    assert (update.status, update.body, company.trains.status) == ("in_progress", "We begin.", "under_maintenance")
    assert Incident.objects.get().status == "in_progress"


def test_twice_is_refused() -> None:
    company = make_company()
    incident = publish(company, plan(company))
    start_maintenance(incident, body="We begin.", by=company.dara, now=LATER)

    with pytest.raises(WrongState, match="begun already"):
        start_maintenance(incident, body="We begin.", by=company.dara, now=LATER)

    assert Update.objects.filter(status="in_progress").count() == 1


def test_of_a_draft_is_refused() -> None:
    company = make_company()

    with pytest.raises(WrongState, match="draft"):
        start_maintenance(plan(company), body="We begin.", by=company.dara, now=LATER)


def test_of_an_unplanned_incident_is_refused() -> None:
    company = make_company()

    with pytest.raises(WrongState):
        start_maintenance(publish(company, declare(company)), body="We begin.", by=company.dara, now=LATER)
