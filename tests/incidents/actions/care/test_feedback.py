"""Is it fixed for you, and how was it?"""

from datetime import datetime, timedelta

import pytest

from incidents.actions.care.feedback import answer_check_in, rate
from incidents.actions.publishing.impacts import restore_impact
from incidents.actions.recovery.choices import cancel_choice
from incidents.actions.recovery.promises import break_due_promises, complete_task
from incidents.actor import CLOCK
from incidents.errors import InvalidInput, WrongState
from incidents.models import CheckIn, Event, Impact, Incident, Promise, Rating, Task
from tests.incidents.choosing import NOW, ChoosingScene, choose, make_choosing_scene

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(hours=2)
MUCH_LATER = NOW + timedelta(hours=3)


def make_restored() -> ChoosingScene:
    """The service is restored; Ana is asked, and nobody else is affected."""
    scene = make_choosing_scene()
    Incident.objects.update(status=Incident.Status.RESOLVED, resolved_at=NOW)
    Impact.objects.filter(pk=scene.bens_impact.pk).update(state=Impact.State.WITHDRAWN)
    Impact.objects.filter(pk=scene.impact.pk).update(state=Impact.State.RESTORED, restored_at=NOW)
    CheckIn.objects.create(impact=scene.impact, asked_at=NOW)
    return scene


def kinds() -> list[str]:
    return list(Event.objects.order_by("id").values_list("kind", flat=True))


def test_yes_confirms_the_impact() -> None:
    scene = make_restored()

    check_in = answer_check_in(scene.impact, answer="yes", by=scene.by_ana, comment="  Thanks! ", now=LATER)

    check_in.refresh_from_db()
    scene.impact.refresh_from_db()
    assert (check_in.answer, check_in.comment) == ("yes", "Thanks!")
    assert (check_in.answered_at, check_in.answered_by_name) == (LATER, "Ana")
    assert (scene.impact.state, scene.impact.confirmed_at) == (Impact.State.CONFIRMED, LATER)


def test_last_yes_closes_the_incident() -> None:
    scene = make_restored()

    answer_check_in(scene.impact, answer="yes", by=scene.by_ana, now=LATER)

    scene.incident.refresh_from_db()
    assert scene.incident.closed_at == LATER
    assert kinds() == ["check_in.answered", "impact.confirmed", "incident.closed"]


def test_incident_stays_open_while_somebody_has_not_answered() -> None:
    scene = make_restored()
    Impact.objects.filter(pk=scene.bens_impact.pk).update(state=Impact.State.RESTORED)

    answer_check_in(scene.impact, answer="yes", by=scene.by_ana, now=LATER)

    scene.incident.refresh_from_db()
    assert scene.incident.closed_at is None


# -- everybody confirmed, but a promise is open -----------------------------------------------------------------------


def make_promised() -> tuple[ChoosingScene, Task]:
    """Ana was promised a credit before the service was restored, and says that it is fixed for her."""
    scene = make_choosing_scene()
    choose(scene, scene.credit)
    Incident.objects.update(status=Incident.Status.RESOLVED, resolved_at=NOW)
    Impact.objects.filter(pk=scene.bens_impact.pk).update(state=Impact.State.WITHDRAWN)
    Impact.objects.filter(pk=scene.impact.pk).update(state=Impact.State.RESTORED, restored_at=NOW)
    CheckIn.objects.create(impact=scene.impact, asked_at=NOW)
    answer_check_in(scene.impact, answer="yes", by=scene.by_ana, now=LATER)
    return scene, Task.objects.get(kind=Task.Kind.FULFIL)


def closed_at() -> datetime | None:
    return Incident.objects.get().closed_at


def test_it_waits_for_what_was_promised() -> None:
    _scene, task = make_promised()
    before = closed_at()

    complete_task(task, by=CLOCK, now=MUCH_LATER)

    assert (before, closed_at()) == (None, MUCH_LATER)
    assert kinds()[-1] == "incident.closed"


def test_a_broken_promise_is_waited_for_until_it_is_done_all_the_same() -> None:
    _scene, task = make_promised()
    break_due_promises(NOW + timedelta(days=365))
    before = closed_at()

    complete_task(task, by=CLOCK, now=NOW + timedelta(days=366))

    assert Promise.objects.get().state == Promise.State.BROKEN
    assert (before, closed_at()) == (None, NOW + timedelta(days=366))


def test_a_promise_that_was_given_back_is_not_waited_for() -> None:
    scene, _task = make_promised()

    cancel_choice(scene.impact.choices.get(), by=scene.by_ana, now=LATER)

    assert closed_at() == LATER


