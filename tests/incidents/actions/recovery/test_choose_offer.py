"""Choosing an offer: what it makes, and how it stands up to the same request and to races."""

from datetime import timedelta
from typing import Any
from unittest.mock import DEFAULT, Mock

import pytest
from django.db import IntegrityError

from incidents.actions.recovery import choices
from incidents.actions.recovery.choices import choose_offer
from incidents.actions.recovery.remedies import revise_offer, withdraw_offer
from incidents.actor import Actor
from incidents.errors import AlreadyChosen, InvalidInput
from incidents.models import Choice, Event, Impact, Pool, Promise, Task
from tests.incidents.choosing import CUT_OFF, NOW, choose, make_choosing_scene, units_taken
from tests.make import make_offer, make_user

pytestmark = pytest.mark.django_db

SAVEPOINT = 2  # a test is a transaction already


def test_keeps_who_chose_what_and_when() -> None:
    scene = make_choosing_scene()

    choice = choose(scene, scene.seat)

    choice.refresh_from_db()
    assert (choice.impact, choice.offer, choice.pool, choice.units) == (scene.impact, scene.seat, scene.seats, 1)
    assert (choice.state, choice.via, choice.chosen_at) == (Choice.State.LIVE, Choice.Via.ACCOUNT, NOW)
    assert (choice.chosen_by, choice.chosen_by_name) == (scene.ana, "Ana")


def test_takes_the_units_of_the_holding_from_the_pool() -> None:
    scene = make_choosing_scene(units=2, seats=5)

    choose(scene, scene.seat)

    assert units_taken(scene.seats) == 2


def test_promises_with_a_date() -> None:
    scene = make_choosing_scene()

    choice = choose(scene, scene.seat)

    promise = Promise.objects.get()
    assert (promise.choice, promise.impact, promise.state) == (choice, scene.impact, Promise.State.OPEN)
    assert (promise.text, promise.made_at, promise.due_at) == (scene.seat.promise, NOW, NOW + scene.seat.fulfil_within)


def test_opens_a_task_that_names_what_for_whom_and_which_holding() -> None:
    scene = make_choosing_scene(units=2)

    choice = choose(scene, scene.seat)

    task = Task.objects.get()
    assert (task.kind, task.state, task.choice, task.promise) == ("fulfil", "open", choice, choice.promises.get())
    assert task.title == f"2 × Seat on the 18:10 · Ana · Night train ({scene.impact.holding.ref})"
    assert task.due_at == NOW + scene.seat.fulfil_within


def test_title_of_the_task_fits_however_long_the_names() -> None:
    scene = make_choosing_scene()
    scene.seat.name, scene.impact.customer.name, scene.impact.holding.label = "o" * 120, "c" * 200, "h" * 200
    scene.seat.save()
    scene.impact.customer.save()
    scene.impact.holding.save()

    choose(scene, scene.seat)

    assert Task.objects.get().title == " · ".join(f"{letter * 59}…" for letter in "och")


def test_records_one_event() -> None:
    scene = make_choosing_scene()

    choice = choose(scene, scene.seat)

    event = Event.objects.get()
    assert (event.kind, event.impact, event.incident, event.page) == (
        "choice.made",
        scene.impact,
        scene.incident,
        scene.page,
    )
    assert (event.actor, event.via, event.happened_at, event.is_public) == (scene.ana, "account", NOW, False)
    assert event.data == {"choice": choice.public_id, "offer": scene.seat.public_id, "replaced": ""}


def test_keeps_the_terms_as_they_were_agreed() -> None:
    scene = make_choosing_scene()
    choice = choose(scene, scene.credit)

    revise_offer(scene.credit, by=scene.by_ana, name="Less credit", value="5.00", now=NOW)

    choice.refresh_from_db()
    assert choice.offer_version == 1
    assert choice.terms == {
        "name": "Credit",
        "kind": "credit",
        "what_you_get": scene.credit.what_you_get,
        "when": "",
        "what_it_costs": "",
        "what_you_give_up": "",
        "promise": scene.credit.promise,
        "fulfil_within": 86400.0,
        "value": "25.00",
        "currency": "EUR",
        "is_legal_right": False,
        "choose_by": CUT_OFF.isoformat(),
        "version": 1,
    }


def test_staff_choose_on_behalf() -> None:
    scene = make_choosing_scene()
    dara = make_user("Dara", is_staff=True)

    choice = choose(scene, scene.credit, by=Actor.staff(dara))

    assert (choice.via, choice.chosen_by, choice.chosen_by_name) == (Choice.Via.STAFF, dara, "Dara")


def test_bearer_of_a_link_needs_no_account() -> None:
    scene = make_choosing_scene()

    choice = choose(scene, scene.credit, by=Actor.link("Ana"))

    assert (choice.via, choice.chosen_by, choice.chosen_by_name) == (Choice.Via.LINK, None, "Ana")


def test_same_key_gives_the_same_choice() -> None:
    scene = make_choosing_scene()
    first = choose(scene, scene.seat, key="once")

    repeated = choose(scene, scene.seat, key="once")

    assert repeated == first
    assert (Choice.objects.count(), Promise.objects.count(), Task.objects.count(), Event.objects.count()) == (
        1,
        1,
        1,
        1,
    )
    assert units_taken(scene.seats) == 1


