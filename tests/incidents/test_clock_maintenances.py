"""How a maintenance runs by the clock: begun, verified, completed; caught up on; components given back as computed."""

from datetime import datetime, timedelta

import pytest

from incidents import clock
from incidents.actions.publishing.incidents import resolve_incident
from incidents.actions.publishing.maintenances import cancel_maintenance, run_due_steps, verify_maintenance
from incidents.actions.publishing.updates import post_update
from incidents.clock import tick
from incidents.errors import InvalidInput, WrongState
from incidents.models import Component, Event, Incident, Translation, Update
from tests.incidents.outage import LATER, NOW, Company, declare, make_company, newest_event, plan, publish

pytestmark = pytest.mark.django_db

BEGIN, END = NOW + timedelta(hours=1), NOW + timedelta(hours=3)
MINUTE = timedelta(minutes=1)


def status() -> str:
    return Incident.objects.get().status


def trains(company: Company) -> str:
    return Component.objects.get(pk=company.trains.pk).status


def test_after_the_planned_end_it_is_verified_for_the_stated_time() -> None:
    company = make_company()
    publish(company, plan(company, verify_for=30))
    tick(BEGIN)

    tick(END)
    verifying = (status(), trains(company), Incident.objects.get().completes_at)
    tick(END + 29 * MINUTE)
    still = status()
    tick(END + 30 * MINUTE)

    assert verifying == ("verifying", "under_maintenance", END + 30 * MINUTE)
    assert (still, status(), trains(company)) == ("verifying", "completed", "operational")
    assert list(Update.objects.order_by("pk").values_list("body", flat=True))[1:] == [
        "The planned work has begun.",
        "The planned work is done. We check whether everything holds.",
        "The planned work is done.",
    ]


def test_whoever_speaks_while_it_is_verified_ends_it() -> None:
    company = make_company()
    incident = publish(company, plan(company, verify_for=30))
    tick(BEGIN)
    tick(END)
    post_update(incident, body="One train stutters; we look into it.", by=company.dara, now=END + MINUTE)

    tick(END + timedelta(days=1))

    assert (status(), Incident.objects.get().completes_at) == ("verifying", None)


def test_a_person_may_be_faster_at_each_step() -> None:
    company = make_company()
    incident = publish(company, plan(company, verify_for=30))
    post_update(incident, body="We begin early.", by=company.dara, status="in_progress", now=LATER)
    verify_maintenance(incident, body="Done early.", by=company.dara, now=BEGIN)
    resolve_incident(incident, body="It holds.", by=company.dara, now=BEGIN + MINUTE)

    tick(END + timedelta(days=1))

    statuses = Update.objects.order_by("pk").values_list("status", flat=True)
    assert list(statuses) == ["scheduled", "in_progress", "verifying", "completed"]


def test_only_what_is_in_progress_is_verified() -> None:
    company = make_company()
    incident = publish(company, plan(company))

    with pytest.raises(WrongState, match="in progress"):
        verify_maintenance(incident, body="Done?", by=company.dara, now=LATER)


def test_one_that_does_not_begin_by_itself_waits() -> None:
    company = make_company()
    publish(company, plan(company, starts_by_itself=False))

    tick(END)

    assert status() == "scheduled"


def test_one_that_does_not_end_by_itself_goes_on() -> None:
    company = make_company()
    publish(company, plan(company, ends_by_itself=False, verify_for=30))

    tick(END + timedelta(days=1))

    assert (status(), trains(company)) == ("in_progress", "under_maintenance")


def test_after_downtime_all_steps_are_taken_in_order_and_one_is_told() -> None:
    company = make_company()
    publish(company, plan(company, verify_for=30))

    tick(END + timedelta(hours=5))

    rows = Update.objects.order_by("pk").values_list("status", "deliver_notifications", "display_at")
    late = END + timedelta(hours=5)
    assert list(rows) == [
        ("scheduled", True, NOW),
        ("in_progress", False, late),
        ("verifying", False, late),
        ("completed", True, late),
    ]
    kinds = Event.objects.order_by("pk").values_list("kind", flat=True)
    assert list(kinds)[-3:] == ["incident.updated", "incident.updated", "incident.resolved"]


