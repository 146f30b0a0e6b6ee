"""Changing one's mind, and giving a choice back."""

from datetime import timedelta

import pytest

from incidents.actions.recovery.choices import cancel_choice
from incidents.actions.recovery.promises import break_due_promises, complete_task
from incidents.actions.recovery.remedies import revise_offer
from incidents.errors import SoldOut, TooLate, WrongState
from incidents.models import Choice, Event, Promise, Task
from tests.incidents.choosing import CUT_OFF, NOW, choose, make_choosing_scene, taken
from tests.make import make_offer, make_pool

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(minutes=10)


def test_change_ends_the_old_choice_with_its_units_promise_and_task() -> None:
    it = make_choosing_scene()
    old = choose(it, it.seat)

    new = choose(it, it.credit, replaces=old.public_id, now=LATER)

    old.refresh_from_db()
    assert (old.state, old.ended_at, taken(it.seats)) == (Choice.State.CHANGED, LATER, 0)
    assert (old.promises.get().state, old.tasks.get().state) == (Promise.State.WITHDRAWN, Task.State.CANCELLED)
    assert (new.state, new.promises.get().state, new.tasks.get().state) == ("live", "open", "open")


def test_change_records_what_it_replaced() -> None:
    it = make_choosing_scene()
    old = choose(it, it.seat)

    new = choose(it, it.credit, replaces=old.public_id, now=LATER)

    event = Event.objects.get(kind=Event.Kind.CHOICE_CHANGED)
    assert event.data == {"choice": new.public_id, "offer": it.credit.public_id, "replaced": old.public_id}


def test_change_takes_the_new_units() -> None:
    it = make_choosing_scene()
    old = choose(it, it.credit)

    choose(it, it.seat, replaces=old.public_id)

    assert taken(it.seats) == 1


def test_change_between_pools_moves_the_units() -> None:
    it = make_choosing_scene()
    buses = make_pool(it.page, capacity=1)
    bus = make_offer(it.incident, pool=buses, choose_by=CUT_OFF)
    old = choose(it, it.seat)

    choose(it, bus, replaces=old.public_id)

    assert (taken(it.seats), taken(buses)) == (0, 1)


def test_change_within_a_full_pool_works() -> None:
    it = make_choosing_scene(units=2, seats=2)
    window = make_offer(it.incident, name="Window seat", pool=it.seats, choose_by=CUT_OFF)
    old = choose(it, it.seat)

    new = choose(it, window, replaces=old.public_id)

    assert (new.state, taken(it.seats)) == (Choice.State.LIVE, 2)


def test_change_to_something_sold_out_keeps_the_old_choice() -> None:
    it = make_choosing_scene(seats=0)
    old = choose(it, it.credit)

    with pytest.raises(SoldOut, match=r"That one is just taken\. You keep “Credit”\."):
        choose(it, it.seat, replaces=old.public_id)

    old.refresh_from_db()
    assert (old.state, old.promises.get().state, old.tasks.get().state) == ("live", "open", "open")


def test_change_releases_what_was_taken_then_even_if_the_holding_grew() -> None:
    it = make_choosing_scene(seats=5)
    old = choose(it, it.seat)
    it.impact.units = 3
    it.impact.save()

    choose(it, it.credit, replaces=old.public_id)

    assert taken(it.seats) == 0


def test_change_after_the_cut_off_of_the_old_choice_is_too_late() -> None:
    it = make_choosing_scene()
    old = choose(it, it.seat)
    later = make_offer(it.incident, choose_by=CUT_OFF + timedelta(days=1))

    with pytest.raises(TooLate, match=r"“Seat on the 18:10” could be changed or cancelled until 18:02 UTC\."):
        choose(it, later, replaces=old.public_id, now=CUT_OFF + timedelta(minutes=1))

    old.refresh_from_db()
    assert old.state == Choice.State.LIVE


def test_cut_off_that_was_agreed_is_never_moved_forward() -> None:
    it = make_choosing_scene()
    old = choose(it, it.seat)
    revise_offer(it.seat, by=it.by_ana, choose_by=NOW + timedelta(minutes=1), now=NOW)

    new = choose(it, it.credit, replaces=old.public_id, now=LATER)

    assert new.state == Choice.State.LIVE


def test_cut_off_that_was_moved_back_counts_for_everybody() -> None:
    it = make_choosing_scene()
    old = choose(it, it.seat)
    revise_offer(it.seat, by=it.by_ana, choose_by=CUT_OFF + timedelta(days=1), now=NOW)

    cancelled = cancel_choice(old, by=it.by_ana, now=CUT_OFF + timedelta(hours=1))

    assert cancelled.state == Choice.State.CANCELLED


