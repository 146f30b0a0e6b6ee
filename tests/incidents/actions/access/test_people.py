"""Accounts for customers' addresses, and memberships for addresses that were proved."""

import pytest

from incidents.actions.access.people import account_for, recognise_customers
from incidents.actor import Actor
from incidents.models import Event, Membership, User
from tests.incidents.choosing import NOW
from tests.make import make_customer, make_membership, make_user

pytestmark = pytest.mark.django_db


def test_a_customer_s_address_gets_an_account_without_a_password() -> None:
    make_customer("Ana", email="Ana@Example.ORG")

    user = account_for(" ANA@example.org ")

    assert user == User.objects.get()
    assert (user.email, user.first_name, user.has_usable_password()) == ("ana@example.org", "Ana", False)


def test_asking_again_finds_the_same_account() -> None:
    make_customer("Ana")

    assert account_for("ana@example.org") == account_for("ana@example.org")
    assert User.objects.count() == 1


def test_a_stranger_gets_none() -> None:
    make_customer("Ana")

    assert account_for("cleo@example.org") is None
    assert account_for("") is None
    assert User.objects.count() == 0


def test_an_account_that_is_switched_off_stays_off() -> None:
    make_customer("Ana")
    make_user("Ana", is_active=False)

    assert account_for("ana@example.org") is None


def test_a_very_long_name_is_cut_and_nobody_is_locked_out() -> None:
    make_customer("A" * 200, email="ana@example.org")

    user = account_for("ana@example.org")

    assert user is not None
    assert user.first_name == "A" * 150


def test_a_proved_address_makes_the_owner_of_all_its_customers() -> None:
    ana, ltd = make_customer("Ana", email="ana@example.org"), make_customer("Ana Ltd", email="Ana@example.org")
    make_customer("Ben")
    user = make_user("Ana")

    count = recognise_customers(user, email="ana@example.org", by=Actor.account(user), now=NOW)

    assert count == 2
    assert list(Membership.objects.order_by("customer").values_list("customer", "role", "created_at")) == [
        (ana.pk, "owner", NOW),
        (ltd.pk, "owner", NOW),
    ]
    event = Event.objects.get()
    assert (event.kind, event.actor, event.data, event.is_public) == (
        "memberships.made",
        user,
        {"customers": [ana.pk, ltd.pk]},
        False,
    )


def test_repeating_it_changes_nothing_and_records_nothing() -> None:
    make_customer("Ana")
    user = make_user("Ana")
    recognise_customers(user, email="ana@example.org", by=Actor.account(user))

    assert recognise_customers(user, email="ana@example.org", by=Actor.account(user)) == 0
    assert Event.objects.count() == 1


def test_a_viewer_stays_a_viewer() -> None:
    user = make_user("Ana")
    make_membership(user, make_customer("Ana"), role="viewer")

    assert recognise_customers(user, email="ana@example.org", by=Actor.account(user)) == 0
    assert Membership.objects.get().role == "viewer"


def test_customers_without_an_address_belong_to_nobody() -> None:
    make_customer("Ana", email="")
    user = make_user("Ana")

    assert recognise_customers(user, email=" ", by=Actor.account(user)) == 0
