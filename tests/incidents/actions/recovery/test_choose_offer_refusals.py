"""Choosing an offer: each way it is refused, and in which order."""

from datetime import timedelta

import pytest

from incidents.actions.recovery.choices import cancel_choice
from incidents.actions.recovery.promises import complete_task
from incidents.actions.recovery.remedies import revise_offer, withdraw_offer
from incidents.actor import Actor
from incidents.errors import AlreadyChosen, NotOffered, OfferChanged, SoldOut, TooLate
from incidents.models import Choice, Event, Impact, Incident, Task
from tests.incidents.choosing import CUT_OFF, NOW, choose, make_choosing_scene, units_taken
from tests.make import make_incident, make_offer, make_user

pytestmark = pytest.mark.django_db


def test_offer_of_another_incident_is_not_offered() -> None:
    scene = make_choosing_scene()
    strange = make_offer(make_incident(scene.page), choose_by=CUT_OFF)

    with pytest.raises(NotOffered):
        choose(scene, strange)

    assert not Choice.objects.exists()


def test_withdrawn_offer_is_not_offered() -> None:
    scene = make_choosing_scene()
    withdraw_offer(scene.credit, by=scene.by_ana, now=NOW)

    with pytest.raises(NotOffered):
        choose(scene, scene.credit)


def test_nothing_is_offered_before_publication() -> None:
    scene = make_choosing_scene()
    Incident.objects.update(published_at=None)

    with pytest.raises(NotOffered):
        choose(scene, scene.credit)


def test_nothing_is_offered_to_those_not_affected_after_all() -> None:
    scene = make_choosing_scene()
    Impact.objects.update(state=Impact.State.WITHDRAWN)

    with pytest.raises(NotOffered):
        choose(scene, scene.credit)


def test_resolved_incident_leaves_time_to_choose() -> None:
    scene = make_choosing_scene()
    Incident.objects.update(status=Incident.Status.RESOLVED, resolved_at=NOW)
    Impact.objects.update(state=Impact.State.CONFIRMED)

    choice = choose(scene, scene.credit)

    assert choice.state == Choice.State.LIVE


def test_last_moment_is_in_time() -> None:
    scene = make_choosing_scene()

    choice = choose(scene, scene.credit, now=CUT_OFF)

    assert choice.state == Choice.State.LIVE


def test_after_the_cut_off_it_is_too_late() -> None:
    scene = make_choosing_scene()

    with pytest.raises(TooLate, match=r"ended: 18:02 UTC\."):
        choose(scene, scene.credit, now=CUT_OFF + timedelta(microseconds=1))

    assert not Choice.objects.exists()


def test_times_are_said_in_the_zone_of_the_page() -> None:
    scene = make_choosing_scene()
    scene.page.time_zone = "Europe/Lisbon"
    scene.page.save()

    with pytest.raises(TooLate, match=r"ended: 2 Mar, 18:02 WET\."):
        choose(scene, scene.credit, now=CUT_OFF + timedelta(days=1))


def test_offer_that_changed_on_the_way_is_shown_again() -> None:
    scene = make_choosing_scene()
    revise_offer(scene.credit, by=scene.by_ana, value="20.00", now=NOW)

    with pytest.raises(OfferChanged):
        choose(scene, scene.credit, seen_version=1)

    assert not Choice.objects.exists()


def test_new_terms_can_be_chosen_once_seen() -> None:
    scene = make_choosing_scene()
    revise_offer(scene.credit, by=scene.by_ana, value="20.00", now=NOW)

    choice = choose(scene, scene.credit, seen_version=2)

    assert (choice.offer_version, choice.terms["value"]) == (2, "20.00")


def test_second_tab_learns_what_the_first_one_chose() -> None:
    scene = make_choosing_scene()
    choose(scene, scene.seat)

    with pytest.raises(AlreadyChosen) as refusal:
        choose(scene, scene.credit, now=NOW + timedelta(minutes=5))

    assert str(refusal.value) == (
        "You already chose “Seat on the 18:10” (14:02 UTC). It can be changed until 18:02 UTC."
    )


def test_second_delegate_learns_who_was_faster() -> None:
    scene = make_choosing_scene()
    choose(scene, scene.seat)

    with pytest.raises(AlreadyChosen) as refusal:
        choose(scene, scene.credit, by=scene.by_ben)

    assert str(refusal.value) == "Ana chose “Seat on the 18:10” (14:02 UTC). It can be changed until 18:02 UTC."
    assert Choice.objects.get().offer == scene.seat


def test_customer_learns_that_staff_chose_for_them() -> None:
    scene = make_choosing_scene()
    choose(scene, scene.seat, by=Actor.staff(make_user("Dara", is_staff=True)))

    with pytest.raises(AlreadyChosen, match=r"Our colleague Dara chose “Seat on the 18:10” for you"):
        choose(scene, scene.credit)


def test_late_comer_learns_that_it_can_no_longer_be_changed() -> None:
    scene = make_choosing_scene()
    choose(scene, scene.seat)
    later = make_offer(scene.incident, choose_by=CUT_OFF + timedelta(days=2))

    with pytest.raises(AlreadyChosen, match=r"\(2 Mar, 14:02 UTC\)\. It can no longer be changed\."):
        choose(scene, later, now=CUT_OFF + timedelta(days=1))


def test_late_comer_learns_that_it_was_fulfilled() -> None:
    scene = make_choosing_scene()
    choose(scene, scene.seat)
    complete_task(Task.objects.get(), by=scene.by_ana, now=NOW)

    with pytest.raises(AlreadyChosen, match=r"It has been fulfilled\."):
        choose(scene, scene.credit)


def test_change_of_a_choice_that_was_cancelled_meanwhile_is_shown_again() -> None:
    scene = make_choosing_scene()
    first = choose(scene, scene.seat)
    cancel_choice(first, by=scene.by_ana, now=NOW)

    with pytest.raises(AlreadyChosen, match="cancelled meanwhile"):
        choose(scene, scene.credit, replaces=first.public_id)


def test_sold_out_takes_nothing() -> None:
    scene = make_choosing_scene(seats=0)

    with pytest.raises(SoldOut) as refusal:
        choose(scene, scene.seat)

    assert str(refusal.value) == "That one is just taken. The other options below are still open to you."
    assert (units_taken(scene.seats), Choice.objects.count(), Event.objects.count()) == (0, 0, 0)


def test_group_is_refused_whole_when_one_place_is_missing() -> None:
    scene = make_choosing_scene(units=3, seats=2)

    with pytest.raises(SoldOut) as refusal:
        choose(scene, scene.seat)

    assert str(refusal.value).startswith("Only 2 are left, and you need 3.")
    assert units_taken(scene.seats) == 0


def test_group_takes_exactly_what_is_left() -> None:
    scene = make_choosing_scene(units=2, seats=2)

    choose(scene, scene.seat)

    assert units_taken(scene.seats) == 2


def test_order_of_refusals_puts_the_cut_off_before_the_version_before_the_rival_before_the_stock() -> None:
    scene = make_choosing_scene(seats=0)
    choose(scene, scene.credit)
    late, stale = {"now": CUT_OFF + timedelta(1)}, {"seen_version": 9}

    with pytest.raises(TooLate):
        choose(scene, scene.seat, **late, **stale)
    with pytest.raises(OfferChanged):
        choose(scene, scene.seat, **stale)
    with pytest.raises(AlreadyChosen):
        choose(scene, scene.seat)
