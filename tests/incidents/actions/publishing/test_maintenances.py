"""Planned work begins, once."""

import pytest

from incidents.actions.publishing.maintenances import start_maintenance
from incidents.errors import WrongState
from incidents.models import Incident, Update
from tests.incidents.outage import LATER, declare, make_company, plan, publish

pytestmark = pytest.mark.django_db


def test_begins() -> None:
    it = make_company()
    incident = publish(it, plan(it))

    update = start_maintenance(incident, body="We begin.", by=it.dara, now=LATER)

    it.trains.refresh_from_db()
    assert (update.status, update.body, it.trains.status) == ("in_progress", "We begin.", "under_maintenance")
    assert Incident.objects.get().status == "in_progress"


def test_twice_is_refused() -> None:
    it = make_company()
    incident = publish(it, plan(it))
    start_maintenance(incident, body="We begin.", by=it.dara, now=LATER)

    with pytest.raises(WrongState, match="begun already"):
        start_maintenance(incident, body="We begin.", by=it.dara, now=LATER)

    assert Update.objects.filter(status="in_progress").count() == 1


def test_of_a_draft_is_refused() -> None:
    it = make_company()

    with pytest.raises(WrongState, match="draft"):
        start_maintenance(plan(it), body="We begin.", by=it.dara, now=LATER)


def test_of_an_unplanned_incident_is_refused() -> None:
    it = make_company()

    with pytest.raises(WrongState):
        start_maintenance(publish(it, declare(it)), body="We begin.", by=it.dara, now=LATER)
