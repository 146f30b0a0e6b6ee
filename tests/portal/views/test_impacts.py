"""One impact: the whole story, by both doors, for nobody else."""

from datetime import timedelta

import pytest

from incidents.actions.publishing.updates import post_update, publish_estimate
from incidents.actions.recovery.promises import break_due_promises, complete_task
from incidents.actor import Actor
from incidents.models import Choice, Estimate, Impact, Incident, Page, Task
from tests.incidents.choosing import NOW, ChoosingScene, choose, make_choosing_scene
from tests.make import make_component, make_customer, make_membership, make_user
from tests.portal.visiting import address, browser, link, words

pytestmark = pytest.mark.django_db


@pytest.fixture
def it(time_machine) -> ChoosingScene:
    time_machine.move_to(NOW, tick=False)
    return make_choosing_scene()


@pytest.fixture(params=["signed in", "by link"])
def access(request, it):
    if request.param == "signed in":
        return browser(it.ana), lambda act="": address(it.impact, act)
    return browser(), lambda act="": link(it.impact, act)


def tell(it: ChoosingScene, *, times: int) -> None:
    dara = Actor.staff(make_user("Dara"))
    for number in range(times):
        post_update(it.incident, body=f"Update {number}.", by=dara, now=NOW)
        publish_estimate(it.incident, restored_by=NOW + timedelta(hours=2 + number), reason="More", by=dara, now=NOW)


def test_the_story(it, access) -> None:
    ana, at = access
    dara = Actor.staff(make_user("Dara"))
    Page.objects.update(support_phone="+351 21 000 00 00", support_email="people@example.org")
    post_update(it.incident, body="A tree lies on the **line**.", status="identified", by=dara, now=NOW)
    publish_estimate(it.incident, restored_by=NOW + timedelta(hours=3), by=dara, now=NOW)

    response = ana.get(at())

    shown = words(response)
    assert response.status_code == 200
    assert "<h1>Night train</h1>" in shown
    assert "Night train cancelled" in shown
    assert "A tree lies on the <strong>line</strong>." in shown
    assert "We expect it to work again by" in shown
    assert [card.offer.name for card in response.context["impact_view"].main_offers] == ["Credit", "Seat on the 18:10"]
    assert "€25.00" in shown
    assert "On top of that" in shown
    assert 'href="tel:+351210000000"' in shown
    assert 'href="mailto:people@example.org?subject=Night%20train' in shown


def test_what_is_personal_is_never_stored_or_indexed(it, access) -> None:
    ana, at = access

    response = ana.get(at())

    assert response["Cache-Control"] == "private, no-store"
    assert response["X-Robots-Tag"] == "noindex, nofollow"


def test_a_link_page_needs_no_cookie_and_gives_its_address_to_nobody(it) -> None:
    response = browser().get(link(it.impact))

    assert response.cookies == {}
    assert response["Referrer-Policy"] == "no-referrer"


def test_an_estimate_that_passed_is_said_to_be_missed(it, access, time_machine) -> None:
    ana, at = access
    dara = Actor.staff(make_user("Dara"))
    publish_estimate(it.incident, restored_by=NOW + timedelta(hours=1), by=dara, now=NOW)
    post_update(it.incident, body="Still at it.", by=dara, next_update_due_at=NOW + timedelta(hours=3), now=NOW)
    time_machine.move_to(NOW + timedelta(hours=2), tick=False)

    shown = words(ana.get(at()))

    assert "We missed our estimate of <time" in shown
    assert "We speak next by <time" in shown
    assert "We expect it to work again by" not in shown


def test_no_estimate_is_said_to_be_none(it, access) -> None:
    ana, at = access

    assert "We do not know yet." in words(ana.get(at()))


def test_earlier_estimates_stay_to_be_read(it, access) -> None:
    ana, at = access
    dara = Actor.staff(make_user("Dara"))
    publish_estimate(it.incident, restored_by=NOW + timedelta(hours=1), by=dara, now=NOW)
    publish_estimate(it.incident, restored_by=NOW + timedelta(hours=5), reason="A second tree", by=dara, now=NOW)

    shown = words(ana.get(at()))

    assert Estimate.objects.count() == 2
    assert "What we estimated" in shown
    assert shown.count("A second tree") == 2


def test_a_kept_promise_is_told(it, access) -> None:
    ana, at = access
    choose(it, it.credit)
    complete_task(Task.objects.get(), by=Actor.staff(it.ben), now=NOW + timedelta(hours=20))

    shown = words(ana.get(at()))

    assert Choice.objects.get().state == Choice.State.FULFILLED
    assert "Kept" in shown
    assert "Undo this choice" not in shown