def test_a_broken_promise_of_a_choice_that_was_given_back_is_not_waited_for() -> None:
    scene, _task = make_promised()
    Promise.objects.update(state=Promise.State.BROKEN, broken_at=NOW)

    cancel_choice(scene.impact.choices.get(), by=scene.by_ana, now=LATER)

    assert closed_at() == LATER


def test_what_is_promised_before_the_service_is_restored_closes_nothing() -> None:
    scene = make_choosing_scene()
    choose(scene, scene.credit)

    complete_task(Task.objects.get(), by=CLOCK, now=LATER)

    assert closed_at() is None


def test_a_choice_on_a_closed_incident_opens_it_again() -> None:
    scene, task = make_promised()
    complete_task(task, by=CLOCK, now=LATER)
    impact = Impact.objects.get(pk=scene.impact.pk)
    before = closed_at()

    choose(scene, scene.lounge, impact=impact, key="another")

    assert (before, closed_at()) == (LATER, None)


@pytest.mark.parametrize("answer", ["no", "partly"])
def test_no_and_partly_reopen_the_impact_and_bring_a_person(answer: str) -> None:
    scene = make_restored()

    answer_check_in(scene.impact, answer=answer, by=scene.by_ana, now=LATER)

    scene.impact.refresh_from_db()
    assert (scene.impact.state, scene.impact.reopened_at) == (Impact.State.REOPENED, LATER)
    task = Task.objects.get()
    assert (task.kind, task.state, task.impact, task.due_at) == ("follow_up", "open", scene.impact, LATER)
    assert task.title == f"Ana · Night train ({scene.impact.holding.ref})"
    assert list(Event.objects.values_list("kind", "data")) == [
        ("check_in.answered", {"answer": answer}),
        ("impact.reopened", {"answer": answer}),
    ]


def test_same_answer_twice_is_one_answer() -> None:
    scene = make_restored()
    first = answer_check_in(scene.impact, answer="no", by=scene.by_ana, comment="Still dark", now=NOW)

    repeated = answer_check_in(scene.impact, answer="no", by=scene.by_ana, now=LATER)

    assert (repeated, repeated.answered_at, repeated.comment) == (first, NOW, "Still dark")
    assert (Task.objects.count(), len(kinds())) == (1, 2)


def test_same_answer_with_another_comment_keeps_the_comment() -> None:
    scene = make_restored()
    answer_check_in(scene.impact, answer="no", by=scene.by_ana, now=NOW)

    repeated = answer_check_in(scene.impact, answer="no", by=scene.by_ana, comment="Still dark", now=LATER)

    assert (repeated.comment, Task.objects.count()) == ("Still dark", 1)
    assert kinds() == ["check_in.answered", "impact.reopened", "check_in.answered"]


def test_from_no_to_partly_is_still_one_call() -> None:
    scene = make_restored()
    answer_check_in(scene.impact, answer="no", by=scene.by_ana, now=NOW)

    check_in = answer_check_in(scene.impact, answer="partly", by=scene.by_ana, now=LATER)

    assert (check_in.answer, Task.objects.count()) == ("partly", 1)


def test_from_no_to_yes_cancels_the_call() -> None:
    scene = make_restored()
    answer_check_in(scene.impact, answer="no", by=scene.by_ana, now=NOW)

    answer_check_in(scene.impact, answer="yes", by=scene.by_ana, now=LATER)

    scene.impact.refresh_from_db()
    assert (scene.impact.state, Task.objects.get().state) == (Impact.State.CONFIRMED, Task.State.CANCELLED)


def test_from_yes_to_no_reopens_even_a_closed_incident() -> None:
    scene = make_restored()
    answer_check_in(scene.impact, answer="yes", by=scene.by_ana, now=NOW)

    answer_check_in(scene.impact, answer="no", by=scene.by_ana, now=LATER)

    scene.impact.refresh_from_db()
    scene.incident.refresh_from_db()
    assert (scene.impact.state, scene.impact.confirmed_at, scene.incident.closed_at) == (
        Impact.State.REOPENED,
        None,
        None,
    )


def test_next_round_is_answered_apart_from_the_first() -> None:
    scene = make_restored()
    first = answer_check_in(scene.impact, answer="no", by=scene.by_ana, now=NOW)
    restore_impact(scene.impact, by=scene.by_ana, now=LATER)

    second = answer_check_in(scene.impact, answer="yes", by=scene.by_ana, now=LATER)

    first.refresh_from_db()
    assert (first.round, first.answer, second.round, second.answer) == (1, "no", 2, "yes")


