"""Search over the history: everything public, in any case and accent, and nothing that could break out."""

import pytest
from django.db import connection

from portal.board import search as searching
from portal.board.search import folded, marked, plain, search
from portal.publishing.store import published
from tests import make
from tests.portal.make_facts import at, make_incident_facts, make_page_facts, make_resolved, make_update_facts
from tests.portal.page_documents import add_update, publish


@pytest.fixture(autouse=True)
def _own_index():
    searching._indexes.clear()


def found(facts, asked):
    return [hit.incident.name for hit in search(facts, asked).hits]


@pytest.fixture
def facts():
    cut = make_resolved(name="Power cut in Ashford", updates=(make_update_facts(html="<p>A <b>line</b> is down.</p>"),))
    works = make_incident_facts(
        name="Störung in Köln", updates=(make_update_facts(html="<p>Der Strom fehlt &amp; kommt</p>"),)
    )
    return make_page_facts(incidents=(cut, works))


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ("power", ["Power cut in Ashford"]),
        ("POWER", ["Power cut in Ashford"]),
        ("line ashford", ["Power cut in Ashford"]),
        ("ash", ["Power cut in Ashford"]),
        ("koln", ["Störung in Köln"]),
        ("KÖLN strom", ["Störung in Köln"]),
        ("in", ["Power cut in Ashford", "Störung in Köln"]),
        ("power köln", []),
        ("<b>", []),
        ("& kommt", ["Störung in Köln"]),
        ("", []),
        ("   ", []),
    ],
)
def test_all_words_must_occur_whatever_their_case_and_accents(facts, asked, names):
    assert found(facts, asked) == names


def test_a_question_that_is_too_long_is_not_answered(facts):
    findings = search(facts, "power " * 20)

    assert (findings.is_too_long, findings.total, findings.words) == (True, 0, ())


def test_answers_come_twenty_at_a_time_newest_first_and_within_bounds():
    many = tuple(make_resolved(name=f"Outage {number}") for number in range(45))
    facts = make_page_facts(incidents=many)

    pages = [search(facts, "outage", number) for number in (1, 3, 99, 0)]

    assert [(one.number, len(one.hits), one.total, one.pages) for one in pages] == [
        (1, 20, 45, 3),
        (3, 5, 45, 3),
        (3, 5, 45, 3),
        (1, 20, 45, 3),
    ]
    assert [(one.newer, one.older) for one in pages[:2]] == [(None, 2), (2, None)]
    assert pages[0].hits[0].incident.name == "Outage 0"


def test_what_was_found_is_marked_in_the_piece_around_it():
    text = (
        "Nothing to see here, really nothing at all, as far as we can tell from our desks. The Crâne came. " + "x " * 99
    )
    facts = make_page_facts(
        incidents=(make_resolved(name="Crane", updates=(make_update_facts(html=f"<p>{text}</p>"),)),)
    )

    [hit] = search(facts, "crane").hits

    assert hit.name == "<mark>Crane</mark>"
    assert hit.excerpt.startswith("…")
    assert "The <mark>Crâne</mark> came." in hit.excerpt
    assert hit.excerpt.endswith("x…")


@pytest.mark.parametrize(
    ("text", "words", "html"),
    [
        ("a <b> & c", ("b",), "a &lt;<mark>b</mark>&gt; &amp; c"),
        ("Straße", ("strasse",), "<mark>Straße</mark>"),
        ("abcd", ("ab", "bc"), "<mark>abc</mark>d"),
        ("amp &", ("amp",), "<mark>amp</mark> &amp;"),
        ("none", ("x",), "none"),
    ],
)
def test_marks_are_safe(text, words, html):
    assert marked(text, words) == html


def test_words_are_those_that_are_read():
    assert plain("<p>By <b>hand</b>, so</p><p>slow &lt;3</p>") == "By hand, so slow <3"
    assert folded("ÀÉÎ straße كَتَبَ") == "aei strasse كتب"


