"""The storm board: what stands on it, in which order, and that it costs the same for one incident and for three."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from config.desk.board import LATELY, reached, storm_board
from incidents.actions.care.feedback import answer_check_in
from incidents.actions.intake.reports import report_problem
from incidents.actions.publishing.incidents import resolve_incident
from incidents.actions.publishing.updates import publish_estimate
from incidents.actions.recovery.choices import choose_offer
from incidents.actions.recovery.promises import break_due_promises
from incidents.actor import CLOCK
from incidents.models import Customer, Incident, Task
from notifications.models import Channel, Delivery
from tests.incidents.admin.scene import Scene, make_scene
from tests.make import make_component, make_customer

pytestmark = pytest.mark.django_db


def deliver(incident: Incident, customer: Customer, **changes: object) -> Delivery:
    channel, _ = Channel.objects.get_or_create(kind="email", address=customer.email or "nobody@example.org")
    words = {"message": "first_notice", "topic": "personal", "state": "sent", "sent_at": timezone.now()}
    return Delivery.objects.create(incident=incident, customer=customer, channel=channel, **{**words, **changes})


def choose_task(scene: Scene, incident: Incident) -> Task:
    impact, offer = scene.impact(incident), scene.offer(incident)
    return choose_offer(impact, offer=offer, seen_version=1, replaces="", key="k", by=CLOCK).tasks.get()


def test_calm() -> None:
    make_scene()

    board = storm_board(now=timezone.now())

    assert (board.lines, board.drafts, board.planned) == ([], [], [])
    assert (board.not_fixed.rows, board.tasks.rows, board.broken_promises.rows) == ([], [], [])
    assert (board.sending.waiting, board.sending.failed, board.sending.is_late) == (0, 0, False)


def test_reached_counts_customers_whose_first_notice_left() -> None:
    scene = make_scene()
    incident = scene.published()
    ana, ben = scene.ticket.customer, scene.bens_ticket.customer
    deliver(incident, ana)
    deliver(incident, ana, message="personal_update")
    deliver(incident, ben, state="failed", sent_at=None)
    deliver(scene.published(name="Another"), ben)

    assert reached([incident]) == {incident.pk: 1}
    assert [(line.incident.name, line.reached) for line in storm_board(now=timezone.now()).lines] == [
        ("Another", 1),
        ("Trains stand still", 1),
    ]


def test_open_ones_stand_before_those_with_people_who_are_not_whole() -> None:
    scene = make_scene()
    restored, going_on = scene.published(name="Restored"), scene.published(name="Going on")
    scene.draft(name="A draft")
    resolve_incident(restored, body="All trains run.", by=scene.by)

    board = storm_board(now=timezone.now())

    assert [line.incident for line in board.lines] == [going_on, restored]
    assert [draft.name for draft in board.drafts] == ["A draft"]


def test_an_incident_leaves_when_everybody_confirmed_or_after_two_weeks() -> None:
    scene = make_scene()
    confirmed, silent = scene.published(name="Confirmed"), scene.published(name="Silent")
    resolve_incident(confirmed, body="All trains run.", by=scene.by)
    resolve_incident(silent, body="All trains run.", by=scene.by)
    for impact in confirmed.impacts.all():
        answer_check_in(impact, answer="yes", by=CLOCK)

    now = timezone.now()

    assert [line.incident for line in storm_board(now=now).lines] == [silent]
    assert storm_board(now=now + timedelta(days=15)).lines == []


def test_what_we_said_and_did_not_keep() -> None:
    scene, now = make_scene(), timezone.now()
    incident = scene.published(next_update_due_at=now + timedelta(minutes=30))
    publish_estimate(incident, by=scene.by, restored_by=now + timedelta(minutes=40))

    before, after = storm_board(now=now), storm_board(now=now + timedelta(hours=1))

    assert (before.overdue_updates, before.missed_estimates) == ([], [])
    assert [line.incident for line in after.overdue_updates] == [incident]
    assert [line.incident for line in after.missed_estimates] == [incident]


def test_the_queues_hold_who_waits_for_a_person() -> None:
    scene = make_scene()
    incident = scene.published()
    task = choose_task(scene, incident)
    break_due_promises(timezone.now() + timedelta(days=9))
    resolve_incident(incident, body="All trains run.", by=scene.by)
    answer_check_in(scene.impact(incident, scene.bens_ticket), answer="no", by=CLOCK)

    board = storm_board(now=timezone.now())

    assert [impact.holding for impact in board.not_fixed.rows] == [scene.bens_ticket]
    assert [promise.choice_id for promise in board.broken_promises.rows] == [task.choice_id]
    assert [task_row.kind for task_row in board.tasks.rows] == ["follow_up", "fulfil"]
    assert [line.recovery.not_fixed for line in board.lines] == [1]


def test_a_long_queue_shows_ten_and_says_that_there_are_more() -> None:
    scene = make_scene()
    impact = scene.impact(scene.published())
    Task.objects.bulk_create(Task(kind="fulfil", impact=impact, title=f"Task {n}") for n in range(11))

    board = storm_board(now=timezone.now())

    assert (len(board.tasks.rows), board.tasks.has_more) == (10, True)


def test_messages_that_wait_too_long_and_that_failed_lately() -> None:
    scene, now = make_scene(), timezone.now()
    incident, old = scene.published(), now - timedelta(minutes=10)
    deliver(incident, scene.ticket.customer, state="queued", sent_at=None, due_at=old)
    deliver(incident, scene.bens_ticket.customer, state="failed", sent_at=None)
    deliver(incident, make_customer(), state="failed", sent_at=None, created_at=now - LATELY - timedelta(minutes=1))

    sending = storm_board(now=now).sending

    assert (sending.waiting, sending.oldest_due_at, sending.failed, sending.is_late) == (1, old, 1, True)


@pytest.mark.parametrize("number", [1, 3])
def test_the_board_asks_as_often_for_one_as_for_three(number: int) -> None:
    scene = make_scene()
    incidents = [scene.published(name=f"Number {n}") for n in range(number)]
    for incident in incidents:
        choose_task(scene, incident)
    scene.draft()
    for _ in range(number):
        report_problem(make_component(scene.page), visitor="Ana")

    with CaptureQueriesContext(connection) as queries:
        board = storm_board(now=timezone.now())

    assert (len(board.lines), len(board.trends), len(queries)) == (number, number, 20)


def test_the_table_behind_the_bars_has_an_hour_on_each_line_newest_first() -> None:
    scene, now = make_scene(), timezone.now().replace(minute=30)
    report_problem(scene.trains, visitor="Ana", now=now)
    report_problem(scene.trains, visitor="Ben", now=now)
    report_problem(scene.buses, visitor="Ana", now=now - timedelta(hours=1))

    hours = storm_board(now=now).reports_by_hour

    assert [hour.since for hour in hours[:2]] == [
        now.replace(minute=0, second=0, microsecond=0) - timedelta(hours=ago) for ago in (0, 1)
    ]
    assert [list(hour.numbers) for hour in hours[:3]] == [[2, 0], [0, 1], [0, 0]]
    assert len(hours) == 24
