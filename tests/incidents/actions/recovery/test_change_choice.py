"""Changing one's mind, and giving a choice back."""

from datetime import timedelta

import pytest

from incidents.actions.recovery.choices import cancel_choice
from incidents.actions.recovery.promises import break_due_promises, complete_task
from incidents.actions.recovery.remedies import revise_offer
from incidents.errors import SoldOut, TooLate, WrongState
from incidents.models import Choice, Event, Promise, Task
from tests.incidents.choosing import CUT_OFF, NOW, choose, make_choosing_scene, units_taken
from tests.make import make_offer, make_pool

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(minutes=10)


def test_change_ends_the_old_choice_with_its_units_promise_and_task() -> None:
    scene = make_choosing_scene()
    old = choose(scene, scene.seat)

    new = choose(scene, scene.credit, replaces=old.public_id, now=LATER)

    old.refresh_from_db()
    assert (old.state, old.ended_at, units_taken(scene.seats)) == (Choice.State.CHANGED, LATER, 0)
    assert (old.promises.get().state, old.tasks.get().state) == (Promise.State.WITHDRAWN, Task.State.CANCELLED)
    assert (new.state, new.promises.get().state, new.tasks.get().state) == ("live", "open", "open")


def test_change_records_what_it_replaced() -> None:
    scene = make_choosing_scene()
    old = choose(scene, scene.seat)

    new = choose(scene, scene.credit, replaces=old.public_id, now=LATER)

    event = Event.objects.get(kind=Event.Kind.CHOICE_CHANGED)
    assert event.data == {"choice": new.public_id, "offer": scene.credit.public_id, "replaced": old.public_id}


def test_change_takes_the_new_units() -> None:
    scene = make_choosing_scene()
    old = choose(scene, scene.credit)

    choose(scene, scene.seat, replaces=old.public_id)

    assert units_taken(scene.seats) == 1


def test_change_between_pools_moves_the_units() -> None:
    scene = make_choosing_scene()
    buses = make_pool(scene.page, capacity=1)
    bus = make_offer(scene.incident, pool=buses, choose_by=CUT_OFF)
    old = choose(scene, scene.seat)

    choose(scene, bus, replaces=old.public_id)

    assert (units_taken(scene.seats), units_taken(buses)) == (0, 1)


def test_change_within_a_full_pool_works() -> None:
    scene = make_choosing_scene(units=2, seats=2)
    window = make_offer(scene.incident, name="Window seat", pool=scene.seats, choose_by=CUT_OFF)
    old = choose(scene, scene.seat)

    new = choose(scene, window, replaces=old.public_id)

    assert (new.state, units_taken(scene.seats)) == (Choice.State.LIVE, 2)


def test_change_to_something_sold_out_keeps_the_old_choice() -> None:
    scene = make_choosing_scene(seats=0)
    old = choose(scene, scene.credit)

    with pytest.raises(SoldOut, match=r"That one is just taken\. You keep “Credit”\."):
        choose(scene, scene.seat, replaces=old.public_id)

    old.refresh_from_db()
    assert (old.state, old.promises.get().state, old.tasks.get().state) == ("live", "open", "open")


def test_change_releases_what_was_taken_then_even_if_the_holding_grew() -> None:
    scene = make_choosing_scene(seats=5)
    old = choose(scene, scene.seat)
    scene.impact.units = 3
    scene.impact.save()

    choose(scene, scene.credit, replaces=old.public_id)

    assert units_taken(scene.seats) == 0


def test_change_after_the_cut_off_of_the_old_choice_is_too_late() -> None:
    scene = make_choosing_scene()
    old = choose(scene, scene.seat)
    later = make_offer(scene.incident, choose_by=CUT_OFF + timedelta(days=1))

    with pytest.raises(TooLate, match=r"“Seat on the 18:10” could be changed or cancelled until 18:02 UTC\."):
        choose(scene, later, replaces=old.public_id, now=CUT_OFF + timedelta(minutes=1))

    old.refresh_from_db()
    assert old.state == Choice.State.LIVE


def test_cut_off_that_was_agreed_is_never_moved_forward() -> None:
    scene = make_choosing_scene()
    old = choose(scene, scene.seat)
    revise_offer(scene.seat, by=scene.by_ana, choose_by=NOW + timedelta(minutes=1), now=NOW)

    new = choose(scene, scene.credit, replaces=old.public_id, now=LATER)

    assert new.state == Choice.State.LIVE


def test_cut_off_that_was_moved_back_counts_for_everybody() -> None:
    scene = make_choosing_scene()
    old = choose(scene, scene.seat)
    revise_offer(scene.seat, by=scene.by_ana, choose_by=CUT_OFF + timedelta(days=1), now=NOW)

    cancelled = cancel_choice(old, by=scene.by_ana, now=CUT_OFF + timedelta(hours=1))

    assert cancelled.state == Choice.State.CANCELLED


