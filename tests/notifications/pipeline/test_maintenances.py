"""Who hears of planned work that is coming, moved, called off or done; each fact once."""

from datetime import datetime, timedelta

import pytest

from incidents.actions.publishing.incidents import declare_incident, publish_incident
from incidents.actions.publishing.maintenances import cancel_maintenance, reschedule_maintenance
from incidents.actions.recovery.choices import choose_offer
from incidents.actor import Actor
from incidents.clock import tick
from incidents.models import Impact
from notifications.models import Delivery
from notifications.pipeline import outbox
from tests.make import make_offer
from tests.notifications.mails import newest_to, text_of
from tests.notifications.planned import END, HOUR, MINUTE, START, move, plan
from tests.notifications.scene import NOW, drain, make_scene, make_subscription, tell

pytestmark = pytest.mark.django_db


def pass_to(moment: datetime) -> list[tuple[str, str, str]]:
    """Let the clock and the worker run at a moment; what became of each delivery that is new."""
    earlier = set(Delivery.objects.values_list("pk", flat=True))
    tick(moment)
    tell(moment)
    new_deliveries = Delivery.objects.exclude(pk__in=earlier).order_by("channel__address", "message")
    return list(new_deliveries.values_list("channel__address", "message", "state"))


def test_a_reminder_reaches_readers_and_those_concerned_once():
    scene = make_scene(published=False)
    plan(scene, reminders=[60])

    at_hour = pass_to(START - HOUR)
    second_tick = pass_to(START - HOUR + MINUTE)

    assert at_hour == [
        ("ana@example.org", "personal_reminder", "sent"),
        ("ben@example.org", "personal_reminder", "sent"),
        ("reader@example.org", "reminder", "sent"),
    ]
    assert second_tick == []


def test_a_reader_who_is_concerned_is_reminded_once_and_personally():
    scene = make_scene(published=False)
    make_subscription(scene.page, "ben@example.org")
    plan(scene, reminders=[60])

    new_messages = pass_to(START - HOUR)

    assert [row for row in new_messages if row[0] == "ben@example.org"] == [
        ("ben@example.org", "personal_reminder", "sent"),
        ("ben@example.org", "reminder", "superseded"),
    ]


def test_what_a_reminder_says():
    scene = make_scene(published=False)
    plan(scene, reminders=[60])
    pass_to(START - HOUR)

    mail = newest_to("ben@example.org")
    public = newest_to("reader@example.org")

    assert mail["Subject"] == "Reminder: planned work touches Parcel 9001, Wednesday 4 March, 14:02 UTC"
    assert "From Wednesday 4 March, 14:02 UTC until Wednesday 4 March, 17:02 UTC." in text_of(mail)
    assert public["Subject"] == "Reminder: New belt, Wednesday 4 March, 14:02 UTC"
    assert "We replace the belt." in text_of(public)
    assert "Parcel 9001" not in text_of(public)


def test_a_reminder_that_waited_until_the_start_is_not_sent():
    scene = make_scene(published=False)
    plan(scene, reminders=[60])
    tick(START - HOUR)
    outbox.collect(now=START - HOUR)

    drain(START)

    assert set(reminder_states()) == {("superseded", "It is no longer so.")}


def test_a_reminder_of_a_window_that_moved_meanwhile_is_not_sent():
    scene = make_scene(published=False)
    work = plan(scene, reminders=[60])
    tick(START - HOUR)
    outbox.collect(now=START - HOUR)
    move(scene, work, now=START - 59 * MINUTE)

    tell(START - 58 * MINUTE)

    assert set(reminder_states()) == {("superseded", "It is no longer so.")}


def test_a_reminder_of_what_was_cancelled_meanwhile_is_not_sent():
    scene = make_scene(published=False)
    work = plan(scene, reminders=[60])
    tick(START - HOUR)
    outbox.collect(now=START - HOUR)
    cancel_maintenance(work, body="No belt.", by=scene.dara, now=START - 59 * MINUTE)

    tell(START - 58 * MINUTE)

    assert {state for state, _reason in reminder_states()} == {"superseded"}


def reminder_states() -> list[tuple[str, str]]:
    return list(Delivery.objects.filter(message__contains="reminder").values_list("state", "reason"))


