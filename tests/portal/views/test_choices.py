"""Choosing through the pages: one page that asks, one button that acts, and a right answer for whoever is second."""

from datetime import timedelta

import pytest
from django.test import Client

from incidents.actions.recovery.remedies import resize_pool, revise_offer, withdraw_offer
from incidents.actor import Actor
from incidents.models import Choice, Impact, Membership, Promise, Task
from tests.incidents.choosing import CUT_OFF, NOW, ChoosingScene, choose, make_choosing_scene, units_taken
from tests.make import make_customer, make_incident, make_membership, make_offer, make_user
from tests.portal.visiting import address, ask, browser, link, press, words

pytestmark = pytest.mark.django_db


@pytest.fixture
def it(time_machine) -> ChoosingScene:
    time_machine.move_to(NOW, tick=False)
    return make_choosing_scene()


@pytest.fixture(params=["signed in", "by link"])
def access(request, it):
    """Ana's browser and her addresses: `access(act)`."""
    if request.param == "signed in":
        return browser(it.ana), lambda act="": address(it.impact, act)
    return browser(), lambda act="": link(it.impact, act)


def chosen() -> list[tuple[str, str]]:
    return list(Choice.objects.order_by("id").values_list("offer__name", "state"))


def test_asking_shows_the_terms_and_changes_nothing(it, access) -> None:
    ana, at = access

    response = ana.get(at("choose/"), {"offer": it.seat.public_id, "version": 1})

    assert response.status_code == 200
    assert "Choose “Seat on the 18:10”?" in words(response)
    assert (Choice.objects.count(), units_taken(it.seats)) == (0, 0)


def test_the_button_chooses_and_leads_back_to_the_story(it, access) -> None:
    ana, at = access
    form = ask(ana, at("choose/"), it.seat)

    response = press(ana, at("choose/"), **form)

    assert (response.status_code, response["Location"]) == (302, at() + "?said=chosen#choice")
    assert chosen() == [("Seat on the 18:10", "live")]
    assert units_taken(it.seats) == 1
    shown = words(ana.get(at(), {"said": "chosen"}))
    assert "Your choice is made." in shown
    assert "Undo this choice" in shown


def test_choosing_makes_a_promise_and_a_task_that_the_page_shows(it, access) -> None:
    ana, at = access

    press(ana, at("choose/"), **ask(ana, at("choose/"), it.credit))

    promise = Promise.objects.get()
    assert (promise.state, promise.due_at) == (Promise.State.OPEN, NOW + it.credit.fulfil_within)
    assert Task.objects.get().kind == Task.Kind.FULFIL
    assert promise.text in words(ana.get(at()))


def test_a_second_click_is_the_same_choice(it, access) -> None:
    ana, at = access
    form = ask(ana, at("choose/"), it.seat)

    first = press(ana, at("choose/"), **form)
    second = press(ana, at("choose/"), **form)

    assert (first.status_code, second.status_code) == (302, 302)
    assert first["Location"] == second["Location"]
    assert chosen() == [("Seat on the 18:10", "live")]
    assert units_taken(it.seats) == 1


def test_a_second_tab_is_told_what_the_first_one_chose(it, access) -> None:
    ana, at = access
    first, second = ask(ana, at("choose/"), it.seat), ask(ana, at("choose/"), it.credit)
    press(ana, at("choose/"), **first)

    response = press(ana, at("choose/"), **second)

    assert response.status_code == 409
    assert "chose “Seat on the 18:10”" in words(response)
    assert "Nothing was changed." in words(response)
    assert chosen() == [("Seat on the 18:10", "live")]


def test_after_the_refusal_the_second_tab_can_change(it, access) -> None:
    ana, at = access
    first, second = ask(ana, at("choose/"), it.seat), ask(ana, at("choose/"), it.credit)
    press(ana, at("choose/"), **first)
    press(ana, at("choose/"), **second)

    response = press(ana, at("choose/"), **ask(ana, at("choose/"), it.credit))

    assert response.status_code == 302
    assert chosen() == [("Seat on the 18:10", "changed"), ("Credit", "live")]
    assert units_taken(it.seats) == 0


def test_a_second_delegate_is_told_who_chose(it) -> None:
    dora = make_user("Dora")
    make_membership(dora, it.impact.customer, role=Membership.Role.CHOOSER)
    ana, delegate = browser(it.ana), browser(dora)
    at = address(it.impact, "choose/")
    hers, theirs = ask(ana, at, it.seat), ask(delegate, at, it.credit)
    press(ana, at, **hers)

    response = press(delegate, at, **theirs)

    assert response.status_code == 409
    assert "Ana chose “Seat on the 18:10”" in words(response)
    assert chosen() == [("Seat on the 18:10", "live")]


