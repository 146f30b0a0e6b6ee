"""Subscribing, confirming, unsubscribing: as a person, as a mail program, as a scanner, as a stranger."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from notifications import topics
from notifications.actions.subscriptions import unsubscribe
from notifications.actions.suppressions import suppress
from notifications.models import Channel, Delivery, Subscription, Suppression
from notifications.tokens import Stop, sign_confirmation, sign_stop
from tests.make import make_component, make_page
from tests.notifications.mails import html_of, sent_mails, text_of
from tests.notifications.scene import NOW, drain, make_scene, make_subscription, messages_told, tell

pytestmark = pytest.mark.django_db


@pytest.fixture
def page():
    return make_page(name="Riverside Parcels", slug="riverside", is_default=True)


def states() -> list[str]:
    return list(Subscription.objects.order_by("pk").values_list("state", flat=True))


def link_in_mail(kind: str) -> str:
    """The path of the link of this kind in the newest mail."""
    addresses = re.findall(rf"https?://[^/]+(/{kind}/\S+)", text_of(sent_mails()[-1]))
    return addresses[-1]


def test_subscribing_sends_a_question_and_nothing_else(client, page):
    answer = client.post("/subscribe", {"email": "Reader@Example.org"})

    assert (answer.status_code, answer.url) == (302, "/subscribe/sent?page=riverside")
    assert messages_told() == [("reader@example.org", "subscription_confirm", "queued", "")]
    assert states() == ["pending"]
    assert client.get(answer.url).status_code == 200


def test_the_whole_way_in_and_out(client, page):
    client.post("/subscribe", {"email": "reader@example.org"})
    drain(Delivery.objects.get().due_at)
    confirm = link_in_mail("subscribe/confirm")

    page = client.get(confirm)
    before = states()
    confirmed = client.post(confirm)

    assert (page.status_code, before) == (200, ["pending"])
    assert (confirmed.status_code, states()) == (200, ["active"])
    assert "You are subscribed" in confirmed.content.decode()
    assert Channel.objects.get().verified_at is not None


def test_confirming_again_gives_the_same_answer(client, page):
    subscription = make_subscription(page, "reader@example.org")
    address = reverse("subscription_confirm", args=[sign_confirmation(subscription.pk)])

    first, second = client.post(address), client.post(address)

    assert (first.status_code, second.status_code, states()) == (200, 200, ["active"])


def test_the_answer_is_the_same_for_an_address_that_is_subscribed_already(client, page):
    make_subscription(page, "reader@example.org")

    of_reader = client.post("/subscribe", {"email": "reader@example.org"})
    of_stranger = client.post("/subscribe", {"email": "stranger@example.org"})

    assert (of_reader.status_code, of_reader.url) == (of_stranger.status_code, of_stranger.url)


def test_a_stranger_cannot_change_what_somebody_subscribed_to(client, page):
    vans, lockers = make_component(page), make_component(page)
    subscription = make_subscription(page, "reader@example.org", vans)

    client.post("/subscribe", {"email": "reader@example.org", "components": [lockers.pk]})

    assert (states(), list(subscription.components.all())) == (["active"], [vans])


def test_the_owner_changes_it_by_confirming(client, page):
    vans, lockers = make_component(page), make_component(page)
    subscription = make_subscription(page, "reader@example.org", vans)
    client.post("/subscribe", {"email": "reader@example.org", "components": [lockers.pk]})
    drain(Delivery.objects.get().due_at)

    client.post(link_in_mail("subscribe/confirm"))

    assert list(subscription.components.all()) == [lockers]


def test_a_bad_address_keeps_what_was_typed_and_says_what_is_wrong(client, page):
    part = make_component(page, name="Vans")

    answer = client.post("/subscribe", {"email": "reader at home", "components": [part.pk]})

    text = answer.content.decode()
    assert answer.status_code == 400
    assert "That does not look like an e-mail address" in text
    assert 'value="reader at home"' in text
    assert re.search(rf'value="{part.pk}"[^>]*checked', text)
    assert not Subscription.objects.exists()


def test_a_hidden_component_is_neither_shown_nor_taken(client, page):
    secret = make_component(page, name="Vault", is_hidden=True)

    html = client.get("/subscribe").content.decode()
    answer = client.post("/subscribe", {"email": "reader@example.org", "components": [secret.pk]})

    assert "Vault" not in html
    assert (answer.status_code, Subscription.objects.count()) == (400, 0)


def test_another_page_has_its_own_subscribers(client, page):
    north = make_page(slug="north")

    client.post("/subscribe?page=north", {"email": "reader@example.org"})

    assert Subscription.objects.get().page == north
    assert client.get("/subscribe?page=nowhere").status_code == 404
    assert client.get("/subscribe?page=%00").status_code == 404


def test_without_a_page_there_is_nothing_to_subscribe_to(client):
    assert client.get("/subscribe").status_code == 404


def test_one_mailbox_is_not_filled_by_somebody_else(client, page):
    answers = [client.post("/subscribe", {"email": "reader@example.org"}).status_code for _ in range(5)]

    assert (answers, Delivery.objects.count()) == ([302] * 5, 3)


def test_one_connection_cannot_ask_for_ever(client, page):
    answers = [client.post("/subscribe", {"email": f"reader{number}@example.org"}) for number in range(21)]

    assert [answer.status_code for answer in answers] == [302] * 20 + [429]
    assert 'value="reader20@example.org"' in answers[-1].content.decode()
    assert Delivery.objects.count() == 20


def test_subscribing_needs_the_form(page):
    strict = Client(enforce_csrf_checks=True)

    assert strict.post("/subscribe", {"email": "reader@example.org"}).status_code == 403
    assert not Subscription.objects.exists()


def test_a_link_that_nobody_signed_leads_nowhere(client, page):
    forged = sign_confirmation(1)[:-1] + "x"

    assert client.get(f"/subscribe/confirm/{forged}/").status_code == 404
    assert client.post(f"/subscribe/confirm/{sign_confirmation(99)}/").status_code == 404
    assert client.post(f"/unsubscribe/{forged}/").status_code == 404
    assert client.post(f"/unsubscribe/{sign_stop(Stop(99, 'public'))}/").status_code == 404


def test_an_old_confirmation_does_not_undo_a_later_unsubscription(client, page):
    subscription = make_subscription(page, "reader@example.org")
    unsubscribe(Stop(subscription.channel_id, topics.PUBLIC, page.pk), now=NOW)

    answer = client.post(reverse("subscription_confirm", args=[sign_confirmation(subscription.pk)]))

    assert (answer.status_code, states()) == (410, ["ended"])


def test_subscribing_again_lifts_the_stop_only_when_it_is_confirmed(client, page):
    subscription = make_subscription(page, "reader@example.org")
    unsubscribe(Stop(subscription.channel_id, topics.PUBLIC, page.pk), now=NOW)

    client.post("/subscribe", {"email": "reader@example.org"})
    before = Suppression.objects.filter(lifted_at=None).count()
    second = Subscription.objects.latest("pk")
    client.post(reverse("subscription_confirm", args=[sign_confirmation(second.pk)]))

    assert (before, Suppression.objects.filter(lifted_at=None).count()) == (1, 0)
    assert states() == ["ended", "active"]


def stop_address(channel: Channel, topic: str, page=None) -> str:
    return reverse("unsubscribe", args=[sign_stop(Stop(channel.pk, topic, page.pk if page else None))])


def test_looking_at_the_unsubscribe_page_stops_nothing(client, page):
    channel = make_subscription(page, "reader@example.org").channel

    answer = client.get(stop_address(channel, topics.PUBLIC, page))
    client.head(stop_address(channel, topics.PUBLIC, page))

    assert (answer.status_code, states(), Suppression.objects.count()) == (200, ["active"], 0)
    assert "Stop these messages?" in answer.content.decode()


def test_one_click_of_the_mail_program_stops_the_updates(page):
    strict = Client(enforce_csrf_checks=True)
    channel = make_subscription(page, "reader@example.org").channel

    answer = strict.post(stop_address(channel, topics.PUBLIC, page), {"List-Unsubscribe": "One-Click"})

    assert (answer.status_code, states()) == (200, ["ended"])
    assert Suppression.objects.values_list("topic", "reason", "lifted_at").get() == ("public", "unsubscribed", None)


def test_stopping_twice_is_stopping_once(client, page):
    channel = make_subscription(page, "reader@example.org").channel

    client.post(stop_address(channel, topics.PUBLIC, page))
    client.post(stop_address(channel, topics.PUBLIC, page))

    assert (states(), Suppression.objects.count()) == (["ended"], 1)


def test_stopping_one_page_leaves_the_other(client, page):
    north = make_page(slug="north")
    channel = make_subscription(page, "reader@example.org").channel
    make_subscription(north, "reader@example.org")

    answer = client.post(stop_address(channel, topics.PUBLIC, page))

    assert (states(), Suppression.objects.count()) == (["ended", "active"], 0)
    assert "These messages are stopped" in answer.content.decode()


def test_stopping_can_be_taken_back(client, page):
    channel = make_subscription(page, "reader@example.org").channel
    address = stop_address(channel, topics.PUBLIC, page)
    client.post(address)

    answer = client.post(address, {"act": "resume"})

    assert (states(), Suppression.objects.filter(lifted_at=None).count()) == (["active"], 0)
    assert "Stop these messages?" in answer.content.decode()


def test_taking_back_does_not_lift_what_staff_has_set(client, page):
    channel = make_subscription(page, "reader@example.org").channel
    suppress(channel, now=NOW)

    answer = client.post(stop_address(channel, topics.PUBLIC, page), {"act": "resume"})

    assert Suppression.objects.get().lifted_at is None
    assert "These messages are stopped" in answer.content.decode()


def test_the_link_in_a_personal_mail_stops_the_personal_ones_only(client):
    scene = make_scene()
    make_subscription(scene.page, "ana@example.org")
    tell()
    (mail,) = [mail for mail in sent_mails() if mail["To"] == "ana@example.org"]
    address = re.search(r"<https?://[^/]+(/[^>]+)>", mail["List-Unsubscribe"]).group(1)

    client.post(address, {"List-Unsubscribe": "One-Click"})

    assert list(Suppression.objects.values_list("topic", flat=True)) == ["personal"]
    assert states() == ["active"]
    assert address.rstrip("/") in html_of(mail)


@pytest.mark.parametrize("topic", [topics.PUBLIC, topics.PERSONAL])
def test_the_page_says_what_will_stop(client, page, topic):
    channel = Channel.objects.create(address="reader@example.org")

    html = client.get(stop_address(channel, topic)).content.decode()

    assert ("about your own things" in html) == (topic == topics.PERSONAL)
    assert "reader@example.org" in html


@pytest.mark.parametrize("verb", ["put", "delete", "patch"])
def test_other_verbs_are_refused(client, page, verb):
    token = sign_stop(Stop(Channel.objects.create(address="reader@example.org").pk, topics.PUBLIC))

    answers = [getattr(client, verb)(address) for address in ("/subscribe", f"/unsubscribe/{token}/")]

    assert [answer.status_code for answer in answers] == [405, 405]
