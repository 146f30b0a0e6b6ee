"""Everybody at once, with real threads: PostgreSQL decides. SQLite's turn is in test_choosing_processes.py."""

from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import Sum

from incidents.actions.care.feedback import answer_check_in, rate
from incidents.actions.recovery.choices import cancel_choice
from incidents.actions.recovery.promises import break_due_promises, complete_task
from incidents.actions.recovery.remedies import resize_pool, revise_offer
from incidents.models import CheckIn, Choice, Event, Impact, Incident, Pool, Promise, Rating, Task
from incidents.queries.offers import STANDING
from tests.at_once import Call, at_once, call, kinds
from tests.incidents.choosing import CUT_OFF, NOW, ChoosingScene, choose, make_choosing_scene, units_taken
from tests.make import make_customer, make_holding, make_impact, make_offer, make_pool

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="threads need a server; see the processes"),
]

DUE = NOW + timedelta(days=1)


def make_crowd(scene: ChoosingScene, count: int, *, units: int = 1) -> list[Impact]:
    return [make_impact(scene.incident, make_holding(make_customer(), quantity=units)) for _ in range(count)]


def held(pool: Pool) -> int:
    return Choice.objects.filter(pool=pool, state__in=STANDING).aggregate(units=Sum("units", default=0))["units"]


def picks(scene: ChoosingScene, crowd: list[Impact]) -> list[Call]:
    return [call(choose, scene, scene.seat, impact=impact) for impact in crowd]


def test_the_last_three_units_go_to_three_of_twenty_four() -> None:
    scene = make_choosing_scene(seats=3)

    outcomes = at_once(*picks(scene, make_crowd(scene, 24)))

    assert kinds(outcomes) == ["Choice"] * 3 + ["SoldOut"] * 21
    assert (units_taken(scene.seats), held(scene.seats), Promise.objects.count(), Task.objects.count()) == (3, 3, 3, 3)


def test_groups_of_two_never_split_the_last_five_units() -> None:
    scene = make_choosing_scene(seats=5)

    outcomes = at_once(*picks(scene, make_crowd(scene, 12, units=2)))

    assert kinds(outcomes) == ["Choice"] * 2 + ["SoldOut"] * 10
    assert (units_taken(scene.seats), held(scene.seats)) == (4, 4)


@pytest.mark.parametrize("round_", range(3))
def test_one_of_two_delegates_is_faster(round_: int) -> None:
    scene = make_choosing_scene()

    outcomes = at_once(
        call(choose, scene, scene.seat, by=scene.by_ana, key="a"),
        call(choose, scene, scene.credit, by=scene.by_ben, key="b"),
    )

    assert kinds(outcomes) == ["AlreadyChosen", "Choice"]
    assert Choice.objects.count() == 1
    assert units_taken(scene.seats) == held(scene.seats)


def test_one_of_twenty_tabs_is_faster() -> None:
    scene = make_choosing_scene()
    tabs = [call(choose, scene, scene.seat, key=f"tab {number}") for number in range(20)]

    outcomes = at_once(*tabs)

    assert kinds(outcomes) == ["AlreadyChosen"] * 19 + ["Choice"]
    assert (units_taken(scene.seats), Task.objects.count(), Event.objects.count()) == (1, 1, 1)


def test_the_same_request_many_times_at_once_is_one_choice() -> None:
    scene = make_choosing_scene()
    requests = [call(choose, scene, scene.seat, key="once")] * 12

    outcomes = at_once(*requests)

    assert outcomes == [Choice.objects.get()] * 12
    assert (units_taken(scene.seats), Event.objects.count()) == (1, 1)


@pytest.mark.parametrize("round_", range(3))
def test_change_and_cancel_at_once_end_in_one_of_the_two(round_: int) -> None:
    scene = make_choosing_scene()
    old = choose(scene, scene.credit)

    outcomes = at_once(
        call(choose, scene, scene.seat, replaces=old.public_id),
        call(cancel_choice, old, by=scene.by_ben, now=NOW),
    )

    assert kinds(outcomes) in (["AlreadyChosen", "Choice"], ["Choice", "WrongState"])
    assert units_taken(scene.seats) == held(scene.seats)
    assert Task.objects.filter(state=Task.State.OPEN).count() == Choice.objects.filter(state="live").count()


@pytest.mark.parametrize("round_", range(3))
def test_change_and_fulfilment_at_once_end_in_one_of_the_two(round_: int) -> None:
    scene = make_choosing_scene()
    old = choose(scene, scene.credit)

    outcomes = at_once(
        call(choose, scene, scene.seat, replaces=old.public_id),
        call(complete_task, old.tasks.get(), by=scene.by_ben, now=NOW),
    )

    assert kinds(outcomes) in (["Task", "TooLate"], ["Choice", "WrongState"])
    assert units_taken(scene.seats) == held(scene.seats)
    assert Choice.objects.filter(state__in=STANDING).count() == 1