def test_after_downtime_the_texts_say_that_they_come_late() -> None:
    company = make_company(time_zone="Europe/Berlin")
    publish(company, plan(company, verify_for=30))

    tick(END + timedelta(hours=5))

    assert list(Update.objects.order_by("pk").values_list("body", flat=True))[1:] == [
        "By plan, the work began at 2 Mar 2026, 16:02 CET. We say so late.",
        "By plan, the work ended at 2 Mar 2026, 18:02 CET, and we check it. We say so late.",
        "By plan, the work was done at 2 Mar 2026, 18:32 CET. We say so late.",
    ]


def test_after_a_shorter_downtime_it_stands_where_it_should() -> None:
    company = make_company()
    publish(company, plan(company, verify_for=30))

    tick(END + 10 * MINUTE)

    last = Update.objects.latest("pk")
    assert (status(), last.status, last.deliver_notifications) == ("verifying", "verifying", True)
    assert Incident.objects.get().completes_at == END + 30 * MINUTE


def test_a_second_worker_finds_nothing_due() -> None:
    company = make_company()
    stale = publish(company, plan(company))
    tick(END)
    before = newest_event()

    assert run_due_steps(stale, say=lambda *rows: "Again?", now=END) == []
    assert newest_event() == before


@pytest.mark.parametrize("minutes", [-1, 10081, 99999])
def test_nobody_verifies_for_ever(minutes: int) -> None:
    company = make_company()

    with pytest.raises(InvalidInput) as refusal:
        plan(company, verify_for=minutes)

    assert refusal.value.field == "verify_for"


# -- components -------------------------------------------------------------------------------------------------------


def outage(company: Company, moment: datetime) -> Incident:
    return publish(company, declare(company, components={company.trains: "partial_outage"}, now=moment), now=moment)


def test_an_outage_that_is_still_open_stays_when_the_work_is_done() -> None:
    company = make_company()
    publish(company, plan(company))
    tick(BEGIN)
    incident = outage(company, BEGIN + MINUTE)
    during = trains(company)

    tick(END)
    after = trains(company)
    resolve_incident(incident, body="Mended.", by=company.dara, now=END + MINUTE)

    assert (during, after, trains(company)) == ("partial_outage", "partial_outage", "operational")


def test_an_outage_that_is_mended_leaves_the_maintenance() -> None:
    company = make_company()
    publish(company, plan(company, verify_for=30))
    incident = outage(company, NOW)
    tick(BEGIN)

    resolve_incident(incident, body="Mended.", by=company.dara, now=BEGIN + MINUTE)
    during = trains(company)
    tick(END)

    assert (during, trains(company)) == ("under_maintenance", "under_maintenance")


def test_of_two_that_overlap_the_last_gives_the_component_back() -> None:
    company = make_company()
    publish(company, plan(company))
    publish(company, plan(company, scheduled_for=NOW + timedelta(hours=2), scheduled_until=NOW + timedelta(hours=4)))
    tick(NOW + timedelta(hours=2))

    tick(END)
    between = trains(company)
    tick(NOW + timedelta(hours=4))

    assert (between, trains(company)) == ("under_maintenance", "operational")


def test_one_that_is_called_off_leaves_what_others_say() -> None:
    company = make_company()
    first, second = publish(company, plan(company)), publish(company, plan(company))
    tick(BEGIN)
    incident = outage(company, BEGIN + MINUTE)

    cancel_maintenance(first, body="Stop.", by=company.dara, now=BEGIN + 2 * MINUTE)
    with_outage = trains(company)
    resolve_incident(incident, body="Mended.", by=company.dara, now=BEGIN + 3 * MINUTE)
    with_second = trains(company)
    cancel_maintenance(second, body="Stop.", by=company.dara, now=BEGIN + 4 * MINUTE)

    assert (with_outage, with_second, trains(company)) == ("partial_outage", "under_maintenance", "operational")


def test_the_clock_speaks_every_language_of_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    company = make_company(languages=["de", "fr"])
    publish(company, plan(company))
    words = {"en": "Begun.", "de": "Begonnen.", "fr": "Begun."}
    monkeypatch.setattr(clock, "_", lambda text: words[clock.translation.get_language()])

    tick(BEGIN)

    update = Update.objects.get(status="in_progress")
    rows = Translation.objects.filter(update=update).values_list("language", "text")
    assert (update.body, list(rows)) == ("Begun.", [("de", "Begonnen.")])