def test_second_no_after_the_call_was_made_brings_a_person_again() -> None:
    scene = make_restored()
    answer_check_in(scene.impact, answer="no", by=scene.by_ana, now=NOW)
    Task.objects.update(state=Task.State.DONE, done_at=NOW)
    restore_impact(scene.impact, by=scene.by_ana, now=LATER)

    answer_check_in(scene.impact, answer="no", by=scene.by_ana, now=LATER)

    assert list(Task.objects.order_by("id").values_list("state", flat=True)) == ["done", "open"]


def test_nobody_answers_before_being_asked() -> None:
    scene = make_choosing_scene()

    with pytest.raises(WrongState):
        answer_check_in(scene.impact, answer="yes", by=scene.by_ana, now=NOW)

    assert not Event.objects.exists()


def test_nobody_answers_while_the_service_is_down_again() -> None:
    scene = make_restored()
    Impact.objects.update(state=Impact.State.OPEN)

    with pytest.raises(WrongState):
        answer_check_in(scene.impact, answer="yes", by=scene.by_ana, now=NOW)


def test_unknown_answer_is_refused() -> None:
    scene = make_restored()

    with pytest.raises(InvalidInput) as refusal:
        answer_check_in(scene.impact, answer="maybe", by=scene.by_ana, now=NOW)

    assert refusal.value.field == "answer"


def test_too_long_a_comment_is_refused_by_how_much() -> None:
    scene = make_restored()

    with pytest.raises(InvalidInput, match=r"Please shorten your comment by 3 characters\.") as refusal:
        answer_check_in(scene.impact, answer="no", by=scene.by_ana, comment="x" * 2003, now=NOW)

    assert refusal.value.field == "comment"
    assert not Task.objects.exists()


def test_rating_keeps_what_was_said() -> None:
    scene = make_restored()
    answer_check_in(scene.impact, answer="yes", by=scene.by_ana, now=NOW)

    rate(scene.impact, satisfaction=5, effort=7, by=scene.by_ana, comment=" Well done ", now=LATER)

    rating = Rating.objects.get()
    assert (rating.impact, rating.satisfaction, rating.effort, rating.comment) == (scene.impact, 5, 7, "Well done")
    assert (rating.rated_at, rating.rated_by_name) == (LATER, "Ana")
    assert Event.objects.latest("id").data == {"satisfaction": 5, "effort": 7}


def test_who_said_no_may_rate_too() -> None:
    scene = make_restored()
    answer_check_in(scene.impact, answer="no", by=scene.by_ana, now=NOW)

    rating = rate(scene.impact, satisfaction=1, effort=1, by=scene.by_ana, now=LATER)

    assert (rating.satisfaction, rating.effort) == (1, 1)


def test_nobody_rates_before_answering() -> None:
    scene = make_restored()

    with pytest.raises(WrongState):
        rate(scene.impact, satisfaction=5, effort=7, by=scene.by_ana, now=NOW)

    assert not Rating.objects.exists()


def test_same_rating_twice_is_one_rating() -> None:
    scene = make_restored()
    answer_check_in(scene.impact, answer="yes", by=scene.by_ana, now=NOW)
    first = rate(scene.impact, satisfaction=4, effort=6, by=scene.by_ana, now=NOW)

    repeated = rate(scene.impact, satisfaction=4, effort=6, by=scene.by_ana, now=LATER)

    assert repeated == first
    assert Event.objects.filter(kind=Event.Kind.RATED).count() == 1


def test_another_rating_is_refused() -> None:
    scene = make_restored()
    answer_check_in(scene.impact, answer="yes", by=scene.by_ana, now=NOW)
    rate(scene.impact, satisfaction=4, effort=6, by=scene.by_ana, now=NOW)

    with pytest.raises(WrongState):
        rate(scene.impact, satisfaction=1, effort=6, by=scene.by_ana, now=LATER)

    assert Rating.objects.get().satisfaction == 4


@pytest.mark.parametrize(
    ("satisfaction", "effort", "field"),
    [(0, 4, "satisfaction"), (6, 4, "satisfaction"), (3, 0, "effort"), (3, 8, "effort")],
)
def test_rating_outside_its_scale_is_refused(satisfaction: int, effort: int, field: str) -> None:
    scene = make_restored()
    answer_check_in(scene.impact, answer="yes", by=scene.by_ana, now=NOW)

    with pytest.raises(InvalidInput) as refusal:
        rate(scene.impact, satisfaction=satisfaction, effort=effort, by=scene.by_ana, now=NOW)

    assert refusal.value.field == field