def test_same_key_gives_the_same_choice_even_after_it_was_changed() -> None:
    scene = make_choosing_scene()
    first = choose(scene, scene.seat, key="once")
    choose(scene, scene.credit, replaces=first.public_id)

    repeated = choose(scene, scene.seat, key="once")

    assert (repeated, repeated.state) == (first, Choice.State.CHANGED)


def test_same_key_answers_before_anything_else_is_judged() -> None:
    scene = make_choosing_scene()
    first = choose(scene, scene.seat, key="once")
    withdraw_offer(scene.seat, by=scene.by_ana, now=NOW)

    repeated = choose(scene, scene.seat, key="once", seen_version=99, now=CUT_OFF + timedelta(days=1))

    assert repeated == first


def test_same_key_for_another_offer_is_refused() -> None:
    scene = make_choosing_scene()
    first = choose(scene, scene.seat, key="once")

    with pytest.raises(InvalidInput) as refusal:
        choose(scene, scene.credit, key="once", replaces=first.public_id)

    assert refusal.value.field == "key"


def test_two_impacts_may_use_the_same_key() -> None:
    scene = make_choosing_scene()
    choice = choose(scene, scene.credit, key="once")

    bens = choose(scene, scene.credit, key="once", impact=scene.bens_impact, by=scene.by_ben)

    assert bens != choice


@pytest.mark.parametrize("key", ["", "k" * 65])
def test_key_is_required_and_short(key: str) -> None:
    scene = make_choosing_scene()

    with pytest.raises(InvalidInput) as refusal:
        choose(scene, scene.credit, key=key)

    assert refusal.value.field == "key"


def test_extra_stands_beside_the_core_choice() -> None:
    scene = make_choosing_scene()
    core = choose(scene, scene.seat)

    extra = choose(scene, scene.lounge, replaces="whatever")

    core.refresh_from_db()
    assert (core.state, extra.state, extra.is_extra) == (Choice.State.LIVE, Choice.State.LIVE, True)
    assert Promise.objects.filter(state=Promise.State.OPEN).count() == 2


def test_extra_is_no_rival_of_a_core_choice() -> None:
    scene = make_choosing_scene()
    choose(scene, scene.lounge)

    core = choose(scene, scene.seat, replaces="")

    assert core.state == Choice.State.LIVE


def test_same_extra_stands_once() -> None:
    scene = make_choosing_scene()
    choose(scene, scene.lounge)

    with pytest.raises(AlreadyChosen, match="You already chose “Lounge”"):
        choose(scene, scene.lounge, key="another")


def test_two_extras_stand_side_by_side() -> None:
    scene = make_choosing_scene()
    choose(scene, scene.lounge)
    meal = make_offer(scene.incident, name="Meal", is_extra=True, choose_by=CUT_OFF)

    choose(scene, meal)

    assert Choice.objects.filter(state=Choice.State.LIVE, is_extra=True).count() == 2


@pytest.fixture
def _no_locks(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the lock had not kept a rival away: the first look sees nothing, the constraint decides."""
    looks = Mock(side_effect=[[], DEFAULT], wraps=choices._known_choices)
    monkeypatch.setattr(choices, "_known_choices", looks)


@pytest.mark.usefixtures("_no_locks")
def test_race_lost_to_the_constraint_is_answered_as_any_lost_race() -> None:
    scene = make_choosing_scene()
    Choice.objects.create(
        impact=scene.impact,
        offer=scene.credit,
        offer_version=1,
        via="account",
        key="rival",
        chosen_by_name="Ben",
        chosen_at=NOW,
    )

    with pytest.raises(AlreadyChosen, match=r"Ben chose “Credit” \(14:02 UTC\)\."):
        choose(scene, scene.seat)

    assert units_taken(scene.seats) == 0


@pytest.mark.usefixtures("_no_locks")
def test_race_lost_to_the_same_request_gives_its_choice() -> None:
    scene = make_choosing_scene()
    earlier = Choice.objects.create(
        impact=scene.impact,
        offer=scene.seat,
        offer_version=1,
        via="account",
        key="once",
        chosen_by_name="Ana",
        chosen_at=NOW,
    )

    choice = choose(scene, scene.seat, key="once")

    assert choice == earlier
    assert units_taken(scene.seats) == 0


def test_constraint_that_no_rival_explains_is_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    scene = make_choosing_scene()
    monkeypatch.setattr(choices, "move_units", lambda **_: Pool.objects.update(taken=99))

    with pytest.raises(IntegrityError):
        choose(scene, scene.seat)


def test_stale_instances_are_not_trusted() -> None:
    scene = make_choosing_scene()
    stale = Impact.objects.get(pk=scene.impact.pk)
    Impact.objects.update(units=2)

    choice = choose_offer(stale, offer=scene.seat, seen_version=1, replaces="", key="k", by=scene.by_ana, now=NOW)

    assert (choice.units, units_taken(scene.seats)) == (2, 2)


def test_choosing_costs_eight_statements(django_assert_num_queries: Any) -> None:
    scene = make_choosing_scene()

    with django_assert_num_queries(8 + SAVEPOINT):
        choose(scene, scene.seat)
