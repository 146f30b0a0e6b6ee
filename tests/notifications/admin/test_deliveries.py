"""The staff desk's pages about telling."""

import pytest
from django.apps import apps
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from incidents.actions.access.roles import ensure_roles
from incidents.models import User
from notifications import reasons
from notifications.actions.account_mail import queue_ready_mail
from notifications.actions.suppressions import suppress
from notifications.models import Channel, Suppression
from tests.make import make_user
from tests.notifications.scene import NOW, make_scene, make_subscription, tell

pytestmark = pytest.mark.django_db

PAGES = ("delivery", "channel", "suppression", "subscription")


def sign_in(client: Client, name: str, role: str) -> User:
    user = make_user(name, is_staff=True)
    user.groups.add(ensure_roles()[role])
    client.force_login(user)
    return user


@pytest.mark.parametrize("noun", PAGES)
def test_a_communicator_may_look_but_not_touch(client, noun):
    sign_in(client, "Dara C", "communicator")
    scene = make_scene()
    suppress(make_subscription(scene.page, "reader@example.org").channel, now=NOW)
    tell()

    answer = client.get(reverse(f"admin:notifications_{noun}_changelist"))

    assert answer.status_code == 200
    assert "action-select" not in answer.content.decode()
    assert client.get(reverse(f"admin:notifications_{noun}_add")).status_code == 403


@pytest.mark.parametrize("noun", PAGES)
def test_one_row_can_be_looked_at(client, noun):
    sign_in(client, "Eli", "manager")
    scene = make_scene()
    suppress(make_subscription(scene.page, "reader@example.org").channel, now=NOW)
    tell()
    row = apps.get_model("notifications", noun).objects.first()

    answer = client.get(reverse(f"admin:notifications_{noun}_change", args=[row.pk]), follow=True)

    assert (answer.status_code, answer.redirect_chain) == (200, [])


def test_staff_without_a_role_sees_nothing(client):
    client.force_login(make_user("New", is_staff=True))

    assert client.get(reverse("admin:notifications_delivery_changelist")).status_code == 403


def test_the_reason_is_told_and_a_code_is_not(client):
    sign_in(client, "Eli", "manager")
    make_scene()
    suppress(Channel.objects.create(address="ana@example.org"), now=NOW)
    tell()
    code = queue_ready_mail("ben@example.org", message="sign_in_code", contents={"code": "SECRET"}, now=NOW)

    list_page = client.get(reverse("admin:notifications_delivery_changelist")).content.decode()
    change_page = client.get(reverse("admin:notifications_delivery_change", args=[code.pk])).content.decode()

    assert reasons.STOPPED_ALL in list_page
    assert "SECRET" not in list_page + change_page


def test_deliveries_are_found_by_the_beginning_of_an_address(client):
    sign_in(client, "Eli", "manager")
    make_scene()
    tell()

    response = client.get(reverse("admin:notifications_delivery_changelist"), {"q": "ANA@"})

    assert [row.channel.address for row in response.context["cl"].result_list] == ["ana@example.org"]


def test_a_manager_stops_contact_and_lifts_it(client):
    sign_in(client, "Eli", "manager")
    channel = Channel.objects.create(address="ana@example.org")

    client.post(
        reverse("admin:notifications_channel_changelist"),
        {"action": "stop_contact", "_selected_action": [channel.pk]},
    )
    suppression = Suppression.objects.get()
    client.post(
        reverse("admin:notifications_suppression_changelist"),
        {"action": "lift", "_selected_action": [suppression.pk]},
    )

    assert (suppression.topic, suppression.reason, suppression.lifted_at) == ("all", "staff", None)
    assert Suppression.objects.get().lifted_at is not None


def test_lifting_twice_says_so(client):
    sign_in(client, "Eli", "manager")
    suppression = suppress(Channel.objects.create(address="ana@example.org"), now=NOW)
    lifting = {"action": "lift", "_selected_action": [suppression.pk]}
    address = reverse("admin:notifications_suppression_changelist")
    client.post(address, lifting)

    answer = client.post(address, lifting, follow=True)

    assert "That is lifted already." in answer.content.decode()


def test_a_manager_switches_an_address_on_again(client):
    sign_in(client, "Eli", "manager")
    channel = Channel.objects.create(address="ana@example.org", off_at=NOW, off_reason="550 no such user")

    client.post(
        reverse("admin:notifications_channel_changelist"), {"action": "use_again", "_selected_action": [channel.pk]}
    )

    channel.refresh_from_db()
    assert (channel.off_at, channel.off_reason) == (None, "")


def test_a_communicator_cannot_stop_contact(client):
    sign_in(client, "Dara C", "communicator")
    channel = Channel.objects.create(address="ana@example.org")

    client.post(
        reverse("admin:notifications_channel_changelist"),
        {"action": "stop_contact", "_selected_action": [channel.pk]},
    )

    assert not Suppression.objects.exists()
    assert not Permission.objects.filter(group__name="communicator", codename="change_customer").exists()
