"""oEmbed: what other programs show for our addresses; from memory, in JSON, for our own addresses only."""

import re
from html import unescape

import pytest
from django.db import connection

from portal.publishing.store import published
from tests import make
from tests.portal.page_documents import add_update, publish, text_at

pytestmark = pytest.mark.django_db

BASE = "http://127.0.0.1:8000"


@pytest.fixture
def page():
    return make.make_page(is_default=True, slug="northwind", name="Northwind & Sons")


@pytest.fixture
def incident(page):
    incident = make.make_incident(page, name="Power <cut>")
    add_update(incident, "We look into it.")
    publish(page)
    return incident


def ask(client, url, **parameters):
    return client.get("/oembed", {"url": url, **parameters})


def test_a_page(client, incident):
    response = ask(client, f"{BASE}/")

    assert response.json() == {
        "version": "1.0",
        "type": "rich",
        "title": "Northwind & Sons",
        "author_name": "Northwind & Sons",
        "author_url": f"{BASE}/",
        "provider_name": "Northwind & Sons",
        "provider_url": f"{BASE}/",
        "cache_age": 60,
        "html": f'<blockquote cite="{BASE}/"><p><strong>Some things do not work right now</strong></p>'
        f'<p><a href="{BASE}/">Northwind &amp; Sons</a></p></blockquote>',
        "width": 480,
        "height": 160,
    }
    assert response["Content-Type"] == "application/json; charset=utf-8"
    assert response["Access-Control-Allow-Origin"] == "*"
    assert "s-maxage" in response["Cache-Control"]


def test_an_incident(client, incident):
    address = f"{BASE}/incidents/{incident.public_id}"

    body = ask(client, address).json()

    assert (body["type"], body["title"]) == ("rich", "Power <cut> · Northwind & Sons")
    assert body["html"] == (
        f'<blockquote cite="{address}"><p><strong>Power &lt;cut&gt;</strong> · Investigating</p>\n'
        f'<p>We look into it.</p><p><a href="{address}">Northwind &amp; Sons</a></p></blockquote>'
    )


def test_another_page_and_its_incidents(client, page):
    other = make.make_page(slug="other", name="Other", language="de")
    incident = make.make_incident(other, name="Elsewhere")
    publish(page)

    titles = [
        ask(client, f"{BASE}/p/other{path}").json()["title"] for path in ("", "/", f"/incidents/{incident.public_id}")
    ]

    assert titles == ["Other", "Other", "Elsewhere · Other"]


@pytest.mark.parametrize(
    "url",
    [
        "",
        "nonsense",
        "http://[",
        "https://elsewhere.example/",
        "ftp://127.0.0.1:8000/",
        f"{BASE}/history",
        f"{BASE}/my/",
        f"{BASE}/incidents/unknown",
        f"{BASE}/p/unknown/",
    ],
)
def test_anything_else_is_not_found(client, incident, url):
    response = ask(client, url)

    assert (response.status_code, response.json()) == (404, {"error": "Not found"})
    assert response["Access-Control-Allow-Origin"] == "*"


def test_a_draft_is_not_found(client, page):
    draft = make.make_incident(page, published=False)
    publish(page)

    assert ask(client, f"{BASE}/incidents/{draft.public_id}").status_code == 404


@pytest.mark.parametrize(
    ("parameters", "size"),
    [
        ({"maxwidth": "300", "maxheight": "100"}, (300, 100)),
        ({"maxwidth": "9000"}, (480, 160)),
        ({"maxwidth": "0", "maxheight": "-1"}, (480, 160)),
        ({"maxwidth": "many", "maxheight": "9" * 5000}, (480, 160)),
    ],
)
def test_it_is_no_larger_than_was_asked_for(client, incident, parameters, size):
    body = ask(client, f"{BASE}/", **parameters).json()

    assert (body["width"], body["height"]) == size


def test_only_json_is_spoken(client, incident):
    assert ask(client, f"{BASE}/", format="json").status_code == 200
    assert ask(client, f"{BASE}/", format="xml").status_code == 501


def test_nothing_is_changed_by_it(client, incident):
    client.handler.enforce_csrf_checks = True

    response = client.post("/oembed?url=x")

    assert (response.status_code, response.json()) == (405, {"error": "Method not allowed"})
    assert response["Allow"] == "GET, HEAD"


def test_who_knows_it_already_is_told_so(client, incident):
    first = ask(client, f"{BASE}/")

    again = client.get("/oembed", {"url": f"{BASE}/"}, headers={"if-none-match": first["ETag"]})

    assert again.status_code == 304


def test_no_database_is_asked_while_this_process_watches(client, incident, monkeypatch, django_assert_num_queries):
    monkeypatch.setattr(type(published()), "is_watching", True)

    with django_assert_num_queries(0), connection.execute_wrapper(_refuse):
        response = ask(client, f"{BASE}/incidents/{incident.public_id}")

    assert response.status_code == 200


def _refuse(*_call):
    raise AssertionError("oEmbed asked the database")


def test_pages_say_where_to_ask(client, page, incident):
    store = published()

    links = [
        re.search(r'type="application/json\+oembed" title="[^"]+" href="([^"]+)"', text_at(store, path))
        for path in ("/", f"/incidents/{incident.public_id}")
    ]

    titles = [client.get(unescape(link[1])).json()["title"] for link in links]
    assert titles == ["Northwind & Sons", "Power <cut> · Northwind & Sons"]
    assert "json+oembed" not in text_at(store, "/history")
