"""Badges: a picture that says what it shows, and the data that shields.io asks for."""

import json
from xml.etree import ElementTree as ET

import pytest

from portal.documents.badges import COLOURS, GROUND
from portal.facts.profile import PageProfile
from tests import make
from tests.portal.html.test_contrast import TOKENS, contrast
from tests.portal.make_facts import make_component_facts, make_incident_facts, make_page_facts
from tests.portal.page_documents import publish, say_page_changed
from tests.portal.rendered import header, json_of, paths_of, render, text_of

SVG = "{http://www.w3.org/2000/svg}"
TONES = {
    "operational": "good",
    "under_maintenance": "plan",
    "degraded_performance": "warn",
    "partial_outage": "bad",
    "major_outage": "worst",
}


def picture(facts, path="/badge.svg"):
    return ET.fromstring(text_of(facts, path))


def test_a_page_s_badge_says_its_state():
    facts = make_page_facts(components=(make_component_facts("partial_outage"), make_component_facts()))

    svg = picture(facts)

    assert svg.find(f"{SVG}title").text == svg.attrib["aria-label"] == "Northwind Energy: Partial outage"
    assert [text.text for text in svg.iter(f"{SVG}text")] == ["Northwind Energy", "Partial outage"]
    assert svg.attrib["role"] == "img"
    assert svg.find(f"{SVG}rect").attrib["fill"] == COLOURS["partial_outage"]


@pytest.mark.parametrize("status", COLOURS)
def test_a_component_s_badge_says_its_status(status):
    facts = make_page_facts(
        components=(make_component_facts(status, public_id="web", name="Web & <App>"), make_component_facts())
    )

    svg = picture(facts, "/components/web/badge.svg")

    words = {"under_maintenance": "Under maintenance"}.get(status, status.replace("_", " ").capitalize())
    assert svg.find(f"{SVG}title").text == f"Web & <App>: {words}"
    assert svg.find(f"{SVG}rect").attrib["fill"] == COLOURS[status]


def test_it_needs_no_style_and_no_script():
    svg = picture(make_page_facts())

    assert {attribute for one in svg.iter() for attribute in one.attrib if attribute in {"style", "class"}} == set()
    assert {one.tag.removeprefix(SVG) for one in svg.iter()} == {"svg", "title", "rect", "g", "text"}


def test_the_text_has_room():
    svg = picture(make_page_facts(profile=PageProfile(name="WWWWWWWWWW iiiiiiiiii 東京駅")))

    texts = list(svg.iter(f"{SVG}text"))
    left, right = (rect.attrib["width"] for rect in list(svg.iter(f"{SVG}rect"))[1::-1])

    assert float(right) == float(svg.attrib["width"])
    assert float(texts[0].attrib["x"]) == float(left) / 2
    assert "textLength" not in texts[0].attrib
    assert float(texts[1].attrib["textLength"]) + float(left) + 14 == float(right)


def test_a_long_name_is_cut():
    facts = make_page_facts(profile=PageProfile(name="N" * 200))

    assert json_of(facts, "/badge.json")["label"] == "N" * 59 + "…"


@pytest.mark.parametrize("status", COLOURS)
def test_colours_are_the_site_s_and_can_be_read(status):
    assert COLOURS[status] == TOKENS[TONES[status]][0]
    assert contrast("#ffffff", COLOURS[status]) >= 4.5


def test_the_ground_of_the_label_is_the_site_s_too():
    assert (GROUND, contrast("#ffffff", GROUND) >= 4.5) == (TOKENS["calm"][0], True)


def test_the_overall_state_is_the_board_s():
    facts = make_page_facts(components=(make_component_facts(),), incidents=(make_incident_facts(impact="critical"),))

    assert json_of(facts, "/badge.json")["message"] == "Major outage"


@pytest.mark.parametrize(
    ("status", "badge"),
    [
        ("operational", {"message": "Operational", "color": "0a655e"}),
        ("degraded_performance", {"message": "Degraded performance", "color": "7a4d00"}),
        ("major_outage", {"message": "Major outage", "color": "97270a", "isError": True}),
    ],
)
def test_shields_gets_what_its_schema_asks_for(status, badge):
    facts = make_page_facts(
        components=(make_component_facts(status, public_id="web", name="Web"), make_component_facts())
    )

    body = json_of(facts, "/components/web/badge.json")

    assert body == {"schemaVersion": 1, "label": "Web", **badge, "cacheSeconds": 300}


def test_a_badge_is_in_the_language_of_its_page():
    facts = make_page_facts(profile=PageProfile(root="/p/de/", slug="de", language="de", name="Nordwind"))

    assert {"/p/de/badge.svg", "/p/de/badge.json"} <= paths_of(facts)
    assert json_of(facts, "/p/de/badge.json")["label"] == "Nordwind"


@pytest.mark.parametrize(
    ("path", "content_type"),
    [("/badge.svg", "image/svg+xml; charset=utf-8"), ("/badge.json", "application/json; charset=utf-8")],
)
def test_each_has_its_type_and_is_open(path, content_type):
    document = render(make_page_facts(), path)

    assert (header(document, "Content-Type"), header(document, "Access-Control-Allow-Origin")) == (content_type, "*")


@pytest.mark.django_db
def test_only_the_badges_of_what_changed_are_drawn_again():
    page = make.make_page(is_default=True)
    web, mail, hidden = make.make_component(page), make.make_component(page), make.make_component(page, is_hidden=True)
    store = publish(page)
    before = store.edition.documents

    type(web).objects.filter(pk=web.pk).update(status="degraded_performance")
    say_page_changed(page)
    store.refresh()

    after = store.render_everything()
    badges = {path for path in after if "/badge." in path}
    rendered = {path for path in badges if after[path] is not before[path]}
    own = {f"/components/{web.public_id}/badge.svg", f"/components/{web.public_id}/badge.json"}
    assert rendered == {"/badge.svg", "/badge.json"} | own
    assert badges - rendered == {f"/components/{mail.public_id}/badge.svg", f"/components/{mail.public_id}/badge.json"}
    assert hidden.public_id not in "".join(after)


@pytest.mark.django_db
def test_django_answers_the_same(client):
    document = publish(make.make_page(is_default=True)).find("/badge.json")

    response = client.get("/badge.json")

    assert (json.loads(response.content), response["ETag"]) == (json.loads(document.plain.body), document.plain.etag)
    assert client.get("/components/nothing/badge.svg").status_code == 404
