"""Tasks done, promises settled, promises broken by the clock."""

from datetime import timedelta

import pytest

from incidents.actions.recovery.choices import cancel_choice
from incidents.actions.recovery.promises import assign_task, break_due_promises, complete_task
from incidents.actor import Actor
from incidents.errors import WrongState
from incidents.models import Choice, Event, Promise, Task, User
from tests.incidents.choosing import NOW, choose, make_choosing_scene
from tests.make import make_user

pytestmark = pytest.mark.django_db

# Every offer is fulfilled within a day of the choice, unless a test says otherwise.
DUE = NOW + timedelta(days=1)
HALF = NOW + timedelta(hours=12)


@pytest.fixture
def eli() -> User:
    return make_user("Eli", is_staff=True)


def test_done_task_fulfils_the_choice(eli: User) -> None:
    scene = make_choosing_scene()
    choice = choose(scene, scene.seat)

    task = complete_task(choice.tasks.get(), by=Actor.staff(eli), now=HALF)

    choice.refresh_from_db()
    assert (task.state, task.done_at, task.done_by) == (Task.State.DONE, HALF, eli)
    assert (choice.state, choice.fulfilled_at) == (Choice.State.FULFILLED, HALF)


def test_done_task_records_the_task_and_the_choice(eli: User) -> None:
    scene = make_choosing_scene()
    choice = choose(scene, scene.seat)

    task = complete_task(choice.tasks.get(), by=Actor.staff(eli), now=HALF)

    completion, fulfilment = Event.objects.order_by("id")[1:]
    assert (completion.kind, completion.actor, completion.data) == (
        "task.done",
        eli,
        {"task": task.pk, "task_kind": "fulfil"},
    )
    assert (fulfilment.kind, fulfilment.impact) == ("choice.fulfilled", scene.impact)
    assert fulfilment.data == {
        "choice": choice.public_id,
        "promise": choice.promises.get().public_id,
        "state": "kept",
    }


@pytest.mark.parametrize(
    ("done_at", "state"),
    [
        (NOW, Promise.State.BEATEN),
        (HALF - timedelta(seconds=1), Promise.State.BEATEN),
        (HALF, Promise.State.KEPT),
        (DUE, Promise.State.KEPT),
        (DUE + timedelta(seconds=1), Promise.State.BROKEN),
    ],
)
def test_promise_is_beaten_before_half_the_time_kept_until_due_broken_after(done_at: object, state: str) -> None:
    scene = make_choosing_scene()
    choice = choose(scene, scene.seat)

    complete_task(choice.tasks.get(), by=scene.by_ana, now=done_at)

    promise = Promise.objects.get()
    assert (promise.state, promise.done_at) == (state, done_at)


def test_late_task_breaks_its_promise_before_the_clock_came_by() -> None:
    scene = make_choosing_scene()
    choice = choose(scene, scene.seat)
    late = DUE + timedelta(hours=1)

    complete_task(choice.tasks.get(), by=scene.by_ana, now=late)

    assert Promise.objects.get().broken_at == DUE
    event = Event.objects.get(kind=Event.Kind.PROMISE_BROKEN)
    assert event.data == {"promise": choice.promises.get().public_id, "is_done": True}
    assert break_due_promises(late) == 0


def test_broken_promise_stays_broken_but_says_when_it_was_done() -> None:
    scene = make_choosing_scene()
    choice = choose(scene, scene.seat)
    late = DUE + timedelta(hours=1)
    break_due_promises(late)

    complete_task(choice.tasks.get(), by=scene.by_ana, now=late)

    promise = Promise.objects.get()
    assert (promise.state, promise.broken_at, promise.done_at) == (Promise.State.BROKEN, DUE, late)
    assert Event.objects.filter(kind=Event.Kind.PROMISE_BROKEN).count() == 1
    assert Event.objects.get(kind=Event.Kind.CHOICE_FULFILLED).data["state"] == "broken"


def test_done_twice_is_done_once() -> None:
    scene = make_choosing_scene()
    choice = choose(scene, scene.seat)
    task = complete_task(choice.tasks.get(), by=scene.by_ana, now=HALF)

    repeated = complete_task(task, by=scene.by_ben, now=DUE)

    assert (repeated, repeated.done_at, repeated.done_by) == (task, HALF, scene.ana)
    assert Event.objects.filter(kind=Event.Kind.TASK_DONE).count() == 1


