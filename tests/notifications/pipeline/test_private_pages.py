"""Of a page that is not for everybody only those hear who may read it, when they ask and when it is sent."""

from datetime import timedelta

import pytest
from django.test import Client

from incidents.actions.access.readers import renew_link
from incidents.actions.publishing.catalogue import save_page
from incidents.actor import CLOCK
from incidents.addresses import secret_of
from incidents.events import record
from incidents.models import CustomerGroup, Event
from notifications.models import Channel, Subscription
from notifications.pages import of_readers
from notifications.pipeline import audience
from notifications.pipeline.outbox import collect
from notifications.tokens import Stop, sign_confirmation, sign_stop
from tests.make import make_customer, make_incident, make_membership, make_page, make_user
from tests.notifications.mails import sent_mails, text_of
from tests.notifications.scene import NOW, drain, make_scene, messages_told, tell
from tests.portal.page_documents import publish

pytestmark = pytest.mark.django_db


def seat(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def ana():
    return make_user("Ana")


@pytest.fixture
def wholesale(ana):
    group, company = CustomerGroup.objects.create(name="Wholesale"), make_customer("Grand Hotel")
    group.customers.add(company)
    make_membership(ana, company, role="viewer")
    return group


def make_inner(visibility: str, group: CustomerGroup | None = None):
    make_page(is_default=True, name="For all")
    page = make_page(slug="inner", name="Inner circle", visibility=visibility)
    page.customer_groups.set([group] if group else [])
    return page


def subscribe(page, address: str, *, created_at=NOW, state: str = "active") -> Subscription:
    """As rows: some of these could not ask by now."""
    channel, _is_new = Channel.objects.get_or_create(kind="email", address=address, defaults={"created_at": NOW})
    confirmed_at = created_at if state == "active" else None
    return Subscription.objects.create(
        channel=channel, page=page, state=state, created_at=created_at, confirmed_at=confirmed_at
    )


# -- asking -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/subscribe?page=inner", "/subscribe/sent?page=inner"])
def test_strangers_cannot_ask(wholesale, path):
    make_inner("groups", wholesale)

    anonymous, stranger = Client().get(path), seat(make_user("Cleo")).get(path)

    assert (anonymous.status_code, anonymous["Location"].startswith("/account/login/?next=/subscribe")) == (302, True)
    assert stranger.status_code == 404
    assert "Inner circle" not in stranger.content.decode()


def test_a_reader_asks_for_their_own_address_only(wholesale, ana):
    make_inner("groups", wholesale)
    reader = seat(ana)

    refusal = reader.post("/subscribe?page=inner", {"email": "somebody@example.org"})
    answer = reader.post("/subscribe?page=inner", {"email": "ANA@example.org"})

    assert refusal.status_code == 400
    assert "only your own address, ana@example.org" in refusal.content.decode()
    assert (answer.status_code, messages_told()) == (302, [("ana@example.org", "subscription_confirm", "queued", "")])


def test_of_a_page_with_a_secret_link_one_hears_by_the_link_only(client):
    page = make_inner("link")
    link = f"/s/{secret_of(page)}"

    html = client.get(f"{link}/subscribe").content.decode()
    answer = client.post(f"{link}/subscribe", {"email": "reader@example.org"})

    assert f'href="{link}/history.atom"' in html
    assert (answer.status_code, answer["Location"]) == (302, f"{link}/subscribe/sent")
    assert client.get(answer["Location"]).status_code == 200
    assert client.get("/subscribe?page=inner").status_code == 404
    assert client.get(f"/s/{'0' * 32}/subscribe").status_code == 404


@pytest.mark.parametrize("visibility", ["signed_in", "groups"])
def test_a_program_cannot_say_whose_address_it_has(client, ana, visibility):
    make_inner(visibility)

    sent_by = [client, seat(ana)]
    answers = [
        client.post("/p/inner/api/v2/subscribers.json", {"subscriber[email]": "ana@example.org"}) for client in sent_by
    ]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert Subscription.objects.count() == 0


def test_a_program_with_the_secret_link_subscribes(client):
    page = make_inner("link")
    address = f"/s/{secret_of(page)}/api/v2/subscribers.json"

    assert client.post(address, {"subscriber[email]": "ana@example.org"}).status_code == 201
    assert client.post("/p/inner/api/v2/subscribers.json", {"subscriber[email]": "a@example.org"}).status_code == 404


def test_on_a_page_s_own_domain_no_other_page_is_subscribed_to():
    make_page(slug="other", is_default=True)
    publish(make_page(slug="acme", domain="status.acme.example"))
    client = Client(headers={"host": "status.acme.example"})

    assert client.get("/subscribe").context["page"].slug == "acme"
    assert client.get("/subscribe?page=other").status_code == 404


def test_nobody_confirms_what_they_may_not_read_any_more(client, wholesale, ana):
    page = make_inner("groups", wholesale)
    subscription = subscribe(page, "ana@example.org", state="pending")
    address = f"/subscribe/confirm/{sign_confirmation(subscription.pk, [])}/"
    ana.memberships.all().delete()

    assert client.post(address).status_code == 410
    assert Subscription.objects.get().state == "pending"


# -- being told -------------------------------------------------------------------------------------------------------


def test_only_readers_are_told(wholesale, ana):
    page = make_inner("groups", wholesale)
    for address in ("ana@example.org", "cleo@example.org"):
        subscribe(page, address)

    assert [subscription.channel.address for subscription in audience.subscribed(make_incident(page))] == [
        "ana@example.org"
    ]


def test_who_stopped_being_a_reader_is_not_told_what_is_queued(wholesale, ana):
    page = make_inner("groups", wholesale)
    subscribe(page, "ana@example.org")
    incident = make_incident(page, started_at=NOW, published_at=NOW)
    record(Event.Kind.INCIDENT_PUBLISHED, by=CLOCK, at=NOW, incident=incident)
    collect(now=NOW)
    queued = messages_told()
    ana.memberships.all().delete()

    drain(NOW)

    assert [row[2] for row in queued] == ["queued"]
    assert [(row[2], "may not read the page" in row[3]) for row in messages_told()] == [("suppressed", True)]


@pytest.mark.parametrize(
    ("visibility", "readers"),
    [
        ("public", ["ana@example.org", "cleo@example.org", "gone@example.org", "nobody@example.org"]),
        ("link", ["ana@example.org", "cleo@example.org", "gone@example.org", "nobody@example.org"]),
        ("signed_in", ["ana@example.org", "cleo@example.org"]),
        ("groups", ["ana@example.org"]),
    ],
)
def test_who_is_a_reader(wholesale, ana, visibility, readers):
    make_user("Cleo")
    make_user("Gone", is_active=False)
    page = make_inner(visibility, wholesale)
    for name in ("ana", "cleo", "gone", "nobody"):
        subscribe(page, f"{name}@example.org")

    subscriptions = of_readers(Subscription.objects.order_by("pk"))

    assert [subscription.channel.address for subscription in subscriptions] == readers


def test_a_renewed_link_is_told_to_nobody_who_had_the_old_one(client):
    page = make_inner("link")
    early = subscribe(page, "early@example.org", created_at=NOW)
    renew_link(page, by=CLOCK, now=NOW + timedelta(hours=1))
    late = subscribe(page, "late@example.org", created_at=NOW + timedelta(hours=2))
    incident = make_incident(page)

    assert list(audience.subscribed(incident)) == [late]

    client.post(f"/s/{secret_of(page)}/subscribe", {"email": "early@example.org"})

    early.refresh_from_db()
    assert (early.state, Subscription.objects.filter(channel=early.channel, state="pending").count()) == ("ended", 1)


def test_a_page_that_becomes_secret_tells_its_link_to_no_earlier_subscriber():
    page = make_inner("public")
    subscribe(page, "early@example.org", created_at=NOW)
    page.visibility = "link"

    save_page(page, by=CLOCK)

    assert list(audience.subscribed(make_incident(page))) == []


def test_pages_reached_from_old_mails_do_not_tell_the_secret_link(client):
    page = make_inner("link")
    subscription = subscribe(page, "early@example.org")

    html = client.get(f"/unsubscribe/{sign_stop(Stop(subscription.channel_id, 'public', page.pk))}/")

    assert secret_of(page) not in html.content.decode()


@pytest.mark.parametrize(("visibility", "is_linked"), [("public", True), ("signed_in", False), ("link", False)])
def test_customers_who_are_touched_hear_without_a_link_to_a_page_that_is_not_theirs(visibility, is_linked):
    scene = make_scene()
    scene.page.visibility = visibility
    scene.page.save()

    tell()

    mails = [text_of(mail) for mail in sent_mails()]
    assert mails
    assert {"how it stands is always here" in mail for mail in mails} == {is_linked}
    assert [mail for mail in mails if secret_of(scene.page) in mail] == []