def test_the_choice_says_who_made_it_and_by_which_door(it) -> None:
    press(browser(), link(it.impact, "choose/"), **ask(browser(), link(it.impact, "choose/"), it.credit))
    ben = browser(it.ben)
    at = address(it.bens_impact, "choose/")
    press(ben, at, **ask(ben, at, it.credit))

    by = Choice.objects.order_by("id").values_list("via", "chosen_by", "chosen_by_name")
    assert list(by) == [("link", None, "Ana"), ("account", it.ben.pk, "Ben")]


def test_sold_out_keeps_its_place_and_leaves_the_others(it, access) -> None:
    ana, at = access
    form = ask(ana, at("choose/"), it.seat)
    resize_pool(it.seats, capacity=0, by=Actor.staff(it.ben))

    response = press(ana, at("choose/"), **form)

    assert response.status_code == 409
    assert "That one is just taken. The other options below are still open to you." in words(response)
    assert "disabled>Sold out</button>" in words(response)
    assert f"offer={it.credit.public_id}" in words(response)
    assert Choice.objects.count() == 0


def test_too_late_says_until_when_it_was(it, access, time_machine) -> None:
    ana, at = access
    form = ask(ana, at("choose/"), it.credit)
    time_machine.move_to(CUT_OFF + timedelta(seconds=1), tick=False)

    response = press(ana, at("choose/"), **form)

    assert response.status_code == 409
    assert "The time to choose this ended: 18:02 UTC." in words(response)
    assert "The time to choose this has passed" in words(response)
    assert Choice.objects.count() == 0


def test_not_offered_any_more(it, access) -> None:
    ana, at = access
    form = ask(ana, at("choose/"), it.credit)
    withdraw_offer(it.credit, by=Actor.staff(it.ben))

    response = press(ana, at("choose/"), **form)

    assert response.status_code == 409
    assert "That option is not offered for this." in words(response)


@pytest.mark.parametrize("public_id", ["", "0000", "' or 1=1"])
def test_an_offer_that_does_not_exist(it, access, public_id) -> None:
    ana, at = access
    form = ask(ana, at("choose/"), it.credit)

    response = press(ana, at("choose/"), **{**form, "offer": public_id})

    assert response.status_code == 409
    assert Choice.objects.count() == 0


def test_an_offer_of_another_incident(it, access) -> None:
    ana, at = access
    form = ask(ana, at("choose/"), it.credit)
    elsewhere = make_offer(make_incident(it.page))

    response = press(ana, at("choose/"), **{**form, "offer": elsewhere.public_id})

    assert response.status_code == 409
    assert "That option is not offered for this." in words(response)


def test_a_changed_offer_asks_for_a_review_and_then_counts(it, access) -> None:
    ana, at = access
    form = ask(ana, at("choose/"), it.credit)
    revise_offer(it.credit, by=Actor.staff(it.ben), value="20.00")

    response = press(ana, at("choose/"), **form)

    assert response.status_code == 409
    assert "This option has changed since you opened the page." in words(response)
    assert "€20.00" in words(response)
    assert Choice.objects.count() == 0
    reviewed = {name: str(response.context["form"].initial[name]) for name in form}
    assert press(ana, at("choose/"), **reviewed).status_code == 302
    assert Choice.objects.get().offer_version == 2


def test_an_offer_that_changed_before_the_page_that_asks_says_so(it, access) -> None:
    ana, at = access
    revise_offer(it.credit, by=Actor.staff(it.ben), value="20.00")

    response = ana.get(at("choose/"), {"offer": it.credit.public_id, "version": 1})

    assert response.status_code == 200
    assert "This option has changed since you opened the page." in words(response)


def test_a_change_names_what_it_replaces(it, access) -> None:
    ana, at = access
    choose(it, it.seat)

    response = ana.get(at("choose/"), {"offer": it.credit.public_id, "version": 1})

    assert "This takes the place of “Seat on the 18:10”" in words(response)


def test_an_extra_stands_beside_the_choice(it, access) -> None:
    ana, at = access
    choose(it, it.seat)

    press(ana, at("choose/"), **ask(ana, at("choose/"), it.lounge))

    assert chosen() == [("Seat on the 18:10", "live"), ("Lounge", "live")]


def test_what_cannot_be_chosen_is_not_asked(it, access) -> None:
    ana, at = access
    choose(it, it.seat)

    again = ana.get(at("choose/"), {"offer": it.seat.public_id})
    unknown = ana.get(at("choose/"), {"offer": "0000"})

    assert [(again.status_code, again["Location"]), (unknown.status_code, unknown["Location"])] == [(302, at())] * 2


