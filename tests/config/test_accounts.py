"""Sign-in mails go the way of all others."""

import re

import pytest
from django.core import mail

from notifications.models import Delivery
from notifications.pipeline import delivery
from tests.make import make_page, make_user

pytestmark = pytest.mark.django_db


@pytest.mark.slow
def test_asking_for_a_code_queues_it_and_the_worker_sends_it(client):
    make_page(is_default=True)
    make_user("Ana")

    client.post("/account/login/code/", {"email": "ana@example.org"})
    before = list(mail.outbox)
    delivery.drain("urgent")

    code = re.match(r"(\S+) is your sign-in code", mail.outbox[0].subject).group(1)
    assert (before, mail.outbox[0].to) == ([], ["ana@example.org"])
    assert code in mail.outbox[0].body
    assert Delivery.objects.values_list("message", "topic", "lane", "state", "data").get() == (
        "sign_in_code",
        "account",
        "urgent",
        "sent",
        {},
    )


def test_the_code_signs_in(client):
    make_user("Ana")
    client.post("/account/login/code/", {"email": "ana@example.org"})
    delivery.drain("urgent")
    code = mail.outbox[0].subject.split()[0]

    client.post("/account/login/code/confirm/", {"code": code})

    assert client.session["_auth_user_id"]


def test_a_stranger_is_told_that_there_is_nothing_to_sign_in_to(client):
    client.post("/account/login/code/", {"email": "zoe@example.org"})

    delivery.drain("urgent")

    assert [(message.to, message.subject) for message in mail.outbox] == [
        (["zoe@example.org"], "You asked for a sign-in code")
    ]