def test_a_new_time_is_told_to_readers_and_those_concerned():
    scene = make_scene(published=False)
    work = plan(scene)
    move(scene, work)

    new_messages = pass_to(NOW + HOUR)

    assert new_messages == [
        ("ana@example.org", "personal_rescheduled", "sent"),
        ("ben@example.org", "personal_rescheduled", "sent"),
        ("reader@example.org", "rescheduled", "sent"),
    ]
    mail = newest_to("ben@example.org")
    assert mail["Subject"] == "New time for the work that touches Parcel 9001: Wednesday 11 March, 14:02 UTC"
    text = text_of(mail)
    assert "From Wednesday 11 March, 14:02 UTC until Wednesday 11 March, 15:02 UTC." in text
    assert "Until now it was planned from Wednesday 4 March, 14:02 UTC until Wednesday 4 March, 17:02 UTC." in text
    assert "The belt is late." in text
    assert newest_to("reader@example.org")["Subject"] == "New time for New belt: Wednesday 11 March, 14:02 UTC"


def test_moved_twice_in_a_row_the_last_time_is_told_once():
    scene = make_scene(published=False)
    work = plan(scene)
    move(scene, work)
    later = START + timedelta(days=9)
    reschedule_maintenance(
        work, scheduled_for=later, scheduled_until=later + HOUR, body="", by=scene.dara, now=NOW + HOUR + MINUTE
    )

    new_messages = pass_to(NOW + 2 * HOUR)

    assert [row for row in new_messages if row[2] == "sent"] == [
        ("ana@example.org", "personal_rescheduled", "sent"),
        ("ben@example.org", "personal_rescheduled", "sent"),
        ("reader@example.org", "rescheduled", "sent"),
    ]
    assert "Friday 13 March" in newest_to("ben@example.org")["Subject"]


def test_who_was_told_hears_that_it_is_cancelled():
    scene = make_scene(published=False)
    make_subscription(scene.page, "ben@example.org")
    work = plan(scene)
    cancel_maintenance(work, body="The old belt holds.", by=scene.dara, now=NOW + HOUR)

    new_messages = pass_to(NOW + HOUR)

    assert new_messages == [
        ("ana@example.org", "personal_cancelled", "sent"),
        ("ben@example.org", "cancelled", "superseded"),
        ("ben@example.org", "personal_cancelled", "sent"),
        ("reader@example.org", "cancelled", "sent"),
    ]
    mail = newest_to("ana@example.org")
    assert mail["Subject"] == "Cancelled, 2 of your things are not touched: New belt"
    assert "* Parcel 8841 (Order" in text_of(mail)
    assert "The old belt holds." in text_of(mail)
    assert newest_to("reader@example.org")["Subject"] == "Cancelled: New belt"


def test_who_was_never_told_hears_nothing_of_it():
    scene = make_scene(published=False)
    work = declare_incident(
        scene.page,
        name="New belt",
        kind="maintenance",
        by=scene.dara,
        components={scene.vans: "under_maintenance"},
        scheduled_for=START,
        scheduled_until=END,
        now=NOW,
    )
    publish_incident(work, body="We replace the belt.", by=scene.dara, now=NOW)
    cancel_maintenance(work, body="The old belt holds.", by=scene.dara, now=NOW + MINUTE)

    new_messages = pass_to(NOW + HOUR)

    assert new_messages == []


def test_called_off_in_the_middle_those_concerned_are_asked():
    scene = make_scene(published=False)
    work = plan(scene)
    pass_to(START)
    cancel_maintenance(work, body="The belt does not fit.", by=scene.dara, now=START + HOUR)

    new_messages = pass_to(START + HOUR)

    assert new_messages == [
        ("ana@example.org", "check_in", "sent"),
        ("ben@example.org", "check_in", "sent"),
        ("reader@example.org", "cancelled", "sent"),
    ]
    assert "this planned work was called off: New belt" in text_of(newest_to("ana@example.org"))


def test_who_had_chosen_is_asked_and_the_others_told():
    scene = make_scene(published=False)
    work = plan(scene)
    offer = make_offer(work, choose_by=END)
    impact = Impact.objects.get(incident=work, customer=scene.ben)
    choose_offer(impact, offer=offer, seen_version=1, replaces="", key="k", by=Actor.link("Ben"), now=NOW)
    tell(NOW)
    cancel_maintenance(work, body="The old belt holds.", by=scene.dara, now=NOW + HOUR)

    new_messages = pass_to(NOW + HOUR)

    assert new_messages == [
        ("ana@example.org", "personal_cancelled", "sent"),
        ("ben@example.org", "check_in", "sent"),
        ("reader@example.org", "cancelled", "sent"),
    ]


def test_after_downtime_each_hears_only_that_it_is_done():
    scene = make_scene(published=False)
    plan(scene, verify_for=30, reminders=[1440, 60])

    new_messages = pass_to(END + 5 * HOUR)

    assert new_messages == [
        ("ana@example.org", "check_in", "sent"),
        ("ben@example.org", "check_in", "sent"),
        ("reader@example.org", "public_update", "sent"),
    ]
    assert newest_to("reader@example.org")["Subject"] == "[Completed] New belt"