def test_a_viewer_looks_and_does_not_touch(it) -> None:
    viewer = make_user("Vera")
    make_membership(viewer, it.impact.customer, role=Membership.Role.VIEWER)
    vera, ana = browser(viewer), browser(it.ana)
    form = ask(ana, address(it.impact, "choose/"), it.credit)
    page = vera.get(address(it.impact))

    asked = vera.get(address(it.impact, "choose/"), {"offer": it.credit.public_id})
    vera.cookies["csrftoken"] = ana.cookies["csrftoken"].value
    pressed = press(vera, address(it.impact, "choose/"), **form)

    assert (page.status_code, asked.status_code, pressed.status_code) == (200, 403, 403)
    assert "You may look. Somebody who may choose for this customer can choose." in words(page)
    assert "Choose this" not in words(page)
    assert "You may look, but not change this" in words(pressed)
    assert Choice.objects.count() == 0


def test_a_link_for_looking_does_not_touch(it) -> None:
    form = ask(browser(), link(it.impact, "choose/"), it.credit)

    response = press(browser(), link(it.impact, "choose/", may_choose=False), **form)

    assert response.status_code == 403
    assert Choice.objects.count() == 0


def test_a_stranger_finds_nothing_to_choose(it) -> None:
    cleo = make_user("Cleo")
    make_membership(cleo, make_customer("Cleo"))
    stranger = browser(cleo)
    stranger.get(address(it.impact))
    stranger.cookies["csrftoken"] = "x" * 32
    form = {"csrfmiddlewaretoken": "x" * 32, "offer": it.credit.public_id, "seen_version": "1", "key": "k" * 32}

    response = stranger.post(address(it.impact, "choose/"), form)

    assert response.status_code == 404
    assert Choice.objects.count() == 0


def test_nobody_chooses_without_signing_in(it) -> None:
    response = browser().get(address(it.impact, "choose/"))

    assert (response.status_code, response["Location"]) == (
        302,
        f"/account/login/?next={address(it.impact, 'choose/')}",
    )


def test_another_site_cannot_press_the_button(it) -> None:
    ana = browser(it.ana)
    form = ask(ana, address(it.impact, "choose/"), it.credit)

    response = ana.post(address(it.impact, "choose/"), form)

    assert response.status_code == 403
    assert Choice.objects.count() == 0


@pytest.mark.parametrize("act", ["choose/", "cancel/"])
def test_other_methods_are_refused(it, act) -> None:
    ana = Client()
    ana.force_login(it.ana)

    assert [ana.delete(address(it.impact, act)).status_code, ana.put(link(it.impact, act)).status_code] == [405, 405]


def test_a_choice_is_undone_after_asking(it, access) -> None:
    ana, at = access
    choice = choose(it, it.seat)
    asked = ana.get(at("cancel/"), {"choice": choice.public_id})

    response = press(ana, at("cancel/"), choice=choice.public_id)

    assert "Undo “Seat on the 18:10”?" in words(asked)
    assert (response.status_code, response["Location"]) == (302, at() + "?said=cancelled#choice")
    assert chosen() == [("Seat on the 18:10", "cancelled")]
    assert units_taken(it.seats) == 0
    assert "Your choice is undone." in words(ana.get(at(), {"said": "cancelled"}))


def test_undoing_twice_is_undoing_once(it, access) -> None:
    ana, at = access
    choice = choose(it, it.seat)
    ana.get(at("cancel/"), {"choice": choice.public_id})

    press(ana, at("cancel/"), choice=choice.public_id)
    response = press(ana, at("cancel/"), choice=choice.public_id)

    assert response.status_code == 302
    assert units_taken(it.seats) == 0


def test_undoing_too_late(it, access, time_machine) -> None:
    ana, at = access
    choice = choose(it, it.seat)
    ana.get(at("cancel/"), {"choice": choice.public_id})
    time_machine.move_to(CUT_OFF + timedelta(seconds=1), tick=False)

    response = press(ana, at("cancel/"), choice=choice.public_id)

    assert response.status_code == 409
    assert "could be changed or cancelled until 18:02 UTC" in words(response)
    assert chosen() == [("Seat on the 18:10", "live")]


def test_nobody_undoes_what_is_not_theirs(it) -> None:
    choice = choose(it, it.seat)
    ben = browser(it.ben)
    asked = ben.get(address(it.bens_impact, "cancel/"), {"choice": choice.public_id})
    ask(ben, address(it.bens_impact, "choose/"), it.credit)

    pressed = press(ben, address(it.bens_impact, "cancel/"), choice=choice.public_id)

    assert (asked.status_code, pressed.status_code) == (302, 409)
    assert chosen() == [("Seat on the 18:10", "live")]


def test_choosing_by_link_counts_as_seen_and_following_it_does_not(it) -> None:
    form = ask(browser(), link(it.impact, "choose/"), it.credit)
    it.impact.refresh_from_db()
    assert it.impact.seen_at is None

    press(browser(), link(it.impact, "choose/"), **form)

    assert Impact.objects.get(pk=it.impact.pk).seen_at == NOW
