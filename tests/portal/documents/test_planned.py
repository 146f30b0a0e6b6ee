"""Planned work in public: moved, called off, coming back; on pages, in calendars, in feeds, and as programs read it."""

import json
from datetime import datetime, timedelta

import pytest
from icalendar import Calendar

from incidents.actions.publishing.maintenances import cancel_maintenance, reschedule_maintenance
from incidents.actions.publishing.series import announce_occurrences, plan_series
from portal.facts.planning import Planning
from tests.incidents.outage import NOW, Company, make_company, plan
from tests.incidents.outage import publish as announce
from tests.portal.make_facts import NOON, at, make_maintenance, make_page_facts, make_update_facts
from tests.portal.page_documents import publish, text_at
from tests.portal.rendered import text_of

LATER = NOW + timedelta(minutes=20)


def company() -> Company:
    return make_company(is_default=True)


def move(it: Company, incident, days=1):
    start = NOW + timedelta(days=days)
    reschedule_maintenance(
        incident, scheduled_for=start, scheduled_until=start + timedelta(hours=2), body="", by=it.dara, now=LATER
    )


def event_of(text):
    [event] = Calendar.from_ical(text).walk("VEVENT")
    return event


def incident_page(one):
    return text_of(make_page_facts(incidents=(one,)), f"/incidents/{one.public_id}")


def test_a_moved_window_is_shown_beside_the_one_it_had():
    one = make_maintenance(24, 26, planning=Planning(former=((at(2), at(4)), (at(20), at(22)))))

    page, listed = incident_page(one), text_of(make_page_facts(incidents=(one,)), "/maintenance")

    assert page.count('<s class="past">') == 2
    assert '<s class="past"><time datetime="2026-11-22T14:00:00Z"' in page
    assert listed.count('<s class="past">') == 1
    assert '<s class="past"><time datetime="2026-11-23T08:00:00Z"' in listed


def test_what_comes_back_says_how_often_and_when_it_reminds():
    one = make_maintenance(24, 26, planning=Planning(rule="FREQ=WEEKLY;INTERVAL=2;BYDAY=TU", reminders=(1440, 60)))

    page, listed = incident_page(one), text_of(make_page_facts(incidents=(one,)), "/maintenance")

    assert "every second week on Tuesday" in page
    assert "1 day and 1 hour before" in page
    assert "Every second week on Tuesday" in listed


@pytest.mark.parametrize(("start", "cancelled"), [(24, -1), (-2, -1)])
def test_what_was_called_off_says_so(start: float, cancelled: float):
    one = make_maintenance(
        start,
        start + 2,
        status="completed",
        resolved_at=at(cancelled),
        planning=Planning(cancelled_at=at(cancelled)),
        updates=(make_update_facts(cancelled, "completed", body="Not needed."),),
    )
    facts = make_page_facts(incidents=(one,))

    page, listed, feed = incident_page(one), text_of(facts, "/maintenance"), text_of(facts, "/updates.atom")

    assert "Cancelled" in page
    assert "Completed" not in page
    assert "Cancelled" in listed
    assert "[Cancelled]" in feed
    assert event_of(text_of(facts, "/maintenance.ics"))["status"] == "CANCELLED"


def test_what_never_began_stands_in_the_history_where_it_was_called_off():
    one = make_maintenance(
        24 * 20, 24 * 20 + 2, status="completed", resolved_at=at(-1), planning=Planning(cancelled_at=at(-1))
    )

    assert (one.shown_at, one.begins_at) == (at(-1), at(24 * 20))
    assert "/history/2026/12" not in text_of(make_page_facts(incidents=(one,)), "/history", NOON)


@pytest.mark.django_db
def test_what_the_desk_moves_moves_everywhere_under_the_same_name():
    it = company()
    incident = announce(it, plan(it))
    before = event_of(text_at(publish(it.page, LATER), "/maintenance.ics"))

    move(it, incident)

    published = publish(it.page, LATER)
    after = event_of(text_at(published, "/maintenance.ics"))
    [row] = json.loads(text_at(published, "/api/v2/scheduled-maintenances/upcoming.json"))["scheduled_maintenances"]
    assert (after["uid"], after["sequence"] > before["sequence"]) == (before["uid"], True)
    assert after.decoded("dtstart") == datetime.fromisoformat(row["scheduled_for"]) == NOW + timedelta(days=1)
    assert after.decoded("last-modified") == LATER
    assert '<s class="past">' in text_at(published, f"/incidents/{incident.public_id}")


@pytest.mark.django_db
def test_what_the_desk_cancels_is_completed_to_programs_and_cancelled_to_people():
    it = company()
    incident = announce(it, plan(it))
    before = event_of(text_at(publish(it.page, LATER), "/maintenance.ics"))

    cancel_maintenance(incident, body="Not needed.", by=it.dara, now=LATER)

    published = publish(it.page, LATER)
    after = event_of(text_at(published, "/maintenance.ics"))
    [row] = json.loads(text_at(published, "/api/v2/scheduled-maintenances.json"))["scheduled_maintenances"]
    assert (after["uid"], after["status"], after["sequence"] > before["sequence"]) == (
        before["uid"],
        "CANCELLED",
        True,
    )
    assert (row["status"], row["incident_updates"][0]["body"]) == ("completed", "Not needed.")
    assert json.loads(text_at(published, "/api/v2/status.json"))["status"]["indicator"] == "none"


@pytest.mark.django_db
def test_each_window_of_a_series_is_an_event_of_its_own():
    it = company()
    series = plan_series(
        it.page,
        name="Rails",
        rule="FREQ=WEEKLY",
        first_start=NOW + timedelta(days=1),
        lasts_for=60,
        body="We grind.",
        announce_days=30,
        by=it.dara,
        now=NOW,
    )
    announce_occurrences(series, now=NOW)

    published = publish(it.page, LATER)

    events = Calendar.from_ical(text_at(published, "/maintenance.ics")).walk("VEVENT")
    assert len({event["uid"] for event in events}) == 3
    assert "Every week" in text_at(published, "/maintenance")
