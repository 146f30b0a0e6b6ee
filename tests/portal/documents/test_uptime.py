"""Uptime as visitors and programs read it."""

import gzip
import re
from datetime import date, timedelta

import pytest

from incidents.ids import new_public_id
from portal.facts.page import AffectedFacts, ComponentChange
from portal.facts.records import Record, Turn
from tests.portal.make_facts import (
    NOON,
    at,
    make_component_facts,
    make_group,
    make_incident_facts,
    make_maintenance,
    make_page_facts,
    make_resolved,
    make_update_facts,
)
from tests.portal.rendered import json_of, paths_of, render, text_of

YEAR = 24 * 365
BELT = make_component_facts(public_id="belt", name="Baggage <belt>", group_id="air")
DESK = make_component_facts(public_id="desk", name="Desk", start_date=date(2026, 11, 20))


@pytest.fixture
def facts():
    """The belt stood for two hours the day before yesterday, and there was work yesterday; the desk is new."""
    touched = (AffectedFacts("belt", "Belt", "major_outage"),)
    stop = make_resolved(
        public_id="stop", name="It <stands>", started_at=at(-40), resolved_at=at(-38), affected=touched
    )
    move = ComponentChange("belt", "Belt", "operational", "under_maintenance")
    work = make_maintenance(
        -24, -21, public_id="work", name="New rubber", status="completed", resolved_at=at(-21),
        updates=(make_update_facts(-24, "in_progress", changes=(move,)),),
    )  # fmt: skip
    ahead = make_maintenance(-30, 30, public_id="ahead", affected=touched)
    elsewhere = make_incident_facts(public_id="elsewhere", started_at=at(-50))
    turns = (
        Turn(at(-40), "major_outage"), Turn(at(-38), "operational"), Turn(at(-24), "under_maintenance"),
        Turn(at(-21), "operational"),
    )  # fmt: skip
    return make_page_facts(
        groups=(make_group("air", "At the airport"),),
        components=(BELT, DESK),
        incidents=(ahead, work, stop, elsewhere),
        records=(Record("belt", at(-YEAR), turns), Record("desk", at(-60))),
    )


def row_of(text, day):
    return re.search(rf'<tr id="d-{day}">(.*?)</tr>', text, re.DOTALL)[1]


def test_the_status_page_has_bars_and_a_share_that_lead_to_the_component(facts):
    text = text_of(facts, "/")

    desk, belt = re.findall(r'<a class="days" href="([^"]*)"><span><svg[^>]*>(.*?)</svg></span>([^<]*)</a>', text)
    assert belt == (
        "/components/belt",
        '<path class="o" d="M0 19h87m2 0h1"/><path class="m" d="M87 12h1"/><path class="w" d="M88 19h1"/>',
        "99.90% in 90 days",
    )
    assert desk == (
        "/components/desk",
        '<path class="n" d="M0 23h87"/><path class="o" d="M87 19h3"/>',
        "100% in 3 days",
    )


def test_a_component_s_page_tells_each_day_with_what_touched_it(facts):
    text = text_of(facts, "/components/belt")

    assert len(re.findall(r'<tr id="d-', text)) == 90
    assert "Operational" in row_of(text, "2026-11-22")
    assert re.findall(r"Under maintenance</span> <span>3 hours|/incidents/(\w+)", row_of(text, "2026-11-21")) == [
        "",
        "work",
    ]
    assert "Major outage</span> <span>2 hours" in row_of(text, "2026-11-20")
    assert '<a href="/incidents/stop">It &lt;stands&gt;</a>' in row_of(text, "2026-11-20")
    assert "/incidents/ahead" not in text
    assert "/incidents/elsewhere" not in text


def test_a_component_s_page_says_its_shares_and_its_maintenance_apart(facts):
    text = text_of(facts, "/components/belt")

    assert re.findall(r"<dt>([^<]*)</dt><dd>([^<]+)</dd>", text) == [
        ("Uptime, last 30 days", "99.71%"),
        ("Uptime, last 90 days", "99.90%"),
        ("Maintenance, last 90 days", "3 hours"),
    ]


