"""The desk as a site: who gets in, how they sign in, whose clock it shows, what its first page says."""

import pytest
from django.test import Client
from django.urls import reverse

from incidents.models import User
from tests.incidents.admin.scene import dara, eli, make_scene, make_staff, rosa, seat
from tests.make import make_user

pytestmark = pytest.mark.django_db

INSIDE = ["/admin/", "/admin/incidents/incident/", "/admin/incidents/incident/add/", "/admin/incidents/customer/"]


@pytest.mark.parametrize("address", INSIDE)
def test_a_visitor_is_asked_to_sign_in_and_comes_back(client: Client, address: str) -> None:
    response = client.get(address)
    sent_on = client.get(response.headers["Location"])

    assert response.headers["Location"] == f"/admin/login/?next={address}"
    assert sent_on.headers["Location"] == reverse("account_login", query={"next": address})


@pytest.mark.parametrize("address", INSIDE)
def test_a_customer_finds_nothing_here(address: str) -> None:
    cleo = seat(make_user("Cleo"))

    response = cleo.get(address, follow=True)

    assert response.status_code == 404


def test_a_forged_way_back_leads_to_the_desk() -> None:
    response = dara().get("/admin/login/?next=https://evil.example/")

    assert response.headers["Location"] == "/admin/"


def test_staff_who_were_switched_off_are_out() -> None:
    client = dara()
    User.objects.filter(first_name="Dara").update(is_active=False)

    assert client.get("/admin/").headers["Location"] == "/admin/login/?next=/admin/"


def test_signing_out_ends_at_the_public_page() -> None:
    client = dara()

    response = client.post("/admin/logout/")

    assert response.headers["Location"] == "/"
    assert client.get("/admin/").status_code == 302


@pytest.mark.parametrize("address", ["/admin/password_change/", "/admin/password_change/done/"])
def test_nobody_has_a_password(address: str) -> None:
    assert dara().get(address).status_code == 404


def test_the_first_page_is_the_storm_board() -> None:
    scene = make_scene()
    scene.published()

    page = eli().get("/admin/")

    html = page.content.decode()
    assert [line.incident.name for line in page.context["board"].lines] == ["Trains stand still"]
    assert "2 customers · 3 holdings · 5 units" in html
    assert "0 of 2" in html
    assert "not asked yet" in html


def test_bars_are_drawn_without_styles() -> None:
    make_scene().published()

    html = eli().get("/admin/").content.decode()

    assert '<rect class="track" width="100" height="8"/>' in html
    assert "style=" not in html
    assert "<script>" not in html


def test_times_are_in_the_zone_of_whoever_sits_there() -> None:
    user = make_staff("Dara", "communicator")
    User.objects.filter(pk=user.pk).update(time_zone="Asia/Kolkata")

    page = seat(user).get("/admin/")

    assert page.context["desk_zone"] == "Asia/Kolkata"


def test_without_a_zone_of_ones_own_it_is_the_pages() -> None:
    scene = make_scene()
    scene.page.__class__.objects.update(time_zone="Europe/Lisbon")

    assert dara().get("/admin/").context["desk_zone"] == "Europe/Lisbon"


def test_a_zone_that_nobody_knows_is_utc() -> None:
    user = make_staff("Dara", "communicator")
    User.objects.filter(pk=user.pk).update(time_zone="Mars/Olympus")

    assert seat(user).get("/admin/").context["desk_zone"] == "UTC"


def test_each_role_sees_what_it_may_do() -> None:
    make_scene().published()

    pages = [client.get("/admin/").content.decode() for client in (dara(), rosa())]

    assert ["Declare an incident" in page for page in pages] == [True, False]
    assert ["Post an update" in page for page in pages] == [True, False]


def test_the_desk_keeps_the_strict_policy() -> None:
    policy = dara().get("/admin/").headers["Content-Security-Policy"]

    directives = dict(part.split(" ", 1) for part in policy.split("; "))
    assert (directives["default-src"], directives["script-src"], directives["style-src"]) == (
        "'none'",
        "'self'",
        "'self'",
    )
