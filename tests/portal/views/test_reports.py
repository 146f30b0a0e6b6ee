""" "I have this problem too", as a visitor presses it: what counts, what is refused, that nothing picked is lost."""

from datetime import UTC, datetime

import pytest
import time_machine
from django import forms
from django.db import OperationalError
from django.http import HttpResponse
from django.test import Client
from pytest_django.asserts import assertHTMLEqual

from incidents.actions.publishing.catalogue import save_page
from incidents.actor import CLOCK
from incidents.addresses import home_of
from incidents.limits import Turnstile
from incidents.models import Component, Report, ReportCount
from portal.documents.reports import LongSelect
from portal.publishing.store import Published
from portal.views import reports
from tests import make
from tests.portal.page_documents import pages_of, publish, text_at
from tests.portal.visiting import words

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 3, 2, 12, 20, tzinfo=UTC)
OURS = {"Sec-Fetch-Site": "same-origin"}
ANA = {"HTTP_USER_AGENT": "Firefox", "REMOTE_ADDR": "192.0.2.7"}


@pytest.fixture(autouse=True)
def _turnstile(monkeypatch) -> None:
    """What one test counted in memory is not another's."""
    monkeypatch.setattr(reports, "turnstile", Turnstile(times=30))


@pytest.fixture
def power() -> Component:
    page = make.make_page(is_default=True, name="Northwind", support_phone="+44 20 7946 0000")
    power = make.make_component(page, name="Power", group=make.make_group(page, name="Ashford"))
    make.make_component(page, name="Water")
    publish(page)
    return power


def press(component: Component | str, at: str = "/claim/send", headers: dict[str, str] = OURS, **more) -> HttpResponse:
    chosen = component.public_id if isinstance(component, Component) else component
    fields = {"component": chosen, "website": more.pop("website", "")}
    return Client(enforce_csrf_checks=True).post(at, fields, headers=headers, **(ANA | more))


def counted() -> int:
    return sum(one.number for one in ReportCount.objects.all())


def is_kept(response: HttpResponse, component: Component) -> bool:
    return f'<option value="{component.public_id}" selected>' in response.content.decode()


def test_the_form_is_a_public_document_without_cookie_and_lists_every_component(power, client) -> None:
    page = client.get("/claim")

    assert page.headers["Cache-Control"].startswith("public")
    assert page.cookies == {}
    text = words(page)
    assert text.index('<option value="" selected>Please choose') < text.index(">Water</option>")
    assert f'<optgroup label="Ashford"> <option value="{power.public_id}">Power</option>' in text


def test_one_press_counts_and_says_thanks(power, client) -> None:
    answer = press(power)

    assert (answer.status_code, answer.headers["Location"]) == (302, "/claim/thanks")
    assert [(one.component, one.number) for one in ReportCount.objects.all()] == [(power, 1)]
    assert "Thank you, we have counted it" in words(client.get("/claim/thanks"))
    assert answer.cookies == {}


def test_pressed_twice_it_counts_once_and_gets_the_same_answer(power) -> None:
    with time_machine.travel(NOON, tick=False):
        first, second = press(power), press(power)

    assert (first.status_code, first.headers["Location"]) == (second.status_code, second.headers["Location"])
    assert counted() == 1


def test_two_browsers_behind_one_address_are_two_visitors(power) -> None:
    with time_machine.travel(NOON, tick=False):
        press(power)
        press(power, HTTP_USER_AGENT="Safari")

    assert counted() == 2


def test_looking_at_the_address_counts_nothing_and_leads_to_the_form(power, client) -> None:
    answer = client.get("/claim/send", {"component": power.public_id})

    assert (answer.status_code, answer.headers["Location"], counted()) == (302, "/claim", 0)


def test_other_methods_are_refused(power, client) -> None:
    assert client.put("/claim/send", headers=OURS).status_code == 405
    assert counted() == 0