def test_days_before_the_record_are_called_so(facts):
    text = text_of(facts, "/components/desk")

    assert "No record" in row_of(text, "2026-11-19")
    assert "Operational" in row_of(text, "2026-11-20")
    assert 'The record begins on <time datetime="2026-11-20">20 Nov 2026</time>' in text


def test_all_components_stand_side_by_side_with_the_formula_and_an_example(facts):
    text = text_of(facts, "/uptime")
    rows = {
        name: re.findall(r"<td[^>]*>([^<]*)</td>", cells)
        for name, cells in re.findall(r"<tr><th scope=\"row\"><a [^>]*>([^<]*)</a></th>(.*?)</tr>", text)
    }

    assert rows["Baggage &lt;belt&gt;"] == ["99.71%", "99.90%", "99.61%", *["100%"] * 12]
    assert rows["Desk"] == ["100%", "100%", "100%", *["–"] * 12]
    assert "uptime = 1 − (major outage + 0.3 × partial outage) ÷ (time on record − maintenance)" in text
    assert "1 − (2 + 0.3 × 5) ÷ 700 = 99.50%" in text
    assert ">22 Nov 2026, 12:00 GMT</time>" in text


def test_programs_read_the_same(facts):
    body = json_of(facts, "/uptime.json")

    belt, desk = body["components"]
    assert body["weights"] == {"major_outage": 1, "partial_outage": 0.3}
    assert belt["days_90"] == {
        "uptime": 99.9,
        "seconds": {"operational": 90 * 86400 - 43200 + 3600 - 18000, "under_maintenance": 10800, "major_outage": 7200},
    }
    assert [(day["day"], day["worst"], day["uptime"]) for day in belt["days"]] == [
        ("2026-11-20", "major_outage", 91.66),
        ("2026-11-21", "under_maintenance", 100.0),
    ]
    assert [month["month"] for month in belt["months"]][:: len(belt["months"]) - 1] == ["2025-11", "2026-11"]
    assert (desk["months"][0]["uptime"], desk["days"]) == (None, [])


def test_a_page_without_components_says_so():
    text = text_of(make_page_facts(), "/uptime")

    assert "There are no components yet" in text


def test_figures_are_drawn_again_at_midnight_or_each_hour_while_something_is_wrong(facts):
    broken = make_page_facts(components=(BELT,), records=(Record("belt", at(-9), (Turn(at(-1), "major_outage"),)),))
    addresses = ("/", "/uptime", "/uptime.json", "/components/belt")

    assert [render(facts, address).valid_until for address in addresses] == [at(12)] * 4
    assert [render(broken, address, at(0.3)).valid_until for address in addresses] == [at(1)] * 4


def test_every_month_since_the_page_was_made_keeps_its_address():
    july = make_resolved(started_at=NOON.replace(month=7), resolved_at=NOON.replace(month=7) + timedelta(hours=1))
    facts = make_page_facts(created_at=NOON.replace(month=5), incidents=(july,))

    months = {path for path in paths_of(facts) if re.fullmatch(r"/history/\d{4}/\d\d", path)}

    assert months == {f"/history/2026/{month:02}" for month in range(5, 12)}
    quiet = text_of(facts, "/history/2026/09")
    assert "Nothing happened in this month" in quiet
    assert re.findall(r'rel="(\w+)" href="([^"]*)"', quiet[quiet.index('class="pager"') :]) == [
        ("prev", "/history/2026/07"),
        ("next", "/history/2026/11"),
    ]


def test_the_front_page_stays_light_with_478_components_half_of_which_were_down():
    groups = tuple(make_group(f"region{number}", f"Region {number}") for number in range(24))
    components = tuple(
        make_component_facts(
            name=f"Depot {place % 20} of Region {place // 20}", group_id=f"region{place // 20}", public_id=own
        )
        for place, own in enumerate(new_public_id() for _ in range(478))
    )
    records = tuple(
        Record(component.public_id, at(-YEAR), _outages(place)) for place, component in enumerate(components)
    )

    text = text_of(make_page_facts(groups=groups, components=components, records=records), "/")

    assert text.count('class="m"') == 239
    assert len(gzip.compress(text.encode(), 6)) <= 15_000


def _outages(place):
    began = at(-24 * (place % 89) - 3)
    return (Turn(began, "major_outage"), Turn(began + timedelta(hours=2), "operational")) if place % 2 else ()
