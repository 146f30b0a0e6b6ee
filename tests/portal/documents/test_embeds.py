"""Widgets: what they read, how it may be kept, who may frame it, and that they are small."""

import gzip
import json
import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from django.contrib.staticfiles import finders
from django.db import OperationalError

from incidents.actions.publishing.catalogue import save_page
from incidents.actor import CLOCK
from portal.documents.document import LASTING
from portal.documents.embeds import TOKENS, script
from portal.facts.page import AffectedFacts
from portal.facts.profile import PageLanguage
from portal.publishing import store as published_module
from tests import make
from tests.portal.html.test_contrast import TOKENS as COLOURS
from tests.portal.html.test_contrast import contrast
from tests.portal.make_facts import (
    NOON,
    NORTHWIND,
    make_component_facts,
    make_group,
    make_incident_facts,
    make_maintenance,
    make_page_facts,
    make_resolved,
)
from tests.portal.page_documents import publish, text_at
from tests.portal.rendered import header, json_of, paths_of, render, text_of
from tests.portal.views.test_status_pages import Outline

SVG = "{http://www.w3.org/2000/svg}"
DOCUMENTS = {
    f"/embed/{name}" for name in ("status.js", "summary.json", "components.json", "banner.svg", "frame", "preview")
}
TONES = ("good", "warn", "bad", "plan")
LANGUAGES = (
    PageLanguage("en", "English", "/"),
    PageLanguage("de", "Deutsch", "/de/"),
    PageLanguage("ar", "العربية", "/ar/"),
)
SPOKEN = replace(NORTHWIND, languages=LANGUAGES)


def packed(text):
    return len(gzip.compress(text.encode(), 6))


def policy_of(document):
    return dict(component.split(" ", 1) for component in header(document, "Content-Security-Policy").split("; "))


@pytest.fixture
def facts():
    """An incident on one component, four planned works, an old incident; a component that shows only trouble."""
    web = make_component_facts("major_outage", public_id="web", name="Web & <shop>", group_id="it")
    mail, quiet = (
        make_component_facts(public_id="mail", name="Mail"),
        make_component_facts(public_id="quiet", only_if_degraded=True),
    )
    touched = (AffectedFacts("web", "Web", "major_outage"),)
    return make_page_facts(
        groups=(make_group("it", "Computers"),),
        components=(web, mail, quiet),
        incidents=(
            *(make_maintenance(hours, hours + 1, public_id=f"work{hours}") for hours in (9, 7, 5, 3)),
            make_incident_facts(public_id="cut", name="Power cut", impact="critical", affected=touched),
            make_resolved(public_id="over"),
        ),
    )


def test_every_public_page_has_them_and_others_have_none():
    assert paths_of(make_page_facts()) >= DOCUMENTS
    assert not [
        path
        for path in paths_of(make_page_facts(profile=replace(NORTHWIND, visibility="signed_in")))
        if "/embed/" in path
    ]


# -- the script -------------------------------------------------------------------------------------------------------


def test_the_script_is_at_most_5_kb_and_the_same_everywhere():
    german = make_page_facts(profile=SPOKEN.in_language("de"))

    assert packed(script()) <= 5_000
    assert render(german, "/de/embed/status.js").plain.etag == render(make_page_facts(), "/embed/status.js").plain.etag


def test_the_script_may_be_loaded_from_anywhere_and_kept_while_we_are_away():
    document = render(make_page_facts(), "/embed/status.js")

    assert header(document, "Content-Type") == "text/javascript; charset=utf-8"
    assert header(document, "Access-Control-Allow-Origin") == "*"
    assert header(document, "Cross-Origin-Resource-Policy") == "cross-origin"
    assert header(document, "Cache-Control") == LASTING


def test_the_script_needs_no_markup_no_evaluation_and_no_other_address():
    forbidden = r"innerHTML|outerHTML|insertAdjacent|eval\(|new Function|\.style\b|document\.write|\.cookie ="

    assert re.findall(forbidden, script()) == []
    assert set(re.findall(r"https?://[^\"`]+", script())) == {"http://www.w3.org/2000/svg"}


