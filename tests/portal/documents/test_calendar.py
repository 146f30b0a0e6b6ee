"""The calendar of planned work: strict RFC 5545, stable, rising, and honest about what was called off."""

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import pytest
from icalendar import Calendar

from incidents.actions.publishing.incidents import publish_incident
from incidents.actions.publishing.maintenances import reschedule_maintenance
from incidents.actor import Actor
from portal.facts.page import AffectedFacts
from portal.facts.profile import PageProfile
from portal.publishing.front import answer
from tests import make
from tests.portal.make_facts import (
    NOON,
    NORTHWIND,
    at,
    make_incident_facts,
    make_maintenance,
    make_page_facts,
    make_update_facts,
)
from tests.portal.page_documents import publish, text_at
from tests.portal.rendered import header, render, text_of

BASE = "http://127.0.0.1:8000"
PATH = "/maintenance.ics"


def calendar(facts, now=NOON, path=PATH):
    """Parsed strictly: whatever the library had to overlook fails here."""
    return parsed(text_of(facts, path, now))


def parsed(text):
    found = Calendar.from_ical(text.encode())
    assert [error for component in found.walk() for error in component.errors] == []
    return found


def events(facts, now=NOON):
    return calendar(facts, now).walk("VEVENT")


def planned(**fields):
    said = (
        make_update_facts(
            -3, "scheduled", html="<p>We change the belts; lifts, too.</p><p>Take the <b>stairs</b>.</p>"
        ),
    )
    touched = (AffectedFacts("belt", "Belts", "under_maintenance"), AffectedFacts("lift", "Lifts", "under_maintenance"))
    defaults = {"public_id": "belts", "name": "New belts, old lifts; stairs", "updates": said, "affected": touched}
    return make_maintenance(20, 22, **{**defaults, **fields})


def test_a_planned_window_in_full():
    [event] = events(make_page_facts(incidents=(planned(),)))

    assert {name: event.decoded(name) for name in ("dtstart", "dtend", "created", "last-modified", "dtstamp")} == {
        "dtstart": at(20),
        "dtend": at(22),
        "created": at(-2),
        "last-modified": at(-2),
        "dtstamp": at(-2),
    }
    assert event["summary"] == "New belts, old lifts; stairs"
    assert event["description"] == (
        f"We change the belts; lifts, too.\n\nTake the stairs.\n\nConcerns: Belts and Lifts\n\n{BASE}/incidents/belts"
    )
    assert (event["url"], event["status"], event["transp"]) == (f"{BASE}/incidents/belts", "CONFIRMED", "TRANSPARENT")


def test_the_calendar_says_whose_it_is_and_how_often_to_come_back():
    found = calendar(make_page_facts(incidents=(planned(),)))

    names = ("version", "prodid", "calscale", "name", "x-wr-calname", "url", "source", "x-published-ttl")
    assert [found[name] for name in names] == [
        "2.0",
        "-//Makegood//Maintenance//EN",
        "GREGORIAN",
        "Northwind Energy: planned work",
        "Northwind Energy: planned work",
        f"{BASE}/maintenance",
        f"{BASE}/maintenance.ics",
        "PT15M",
    ]
    assert found["refresh-interval"].dt == timedelta(minutes=15)
    assert found["refresh-interval"].params == {"VALUE": "DURATION"}
    assert "METHOD" not in found


def test_an_empty_calendar_is_valid_too():
    found = calendar(make_page_facts())

    assert [component.name for component in found.walk()] == ["VCALENDAR", "VTIMEZONE", "STANDARD"]


def test_incidents_are_not_in_it():
    assert events(make_page_facts(incidents=(make_incident_facts(),))) == []


def test_a_window_without_length_has_no_end():
    [event] = events(make_page_facts(incidents=(planned(scheduled_until=at(20)),)))

    assert "DTEND" not in event


def test_windows_of_the_last_ninety_days_are_kept():
    day = 24
    facts = make_page_facts(
        incidents=(
            make_maintenance(-90 * day, -90 * day + 1, status="completed", resolved_at=at(-90 * day + 1), name="Kept"),
            make_maintenance(-90 * day - 1, -90 * day, status="completed", resolved_at=at(-90 * day), name="Gone"),
        )
    )
    document = render(facts, PATH)

    assert [event["summary"] for event in events(facts)] == ["Kept"]
    assert document.valid_until == at(1)
    assert [event["summary"] for event in events(facts, now=at(1))] == []
    assert parsedate_to_datetime(header(render(facts, PATH, now=at(2)), "Last-Modified")) == at(1)


