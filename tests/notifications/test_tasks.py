"""What the queue runs, and how it is woken."""

import pytest
from django.core import mail
from django.utils import timezone
from django_q.models import OrmQ

from incidents.actions.publishing.updates import post_update
from incidents.models import Event
from notifications import tasks, wakeups
from notifications.actions.account_mail import queue_ready_mail
from notifications.channels.email.transport import Transport, Unreachable
from notifications.models import Delivery
from notifications.pipeline import delivery
from tests.notifications.scene import make_scene

pytestmark = pytest.mark.django_db


@pytest.fixture
def queued(monkeypatch) -> list[tuple[str, ...]]:
    """What was put into the queue, instead of putting it there."""
    calls: list[tuple[str, ...]] = []
    monkeypatch.setattr(wakeups, "async_task", lambda *args, **options: calls.append((*args, options["cluster"])))
    return calls


COLLECT = "notifications.tasks.collect_and_drain"
DRAIN = "notifications.tasks.drain"


def test_hundreds_of_events_wake_the_worker_once(queued, settings, django_capture_on_commit_callbacks):
    scene = make_scene()

    with django_capture_on_commit_callbacks(execute=True):
        [post_update(scene.incident, body=f"Van {number} is out.", by=scene.dara) for number in range(30)]

    assert [call[0] for call in queued] == [COLLECT]
    assert queued[0][-1] == settings.LANES["urgent"]


def test_what_happens_while_the_worker_looks_wakes_it_again(queued, django_capture_on_commit_callbacks):
    scene = make_scene()
    wakeups.wake_collector()
    tasks.collect_and_drain()

    with django_capture_on_commit_callbacks(execute=True):
        post_update(scene.incident, body="Van 1 is out.", by=scene.dara)

    assert [call[0] for call in queued].count(COLLECT) == 2


def test_a_broker_that_is_away_fails_no_action(monkeypatch, caplog, django_capture_on_commit_callbacks):
    scene = make_scene()

    def fail(*args: object, **options: object) -> None:
        raise ConnectionError("no broker")

    monkeypatch.setattr(wakeups, "async_task", fail)

    with django_capture_on_commit_callbacks(execute=True):
        post_update(scene.incident, body="Van 1 is out.", by=scene.dara)
        queue_ready_mail("ana@example.org", message="sign_in_code", contents={"code": "K7F2QX"})

    assert Event.objects.filter(kind="incident.updated").exists()
    assert "no broker" in caplog.text


def test_collecting_sends_the_urgent_and_leaves_the_bulk_to_its_lane(queued, settings):
    make_scene()
    queue_ready_mail("ana@example.org", message="sign_in_code", contents={"code": "K7F2QX"})

    tasks.collect_and_drain()

    assert [message.subject for message in mail.outbox] == ["K7F2QX is your sign-in code"]
    assert queued[-1] == (DRAIN, "bulk", settings.LANES["bulk"])


def test_a_drained_lane_is_not_woken_again(queued):
    make_scene()
    tasks.collect_and_drain()
    queued.clear()

    tasks.drain("bulk")

    assert (len(mail.outbox), queued) == (2, [])


def test_a_lane_that_is_not_empty_when_time_is_up_gets_another_turn(queued, monkeypatch):
    make_scene()
    monkeypatch.setattr(delivery, "drain", lambda lane: delivery.Drained(0))
    tasks.sweep()
    queued.clear()

    tasks.drain("bulk")

    assert [call[:2] for call in queued] == [(DRAIN, "bulk")]


def test_a_server_that_is_away_is_not_tried_in_a_loop(queued, monkeypatch):
    make_scene()
    tasks.sweep()
    queued.clear()

    def fail(self: Transport, message: object) -> None:
        raise Unreachable("Connection refused")

    monkeypatch.setattr(Transport, "send", fail)

    tasks.drain("bulk")

    assert queued == []


def test_the_sweep_finds_what_a_lost_wake_up_left(queued):
    make_scene()

    tasks.sweep()
    tasks.drain("bulk")

    assert set(Delivery.objects.values_list("state", flat=True)) == {"sent"}


def test_running_everything_twice_sends_nothing_twice(queued):
    make_scene()

    [task() for task in (tasks.sweep, tasks.collect_and_drain, tasks.sweep, tasks.tick)]
    [tasks.drain(lane) for lane in ("bulk", "urgent", "bulk")]

    assert len(mail.outbox) == 2


def test_the_clock_is_the_incidents_own(monkeypatch):
    ticks: list[object] = []
    monkeypatch.setattr("incidents.clock.tick", lambda: ticks.append(timezone.now()))

    tasks.tick()

    assert len(ticks) == 1


@pytest.mark.skipif("redis" in str(wakeups.settings.Q_CLUSTER), reason="this looks into the queue's own table")
def test_a_wake_up_is_a_row_in_the_queue():
    wakeups.wake("bulk")
    wakeups.wake("bulk")

    assert OrmQ.objects.count() == 1
