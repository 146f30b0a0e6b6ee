"""The old addresses of a page that is not for everybody, for those who may read it and for those who may not."""

import pytest
from django.test import Client

from incidents.actions.access.readers import make_read_token
from incidents.actor import CLOCK
from incidents.addresses import secret_of
from incidents.models import CustomerGroup, Page
from tests.make import make_customer, make_incident, make_membership, make_page, make_user
from tests.portal.page_documents import publish

pytestmark = pytest.mark.django_db

THERE = "http://inner.example:8000"
GONE = ["/p/inner/", "/p/inner/history", "/p/inner/de/", "/p/inner/badge.svg"]


def seat(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def make_moved(visibility: str, **fields) -> Page:
    make_page(slug="open", name="For all")
    fields = {"slug": "inner", "name": "Inner circle", "domain": "inner.example", "languages": ["de"]} | fields
    page = make_page(visibility=visibility, **fields)
    make_incident(page, name="Secret trouble", public_id="trouble")
    publish(page)
    return page


@pytest.fixture
def people():
    """Ana acts for a customer of the group, Cleo for none."""
    group, company = CustomerGroup.objects.create(name="Wholesale"), make_customer("Grand Hotel")
    group.customers.add(company)
    ana = make_user("Ana")
    make_membership(ana, company, role="viewer")
    return {"ana": ana, "cleo": make_user("Cleo"), "group": group}


@pytest.mark.parametrize(
    "rest", ["", "history", "incidents/trouble", "de/", "de/history", "history.atom", "badge.svg?x=1"]
)
def test_readers_are_led_to_the_domain(people, rest):
    page = make_moved("groups")
    page.customer_groups.add(people["group"])
    publish(page)

    answer = seat(people["ana"]).get(f"/p/inner/{rest}")

    assert (answer.status_code, answer["Location"]) == (302, f"{THERE}/{rest}")
    assert answer["Cache-Control"] == "private, no-cache"
    assert "Cookie" in answer["Vary"]
    assert "noindex" in answer["X-Robots-Tag"]
    assert "Access-Control-Allow-Origin" not in answer


def test_others_learn_nothing(people):
    page = make_moved("groups")
    page.customer_groups.add(people["group"])
    publish(page)
    stranger = Client()

    answers = [seat(people["cleo"]).get(path) for path in GONE]
    asked = stranger.get("/p/inner/history")

    assert {answer.status_code for answer in answers} == {404}
    assert stranger.get("/p/inner/badge.svg").status_code == 404
    # As at the address of every page that is not for everybody, moved or not.
    assert asked["Location"] == "/account/login/?next=/p/inner/history"
    assert "inner.example" not in "".join(f"{one.headers}{one.content!r}" for one in [*answers, asked])


@pytest.mark.parametrize("path", ["/p/inner/nothing", "/p/inner/incidents/nothing", "/p/open/incidents/trouble"])
def test_what_is_not_there_is_not_here(people, path):
    make_moved("signed_in")

    assert seat(people["cleo"]).get(path).status_code == 404
    assert Client().get(path).status_code == 404


def test_a_default_page_that_moved_is_found_from_the_root_by_its_readers(people):
    make_moved("signed_in", is_default=True)

    assert seat(people["cleo"]).get("/")["Location"] == f"{THERE}/"
    assert seat(people["cleo"]).get("/history")["Location"] == f"{THERE}/history"
    assert Client().get("/").status_code == 200  # the list of what is for everybody, as without that page
    assert Client().get("/history").status_code == 404


def test_a_private_page_s_other_addresses_on_one_site_lead_to_it(people):
    publish(make_page(slug="main", is_default=True, visibility="signed_in", languages=["de"]))
    reader = seat(people["cleo"])

    assert reader.get("/p/main/history")["Location"] == "/history"
    assert reader.get("/en/history")["Location"] == "/history"
    assert reader.get("/ar/")["Location"] == "/"


def test_a_secret_link_leads_to_the_domain_and_nothing_else_does(people):
    page = make_moved("link")
    old = f"/s/{secret_of(page)}/"

    assert Client().get(f"{old}history")["Location"] == f"{THERE}{old}history"
    assert Client().get(f"{old}history.atom")["Location"] == f"{THERE}{old}history.atom"
    assert Client().get(f"{old}api/v2/status.json").status_code == 200
    assert Client().get(f"{old}nothing").status_code == 404
    assert Client().get(f"/s/{'0' * 32}/history").status_code == 404
    assert {seat(people["ana"]).get(path).status_code for path in GONE} == {404}


def test_a_secret_link_of_another_site_opens_nothing(people):
    page = make_moved("link")
    make_page(slug="acme", domain="acme.example")
    publish(page)

    assert Client(headers={"host": "acme.example"}).get(f"/s/{secret_of(page)}/history").status_code == 404


def test_a_token_follows_its_page(people):
    page = make_moved("signed_in")
    _row, token = make_read_token(page, name="Calendar", by=CLOCK)
    _row, other = make_read_token(make_page(slug="b", visibility="signed_in"), name="Calendar", by=CLOCK)

    led = Client().get("/p/inner/history.atom", {"token": token})

    assert (led.status_code, led["Location"]) == (302, f"{THERE}/history.atom?token={token}")
    assert Client(headers={"host": "inner.example"}).get("/history.atom", {"token": token}).status_code == 200
    assert Client().get("/p/inner/api/v2/status.json", {"token": token}).status_code == 200
    assert Client().get("/p/inner/history.atom", headers={"Authorization": f"Bearer {token}"}).status_code == 200
    assert Client().get("/p/inner/history.atom", {"token": other}).status_code == 404
    assert Client().get("/p/inner/api/v2/status.json", {"token": other}).status_code == 404
    assert Client().get("/p/inner/history.atom", {"token": "mg_read_wrong"}).status_code == 401


# -- methods that only read nothing -----------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["post", "put", "delete", "patch", "options"])
@pytest.mark.parametrize("rest", ["", "history", "de/history", "history.atom", "badge.svg", "api/v2/status.json"])
def test_readers_are_told_which_methods_there_are(people, rest, method):
    publish(make_page(slug="inner", visibility="signed_in", languages=["de"]))
    reader = Client(enforce_csrf_checks=True)
    reader.force_login(people["cleo"])

    answer = getattr(reader, method)(f"/p/inner/{rest}")

    assert (answer.status_code, answer["Allow"]) == (405, "GET, HEAD")


@pytest.mark.parametrize("method", ["post", "put", "delete", "patch"])
@pytest.mark.parametrize("rest", ["", "history", "history.atom", "nothing", "api/v2/status.json"])
def test_others_are_told_nothing(rest, method):
    publish(make_page(slug="inner", visibility="signed_in"))

    assert getattr(Client(enforce_csrf_checks=True), method)(f"/p/inner/{rest}").status_code == 404


def test_whoever_holds_the_secret_link_is_told_too():
    page = make_page(slug="inner", visibility="link")
    publish(page)

    answer = Client(enforce_csrf_checks=True).post(f"/s/{secret_of(page)}/history")

    assert (answer.status_code, answer["Allow"]) == (405, "GET, HEAD")


def test_a_search_is_no_form(people):
    publish(make_page(slug="inner", visibility="signed_in"))

    assert Client(enforce_csrf_checks=True).post("/p/inner/history/search").status_code == 405