def test_people_who_swap_between_two_pools_do_not_wait_for_each_other_for_ever() -> None:
    scene = make_choosing_scene(seats=20)
    bus = make_offer(scene.incident, pool=make_pool(scene.page, capacity=20), choose_by=CUT_OFF)
    crowd = make_crowd(scene, 20)
    there = [choose(scene, scene.seat, impact=impact) for impact in crowd[:10]]
    here = [choose(scene, bus, impact=impact) for impact in crowd[10:]]

    outcomes = at_once(
        *(call(choose, scene, bus, impact=old.impact, replaces=old.public_id) for old in there),
        *(call(choose, scene, scene.seat, impact=old.impact, replaces=old.public_id) for old in here),
    )

    assert kinds(outcomes) == ["Choice"] * 20
    assert (units_taken(scene.seats), held(scene.seats), held(bus.pool)) == (10, 10, 10)


def test_pool_that_shrinks_while_people_choose_is_never_oversold() -> None:
    scene = make_choosing_scene(seats=12)

    at_once(*picks(scene, make_crowd(scene, 12)), call(resize_pool, scene.seats, capacity=4, by=scene.by_ben, now=NOW))

    scene.seats.refresh_from_db()
    assert scene.seats.taken == held(scene.seats) <= scene.seats.capacity


def test_offer_that_changes_while_people_choose_is_chosen_as_it_was_seen() -> None:
    scene = make_choosing_scene(seats=50)

    at_once(
        *picks(scene, make_crowd(scene, 12)),
        call(revise_offer, scene.seat, by=scene.by_ben, when="Tonight", now=NOW),
    )

    assert set(Choice.objects.values_list("offer_version", "terms__when")) <= {(1, "")}


def test_task_done_by_two_at_once_is_done_once() -> None:
    scene = make_choosing_scene()
    task = choose(scene, scene.seat).tasks.get()

    outcomes = at_once(*[call(complete_task, task, by=scene.by_ana, now=NOW)] * 8)

    assert outcomes == [task] * 8
    assert Event.objects.filter(kind=Event.Kind.TASK_DONE).count() == 1
    assert Event.objects.filter(kind=Event.Kind.CHOICE_FULFILLED).count() == 1


def test_promises_break_once_under_several_clocks() -> None:
    scene = make_choosing_scene()
    Promise.objects.bulk_create(
        Promise(impact=scene.impact, text="We call you", made_at=NOW, due_at=DUE) for _ in range(350)
    )

    broken = at_once(*[call(break_due_promises, DUE + timedelta(minutes=1))] * 4)

    assert sum(broken) == 350
    assert Event.objects.filter(kind=Event.Kind.PROMISE_BROKEN).count() == 350


@pytest.mark.parametrize("round_", range(3))
def test_promises_broken_by_the_clock_and_done_late_at_once_are_told_once(round_: int) -> None:
    scene = make_choosing_scene()
    late = DUE + timedelta(minutes=1)
    tasks = [choose(scene, scene.credit, impact=impact).tasks.get() for impact in make_crowd(scene, 16)]

    at_once(
        *(call(complete_task, task, by=scene.by_ana, now=late) for task in tasks),
        *[call(break_due_promises, late)] * 2,
    )

    outcomes = Promise.objects.values_list("state", "done_at", "broken_at")
    assert list(outcomes) == [(Promise.State.BROKEN, late, DUE)] * 16
    assert Event.objects.filter(kind=Event.Kind.PROMISE_BROKEN).count() == 16


def make_restored() -> ChoosingScene:
    scene = make_choosing_scene()
    Incident.objects.update(status=Incident.Status.RESOLVED, resolved_at=NOW)
    Impact.objects.update(state=Impact.State.RESTORED, restored_at=NOW)
    CheckIn.objects.bulk_create(CheckIn(impact=impact, asked_at=NOW) for impact in Impact.objects.all())
    return scene


@pytest.mark.parametrize("round_", range(3))
def test_the_last_two_to_confirm_close_the_incident_together(round_: int) -> None:
    scene = make_restored()

    at_once(
        call(answer_check_in, scene.impact, answer="yes", by=scene.by_ana, now=NOW),
        call(answer_check_in, scene.bens_impact, answer="yes", by=scene.by_ben, now=NOW),
    )

    scene.incident.refresh_from_db()
    assert scene.incident.closed_at == NOW
    assert Event.objects.filter(kind=Event.Kind.INCIDENT_CLOSED).count() == 1


def test_no_said_many_times_at_once_brings_one_person() -> None:
    scene = make_restored()

    at_once(*[call(answer_check_in, scene.impact, answer="no", by=scene.by_ana, now=NOW)] * 8)

    assert Task.objects.filter(kind=Task.Kind.FOLLOW_UP).count() == 1
    assert Event.objects.filter(kind=Event.Kind.IMPACT_REOPENED).count() == 1


def test_same_rating_many_times_at_once_is_one_rating() -> None:
    scene = make_restored()
    answer_check_in(scene.impact, answer="yes", by=scene.by_ana, now=NOW)

    outcomes = at_once(*[call(rate, scene.impact, satisfaction=5, effort=7, by=scene.by_ana, now=NOW)] * 8)

    assert outcomes == [Rating.objects.get()] * 8
    assert Event.objects.filter(kind=Event.Kind.RATED).count() == 1