def test_cancelled_task_cannot_be_done() -> None:
    scene = make_choosing_scene()
    choice = choose(scene, scene.seat)
    cancel_choice(choice, by=scene.by_ana, now=NOW)

    with pytest.raises(WrongState):
        complete_task(choice.tasks.get(), by=scene.by_ana, now=HALF)

    choice.refresh_from_db()
    assert choice.state == Choice.State.CANCELLED


def test_follow_up_is_done_without_choice_or_promise() -> None:
    scene = make_choosing_scene()
    call = Task.objects.create(kind=Task.Kind.FOLLOW_UP, impact=scene.impact, title="Call Ana")

    task = complete_task(call, by=scene.by_ana, now=NOW)

    assert task.state == Task.State.DONE
    assert list(Event.objects.values_list("kind", "data")) == [
        ("task.done", {"task": call.pk, "task_kind": "follow_up"})
    ]


def test_task_gets_one_owner(eli: User) -> None:
    scene = make_choosing_scene()
    task = choose(scene, scene.seat).tasks.get()

    assign_task(task, owner=eli, by=Actor.staff(eli), now=NOW)

    task.refresh_from_db()
    assert task.owner == eli
    assert Event.objects.get(kind=Event.Kind.TASK_ASSIGNED).data == {"task": task.pk, "owner": eli.pk}


def test_same_owner_again_changes_nothing(eli: User) -> None:
    scene = make_choosing_scene()
    task = choose(scene, scene.seat).tasks.get()
    assign_task(task, owner=eli, by=Actor.staff(eli), now=NOW)

    assign_task(task, owner=eli, by=Actor.staff(eli), now=NOW)

    assert Event.objects.filter(kind=Event.Kind.TASK_ASSIGNED).count() == 1


def test_task_can_be_handed_back(eli: User) -> None:
    scene = make_choosing_scene()
    task = assign_task(choose(scene, scene.seat).tasks.get(), owner=eli, by=Actor.staff(eli), now=NOW)

    task = assign_task(task, owner=None, by=Actor.staff(eli), now=NOW)

    assert task.owner is None


def test_finished_task_has_no_new_owner(eli: User) -> None:
    scene = make_choosing_scene()
    task = complete_task(choose(scene, scene.seat).tasks.get(), by=Actor.staff(eli), now=NOW)

    with pytest.raises(WrongState):
        assign_task(task, owner=eli, by=Actor.staff(eli), now=NOW)


def test_promise_breaks_when_its_date_has_passed() -> None:
    scene = make_choosing_scene()
    choice = choose(scene, scene.seat)
    found_at = DUE + timedelta(minutes=1)

    count = break_due_promises(found_at)

    promise = choice.promises.get()
    assert (count, promise.state, promise.broken_at, promise.done_at) == (1, Promise.State.BROKEN, DUE, None)
    event = Event.objects.get(kind=Event.Kind.PROMISE_BROKEN)
    assert (event.via, event.impact, event.happened_at) == ("clock", scene.impact, found_at)
    assert event.data == {"promise": promise.public_id, "is_done": False}


def test_broken_promise_keeps_its_task_open() -> None:
    scene = make_choosing_scene()
    choice = choose(scene, scene.seat)

    break_due_promises(DUE + timedelta(minutes=1))

    assert choice.tasks.get().state == Task.State.OPEN


def test_promise_holds_until_its_date() -> None:
    scene = make_choosing_scene()
    choose(scene, scene.seat)

    assert break_due_promises(DUE) == 0


def test_promise_breaks_once() -> None:
    scene = make_choosing_scene()
    choose(scene, scene.seat)
    break_due_promises(DUE + timedelta(minutes=1))

    assert break_due_promises(DUE + timedelta(minutes=2)) == 0
    assert Event.objects.filter(kind=Event.Kind.PROMISE_BROKEN).count() == 1


def test_kept_and_withdrawn_promises_never_break() -> None:
    scene = make_choosing_scene()
    cancel_choice(choose(scene, scene.seat), by=scene.by_ana, now=NOW)
    complete_task(choose(scene, scene.credit).tasks.get(), by=scene.by_ana, now=HALF)

    assert break_due_promises(DUE + timedelta(days=1)) == 0


def test_many_due_promises_break_in_batches() -> None:
    scene = make_choosing_scene()
    Promise.objects.bulk_create(
        Promise(impact=scene.impact, text="We call you", made_at=NOW, due_at=DUE) for _ in range(250)
    )

    count = break_due_promises(DUE + timedelta(minutes=1))

    assert count == 250
    assert Promise.objects.filter(state=Promise.State.BROKEN).count() == 250
    assert Event.objects.filter(kind=Event.Kind.PROMISE_BROKEN).count() == 250
