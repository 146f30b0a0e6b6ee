"""Which site a request is for, in which language, and for whom: by host, by address, by person."""

import pytest
from django.test import Client

from incidents.actions.publishing.catalogue import save_page
from incidents.actor import CLOCK
from incidents.addresses import address_of, secret_of
from portal.documents.document import security_headers
from portal.publishing.access_log import AccessLog
from portal.publishing.front import PublicFront
from portal.publishing.store import Published, published
from tests import make
from tests.portal.page_documents import publish

pytestmark = pytest.mark.django_db


def knock(store: Published, tmp_path, path: str, host: str = "testserver"):
    """What the public front answers by itself; None when it passes the request on."""
    passed = []

    def behind(environ, start_response):
        passed.append(environ["PATH_INFO"])
        return [b""]

    answers = []
    front = PublicFront(behind, store, AccessLog(tmp_path))
    front._is_open = True
    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": path, "HTTP_HOST": host}
    body = b"".join(front(environ, lambda status, headers, *_rest: answers.append((status, dict(headers)))))
    return None if passed else (*answers[0], body.decode())


# -- languages --------------------------------------------------------------------------------------------------------


def test_every_language_stands_below_its_code(tmp_path):
    store = publish(make.make_page(is_default=True, language="en", languages=["de", "ar"]))

    _status, _headers, german = knock(store, tmp_path, "/de/")
    _status, _headers, arabic = knock(store, tmp_path, "/ar/history")
    _status, _headers, english = knock(store, tmp_path, "/")

    assert 'lang="de" dir="ltr"' in german
    assert 'href="/de/history"' in german
    assert 'lang="ar" dir="rtl"' in arabic
    assert 'lang="en" dir="ltr"' in english


def test_the_page_s_own_language_has_one_address(client):
    publish(make.make_page(is_default=True, language="de", languages=["en"]))

    assert client.get("/de/history").headers["Location"] == "/history"
    assert client.get("/en/history").status_code == 200


@pytest.mark.parametrize(
    ("host", "old", "there"),
    [
        ("", "/ar/history", "/history"),
        ("", "/ar/", "/"),
        ("", "/p/main/ar/history.atom", "/history.atom"),
        ("", "/p/acme/ar/history", "http://status.acme.example:8000/history"),
        ("status.acme.example", "/ar/history", "/history"),
    ],
)
def test_what_stood_in_a_language_that_was_given_up_leads_to_the_default_one(host, old, there):
    page = make.make_page(is_default=True, slug="main", languages=["de", "ar"])
    acme = make.make_page(slug="acme", domain="status.acme.example", languages=["ar"])
    publish(page)
    save_page(acme, by=CLOCK)
    for one in (page, acme):
        one.languages = ["de"]
        save_page(one, by=CLOCK)

    assert Client(headers={"host": host or "testserver"}).get(old).headers["Location"] == there


def test_what_never_stood_in_any_language_is_404(client):
    publish(make.make_page(is_default=True, slug="main", languages=["de"]))

    assert client.get("/ar/incidents/none").status_code == 404
    assert client.get("/ar/2020").status_code == 404


def test_programs_find_the_api_at_the_home_only():
    store = publish(make.make_page(is_default=True, languages=["de"]))

    assert store.find("/api/v2/status.json")
    assert store.find("/de/api/v2/status.json") is None
    assert store.find("/de/history.atom")


# -- domains ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def acme():
    make.make_page(is_default=True, name="Northwind")
    return make.make_page(slug="acme", name="Acme", domain="status.acme.example")


def test_a_domain_shows_its_own_page(tmp_path, acme):
    store = publish(acme)

    _status, _headers, own = knock(store, tmp_path, "/", "status.acme.example")
    _status, _headers, with_port = knock(store, tmp_path, "/", "Status.Acme.example:8000")
    _status, _headers, ours = knock(store, tmp_path, "/")

    assert "<h1" in own
    assert "Acme" in own
    assert own == with_port
    assert "Northwind" in ours
    assert "Acme" not in ours


def test_a_stranger_s_name_finds_nothing_before_django_and_behind(tmp_path, acme, client):
    store = publish(acme)

    status, headers, body = knock(store, tmp_path, "/", "elsewhere.example")

    assert status == "404 Not Found"
    assert dict(security_headers()).items() <= headers.items()
    assert "Acme" not in body
    assert headers["Cache-Control"] == client.get("/", headers={"host": "x.example"})["Cache-Control"] == "no-store"
    assert client.get("/", headers={"host": "elsewhere.example"}).status_code == 404
    assert client.get("/my/", headers={"host": "elsewhere.example"}).status_code == 404


def test_probes_may_ask_by_any_name(tmp_path, acme):
    assert knock(publish(acme), tmp_path, "/healthz", "10.0.0.7:8000") is None


def test_its_old_address_leads_to_its_domain(acme):
    publish(acme)

    response = Client().get("/p/acme/history")

    assert response.status_code == 301
    assert response["Location"] == "http://status.acme.example:8000/history"
    assert response["Cache-Control"] == "public, max-age=60"  # it may move again, and back