# -- over time --------------------------------------------------------------------------------------------------------


def test_uids_survive_a_new_name_and_address():
    facts = [
        make_page_facts(incidents=(planned(),), profile=profile)
        for profile in (NORTHWIND, PageProfile(name="New", root="/p/new/", slug="new"))
    ]

    uids = [calendar(one, path=one.profile.root + PATH[1:]).walk("VEVENT")[0]["uid"] for one in facts]

    assert uids[0] == uids[1]
    assert re.fullmatch(r"[0-9a-f-]{36}", uids[0])


def test_with_every_change_the_sequence_rises():
    versions = [
        planned(),
        planned(updated_at=at(1)),
        planned(updated_at=at(1), updates=(make_update_facts(3, "in_progress"),)),
    ]

    found = [events(make_page_facts(incidents=(one,)))[0] for one in versions]

    assert [event["sequence"] for event in found] == [0, 3 * 3600, 5 * 3600]
    assert [event.decoded("last-modified") for event in found] == [at(-2), at(1), at(3)]


def test_what_was_called_off_before_it_began_is_cancelled():
    facts = make_page_facts(incidents=(planned(status="completed", resolved_at=at(1), updated_at=at(1)),))

    [event] = events(facts)

    assert (event["status"], event["sequence"]) == ("CANCELLED", 3 * 3600)


def test_what_ended_early_was_not_cancelled():
    facts = make_page_facts(incidents=(planned(status="completed", resolved_at=at(21)),))

    assert events(facts)[0]["status"] == "CONFIRMED"


@pytest.mark.django_db
def test_a_moved_window_moves_in_the_calendar():
    page = make.make_page(is_default=True)
    dara = Actor.staff(make.make_user("Dara"))
    begins = datetime(2031, 3, 1, 1, tzinfo=UTC)
    incident = make.make_incident(
        page,
        published=False,
        kind="maintenance",
        status="scheduled",
        impact="maintenance",
        scheduled_for=begins,
        scheduled_until=begins + timedelta(hours=2),
    )
    publish_incident(incident, body="We change the belts.", by=dara)
    [before] = parsed(text_at(publish(page), PATH)).walk("VEVENT")
    later = datetime.now(UTC) + timedelta(minutes=1)

    reschedule_maintenance(
        incident, scheduled_for=begins, scheduled_until=begins + timedelta(hours=3), body="", by=dara, now=later
    )

    [after] = parsed(text_at(publish(page), PATH)).walk("VEVENT")
    assert before["uid"] == after["uid"]
    assert after["sequence"] > before["sequence"]
    assert after.decoded("dtend") == begins + timedelta(hours=3)


# -- as bytes ---------------------------------------------------------------------------------------------------------


def test_lines_are_folded_between_characters_and_end_as_they_must():
    name = "Größere Wartung der Fahrgastinformation 🚆🚆🚆 an allen Bahnhöfen, jetzt; gleich\\später " * 3
    text = text_of(make_page_facts(incidents=(planned(name=name),)), PATH)

    lines = text.encode().split(b"\r\n")

    assert b"\n" not in b"".join(lines)
    assert lines[-1] == b""
    assert max(len(line) for line in lines) <= 75
    assert parsed(text).walk("VEVENT")[0]["summary"] == name


def test_what_no_calendar_can_say_is_left_out():
    facts = make_page_facts(incidents=(planned(name="Bell\x07\tand\r\nline\rend"),))

    assert events(facts)[0]["summary"] == "Bell and\nline\nend"


def test_who_knows_it_already_is_told_so():
    document = render(make_page_facts(incidents=(planned(),)), PATH)

    assert header(document, "Content-Type") == "text/calendar; charset=utf-8"
    assert header(document, "Last-Modified") == "Sun, 22 Nov 2026 10:00:00 GMT"
    assert answer(document, "GET", if_none_match=document.plain.etag)[0] == "304 Not Modified"
    assert answer(document, "GET", if_modified_since="Sun, 22 Nov 2026 10:00:00 GMT")[0] == "304 Not Modified"


def test_an_event_says_what_to_do_meanwhile_until_it_is_over():
    advice = "Take the **stairs**; mind your head."
    [event] = events(make_page_facts(incidents=(planned(advice=advice),)))
    done = planned(advice=advice, status="completed", resolved_at=at(-1))

    assert "\n\nWhat to do meanwhile\n\nTake the stairs; mind your head.\n\nConcerns:" in event["description"]
    assert "meanwhile" not in text_of(make_page_facts(incidents=(done,)), PATH)