def test_the_script_has_every_colour_that_it_names_and_no_other():
    defined = dict(re.findall(r"--([\w-]+): (light-dark\([^;]+\));", script()))
    used = set(re.findall(r"var\(--([\w-]+)", script())) - {"state", "wash", "makegood-font"}

    assert set(defined) == set(TOKENS) == used
    assert {name: COLOURS[name] for name in defined} == {
        name: re.findall("#[0-9a-f]{6}", pair) for name, pair in defined.items()
    }
    assert (
        re.findall(r"#[0-9a-f]{3,8}\b", script().replace(" ".join(f"--{n}: {p};" for n, p in defined.items()), ""))
        == []
    )


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("state", "wash"), [("worst", "bad-wash"), *((t, f"{t}-wash") for t in TONES)])
def test_its_words_and_marks_can_be_read(state, wash, scheme):
    pairs = [("ink", "sheet"), ("ink", wash), (state, wash), (state, "sheet")]

    assert min(contrast(COLOURS[ink][scheme], COLOURS[ground][scheme]) for ink, ground in pairs) >= 4.5


def test_its_shapes_are_those_of_the_pages():
    sprite = Path(finders.find("img/icons.svg")).read_text()
    for name in ("under_maintenance", "degraded_performance", "major_outage", "partial_outage"):
        [symbol] = re.findall(rf'<symbol id="{name}"[^>]*>(.*?)</symbol>', sprite)
        for path in re.findall(r' d="([^"]+)"', symbol):
            assert path in script()


# -- what it reads ----------------------------------------------------------------------------------------------------


def test_the_summary_holds_what_is_wrong_and_what_comes(facts):
    summary = json_of(facts, "/embed/summary.json")

    assert summary["status"] == {
        "indicator": "major",
        "state": "partial_outage",
        "description": "Partial System Outage",
        "sentence": "A large part does not work right now",
    }
    assert summary["components"] == [{"id": "web", "name": "Computers – Web & <shop>", "status": "major_outage"}]
    assert summary["incidents"] == [
        {
            "id": "cut",
            "name": "Power cut",
            "status": "investigating",
            "words": "Investigating",
            "url": "http://127.0.0.1:8000/incidents/cut",
            "starts_at": "2026-11-22T10:00:00Z",
            "updated_at": "2026-11-22T10:00:00Z",
            "components": ["web"],
            "impact": "critical",
        }
    ]
    assert [work["id"] for work in summary["maintenances"]] == ["work3", "work5", "work7"]
    assert summary["maintenances"][0]["under_way"] is False
    assert summary["ask_again"] == 15


def test_maintenance_under_way_comes_first_and_quiet_pages_are_asked_seldom():
    under_way = make_maintenance(-1, 1, status="in_progress", public_id="now")

    busy = json_of(make_page_facts(incidents=(make_maintenance(3, 4), under_way)), "/embed/summary.json")
    quiet = json_of(make_page_facts(incidents=(make_maintenance(3, 4),)), "/embed/summary.json")

    assert (busy["maintenances"][0]["id"], busy["maintenances"][0]["under_way"]) == ("now", True)
    assert (busy["ask_again"], quiet["ask_again"]) == (15, 60)


def test_what_works_is_named_apart_in_the_page_s_order(facts):
    assert json_of(facts, "/embed/components.json") == {
        "components": [{"id": "mail", "name": "Mail"}, {"id": "web", "name": "Computers – Web & <shop>"}]
    }


def test_the_summary_of_a_large_page_is_small():
    components = tuple(
        make_component_facts(public_id=f"{number:012}", name=f"Service number {number}") for number in range(477)
    )
    facts = make_page_facts(
        components=(*components, make_component_facts("partial_outage")), incidents=(make_incident_facts(),)
    )

    assert packed(text_of(facts, "/embed/summary.json")) <= 1_000


def test_scripts_of_other_sites_may_read_it_and_it_is_not_kept_long(facts):
    for path in ("/embed/summary.json", "/embed/components.json"):
        document = render(facts, path)
        assert header(document, "Access-Control-Allow-Origin") == "*"
        assert "stale-while-revalidate" in header(document, "Cache-Control")
        assert document.plain.etag.startswith('"')


def test_it_tells_where_the_other_languages_stand_and_which_way_they_run():
    english, arabic = (make_page_facts(profile=SPOKEN.in_language(code)) for code in ("en", "ar"))

    page = json_of(english, "/embed/summary.json")["page"]
    assert page["languages"] == {"en": "/", "de": "/de/", "ar": "/ar/"}
    assert (page["language"], page["direction"]) == ("en", "ltr")
    page = json_of(arabic, "/ar/embed/summary.json")["page"]
    assert (page["language"], page["direction"]) == ("ar", "rtl")


# -- the frame, the picture, the generator ----------------------------------------------------------------------------


