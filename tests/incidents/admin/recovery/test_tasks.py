"""Tasks at the desk: taken, completed one by one or many at once; the list shows what is open."""

from datetime import timedelta

import pytest
from django.utils import timezone

from incidents.actions.recovery.choices import choose_offer
from incidents.models import Event, Promise, Task
from tests.incidents.admin.scene import Scene, dara, make_scene, messages_of, rosa

pytestmark = pytest.mark.django_db

LIST = "/admin/incidents/task/"


def make_tasks(scene: Scene) -> tuple[Task, Task]:
    """Ana's ticket and Ben's each have a choice, and so a task."""
    incident = scene.published()
    offer = scene.offer(incident)
    tasks = []
    for holding in (scene.ticket, scene.bens_ticket):
        impact = scene.impact(incident, holding)
        choice = choose_offer(impact, offer=offer, seen_version=1, replaces="", key="k", by=scene.by)
        tasks.append(choice.tasks.get())
    return tasks[0], tasks[1]


def tasks_on(page: object) -> list[Task]:
    return list(page.context["cl"].result_list)


def test_taking_makes_it_mine() -> None:
    task, _ = make_tasks(make_scene())

    response = rosa().post(f"{LIST}{task.pk}/take/")

    task.refresh_from_db()
    assert task.owner.first_name == "Rosa"
    assert response.headers["Location"] == LIST


def test_completing_keeps_the_promise_once() -> None:
    task, _ = make_tasks(make_scene())
    client = rosa()

    client.post(f"{LIST}{task.pk}/complete/")
    client.post(f"{LIST}{task.pk}/complete/")

    task.refresh_from_db()
    assert (task.state, task.promise.state, task.choice.state) == ("done", "beaten", "fulfilled")
    assert Event.objects.filter(kind="task.done").count() == 1


def test_many_at_once_are_an_action_each() -> None:
    first, second = make_tasks(make_scene())
    picked = {"action": "complete_them", "_selected_action": [first.pk, second.pk]}

    response = rosa().post(LIST, picked)

    assert messages_of(response) == ["2 tasks."]
    assert set(Task.objects.values_list("state", flat=True)) == {"done"}
    assert Event.objects.filter(kind="task.done").count() == 2


def test_what_is_refused_is_named_and_the_others_go_on() -> None:
    first, second = make_tasks(make_scene())
    Task.objects.filter(pk=first.pk).update(state="cancelled")
    picked = {"action": "complete_them", "_selected_action": [first.pk, second.pk]}

    response = rosa().post(f"{LIST}?state=all", picked)

    second.refresh_from_db()
    assert second.state == "done"
    assert messages_of(response) == [
        f"{first}: This task was cancelled: the customer no longer needs it.",
        "1 task.",
    ]


def test_nothing_can_be_deleted() -> None:
    task, _ = make_tasks(make_scene())
    client = rosa()

    page = client.get(LIST)

    assert "delete_selected" not in page.content.decode()
    assert client.post(f"{LIST}{task.pk}/delete/").status_code == 403


def test_the_list_begins_with_what_is_open_soonest_first() -> None:
    first, second = make_tasks(make_scene())
    Task.objects.filter(pk=first.pk).update(due_at=timezone.now() + timedelta(days=9))
    done_task = Task.objects.create(
        kind="follow_up", impact=first.impact, title="Call", state="done", done_at=timezone.now()
    )

    client = rosa()
    page, all_page = client.get(LIST), client.get(f"{LIST}?state=all")

    assert tasks_on(page) == [second, first]
    assert set(tasks_on(all_page)) == {first, second, done_task}


def test_mine_and_overdue() -> None:
    first, second = make_tasks(make_scene())
    client = rosa()
    client.post(f"{LIST}{first.pk}/take/")
    Task.objects.filter(pk=second.pk).update(due_at=timezone.now() - timedelta(hours=1))

    assert tasks_on(client.get(f"{LIST}?whose=mine")) == [first]
    assert tasks_on(client.get(f"{LIST}?whose=nobody")) == [second]
    assert tasks_on(client.get(f"{LIST}?state=overdue")) == [second]


def test_a_broken_promise_shows_its_state() -> None:
    task, _ = make_tasks(make_scene())
    Promise.objects.filter(pk=task.promise_id).update(state="broken", broken_at=timezone.now())

    page = rosa().get(LIST)

    assert '<span class="word" data-state="broken">Broken</span>' in page.content.decode()


@pytest.mark.parametrize("term", ["T-1", "ANA", "ana", "Ana", "ana@example.org"])
def test_a_task_is_found_by_its_holding_and_its_customer(term: str) -> None:
    first, _ = make_tasks(make_scene())

    assert tasks_on(rosa().get(LIST, {"q": term})) == [first]


def test_a_communicator_completes_nothing() -> None:
    task, _ = make_tasks(make_scene())
    client = dara()

    answers = [client.post(f"{LIST}{task.pk}/{desk_action}/") for desk_action in ("take", "complete")]
    client.post(LIST, {"action": "complete_them", "_selected_action": [task.pk]})

    task.refresh_from_db()
    assert [answer.status_code for answer in answers] == [403, 403]
    assert task.state == "open"


def test_looking_completes_nothing() -> None:
    task, _ = make_tasks(make_scene())

    assert rosa().get(f"{LIST}{task.pk}/complete/").status_code == 405