def test_the_index_follows_the_facts():
    before = make_page_facts(incidents=(make_resolved(name="Before"),))
    after = make_page_facts(incidents=(make_resolved(name="After", started_at=at(-1)),))

    assert (found(before, "before"), found(after, "before"), found(after, "after")) == (["Before"], [], ["After"])


# -- over HTTP --------------------------------------------------------------------------------------------------------


@pytest.fixture
def page(db):
    page = make.make_page(is_default=True, name="Northwind", languages=["de"])
    incident = make.make_incident(page, name="Power <cut>")
    add_update(incident, "A line is down.")
    make.make_incident(page, name="Secret draft", published=False)
    publish(page)
    return page


def test_it_answers_without_the_database_and_leaves_no_cookie(page, client, monkeypatch):
    monkeypatch.setattr(type(published()), "is_watching", True)

    with connection.execute_wrapper(lambda *_query: pytest.fail("a query")):
        response = client.get("/history/search", {"q": "LINE down"})

    text = response.content.decode()
    assert response.status_code == 200
    assert "Power &lt;cut&gt;" in text
    assert "A <mark>line</mark> is <mark>down</mark>." in text
    assert (response["Cache-Control"], response["X-Robots-Tag"]) == ("public, max-age=15", "noindex")
    assert "Cookie" not in response["Vary"]
    assert client.cookies == {}


@pytest.mark.parametrize("number", ["", "0", "-1", "x", "99999999999999999999", "１", "2"])
def test_a_strange_page_number_is_no_error(page, client, number):
    assert client.get("/history/search", {"q": "line", "page": number}).status_code == 200


def test_what_was_typed_stays_and_finding_nothing_is_said(page, client):
    text = client.get("/history/search", {"q": 'draft "x" <script>'}).content.decode()

    assert 'value="draft &quot;x&quot; &lt;script&gt;"' in text
    assert "Nothing in our history has all these words" in text
    assert "Secret" not in text


def test_it_is_in_every_language_of_the_page(page, client):
    response = client.get("/de/history/search", {"q": "line"})

    assert '<html lang="de"' in response.content.decode()
    assert 'action="/de/history/search"' in response.content.decode()


@pytest.mark.parametrize("path", ["/p/nobody/history/search", "/fr/history/search", "/history/searches"])
def test_elsewhere_there_is_none(page, client, path):
    assert client.get(path, {"q": "line"}).status_code == 404


@pytest.mark.django_db
def test_before_anything_is_known_it_asks_to_come_back(client, monkeypatch):
    monkeypatch.setattr(type(published()), "refresh", lambda *_now: False)

    response = client.get("/history/search", {"q": "line"})

    assert (response.status_code, response["Retry-After"]) == (503, "10")


def test_nobody_posts_here(page, client):
    assert client.post("/history/search", {"q": "line"}).status_code == 405


def test_a_page_that_is_not_public_asks_who_is_there(page, client):
    page.visibility = "signed_in"
    page.save()
    publish(page)

    stranger = client.get("/history/search", {"q": "line"})
    client.force_login(make.make_user("Ana"))
    known = client.get("/history/search", {"q": "line"})

    assert stranger.status_code == 302
    assert "<mark>line</mark>" in known.content.decode()
    assert known["Cache-Control"] == "private, no-cache"
    assert "Cookie" in known["Vary"]


def test_the_form_stands_on_the_history_and_on_each_month(page, client):
    texts = [client.get(path).content.decode() for path in ("/history", f"/history/{page.created_at:%Y/%m}")]

    assert [text.count('action="/history/search"') for text in texts] == [1, 1]


@pytest.mark.django_db
def test_what_was_found_in_another_language_is_marked(client):
    page = make.make_page(is_default=True, languages=["de"], language="en")
    add_update(make.make_incident(page, name="Power cut"), "A line is down.")
    publish(page)

    text = client.get("/de/history/search?q=line").content.decode()

    assert 'lang="en">Power cut</a> <small class="soft">(auf Englisch)</small>' in text
    assert '<p class="soft" lang="en">A <mark>line</mark> is down.</p>' in text