@pytest.mark.parametrize(
    "rest", ["embed/frame?mode=pill&components=x", "history/search?q=power", "badge.svg?style=flat"]
)
def test_what_was_asked_moves_along_and_other_sites_may_follow(acme, rest):
    publish(acme)

    response = Client().get(f"/p/acme/{rest}")

    assert (response.status_code, response["Location"]) == (301, f"http://status.acme.example:8000/{rest}")
    assert response["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize("path", ["//status.acme.example/", "//status.acme.example/api/v2/status.json"])
def test_no_path_leads_to_another_site(tmp_path, acme, client, path):
    assert knock(publish(acme), tmp_path, path) is None
    assert client.get("/", PATH_INFO=path).status_code == 404


def test_another_page_is_not_found_on_it(acme):
    make.make_page(slug="other")
    publish(acme)

    assert Client(headers={"host": "status.acme.example"}).get("/p/other/").status_code == 404


def test_the_staff_desk_is_not_on_it(acme):
    publish(acme)

    assert Client(headers={"host": "status.acme.example"}).get("/admin/").status_code == 404
    assert Client().get("/admin/").status_code == 302


def test_its_documents_name_their_domain(acme):
    store = publish(acme)

    summary = store.find("//status.acme.example/api/v2/summary.json").plain.body.decode()

    assert '"url":"http://status.acme.example:8000"' in summary.replace(" ", "")


# -- who may read it --------------------------------------------------------------------------------------------------

PRIVATE = ("signed_in", "groups", "link")


@pytest.mark.parametrize("visibility", PRIVATE)
def test_what_is_not_for_everybody_never_passes_the_storm_door(tmp_path, visibility):
    page = make.make_page(is_default=True, visibility=visibility, name="Inner circle")
    incident = make.make_incident(page)
    store = publish(page)
    root = address_of(page).removeprefix("http://127.0.0.1:8000")

    paths = [f"{root}{path}" for path in ("", f"incidents/{incident.public_id}", "history.atom", "api/v2/summary.json")]

    assert [knock(store, tmp_path, path) for path in paths] == [None] * 4
    assert store.render_everything() == {}
    assert store.edition.public == {}


def test_whoever_is_not_signed_in_is_asked_to(client, django_user_model):
    page = make.make_page(is_default=True, visibility="signed_in")
    publish(page)

    assert client.get("/").headers["Location"] == "/account/login/?next=/"
    assert client.get("/api/v2/summary.json").status_code == 404

    client.force_login(django_user_model.objects.create(email="ana@example.org"))
    response = client.get("/")

    assert response.status_code == 200
    assert response["Cache-Control"] == "private, no-cache"
    assert response["X-Robots-Tag"] == "noindex, nofollow"
    assert "Access-Control-Allow-Origin" not in client.get("/history.atom")
    assert client.get("/api/v2/summary.json").status_code == 200


def test_a_secret_link_opens_all_of_its_page_and_nothing_else_does(client):
    page = make.make_page(slug="inner", visibility="link")
    other = make.make_page(slug="other", visibility="link")
    publish(page)

    assert client.get(f"/s/{secret_of(page)}/").status_code == 200
    assert client.get(f"/s/{secret_of(page)}/history.atom").status_code == 200
    assert client.get(f"/s/{secret_of(page)}/api/v2/summary.json").status_code == 200
    assert client.get("/p/inner/").status_code == 404
    assert client.get(f"/s/{'0' * 32}/").status_code == 404
    assert secret_of(page) != secret_of(other)


def test_a_domain_whose_page_has_a_secret_link_shows_nothing_at_its_root(client):
    page = make.make_page(slug="inner", visibility="link", domain="inner.example")
    make.make_page(slug="other", name="Other")
    publish(page)

    assert client.get("/", headers={"host": "inner.example"}).status_code == 404
    assert client.get(f"/s/{secret_of(page)}/", headers={"host": "inner.example"}).status_code == 200


def test_a_new_secret_link_closes_the_old_one(client):
    page = make.make_page(slug="inner", visibility="link")
    publish(page)
    old = secret_of(page)

    page.link_serial += 1
    page.save()
    publish(page)

    assert client.get(f"/s/{old}/").status_code == 404
    assert client.get(f"/s/{secret_of(page)}/").status_code == 200


@pytest.mark.parametrize("visibility", PRIVATE)
def test_other_sites_are_told_nothing_of_it(client, visibility):
    page = make.make_page(slug="inner", visibility=visibility)
    publish(page)

    assert client.get("/oembed", {"url": address_of(page)}).status_code == 404


def test_the_copy_on_disk_holds_public_pages_only(tmp_path):
    make.make_page(is_default=True, name="For all")
    publish(make.make_page(slug="inner", visibility="signed_in", name="For some"))
    store = Published(tmp_path)
    store.refresh()
    store.save_copy()

    kept = (tmp_path / "facts.json").read_text()

    assert "For all" in kept
    assert "For some" not in kept
    assert published().edition.pages.keys() == store.edition.pages.keys()