def test_a_broken_promise_is_owned_up_to(it, access, time_machine) -> None:
    ana, at = access
    choose(it, it.credit)
    late = NOW + it.credit.fulfil_within + timedelta(hours=1)
    break_due_promises(late)
    time_machine.move_to(late, tick=False)

    assert "We missed it, not you" in words(ana.get(at()))


def test_a_promise_is_broken_at_its_hour_even_before_the_clock_has_looked(it, access, time_machine) -> None:
    ana, at = access
    choose(it, it.credit)
    time_machine.move_to(NOW + it.credit.fulfil_within + timedelta(seconds=1), tick=False)

    assert "We missed it, not you" in words(ana.get(at()))


def test_what_was_agreed_keeps_its_words(it, access) -> None:
    ana, at = access
    choose(it, it.credit)
    type(it.credit).objects.filter(pk=it.credit.pk).update(name="Something else")

    assert "<h3>Credit</h3>" in words(ana.get(at()))


def test_what_is_no_longer_affected_says_so_and_offers_nothing(it, access) -> None:
    ana, at = access
    Impact.objects.filter(pk=it.impact.pk).update(state=Impact.State.WITHDRAWN)

    shown = words(ana.get(at()))

    assert "We thought that this was affected. It is not" in shown
    assert "Choose this" not in shown


def test_hidden_components_stay_hidden(it, access) -> None:
    ana, at = access
    secret = make_component(it.page, name="Secret relay", is_hidden=True)
    dara = Actor.staff(make_user("Dara"))
    post_update(it.incident, body="Down.", by=dara, components={secret: "major_outage"}, now=NOW)
    post_update(it.incident, body="Still down.", by=dara, now=NOW)

    shown = words(ana.get(at()))

    assert "Still down." in shown
    assert "Secret relay" not in shown


def test_what_customers_wrote_is_escaped(it, access) -> None:
    ana, at = access
    holding = it.impact.holding
    holding.label = "<script>alert(1)</script>"
    holding.save(update_fields=["label"])

    response = ana.get(at())

    assert b"<script>alert(1)" not in response.content


def test_strangers_find_nothing(it) -> None:
    cleo = make_user("Cleo")
    make_membership(cleo, make_customer("Cleo"))

    response = browser(cleo).get(address(it.impact))

    assert response.status_code == 404
    assert "Night train" not in words(response)


def test_the_other_customer_of_the_same_incident_finds_nothing(it) -> None:
    assert browser(it.ben).get(address(it.impact)).status_code == 404


def test_who_has_not_signed_in_is_asked_to_and_comes_back(it) -> None:
    response = browser().get(address(it.impact))

    assert (response.status_code, response["Location"]) == (302, f"/account/login/?next={address(it.impact)}")


@pytest.mark.parametrize("act", ["", "choose/", "cancel/", "check-in/", "rate/"])
def test_a_link_that_was_tampered_with_says_what_to_do(it, act) -> None:
    spoilt = link(it.impact).rstrip("/")[:-1]

    response = browser().get(f"{spoilt}/{act}")

    assert response.status_code == 404
    assert "This link does not open anything" in words(response)
    assert 'href="/my/"' in words(response)
    assert response["Referrer-Policy"] == "no-referrer"
    assert response["Cache-Control"] == "private, no-store"


def test_a_link_opens_only_its_own_impact(it) -> None:
    response = browser().get(link(it.impact))

    assert response.context["impact_view"].impact == it.impact
    assert it.bens_impact.public_id not in words(response)


def test_a_link_does_not_sign_in(it) -> None:
    somebody = browser()
    somebody.get(link(it.impact, user=it.ana))

    assert somebody.get("/my/").status_code == 302


def test_looking_as_a_member_is_remembered_once(it, time_machine) -> None:
    ana = browser(it.ana)
    ana.get(address(it.impact))
    time_machine.move_to(NOW + timedelta(hours=1), tick=False)

    ana.get(address(it.impact))

    assert Impact.objects.get(pk=it.impact.pk).seen_at == NOW


def test_a_scanner_that_follows_the_link_is_not_the_customer(it) -> None:
    browser().get(link(it.impact))

    assert Impact.objects.get(pk=it.impact.pk).seen_at is None


@pytest.mark.parametrize("updates", [1, 3])
def test_queries_do_not_grow_with_the_story(it, updates, django_assert_num_queries) -> None:
    tell(it, times=updates)
    choose(it, it.seat)
    ana = browser(it.ana)
    ana.get(address(it.impact))

    with django_assert_num_queries(16):
        ana.get(address(it.impact))


def test_a_draft_is_not_there(it) -> None:
    Incident.objects.update(published_at=None)

    assert browser(it.ana).get(address(it.impact)).status_code == 404
    assert browser().get(link(it.impact)).status_code == 404