def test_nothing_picked_is_said_beside_the_field(power) -> None:
    answer = press("")

    assert answer.status_code == 400
    assert "What does not work for you? – Please pick what does not work." in words(answer)
    assert counted() == 0


def test_a_hidden_component_is_not_there(power, client) -> None:
    hidden = make.make_component(power.page, name="Secret", is_hidden=True)
    publish(power.page)

    answer = press(hidden)

    assert (answer.status_code, counted()) == (400, 0)
    assert "This part is not on the page any more." in words(answer)
    assert "Secret" not in words(client.get("/claim")) + words(answer)


def test_one_that_was_hidden_a_moment_ago_is_refused_by_the_action(power) -> None:
    Component.objects.update(is_hidden=True)

    answer = press(power)

    assert (answer.status_code, counted()) == (400, 0)
    assert "This part is not on the page any more." in words(answer)


def test_a_guest_that_left_a_moment_ago_is_refused_in_words(power) -> None:
    other = make.make_page(slug="other", name="Other")
    save_page(other, by=CLOCK, guests=[power])
    publish(other)
    other.guests.clear()

    answer = press(power, at="/p/other/claim/send")

    assert (answer.status_code, counted()) == (400, 0)
    assert "This part is not on the page any more." in words(answer)


def test_another_page_s_component_is_refused(power) -> None:
    other = make.make_page(slug="other", name="Other")
    theirs = make.make_component(other, name="Theirs")
    publish(other)

    assert press(theirs).status_code == 400
    assert press(power, at="/p/other/claim/send").status_code == 400
    assert counted() == 0


def test_each_page_has_a_form_of_its_own(power, client) -> None:
    other = make.make_page(slug="other", name="Other")
    theirs = make.make_component(other, name="Theirs")
    publish(other)

    answer = press(theirs, at="/p/other/claim/send")

    assert 'action="/p/other/claim/send"' in words(client.get("/p/other/claim"))
    assert (answer.headers["Location"], counted()) == ("/p/other/claim/thanks", 1)


def test_a_page_that_shows_nothing_or_does_not_exist_has_no_form(client) -> None:
    publish(make.make_page(is_default=True))

    assert [client.get("/claim").status_code, press("x").status_code] == [404, 404]
    assert press("x", at="/p/nowhere/claim/send").status_code == 404


def test_a_machine_that_fills_in_everything_is_thanked_and_not_counted(power) -> None:
    answer = press(power, website="https://example.org")

    assert (answer.status_code, counted(), Report.objects.count()) == (302, 0, 0)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://testserver"},
        {"Origin": "null"},
        {"Origin": "http://["},
        {"Origin": "https://elsewhere.example"},
        {"Origin": "http://testserver.elsewhere.example"},
    ],
)
def test_what_another_site_or_a_program_sends_is_not_counted_and_loses_nothing(power, headers) -> None:
    answer = press(power, headers=headers)

    assert (answer.status_code, counted()) == (403, 0)
    assert "Please press the button once more" in words(answer)
    assert is_kept(answer, power)


def test_an_older_browser_says_its_origin(power) -> None:
    assert press(power, headers={"Origin": "http://testserver"}).status_code == 302
    assert counted() == 1


def test_one_connection_is_counted_thirty_times_an_hour_and_then_told_in_words(power) -> None:
    with time_machine.travel(NOON, tick=False):
        let_in = [press(power, HTTP_USER_AGENT=f"Browser {n}").status_code for n in range(30)]
        reports.turnstile = Turnstile(times=30)
        refused = press(power, HTTP_USER_AGENT="One more")
        elsewhere = press(power, REMOTE_ADDR="192.0.2.8")

    assert set(let_in) == {302}
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "2400")
    assert "count no more within this hour" in words(refused)
    assert is_kept(refused, power)
    assert (elsewhere.status_code, counted()) == (302, 31)


