"""Signing in by a code: who is known gets one, everybody is told the same."""

from datetime import UTC, datetime

import pytest
import time_machine
from django.http import HttpResponse
from django.test import Client

from incidents.models import Customer, Membership, User
from notifications.models import Delivery
from tests.make import make_customer, make_membership, make_user
from tests.portal.visiting import browser, press, words

pytestmark = pytest.mark.django_db

ASK = "/account/login/code/"
CONFIRM = "/account/login/code/confirm/"


def request_code(client: Client, email: str, *, after: str = "") -> str:
    """Ask for a code as a browser does; the code that was queued for this address, "" if none was."""
    at = f"{ASK}?next={after}" if after else ASK
    client.get(at)
    press(client, at, email=email)
    return client.session["account_login"]["state"]["stages"]["login_by_code"]["data"].get("code", "")


def sign_in(email: str) -> Client:
    client = browser()
    code = request_code(client, email)
    press(client, CONFIRM, code=code)
    return client


def test_my_page_asks_to_sign_in_and_comes_back() -> None:
    response = browser().get("/my/", follow=True)

    assert response.redirect_chain == [("/account/login/?next=/my/", 302), (f"{ASK}?next=%2Fmy%2F", 302)]
    assert "Send me a code" in words(response)


def test_a_customer_without_an_account_signs_in_and_gets_one() -> None:
    ana = make_customer("Ana", email="Ana@Example.org", language="de", time_zone="Europe/Lisbon")
    client = browser()
    code = request_code(client, "ana@example.org")

    response = press(client, CONFIRM, code=code)

    assert (response.status_code, response["Location"]) == (302, "/my/")
    user = User.objects.get()
    assert (user.email, user.first_name, user.language, user.time_zone) == (
        "ana@example.org",
        "Ana",
        "de",
        "Europe/Lisbon",
    )
    assert not user.has_usable_password()
    assert list(Membership.objects.values_list("user", "customer", "role")) == [(user.pk, ana.pk, "owner")]
    assert client.get("/my/").status_code == 200


def test_an_account_alone_opens_nothing_before_the_code_is_typed() -> None:
    make_customer("Ana")

    request_code(browser(), "ana@example.org")

    assert User.objects.count() == 1
    assert Membership.objects.count() == 0


def test_every_customer_with_the_address_is_recognised_at_each_sign_in() -> None:
    make_customer("Ana", email="ana@example.org")
    sign_in("ana@example.org")
    make_customer("Ana Ltd", email="ANA@example.org")
    make_customer("Ben", email="ben@example.org")

    sign_in("ana@example.org")

    assert list(Customer.objects.filter(memberships__isnull=False).values_list("name", flat=True)) == ["Ana", "Ana Ltd"]


def test_a_role_that_exists_stays_as_it_is() -> None:
    customer = make_customer("Ana", email="ana@example.org")
    make_membership(make_user("Ana"), customer, role="viewer")

    sign_in("ana@example.org")

    assert Membership.objects.get().role == "viewer"


def test_customers_without_an_address_are_nobody_s() -> None:
    make_customer("Nobody", email="")
    make_user("Dara")

    sign_in("dara@example.org")

    assert Membership.objects.count() == 0


def test_a_stranger_is_told_the_same_and_gets_no_account() -> None:
    make_customer("Ana")
    known, unknown = browser(), browser()
    known.get(ASK)
    unknown.get(ASK)

    answers = [press(known, ASK, email="ana@example.org"), press(unknown, ASK, email="cleo@example.org")]

    assert [(answer.status_code, answer["Location"]) for answer in answers] == [(302, CONFIRM)] * 2
    pages = [words(known.get(CONFIRM)), words(unknown.get(CONFIRM))]
    assert scrubbed(pages[0], "ana@example.org") == scrubbed(pages[1], "cleo@example.org")
    assert list(User.objects.values_list("email", flat=True)) == ["ana@example.org"]


def scrubbed(page: str, email: str) -> str:
    """The page without the address and without what is random in every form."""
    components = page.replace(email, "…").split('name="csrfmiddlewaretoken" value="')
    return "".join([components[0], *(component.split('"', 1)[1] for component in components[1:])])


def test_each_address_gets_exactly_one_message() -> None:
    make_customer("Ana")

    request_code(browser(), "ana@example.org")
    request_code(browser(), "cleo@example.org")

    assert list(Delivery.objects.order_by("id").values_list("channel__address", flat=True)) == [
        "ana@example.org",
        "cleo@example.org",
    ]


def test_asking_too_often_is_refused_and_keeps_what_was_typed() -> None:
    ask_five_times("ana@example.org")
    client = browser()
    client.get(ASK)

    response = press(client, ASK, email="ana@example.org")

    assert "That was too often." in words(response)
    assert 'value="ana@example.org"' in words(response)