def test_nobody_but_the_page_itself_may_frame_it_unless_staff_say_so():
    closed = render(make_page_facts(), "/embed/frame")
    opened = render(
        make_page_facts(embed_origins=("https://shop.example.org", "https://*.example.net")), "/embed/frame"
    )

    assert policy_of(closed)["frame-ancestors"] == "'self'"
    assert policy_of(opened)["frame-ancestors"] == "'self' https://shop.example.org https://*.example.net"
    assert {
        name for name, value in policy_of(opened).items() if value != policy_of(render(make_page_facts(), "/"))[name]
    } == {"frame-ancestors"}


def test_the_frame_says_the_state_without_script(facts):
    frame = text_of(facts, "/embed/frame")

    assert re.search(r'<makegood-status [^>]*><a href="/">[^<]+ · Northwind Energy</a></makegood-status>', frame)
    assert "innerHTML" not in frame


def test_the_picture_says_the_state_and_since_when(facts, time_machine):
    time_machine.move_to(NOON)  # a moment of another year says which

    svg = ET.fromstring(text_of(facts, "/embed/banner.svg"))

    lines = [text.text for text in svg.iter(f"{SVG}text")]
    assert lines[0] == "Northwind Energy"
    assert lines[2] == "Since 22 Nov, 10:00 GMT"
    assert svg.find(f"{SVG}title").text == svg.attrib["aria-label"] == ". ".join(lines)
    assert {name for one in svg.iter() for name in one.attrib} & {"style", "class"} == set()


def test_the_picture_of_a_quiet_page_has_two_lines_and_runs_the_other_way_in_arabic():
    svg = ET.fromstring(text_of(make_page_facts(profile=SPOKEN.in_language("ar")), "/ar/embed/banner.svg"))

    assert [text.attrib["direction"] for text in svg.iter(f"{SVG}text")] == ["rtl", "rtl"]


def test_the_generator_shows_the_usual_snippets_and_the_policy_that_they_need():
    facts = make_page_facts(profile=replace(NORTHWIND, name='A "&" B', site="status.example.org"))

    page = text_of(facts, "/embed/preview")

    assert "script-src http://status.example.org:8000; connect-src http://status.example.org:8000" in page
    assert "&lt;script type=&quot;module&quot;" in page or '&lt;script type="module"' in page
    assert 'alt="Service status of A &amp;quot;&amp;amp;&amp;quot; B"' in page
    assert '<meta name="robots" content="noindex">' in page


@pytest.mark.parametrize("path", ["/embed/frame", "/embed/preview"])
def test_they_are_well_formed_and_nothing_in_them_is_inline(facts, path):
    outline = Outline(text_of(facts, path))

    assert (outline.tags.count("h1"), outline.tags.count("main")) == (1, 1)
    assert len(outline.ids) == len(set(outline.ids))
    assert outline.forbidden == []


@pytest.mark.django_db
def test_while_the_database_is_away_the_data_says_how_old_it_is(monkeypatch):
    store = publish(make.make_page(is_default=True))
    assert json.loads(text_at(store, "/embed/summary.json"))["as_of"] is None

    def refuse():
        raise OperationalError("no connection")

    monkeypatch.setattr(published_module, "newest_public_id", refuse)
    since = store.checked_at
    store.refresh(since + timedelta(seconds=20))

    document = store.find("/embed/summary.json")
    assert json.loads(document.plain.body)["as_of"] == f"{since:%Y-%m-%dT%H:%M:%SZ}"
    assert header(document, "Access-Control-Allow-Origin") == "*"
    assert header(document, "Content-Type") == "application/json; charset=utf-8"


@pytest.mark.django_db
def test_sites_that_staff_name_are_known_to_the_frame():
    page = make.make_page(is_default=True)
    publish(page)
    page.embed_origins = ["https://shop.example.org"]
    save_page(page, by=CLOCK)

    store = publish(page)

    assert policy_of(store.find("/embed/frame"))["frame-ancestors"] == "'self' https://shop.example.org"
    assert "https://shop.example.org" in text_at(store, "/embed/preview")


@pytest.mark.django_db
@pytest.mark.parametrize("path", sorted(DOCUMENTS))
def test_they_are_answered_without_the_storm_door_too(client, path):
    publish(make.make_page(is_default=True))

    response = client.get(path)

    assert response.status_code == 200
    assert ("Access-Control-Allow-Origin" in response.headers) == (path not in {"/embed/frame", "/embed/preview"})
