"""Pages, components, the library, customers, holdings, memberships: kept by actions, so that each is recorded."""

import pytest

from incidents.models import Component, Customer, Event, Holding, Membership, Page, Remedy
from tests.incidents.admin.scene import dara, eli, make_scene, rosa
from tests.make import make_component, make_customer, make_group, make_membership, make_page, make_user

pytestmark = pytest.mark.django_db

PAGE = {
    "name": "Northwind", "slug": "northwind", "is_default": "on", "description": "", "url": "",
    "time_zone": "Europe/London", "language": "en", "visibility": "public",
    "support_email": "", "support_phone": "", "support_url": "",
}  # fmt: skip
CUSTOMER = {"ref": "C-77", "name": "Ana", "email": "Ana@Example.org", "phone": "", "language": "", "time_zone": ""}


def kinds() -> list[str]:
    return list(Event.objects.order_by("id").values_list("kind", flat=True))


def test_a_page_and_which_one_stands_at_the_root() -> None:
    old = make_page(is_default=True)

    eli().post("/admin/incidents/page/add/", PAGE)

    old.refresh_from_db()
    assert (old.is_default, Page.objects.get(slug="northwind").is_default) == (False, True)
    assert kinds() == ["page.changed"]


def test_an_unknown_time_zone_is_refused_in_words() -> None:
    page = eli().post("/admin/incidents/page/add/", PAGE | {"time_zone": "Mars/Olympus"})

    assert page.context["adminform"].form.errors == {
        "time_zone": ["“Mars/Olympus” is not a time zone; write it like Europe/Lisbon."]
    }


def test_the_sites_that_may_frame_a_page_s_widget_stand_one_on_each_line() -> None:
    fields = PAGE | {"embed_origins": "https://shop.example.org\r\n\r\n http://127.0.0.1:8080 \nhttps://*.example.net"}

    desk = eli()

    desk.post("/admin/incidents/page/add/", fields)

    page = Page.objects.get()
    assert page.embed_origins == ["https://shop.example.org", "http://127.0.0.1:8080", "https://*.example.net"]
    form = desk.get(f"/admin/incidents/page/{page.pk}/change/").context["adminform"].form
    assert form["embed_origins"].value() == "https://shop.example.org\nhttp://127.0.0.1:8080\nhttps://*.example.net"


@pytest.mark.parametrize(
    "origin",
    ["*", "https://*", "shop.example.org", "https://shop.example.org/", "https://Shop.example.org", "data:",
     "https://a.example; script-src *", "https://a.example 'unsafe-inline'", "ftp://a.example", "https://a.example:x"],
)  # fmt: skip
def test_what_is_no_web_site_may_not_frame_it(origin: str) -> None:
    page = eli().post("/admin/incidents/page/add/", PAGE | {"embed_origins": f"https://good.example\n{origin}"})

    [error] = page.context["adminform"].form.errors["embed_origins"]
    assert error.startswith(f"“{origin}” is not the address of a web site")
    assert Page.objects.count() == 0


def test_a_component_keeps_the_status_that_incidents_give_it() -> None:
    component = make_component(make_page(), status="major_outage")
    fields = {
        "name": "Trains",
        "group": "",
        "description": "",
        "position": "3",
        "start_date": "",
        "status": "operational",
    }

    eli().post(f"/admin/incidents/component/{component.pk}/change/", fields)

    component.refresh_from_db()
    assert (component.name, component.position, component.status) == ("Trains", 3, "major_outage")
    assert kinds() == ["component.changed"]


def test_a_group_of_another_page_is_refused_beside_its_field() -> None:
    page, group = make_page(), make_group(make_page())
    fields = {
        "page": page.pk,
        "name": "Trains",
        "group": group.pk,
        "description": "",
        "position": "0",
        "start_date": "",
    }

    answer = eli().post("/admin/incidents/component/add/", fields)

    assert answer.context["adminform"].form.errors == {"group": ["Pick a group of the same page."]}
    assert answer.context["adminform"].form["name"].value() == "Trains"
    assert Component.objects.count() == 0