def test_nobody_s_mailbox_is_filled_by_asking_again_every_minute() -> None:
    with time_machine.travel(datetime(2026, 3, 2, 12, tzinfo=UTC), tick=False) as clock:
        ask_five_times("cleo@example.org")
        clock.shift(61)
        ask_five_times("cleo@example.org")
        clock.shift(61)
        ask_five_times("cleo@example.org")
        clock.shift(61)
        ask_five_times("cleo@example.org")
        clock.shift(61)
        client = browser()
        client.get(ASK)
        response = press(client, ASK, email="cleo@example.org")

    assert "That was too often." in words(response)
    assert Delivery.objects.count() == 20


def ask(email: str, at: str) -> HttpResponse:
    client = browser(at=at)
    client.get(ASK)
    return press(client, ASK, email=email)


def ask_five_times(email: str, at: str = "127.0.0.1") -> None:
    for _ in range(5):
        ask(email, at)


def ask_all_they_may(email: str, at: str, clock: time_machine.Traveller) -> None:
    for _ in range(4):
        ask_five_times(email, at)
        clock.shift(61)


def test_a_stranger_who_asks_for_somebody_s_codes_uses_up_none_of_theirs() -> None:
    make_customer("Ana")
    with time_machine.travel(datetime(2026, 3, 2, 12, tzinfo=UTC), tick=False) as clock:
        ask_all_they_may("ana@example.org", "203.0.113.7", clock)
        for _ in range(50):  # refused, and not counted against anybody else
            ask("Ana@example.org", "203.0.113.7")
            clock.shift(5)
        ana = browser(at="198.51.100.4")
        code = request_code(ana, "ana@example.org")

        assert press(ana, CONFIRM, code=code)["Location"] == "/my/"


def test_whoever_has_a_network_of_ipv6_is_one_client() -> None:
    with time_machine.travel(datetime(2026, 3, 2, 12, tzinfo=UTC), tick=False):
        ask_five_times("ana@example.org", "2001:db8:1:2::1")

        refused = ask("ana@example.org", "2001:db8:1:2:ffff::2")

    assert "That was too often." in words(refused)


def test_one_mailbox_is_not_filled_from_many_sides_either() -> None:
    with time_machine.travel(datetime(2026, 3, 2, 12, tzinfo=UTC), tick=False) as clock:
        for number in range(4):
            ask_all_they_may("cleo@example.org", f"203.0.113.{number}", clock)

    assert Delivery.objects.count() == 60


def test_an_account_that_is_switched_off_gets_no_code_and_no_second_account() -> None:
    make_customer("Ana")
    make_user("Ana", is_active=False)

    assert request_code(browser(), "ana@example.org") == ""
    assert User.objects.count() == 1


def test_a_wrong_code_is_refused_in_words_and_five_end_it() -> None:
    make_customer("Ana")
    client = browser()
    request_code(client, "ana@example.org")

    wrong = press(client, CONFIRM, code="AAAA-AAAA")
    last = guess_four_times(client)

    assert "This is not the code." in words(wrong)
    assert 'value="AAAA-AAAA"' in words(wrong)
    assert (last.status_code, last["Location"]) == (302, ASK)
    assert client.get("/my/").status_code == 302


def guess_four_times(client: Client) -> HttpResponse:
    for _ in range(4):
        response = press(client, CONFIRM, code="AAAA-AAAA")
    return response


def test_staff_sign_in_the_same_way_and_arrive_where_they_wanted() -> None:
    make_user("Dara", is_staff=True)
    client = browser()
    code = request_code(client, "dara@example.org", after="/admin/")

    response = press(client, f"{CONFIRM}?next=/admin/", code=code)

    assert (response.status_code, response["Location"]) == (302, "/admin/")


def test_a_foreign_address_is_not_where_signing_in_leads() -> None:
    make_customer("Ana")
    client = browser()
    code = request_code(client, "ana@example.org")

    response = press(client, f"{CONFIRM}?next=https://evil.example/", code=code)

    assert response["Location"] == "/my/"


def test_another_address_can_be_used_after_a_typo() -> None:
    make_customer("Ana")
    client = browser()
    request_code(client, "anna@example.org")

    press(client, "/account/logout/", next=ASK)
    code = request_code(client, "ana@example.org")

    assert press(client, CONFIRM, code=code)["Location"] == "/my/"


def test_signing_out_asks_first() -> None:
    client = sign_in_as("Ana")

    asked = client.get("/account/logout/")
    still_in = client.get("/my/").status_code
    press(client, "/account/logout/")

    assert "Sign out on this device?" in words(asked)
    assert (still_in, client.get("/my/").status_code) == (200, 302)


def sign_in_as(name: str) -> Client:
    make_customer(name)
    return sign_in(f"{name.lower()}@example.org")


@pytest.mark.parametrize("at", ["password/change/", "password/reset/", "signup/", "email/", "reauthenticate/"])
def test_there_are_no_passwords_and_no_open_sign_up(at) -> None:
    assert browser().get(f"/account/{at}").status_code == 404
