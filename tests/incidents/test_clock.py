"""What time makes due, once, even after downtime, whatever else fails."""

import logging
from datetime import timedelta

import pytest

from incidents import clock
from incidents.actions.publishing.updates import post_update
from incidents.clock import tick
from incidents.models import CheckIn, Event, Incident, Promise, Update
from tests.incidents.choosing import choose, make_choosing_scene
from tests.incidents.outage import NOW, declare, make_company, newest_event, plan, publish, states

pytestmark = pytest.mark.django_db

BEFORE = NOW + timedelta(minutes=59)
BEGIN = NOW + timedelta(hours=1)
DURING = NOW + timedelta(hours=2)
END = NOW + timedelta(hours=3)


def test_a_maintenance_begins_when_it_is_planned_to() -> None:
    company = make_company()
    incident = publish(company, plan(company))

    tick(BEFORE)
    before = Incident.objects.get().status
    tick(BEGIN)

    update = Update.objects.get(status="in_progress")
    company.trains.refresh_from_db()
    assert (before, Incident.objects.get().status, company.trains.status) == (
        "scheduled",
        "in_progress",
        "under_maintenance",
    )
    assert (update.incident, update.body, update.author) == (incident, "The planned work has begun.", None)
    assert (newest_event().kind, newest_event().via, newest_event().actor) == ("incident.updated", "clock", None)


def test_a_maintenance_ends_when_it_is_planned_to() -> None:
    company = make_company()
    incident = publish(company, plan(company))
    tick(BEGIN)

    tick(DURING)
    during = Incident.objects.get().status
    tick(END)

    company.trains.refresh_from_db()
    after = Incident.objects.get()
    assert (during, after.status, after.resolved_at, company.trains.status) == (
        "in_progress",
        "completed",
        END,
        "operational",
    )
    assert Update.objects.get(status="completed").body == "The planned work is done."
    assert (states(incident)["T-1"], CheckIn.objects.count()) == ("restored", 3)


def test_doing_it_again_does_nothing() -> None:
    company = make_company()
    publish(company, plan(company))
    tick(END)
    before = (newest_event(), Update.objects.count())

    tick(END)
    tick(END + timedelta(minutes=1))

    assert (newest_event(), Update.objects.count()) == before


def test_after_downtime_a_whole_window_is_told_in_order() -> None:
    company = make_company()
    incident = publish(company, plan(company))

    tick(END + timedelta(hours=1))

    statuses = incident.updates.order_by("pk").values_list("status", flat=True)
    assert list(statuses) == ["scheduled", "in_progress", "completed"]


def test_one_that_is_being_verified_waits_for_a_person() -> None:
    company = make_company()
    incident = publish(company, plan(company))
    tick(BEGIN)
    post_update(incident, body="We look whether it holds.", by=company.dara, status="verifying", now=DURING)

    tick(END)

    assert Incident.objects.get().status == "verifying"


def test_drafts_and_unplanned_incidents_are_left_alone() -> None:
    company = make_company()
    plan(company)
    publish(company, declare(company))
    before = newest_event()

    tick(END)

    assert newest_event() == before


def test_speaks_the_pages_language(monkeypatch: pytest.MonkeyPatch) -> None:
    company = make_company(language="de")
    publish(company, plan(company))
    texts = []
    monkeypatch.setattr(clock, "_", lambda text: texts.append(clock.translation.get_language()) or text)

    tick(BEGIN)

    assert (texts, clock.translation.get_language()) == (["de"], "en")


def test_one_that_fails_stops_no_other(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    company = make_company()
    bad, good = publish(company, plan(company)), publish(company, plan(company))
    run = clock.run_due_steps

    def run_only_the_good(incident: Incident, **steps: object) -> list[str]:
        return {good.pk: run}[incident.pk](incident, **steps)

    monkeypatch.setattr(clock, "run_due_steps", run_only_the_good)
    monkeypatch.setattr(clock, "break_due_promises", lambda now: 1 / 0)

    tick(BEGIN)

    good.refresh_from_db()
    bad.refresh_from_db()
    assert (good.status, bad.status) == ("in_progress", "scheduled")
    assert [record.levelno for record in caplog.records] == [logging.ERROR, logging.ERROR]


def test_one_that_failed_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    company = make_company()
    incident = publish(company, plan(company))
    with monkeypatch.context() as patch:
        patch.setattr(clock, "run_due_steps", lambda *args, **steps: 1 / 0)
        tick(BEGIN)

    tick(DURING)

    incident.refresh_from_db()
    assert incident.status == "in_progress"


def test_a_person_who_was_faster_is_no_failure(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    company = make_company()
    incident = publish(company, plan(company))
    stale = Incident.objects.select_related("page").get()
    post_update(incident, body="We begin early.", by=company.dara, status="in_progress", now=BEFORE)
    monkeypatch.setattr(clock, "_to_move_on", lambda now: [stale])

    tick(BEGIN)

    assert (Update.objects.filter(status="in_progress").count(), caplog.records) == (1, [])


def test_promises_that_fell_due_are_broken() -> None:
    scene = make_choosing_scene()
    choose(scene, scene.credit)
    promise = Promise.objects.get()

    tick(promise.due_at + timedelta(minutes=1))

    promise.refresh_from_db()
    assert (promise.state, Event.objects.filter(kind="promise.broken").count()) == ("broken", 1)