def test_a_remedy_states_its_duration_in_hours() -> None:
    words = {"kind": "credit", "name": "Credit", "what_you_get": "Ten.", "promise": "We credit you", "is_active": "on"}
    blank = {"what_it_costs": "", "what_you_give_up": "", "value": "10", "currency": "EUR"}

    eli().post("/admin/incidents/remedy/add/", {**words, **blank, "fulfil_within": "1.5"})

    assert Remedy.objects.get().fulfil_within.total_seconds() == 5400
    assert kinds() == ["remedy.changed"]


def test_a_value_without_a_currency_is_refused() -> None:
    words = {"kind": "credit", "name": "Credit", "what_you_get": "Ten.", "promise": "We credit you", "is_active": "on"}
    blank = {"what_it_costs": "", "what_you_give_up": "", "value": "10", "currency": ""}

    page = eli().post("/admin/incidents/remedy/add/", {**words, **blank, "fulfil_within": "1"})

    assert page.context["adminform"].form.errors == {"currency": ["Say in which currency, for example EUR."]}


def test_a_customer_and_a_reference_that_is_taken() -> None:
    client = eli()
    client.post("/admin/incidents/customer/add/", CUSTOMER)

    page = client.post("/admin/incidents/customer/add/", CUSTOMER)

    assert Customer.objects.get().email == "ana@example.org"
    assert list(page.context["adminform"].form.errors) == ["ref"]
    assert kinds() == ["customer.changed"]


def test_a_holding_that_ends_before_it_starts_is_refused() -> None:
    ana = make_customer("Ana")
    fields = {"ref": "H-77", "label": "Ticket", "kind": "booking", "customer": ana.pk, "component": "", "quantity": "1"}
    times = {"region": "", "starts_at": "2026-03-02T10:00", "ends_at": "2026-03-01T10:00", "is_active": "on"}

    page = eli().post("/admin/incidents/holding/add/", fields | times)

    assert page.context["adminform"].form.errors == {"ends_at": ["It ends before it starts."]}
    assert Holding.objects.count() == 0


def test_a_membership_is_given_changed_and_ended() -> None:
    ana, user, client = make_customer("Ana"), make_user("Ben"), eli()
    client.post("/admin/incidents/membership/add/", {"user": user.pk, "customer": ana.pk, "role": "viewer"})
    membership = Membership.objects.get()

    client.post(f"/admin/incidents/membership/{membership.pk}/change/", {"role": "chooser"})
    question = client.get(f"/admin/incidents/membership/{membership.pk}/end/")
    still = Membership.objects.get().role
    client.post(f"/admin/incidents/membership/{membership.pk}/end/")

    assert (question.status_code, still, Membership.objects.count()) == (200, "chooser", 0)
    assert kinds() == ["membership.changed", "membership.changed", "membership.ended"]


def test_the_customer_s_own_address_keeps_its_role_since_it_would_come_back_by_signing_in() -> None:
    membership = make_membership(make_user("Ana"), make_customer("Ana"))

    answer = eli().post(f"/admin/incidents/membership/{membership.pk}/end/", follow=True)

    assert "This is the customer’s own address" in answer.content.decode()
    assert list(Membership.objects.all()) == [membership]
    assert kinds() == []


def test_the_customers_page_shows_what_is_theirs() -> None:
    scene = make_scene()
    incident, ana = scene.published(), scene.ticket.customer
    make_membership(make_user("Ana"), ana)

    page = rosa().get(f"/admin/incidents/customer/{ana.pk}/change/")

    assert {holding.ref for holding in page.context["holdings"]} == {"T-1", "P-1"}
    assert {impact.incident for impact in page.context["impacts"]} == {incident}
    assert [membership.user.first_name for membership in page.context["memberships"]] == ["Ana"]


@pytest.mark.parametrize("noun", ["page", "componentgroup", "component", "remedy", "customer", "holding", "membership"])
def test_only_managers_arrange(noun: str) -> None:
    teller, agent = dara(), rosa()

    answers = [client.get(f"/admin/incidents/{noun}/add/").status_code for client in (teller, agent)]
    lists = [client.get(f"/admin/incidents/{noun}/").status_code for client in (teller, agent)]

    assert (answers, lists) == ([403, 403], [200, 200])


def test_an_agent_ends_no_membership() -> None:
    membership = make_membership(make_user("Ana"), make_customer("Ana"))

    assert rosa().post(f"/admin/incidents/membership/{membership.pk}/end/").status_code == 403
    assert Membership.objects.get() == membership