def test_fulfilled_choice_cannot_be_changed() -> None:
    it = make_choosing_scene()
    old = choose(it, it.seat)
    complete_task(old.tasks.get(), by=it.by_ana, now=NOW)

    with pytest.raises(TooLate, match="has been fulfilled already"):
        choose(it, it.credit, replaces=old.public_id)


def test_same_offer_again_changes_nothing() -> None:
    it = make_choosing_scene()
    old = choose(it, it.seat)

    again = choose(it, it.seat, replaces=old.public_id, key="another", now=LATER)

    assert (again, Choice.objects.count(), taken(it.seats)) == (old, 1, 1)
    assert Promise.objects.get().due_at == NOW + it.seat.fulfil_within


def test_same_offer_in_new_terms_is_a_change() -> None:
    it = make_choosing_scene()
    old = choose(it, it.seat)
    revise_offer(it.seat, by=it.by_ana, when="Tonight", now=NOW)

    new = choose(it, it.seat, replaces=old.public_id, key="another", seen_version=2, now=LATER)

    assert (new.terms["when"], new.offer_version, taken(it.seats)) == ("Tonight", 2, 1)


def test_extra_does_not_change_the_core_choice() -> None:
    it = make_choosing_scene()
    core = choose(it, it.seat)

    choose(it, it.lounge, replaces=core.public_id)

    core.refresh_from_db()
    assert (core.state, taken(it.seats)) == (Choice.State.LIVE, 1)


def test_change_leaves_a_broken_promise_broken() -> None:
    it = make_choosing_scene()
    it.seat.fulfil_within = timedelta(minutes=1)
    it.seat.save()
    old = choose(it, it.seat)
    break_due_promises(LATER)

    choose(it, it.credit, replaces=old.public_id, now=LATER)

    assert (old.promises.get().state, old.tasks.get().state) == (Promise.State.BROKEN, Task.State.CANCELLED)


def test_cancelling_gives_everything_back() -> None:
    it = make_choosing_scene()
    choice = choose(it, it.seat)

    cancelled = cancel_choice(choice, by=it.by_ana, now=LATER)

    assert (cancelled.state, cancelled.ended_at, taken(it.seats)) == (Choice.State.CANCELLED, LATER, 0)
    assert (choice.promises.get().state, choice.tasks.get().state) == ("withdrawn", "cancelled")
    event = Event.objects.get(kind=Event.Kind.CHOICE_CANCELLED)
    assert event.data == {"choice": choice.public_id, "offer": it.seat.public_id}


def test_cancelling_twice_gives_back_once() -> None:
    it = make_choosing_scene()
    choose(it, it.seat, impact=it.bens_impact, by=it.by_ben)
    choice = choose(it, it.seat)
    cancel_choice(choice, by=it.by_ana, now=NOW)

    again = cancel_choice(choice, by=it.by_ana, now=LATER)

    assert (again.ended_at, taken(it.seats)) == (NOW, 1)
    assert Event.objects.filter(kind=Event.Kind.CHOICE_CANCELLED).count() == 1


def test_cancelling_leaves_room_for_a_new_choice() -> None:
    it = make_choosing_scene()
    cancel_choice(choose(it, it.seat), by=it.by_ana, now=NOW)

    new = choose(it, it.seat, key="another", now=LATER)

    assert (new.state, taken(it.seats)) == (Choice.State.LIVE, 1)


def test_cancelling_after_the_cut_off_is_too_late() -> None:
    it = make_choosing_scene()
    choice = choose(it, it.seat)

    with pytest.raises(TooLate):
        cancel_choice(choice, by=it.by_ana, now=CUT_OFF + timedelta(microseconds=1))

    assert taken(it.seats) == 1


def test_cancelling_what_was_fulfilled_is_refused() -> None:
    it = make_choosing_scene()
    choice = choose(it, it.seat)
    complete_task(choice.tasks.get(), by=it.by_ana, now=NOW)

    with pytest.raises(WrongState):
        cancel_choice(choice, by=it.by_ana, now=LATER)

    assert taken(it.seats) == 1


def test_cancelling_what_was_replaced_is_refused() -> None:
    it = make_choosing_scene()
    old = choose(it, it.seat)
    choose(it, it.credit, replaces=old.public_id)

    with pytest.raises(WrongState):
        cancel_choice(old, by=it.by_ana, now=LATER)