def test_a_crowd_is_bounded_before_it_costs_the_database_anything(
    power, monkeypatch, django_assert_num_queries
) -> None:
    """As in a web process, where a thread keeps the documents true."""
    monkeypatch.setattr(reports, "turnstile", Turnstile(times=0))
    monkeypatch.setattr(Published, "is_watching", True)

    with django_assert_num_queries(0):
        answer = press(power)

    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "5")
    assert "Very many people are telling us right now" in words(answer)
    assert is_kept(answer, power)
    assert "Water" not in words(answer)
    assert '<a href="/claim">I have a problem with another part</a>' in words(answer)


def test_nonsense_is_bounded_too(power, monkeypatch) -> None:
    monkeypatch.setattr(reports, "turnstile", Turnstile(times=1))

    with time_machine.travel(NOON, tick=False):
        answers = [press("nonsense"), press("nonsense"), press(power, headers={})]

    assert [answer.status_code for answer in answers] == [400, 429, 429]
    assert ["Water" in words(answer) for answer in answers] == [True, False, False]


def test_without_a_database_it_says_so_and_loses_nothing(power, monkeypatch) -> None:
    def away(*_args, **_kwargs):
        raise OperationalError

    monkeypatch.setattr(reports, "report_problem", away)

    answer = press(power)

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "60")
    assert "We cannot reach our records right now" in words(answer)
    assert is_kept(answer, power)


def test_the_status_page_leads_to_the_form(power) -> None:
    assert '<a href="/claim">Tell us</a>' in text_at(publish(power.page), "/")


def test_a_page_in_another_language_answers_in_it(power) -> None:
    type(power.page).objects.update(language="de")
    publish(power.page)

    assert '<html lang="de"' in words(press(""))


def test_many_claims_draw_no_page_again(power) -> None:
    before = pages_of(publish(power.page))
    press(power)
    reports.published().refresh()

    assert pages_of(reports.published()) == before


def test_each_language_has_a_form_that_answers_in_it(power, client) -> None:
    type(power.page).objects.update(languages=["de"])
    publish(power.page)

    answer = press(power, at="/de/claim/send")

    assert 'action="/de/claim/send"' in words(client.get("/de/claim"))
    assert (answer.headers["Location"], counted()) == ("/de/claim/thanks", 1)
    assert '<html lang="de"' in words(press("", at="/de/claim/send"))


def test_a_page_for_people_who_are_signed_in_takes_claims_from_them_only(power) -> None:
    type(power.page).objects.update(visibility="signed_in")
    publish(power.page)
    ana = Client()
    ana.force_login(make.make_user("Ana"))
    fields = {"component": power.public_id}

    stranger = press(power)
    answer = ana.post("/claim/send", fields, headers=OURS)

    assert (stranger.status_code, stranger.headers["Location"]) == (302, "/account/login/?next=/claim/send")
    assert (answer.headers["Location"], counted()) == ("/claim/thanks", 1)


def test_a_secret_link_has_a_form_below_it(power) -> None:
    type(power.page).objects.update(visibility="link")
    power.page.refresh_from_db()
    publish(power.page)

    assert press(power).status_code == 404
    assert press(power, at=f"{home_of(power.page)}claim/send").headers["Location"].endswith("/claim/thanks")
    assert counted() == 1


def test_a_page_with_a_domain_has_it_there_and_nowhere_else(power) -> None:
    type(power.page).objects.update(domain="status.example.org")
    publish(power.page)
    there = {"Host": "status.example.org", **OURS}

    assert press(power, headers=there).headers["Location"] == "/claim/thanks"
    assert press(power).status_code == 404
    assert counted() == 1


@pytest.mark.parametrize("value", ["", "b", "<b>", None])
def test_its_list_reads_as_django_writes_it(value):
    choices = [("", "Please choose"), ("a", "A & B"), ("Group <1>", [("b", "B"), ("<b>", "<i>C</i>")])]
    attrs = {"id": "id_component", "aria-describedby": "hint", "required": True, "disabled": False}

    ours, theirs = (kind(choices=choices).render("component", value, attrs) for kind in (LongSelect, forms.Select))

    assertHTMLEqual(ours, theirs)