def test_fulfilled_choice_cannot_be_changed() -> None:
    scene = make_choosing_scene()
    old = choose(scene, scene.seat)
    complete_task(old.tasks.get(), by=scene.by_ana, now=NOW)

    with pytest.raises(TooLate, match="has been fulfilled already"):
        choose(scene, scene.credit, replaces=old.public_id)


def test_same_offer_again_changes_nothing() -> None:
    scene = make_choosing_scene()
    old = choose(scene, scene.seat)

    repeated = choose(scene, scene.seat, replaces=old.public_id, key="another", now=LATER)

    assert (repeated, Choice.objects.count(), units_taken(scene.seats)) == (old, 1, 1)
    assert Promise.objects.get().due_at == NOW + scene.seat.fulfil_within


def test_same_offer_in_new_terms_is_a_change() -> None:
    scene = make_choosing_scene()
    old = choose(scene, scene.seat)
    revise_offer(scene.seat, by=scene.by_ana, when="Tonight", now=NOW)

    new = choose(scene, scene.seat, replaces=old.public_id, key="another", seen_version=2, now=LATER)

    assert (new.terms["when"], new.offer_version, units_taken(scene.seats)) == ("Tonight", 2, 1)


def test_extra_does_not_change_the_core_choice() -> None:
    scene = make_choosing_scene()
    core = choose(scene, scene.seat)

    choose(scene, scene.lounge, replaces=core.public_id)

    core.refresh_from_db()
    assert (core.state, units_taken(scene.seats)) == (Choice.State.LIVE, 1)


def test_change_leaves_a_broken_promise_broken() -> None:
    scene = make_choosing_scene()
    scene.seat.fulfil_within = timedelta(minutes=1)
    scene.seat.save()
    old = choose(scene, scene.seat)
    break_due_promises(LATER)

    choose(scene, scene.credit, replaces=old.public_id, now=LATER)

    assert (old.promises.get().state, old.tasks.get().state) == (Promise.State.BROKEN, Task.State.CANCELLED)


def test_cancelling_gives_everything_back() -> None:
    scene = make_choosing_scene()
    choice = choose(scene, scene.seat)

    cancelled = cancel_choice(choice, by=scene.by_ana, now=LATER)

    assert (cancelled.state, cancelled.ended_at, units_taken(scene.seats)) == (Choice.State.CANCELLED, LATER, 0)
    assert (choice.promises.get().state, choice.tasks.get().state) == ("withdrawn", "cancelled")
    event = Event.objects.get(kind=Event.Kind.CHOICE_CANCELLED)
    assert event.data == {"choice": choice.public_id, "offer": scene.seat.public_id}


def test_cancelling_twice_gives_back_once() -> None:
    scene = make_choosing_scene()
    choose(scene, scene.seat, impact=scene.bens_impact, by=scene.by_ben)
    choice = choose(scene, scene.seat)
    cancel_choice(choice, by=scene.by_ana, now=NOW)

    repeated = cancel_choice(choice, by=scene.by_ana, now=LATER)

    assert (repeated.ended_at, units_taken(scene.seats)) == (NOW, 1)
    assert Event.objects.filter(kind=Event.Kind.CHOICE_CANCELLED).count() == 1


def test_cancelling_leaves_room_for_a_new_choice() -> None:
    scene = make_choosing_scene()
    cancel_choice(choose(scene, scene.seat), by=scene.by_ana, now=NOW)

    new = choose(scene, scene.seat, key="another", now=LATER)

    assert (new.state, units_taken(scene.seats)) == (Choice.State.LIVE, 1)


def test_cancelling_after_the_cut_off_is_too_late() -> None:
    scene = make_choosing_scene()
    choice = choose(scene, scene.seat)

    with pytest.raises(TooLate):
        cancel_choice(choice, by=scene.by_ana, now=CUT_OFF + timedelta(microseconds=1))

    assert units_taken(scene.seats) == 1


def test_cancelling_what_was_fulfilled_is_refused() -> None:
    scene = make_choosing_scene()
    choice = choose(scene, scene.seat)
    complete_task(choice.tasks.get(), by=scene.by_ana, now=NOW)

    with pytest.raises(WrongState):
        cancel_choice(choice, by=scene.by_ana, now=LATER)

    assert units_taken(scene.seats) == 1


def test_cancelling_what_was_replaced_is_refused() -> None:
    scene = make_choosing_scene()
    old = choose(scene, scene.seat)
    choose(scene, scene.credit, replaces=old.public_id)

    with pytest.raises(WrongState):
        cancel_choice(old, by=scene.by_ana, now=LATER)
