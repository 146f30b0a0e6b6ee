"""Subscribing as Statuspage's clients do: double opt-in, the same answer for everybody, in JSON."""

from urllib.parse import urlencode

import pytest

from notifications.models import Delivery, Subscription
from notifications.tokens import Stop, sign_stop
from tests.make import make_page
from tests.notifications.mails import html_of, sent_mails, text_of
from tests.notifications.scene import drain, make_subscription, messages_told

pytestmark = pytest.mark.django_db

PATH = "/api/v2/subscribers.json"


@pytest.fixture
def page():
    return make_page(name="Riverside Parcels", slug="riverside", is_default=True, time_zone="Etc/UTC")


def post(client, address="reader@example.org", path=PATH, **fields):
    return client.post(path, {"subscriber[email]": address, **fields})


def delete(client, public_id, path=PATH):
    body = urlencode({"subscriber[id]": public_id})
    return client.delete(path, body, content_type="application/x-www-form-urlencoded")


def states():
    return list(Subscription.objects.order_by("pk").values_list("channel__address", "page__slug", "state"))


def test_asking_sends_a_question_and_nothing_else(client, page):
    response = post(client, "Reader@example.org")

    assert (response.status_code, list(response.json())) == (201, ["page", "subscriber"])
    assert list(response.json()["page"]) == ["id", "name", "url", "time_zone", "updated_at"]
    assert response.json()["subscriber"]["email"] == "Reader@example.org"
    assert response["Access-Control-Allow-Origin"] == "*"
    assert states() == [("reader@example.org", "riverside", "pending")]
    assert messages_told() == [("reader@example.org", "subscription_confirm", "queued", "")]


def test_another_page_has_its_own_address(client, page):
    make_page(slug="other")

    assert post(client, path="/p/other/api/v2/subscribers.json").status_code == 201
    assert post(client, path="/p/nobody/api/v2/subscribers.json").json() == {"error": "Not found"}
    assert states() == [("reader@example.org", "other", "pending")]


def test_nobody_learns_who_is_subscribed(client, page):
    make_subscription(page, "reader@example.org")

    of_subscriber, of_stranger = (
        post(client).json()["subscriber"],
        post(client, "stranger@example.org").json()["subscriber"],
    )

    private_fields = {"id", "email", "created_at"}
    assert [of_subscriber[key] for key in of_subscriber if key not in private_fields] == [
        of_stranger[key] for key in of_stranger if key not in private_fields
    ]


@pytest.mark.parametrize("address", ["", "nobody", "a@b", "x" * 300 + "@example.org"])
def test_what_is_no_address_is_refused(client, page, address):
    response = post(client, address)

    assert (response.status_code, response.json()) == (422, {"error": "subscriber[email] is not an e-mail address"})
    assert states() == []


@pytest.mark.parametrize("host", ["status.acme.example", "Status.Acme.example:8000", "status.acme.example."])
def test_a_domain_is_its_page_s_however_it_is_written(client, page, host):
    make_page(slug="acme", domain="status.acme.example")

    response = client.post(PATH, {"subscriber[email]": "reader@example.org"}, headers={"host": host})

    assert response.status_code == 201
    assert states() == [("reader@example.org", "acme", "pending")]


@pytest.mark.parametrize("method", ["post", "delete"])
@pytest.mark.parametrize("body", ["a" * 3_000_000, "&".join(f"a{number}=1" for number in range(2000))])
def test_what_is_larger_than_a_form_is_refused_in_json(client, page, method, body):
    response = getattr(client, method)(PATH, body, content_type="application/x-www-form-urlencoded")

    assert (response.status_code, response.json()) == (413, {"error": "This is more than a subscription"})
    assert response["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize("way", ["subscriber[endpoint]", "subscriber[phone_number]"])
def test_ways_that_are_not_offered_are_refused(client, page, way):
    assert post(client, **{way: "https://example.org/hook"}).status_code == 422
    assert states() == []


def test_what_was_never_confirmed_ends_at_once(client, page):
    public_id = post(client).json()["subscriber"]["id"]

    responses = [delete(client, public_id), delete(client, public_id)]

    assert [response.status_code for response in responses] == [200, 200]
    assert states() == [("reader@example.org", "riverside", "ended")]


def test_what_is_confirmed_ends_only_by_its_owner(client, page):
    make_subscription(page, "reader@example.org")
    public_id = post(client).json()["subscriber"]["id"]
    Delivery.objects.all().delete()

    response = delete(client, public_id)
    drain(Delivery.objects.get().due_at)

    assert response.status_code == 200
    assert states() == [("reader@example.org", "riverside", "active")]
    [mail] = sent_mails()
    assert mail["Subject"] == "Stop the updates from Riverside Parcels?"
    assert "/unsubscribe/" in text_of(mail)
    assert "/unsubscribe/" in html_of(mail)


def test_the_owner_s_token_ends_it(client, page):
    subscription = make_subscription(page, "reader@example.org")
    token = sign_stop(Stop(subscription.channel_id, "public", page.pk))

    response = delete(client, token)

    assert (response.status_code, states()) == (200, [("reader@example.org", "riverside", "ended")])


def test_an_unknown_address_gets_the_same_answer_and_no_mail(client, page):
    public_id = post(client).json()["subscriber"]["id"]
    Delivery.objects.all().delete()
    Subscription.objects.all().delete()

    response = delete(client, public_id)

    assert (response.status_code, messages_told()) == (200, [])


@pytest.mark.parametrize("public_id", ["", "nonsense", "WzEsInNvbWVib2R5Il0:forged"])
def test_an_id_that_is_not_ours_is_not_found(client, page, public_id):
    response = delete(client, public_id)

    assert (response.status_code, response.json()) == (404, {"error": "Not found"})


def test_an_id_counts_for_its_own_page_only(client, page):
    make_page(slug="other")
    public_id = post(client).json()["subscriber"]["id"]

    assert delete(client, public_id, path="/p/other/api/v2/subscribers.json").status_code == 404


def test_an_address_is_asked_a_few_times_an_hour_whatever_the_door(client, page):
    responses = [post(client) for _ in range(5)]

    assert {response.status_code for response in responses} == {201}
    assert len(messages_told()) == 3


def test_a_client_that_asks_too_often_is_refused(client, page):
    *_allowed, response = [post(client, f"reader{number}@example.org") for number in range(21)]

    assert (response.status_code, response.json()) == (429, {"error": "Too many requests"})
    assert response["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize("method", ["get", "put", "patch"])
def test_another_method_is_refused(client, page, method):
    response = getattr(client, method)(PATH)

    assert (response.status_code, response.json()) == (405, {"error": "Method not allowed"})
    assert response["Allow"] == "POST, DELETE, OPTIONS"


def test_a_browser_that_asks_first_is_told_yes(client, page):
    response = client.options(PATH)

    assert (response.status_code, response["Access-Control-Allow-Methods"]) == (204, "POST, DELETE, OPTIONS")
    assert response["Access-Control-Allow-Origin"] == "*"
