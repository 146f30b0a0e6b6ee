"""One state of a page has one colour, one shape and the same words wherever people meet it."""

import re
from xml.etree import ElementTree as ET

import pytest

from incidents.models import Component
from portal.board.board import (
    DEGRADED,
    FLOORS,
    INDICATORS,
    MAINTENANCE,
    MAJOR_OUTAGE,
    MINOR_OUTAGE,
    OPERATIONAL,
    PARTIAL_OUTAGE,
    PARTLY_DEGRADED,
    page_status,
)
from portal.documents.badges import COLOURS
from portal.html.sentences import sentence
from portal.html.states import shape, tone
from tests.portal.html.test_contrast import TOKENS
from tests.portal.make_facts import make_component_facts, make_incident_facts, make_page_facts
from tests.portal.rendered import json_of, text_of

SVG = "{http://www.w3.org/2000/svg}"
UP, WORK, SLOW, PART, DOWN = Component.Status.values
# Components that make each overall state of a page, and that state in the words of a component.
PAGES = [
    ((UP,), OPERATIONAL, UP),
    ((WORK, UP), MAINTENANCE, WORK),
    ((SLOW, UP), PARTLY_DEGRADED, SLOW),
    ((SLOW,), DEGRADED, SLOW),
    ((PART, UP), MINOR_OUTAGE, PART),
    ((DOWN, UP), PARTIAL_OUTAGE, PART),
    ((DOWN,), MAJOR_OUTAGE, DOWN),
]


def band_of(text):
    """The classes of the band, and the symbol that stands in it."""
    found = re.search(r'<section class="band ([\w-]+)".*?icons\.svg#(\w+)"', text, re.DOTALL)
    assert found
    return found.groups()


@pytest.mark.parametrize(("statuses", "overall", "state"), PAGES)
def test_it_looks_the_same_wherever_it_is_shown(statuses, overall, state):
    facts = make_page_facts(components=tuple(make_component_facts(status) for status in statuses))
    front = text_of(facts, "/")
    widget = json_of(facts, "/embed/summary.json")["status"]
    badge = json_of(facts, "/badge.json")
    picture = ET.fromstring(text_of(facts, "/badge.svg"))
    banner = ET.fromstring(text_of(facts, "/embed/banner.svg"))
    colour = COLOURS[state]

    assert page_status(facts) == overall
    assert band_of(front) == (tone(state), shape(state))
    assert TOKENS[tone(state).removeprefix("state-")][0] == colour
    assert widget["state"] == state
    assert "#" + badge["color"] == colour
    assert {rect.attrib["fill"] for rect in [picture.find(f"{SVG}rect"), banner.find(f"{SVG}rect")]} == {colour}


@pytest.mark.parametrize(("statuses", "overall", "state"), PAGES)
def test_it_is_said_in_the_same_words(statuses, overall, state):
    facts = make_page_facts(components=tuple(make_component_facts(status) for status in statuses))
    words, label = sentence(overall), Component.Status(state).label
    widget = json_of(facts, "/embed/summary.json")["status"]
    api = json_of(facts, "/api/v2/status.json")["status"]

    assert f'<h1 id="state">{words}</h1>' in text_of(facts, "/")
    assert widget["sentence"] == words
    assert words in text_of(facts, "/embed/frame")
    assert words in text_of(facts, "/embed/banner.svg")
    assert json_of(facts, "/badge.json")["message"] == label
    assert f": {label}</title>" in text_of(facts, "/badge.svg")
    assert api == {key: widget[key] for key in ("indicator", "description")}


def test_every_overall_state_is_looked_at():
    assert {overall.indicator for _statuses, overall, _state in PAGES} == set(INDICATORS)
    assert set(FLOORS.values()) <= {overall for _statuses, overall, _state in PAGES}


def test_an_incident_that_no_component_speaks_for_colours_all_of_them_too():
    facts = make_page_facts(components=(make_component_facts(),), incidents=(make_incident_facts(impact="minor"),))

    assert band_of(text_of(facts, "/")) == (tone(PART), shape(PART))
    assert json_of(facts, "/embed/summary.json")["status"]["state"] == PART
    assert json_of(facts, "/badge.json")["message"] == "Partial outage"
