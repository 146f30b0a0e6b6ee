"""Feeds: valid to strict readers, ids for ever, `updated` true, asked for conditionally."""

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from xml.etree import ElementTree as ET

import feedparser
import pytest

from portal.facts.page import AffectedFacts
from portal.facts.profile import PageProfile
from portal.publishing.front import answer
from portal.publishing.store import published
from tests import make
from tests.incidents.imports.files import HISTORY, read
from tests.portal.make_facts import (
    NORTHWIND,
    at,
    make_component_facts,
    make_incident_facts,
    make_maintenance,
    make_page_facts,
    make_resolved,
    make_update_facts,
)
from tests.portal.page_documents import add_update, publish, say_updated, text_at
from tests.portal.rendered import header, paths_of, render, text_of

BASE = "http://127.0.0.1:8000"
ATOM = "{http://www.w3.org/2005/Atom}"
FEEDS = ["/history.atom", "/history.rss", "/updates.atom"]
RFC_3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
URN = re.compile(r"urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


def make_facts(**fields):
    said = (
        make_update_facts(0.5, "monitoring", body="Fixed &amp; watched"),
        make_update_facts(-1, body="We look into it"),
    )
    open_one = make_incident_facts(name="Power <cut> & dark", public_id="cut", updates=said, updated_at=at(0.5))
    planned = make_maintenance(
        20, 22, name="New cables", public_id="cables", updates=(make_update_facts(-3, "scheduled"),)
    )
    over = make_resolved(
        -90,
        name="Fog",
        public_id="fog",
        updates=(make_update_facts(-90, "resolved"),),
        started_at=at(-99),
        updated_at=at(-90),
    )
    return make_page_facts(**{"incidents": (planned, open_one, over), **fields})


def parse(facts, path):
    feed = feedparser.parse(text_of(facts, path).encode())
    assert feed.bozo == 0
    return feed


def root_of(facts, path):
    return ET.fromstring(text_of(facts, path).encode())


# -- valid ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", FEEDS)
def test_a_strict_reader_takes_it(path):
    feed = parse(make_facts(), path)

    assert feed.version == ("rss20" if path.endswith("rss") else "atom10")
    assert len(feed.entries) == (4 if path == "/updates.atom" else 3)
    assert all(entry.title and entry.id and entry.link and entry.published_parsed for entry in feed.entries)


@pytest.mark.parametrize("path", ["/history.atom", "/updates.atom"])
def test_atom_has_all_that_rfc_4287_asks_for(path):
    feed = root_of(make_facts(), path)
    entries = feed.findall(f"{ATOM}entry")

    wanted = [f"{ATOM}{name}" for name in ("id", "title", "updated")]
    assert [[len(one.findall(name)) for name in wanted] for one in (feed, *entries)] == [[1, 1, 1]] * (1 + len(entries))
    assert feed.find(f"{ATOM}author/{ATOM}name").text == "Northwind Energy"
    assert [one.attrib["rel"] for one in feed.findall(f"{ATOM}link")] == ["self", "alternate"]
    assert all(RFC_3339.fullmatch(one.text) for one in feed.iter(f"{ATOM}updated"))
    assert all(URN.fullmatch(one.text) for one in feed.iter(f"{ATOM}id"))
    assert all(one.find(f"{ATOM}content").attrib == {"type": "html"} for one in entries)
    assert feed.attrib["{http://www.w3.org/XML/1998/namespace}lang"] == "en"


def test_rss_has_all_that_its_specification_asks_for():
    channel = root_of(make_facts(), "/history.rss").find("channel")
    items = channel.findall("item")

    assert [channel.find(name).text for name in ("title", "link", "description", "language")] == [
        "Northwind Energy: history",
        f"{BASE}/",
        "Northwind Energy: history",
        "en",
    ]
    assert [parsedate_to_datetime(one.find("pubDate").text) for one in items] == [at(-1), at(-3), at(-90)]
    assert {one.find("guid").attrib["isPermaLink"] for one in items} == {"false"}
    assert items[0].find("link").text == f"{BASE}/incidents/cut"


@pytest.mark.parametrize("path", [*FEEDS, "/components/web/history.atom"])
def test_an_empty_feed_is_valid_too(path):
    facts = make_page_facts(components=(make_component_facts(public_id="web"),))

    assert parse(facts, path).entries == []


def test_what_xml_cannot_say_is_left_out():
    said = (make_update_facts(body="Bell \x07 and form feed \x0c, \ufffe"),)
    facts = make_page_facts(incidents=(make_incident_facts(name="Odd \x1b[31m name", updates=said),))

    titles = [parse(facts, path).entries[0].title for path in FEEDS]

    assert titles == ["Odd [31m name", "Odd [31m name", "[Investigating] Odd [31m name"]


@pytest.mark.django_db
@pytest.mark.slow
def test_a_real_history_is_valid_in_every_feed():
    read(HISTORY)
    store = published()
    store.refresh()
    texts = [text_at(store, path) for path in store.render_everything() if path.endswith((".atom", ".rss"))]

    feeds = [feedparser.parse(text.encode()) for text in texts]

    assert len(feeds) == 3 + 12
    assert [feed.bozo for feed in feeds] == [0] * 15
    assert [len(feed.entries) for feed in feeds[:3]] == [50, 50, 100]


# -- what it says -----------------------------------------------------------------------------------------------------


def test_an_entry_tells_the_whole_story_newest_first():
    entry = parse(make_facts(), "/history.atom").entries[0]

    assert entry.title == "Power <cut> & dark"
    assert entry.content[0].value == (
        "<p><small>22 Nov 2026, 12:30 GMT</small><br /><strong>Monitoring</strong></p><p>Fixed &amp; watched</p>"
        "<p><small>22 Nov 2026, 11:00 GMT</small><br /><strong>Investigating</strong></p><p>We look into it</p>"
    )
    assert [tag.term for tag in entry.tags] == ["incident", "investigating", "minor"]


def test_rss_tells_the_same_as_atom():
    facts = make_facts()

    atom, rss = (parse(facts, path).entries for path in ("/history.atom", "/history.rss"))

    assert [one.id for one in atom] == [one.id for one in rss]
    assert [one.content[0].value for one in atom] == [one.summary for one in rss]


def test_planned_work_is_among_them_with_its_window():
    entry = parse(make_facts(), "/history.atom").entries[1]

    assert entry.title == "New cables"
    assert entry.content[0].value.startswith("<p>Planned from 23 Nov 2026, 08:00 GMT until 23 Nov 2026, 10:00 GMT.</p>")


def test_a_correction_is_called_one():
    wrong = make_update_facts(-1)
    facts = make_page_facts(incidents=(make_incident_facts(updates=(make_update_facts(0, corrects=wrong.key), wrong)),))

    assert "<strong>Investigating · Correction</strong>" in parse(facts, "/history.atom").entries[0].content[0].value


def test_each_update_has_its_own_entry_with_its_status_in_the_title():
    entries = parse(make_facts(), "/updates.atom").entries

    assert [entry.title for entry in entries] == [
        "[Monitoring] Power <cut> & dark",
        "[Investigating] Power <cut> & dark",
        "[Scheduled] New cables",
        "[Resolved] Fog",
    ]
    assert len({entry.id for entry in entries}) == 4


def test_a_component_s_feed_holds_what_ever_touched_it():
    web = make_component_facts(public_id="web", name="Web")
    touched = make_incident_facts(affected=(AffectedFacts("web", "Web", "major_outage"),))
    told = make_incident_facts(updates=(make_update_facts(affected=(AffectedFacts("web", "Web", "operational"),)),))
    facts = make_page_facts(components=(web, make_component_facts()), incidents=(told, make_incident_facts(), touched))

    feed = parse(facts, "/components/web/history.atom")

    assert feed.feed.title == "Northwind Energy: history of Web"
    assert [entry.title for entry in feed.entries] == [told.name, touched.name]


def test_what_was_last_spoken_of_comes_first_however_old_it_is():
    old = make_resolved(-900, updates=(make_update_facts(1, "postmortem"),), started_at=at(-999))
    facts = make_page_facts(incidents=(*(make_incident_facts(updates=(make_update_facts(0),)) for _ in range(60)), old))

    entries = parse(facts, "/history.atom").entries

    assert (len(entries), entries[0].title) == (50, old.name)


def test_a_feed_is_in_the_language_of_its_page():
    facts = make_facts(profile=PageProfile(name="Nordwind", language="de"))

    assert 'xml:lang="de"' in text_of(facts, "/history.atom")
    assert "<language>de</language>" in text_of(facts, "/history.rss")


# -- for ever ---------------------------------------------------------------------------------------------------------


def test_ids_survive_a_new_name_address_and_language():
    before, after = (
        [entry.id for path in FEEDS for entry in parse(facts, path if profile.root == "/" else f"/p/new{path}").entries]
        for profile in (NORTHWIND, PageProfile(name="New", root="/p/new/", slug="new", language="de"))
        for facts in [make_stable(profile=profile)]
    )

    assert before == after
    assert len(set(before)) == 2


def make_stable(**fields):
    said = make_update_facts(public_id="first", key=7)
    return make_page_facts(incidents=(make_incident_facts(public_id="one", updates=(said,)),), **fields)


@pytest.mark.parametrize("path", [*FEEDS, "/components/web/history.atom"])
@pytest.mark.parametrize("root", ["/", "/p/other/"])
def test_self_is_the_address_that_was_asked_for(path, root):
    facts = make_facts(
        components=(make_component_facts(public_id="web"),), profile=PageProfile(root=root, slug="other")
    )
    asked = root + path[1:]

    links = parse(facts, asked).feed.links

    assert [link.href for link in links if link.rel == "self"] == [BASE + asked]
    assert [link.href for link in links if link.rel == "alternate"] == [BASE + root]


def test_every_component_has_a_feed_and_hidden_ones_do_not():
    facts = make_page_facts(components=(make_component_facts(public_id="web"), make_component_facts(public_id="mail")))

    feeds = {path for path in paths_of(facts) if path.endswith("history.atom")}

    assert feeds == {"/history.atom", "/components/web/history.atom", "/components/mail/history.atom"}


# -- updated ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", FEEDS)
def test_the_feed_moves_only_with_an_entry(path):
    facts = make_facts()
    renamed = make_page_facts(incidents=facts.incidents, changed_at=at(3), updated_at=at(4))

    moments = [parse(one, path).feed.updated_parsed[:5] for one in (facts, renamed)]

    assert moments == [(2026, 11, 22, 12, 30)] * 2


def test_an_empty_feed_is_as_old_as_its_page():
    assert parse(make_page_facts(), "/history.atom").feed.updated == f"{at(-99):%Y-%m-%dT%H:%M:%SZ}"


@pytest.mark.parametrize("path", FEEDS)
def test_who_knows_it_already_is_told_so(path):
    document = render(make_facts(), path, now=at(2))
    changed_at = parsedate_to_datetime(header(document, "Last-Modified"))

    assert changed_at == at(0.5)
    assert answer(document, "GET", if_none_match=document.plain.etag)[0] == "304 Not Modified"
    assert answer(document, "GET", if_modified_since="Sun, 22 Nov 2026 12:30:00 GMT")[0] == "304 Not Modified"
    assert answer(document, "GET", if_modified_since="Sun, 22 Nov 2026 12:29:59 GMT")[0] == "200 OK"
    assert answer(document, "GET", if_modified_since="yesterday")[0] == "200 OK"


def test_an_etag_counts_more_than_a_date():
    document = render(make_facts(), "/history.atom", now=at(2))

    reply = answer(document, "GET", if_none_match='"other"', if_modified_since="Sun, 22 Nov 2026 12:30:00 GMT")

    assert reply.status == "200 OK"


def test_a_moment_to_come_is_never_given_as_the_last_change():
    document = render(make_facts(), "/history.atom", now=at(-20))

    assert parsedate_to_datetime(header(document, "Last-Modified")) == at(-20)


@pytest.mark.parametrize(
    ("path", "content_type"),
    [
        ("/history.atom", "application/atom+xml; charset=utf-8"),
        ("/history.rss", "application/rss+xml; charset=utf-8"),
        ("/updates.atom", "application/atom+xml; charset=utf-8"),
    ],
)
def test_each_format_has_its_name_and_is_open(path, content_type):
    document = render(make_facts(), path)

    assert (header(document, "Content-Type"), header(document, "Access-Control-Allow-Origin")) == (content_type, "*")


@pytest.mark.django_db
def test_news_draws_only_the_feeds_of_the_components_concerned():
    page = make.make_page(is_default=True)
    web, mail = make.make_component(page), make.make_component(page)
    incident = make.make_incident(page, components=(web,))
    make.make_incident(page, components=(mail,))
    store = publish(page)
    before = store.edition.documents

    add_update(incident, "News")
    say_updated(incident)
    store.refresh()

    rendered = {path for path, document in store.render_everything().items() if document is not before[path]}
    assert {path for path in rendered if path.startswith("/components/")} == {
        f"/components/{web.public_id}/history.atom"
    }
    assert {path for path in rendered if path.endswith((".rss", ".ics", ".svg"))} == {
        "/history.rss",
        "/embed/banner.svg",
    }


@pytest.mark.django_db
def test_hidden_components_and_drafts_are_in_no_document_for_other_programs():
    page = make.make_page(is_default=True)
    secret = make.make_component(page, name="Secret part", is_hidden=True)
    make.make_incident(page, name="Secret draft", published=False)
    incident = make.make_incident(page, components=(secret,))
    spoken = {"code": secret.public_id, "name": "Secret part", "old_status": "operational"}
    add_update(incident, affected_components=[{**spoken, "new_status": "major_outage"}])

    store = publish(page)

    texts = {path: text_at(store, path) for path in store.edition.documents}
    assert [path for path, text in texts.items() if "Secret" in text or secret.public_id in path + text] == []


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/", "/history", "/maintenance"])
def test_pages_name_their_feeds(path):
    text = text_at(publish(make.make_page(is_default=True, name="Northwind")), path)

    alternates = re.findall(r'<link rel="alternate" type="([^"]+)" title="[^"]+" href="([^"]+)">', text)
    assert alternates[:4] == [
        ("application/atom+xml", "/history.atom"),
        ("application/rss+xml", "/history.rss"),
        ("application/atom+xml", "/updates.atom"),
        ("text/calendar", "/maintenance.ics"),
    ]


@pytest.mark.django_db
def test_django_answers_the_same(client):
    document = publish(make.make_page(is_default=True)).find("/history.atom")

    response = client.get("/history.atom")
    again = client.get("/history.atom", headers={"if-modified-since": response["Last-Modified"]})

    assert (response.content, response["Content-Type"]) == (document.plain.body, "application/atom+xml; charset=utf-8")
    assert again.status_code == 304
    assert parsedate_to_datetime(response["Last-Modified"]) <= datetime.now(UTC)
