"""Lists stay fast: the same number of queries for one row and for three, counts that stop early, searches by index."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from incidents.actions.publishing.updates import post_update
from incidents.actor import WAYS
from incidents.admin import lists
from incidents.admin.lists import customers_named, theirs_or_this
from incidents.models import Customer, Event, Impact, Page, User
from notifications.models import Channel, Delivery
from tests.incidents.admin.scene import eli, make_scene
from tests.make import make_customer, make_holding, make_membership, make_user

pytestmark = pytest.mark.django_db


def queries_of(client: Any, address: str) -> list[str]:
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert client.get(address).status_code == 200
    return [query["sql"] for query in queries.captured_queries]


@pytest.mark.parametrize(
    "noun", ["customer", "holding", "membership", "impact", "incident", "event", "update", "component"]
)
def test_a_list_asks_as_often_for_many_rows_as_for_few(noun: str) -> None:
    scene, client = make_scene(), eli()
    make_membership(make_user("Ana"), scene.ticket.customer)
    scene.published()
    few = queries_of(client, f"/admin/incidents/{noun}/")
    make_membership(make_user("Ben"), scene.bens_ticket.customer)
    make_holding(scene.ticket.customer, scene.trains)
    scene.published(name="Again")

    many = queries_of(client, f"/admin/incidents/{noun}/")

    assert len(many) == len(few)


@pytest.mark.parametrize("address", ["incidents/event", "notifications/delivery", "incidents/holding"])
def test_a_filter_does_not_look_for_its_values_among_all_rows(address: str) -> None:
    make_scene().published()

    assert [sql for sql in queries_of(eli(), f"/admin/{address}/") if "DISTINCT" in sql] == []


def test_events_are_filtered_by_the_way_that_they_came() -> None:
    make_scene().published()
    page = eli().get("/admin/incidents/event/?via=clock")

    assert [event.via for event in page.context["cl"].result_list] == ["clock"] * Event.objects.filter(
        via="clock"
    ).count()
    assert set(Event.objects.values_list("via", flat=True)) <= set(WAYS)


def test_deliveries_are_filtered_by_their_message() -> None:
    make_delivery("public_update")
    make_delivery("check_in")

    page = eli().get("/admin/notifications/delivery/?message=check_in")

    assert [delivery.message for delivery in page.context["cl"].result_list] == ["check_in"]
    assert 'href="?message=first_notice"' in page.content.decode()


def make_delivery(message: str) -> Delivery:
    channel, _is_new = Channel.objects.get_or_create(address="fay@example.org")
    return Delivery.objects.create(channel=channel, message=message, topic="public")


@pytest.mark.parametrize(
    "address",
    ["incidents/customer", "incidents/holding", "incidents/membership", "incidents/impact", "incidents/event",
     "incidents/user", "notifications/delivery", "notifications/channel", "notifications/subscription"],
)  # fmt: skip
def test_a_long_list_is_sorted_by_an_index_only(address: str) -> None:
    """Whatever its head offers: to sort a million rows for fifty of them takes seconds."""
    make_scene().published()
    make_membership(make_user("Ana"), make_customer())
    make_delivery("public_update")
    changes = eli().get(f"/admin/{address}/").context["cl"]

    offered = [changes.get_ordering_field(name) for name in changes.list_display if name in changes.sortable_by]

    columns = {(name or "").lstrip("-") for name in offered} | {changes.lookup_opts.pk.name}
    assert columns <= {field.name for field in changes.lookup_opts.fields if field.unique}


def test_staff_are_listed_first_by_an_index() -> None:
    User.objects.bulk_create(User(email=f"u{n}@example.org") for n in range(3000))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")

    plan = User.objects.order_by("-is_staff", "-id")[:50].explain()

    assert "user_staff_first" in plan
    assert "TEMP B-TREE" not in plan


def test_counting_stops_early(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lists, "COUNT_AT_MOST", 2)
    make_customer(), make_customer(), make_customer(), make_customer()

    page = eli().get("/admin/incidents/customer/")

    assert page.context["cl"].result_count == 3


@pytest.mark.parametrize("term", ["an", "An", "ANA-1", "ana-1@example.org", "ANA-1@EXAMPLE.ORG"])
def test_a_customer_is_found_by_the_beginning_of_what_staff_know(term: str) -> None:
    ana = make_customer("Ana", ref="ANA-1", email="ana-1@example.org")
    make_customer("Ben", ref="BEN-1")

    assert list(customers_named(term)) == [ana]


@pytest.mark.parametrize("term", ["a%", "_na", "'", "\\"])
def test_signs_that_mean_something_to_a_database_mean_themselves(term: str) -> None:
    make_customer("Ana", ref="ANA-1")

    assert list(customers_named(term)) == []


@pytest.mark.parametrize("term", ["ANA", "ana@example.org"])
def test_searches_go_by_an_index(term: str) -> None:
    make_scene()
    Customer.objects.bulk_create(Customer(ref=f"X-{n}", name=f"X {n}", email=f"x{n}@example.org") for n in range(3000))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")

    plan = customers_named(term).order_by().explain()

    assert "SCAN incidents_customer" not in plan
    assert "Seq Scan" not in plan


def test_an_impact_is_found_by_its_holding_or_its_customer() -> None:
    scene = make_scene()
    incident = scene.published()

    def refs_of(term: str) -> set[str]:
        rows = Impact.objects.filter(theirs_or_this(term, customer="customer", holding="holding"))
        return set(rows.values_list("holding__ref", flat=True))

    assert refs_of("T-1") == {"T-1"}
    assert refs_of("ANA") == {"T-1", "P-1"}
    assert refs_of("nobody") == set()
    assert incident.impacts.count() == 3


def test_picking_a_customer_for_a_holding_searches_the_same_way() -> None:
    make_scene()
    address = "/admin/autocomplete/?app_label=incidents&model_name=holding&field_name=customer&term=an"

    answer = eli().get(address)

    assert [row["text"] for row in answer.json()["results"]] == ["Ana"]


# In more than one language it also reads all that is said on the incident, and what is translated of that.
@pytest.mark.parametrize(("languages", "expected"), [([], 28), (["de"], 32)])
@pytest.mark.parametrize("number", [1, 3])
def test_an_incidents_page_asks_as_often_for_three_of_everything(
    number: int, languages: list[str], expected: int
) -> None:
    scene, client = make_scene(), eli()
    incident = scene.published()
    Page.objects.update(languages=languages)
    for _ in range(number):
        scene.offer(incident)
        post_update(incident, body="Still at it.", by=scene.by)
    queries_of(client, f"/admin/incidents/incident/{incident.pk}/change/")

    queries = queries_of(client, f"/admin/incidents/incident/{incident.pk}/change/")

    assert len(queries) == expected
