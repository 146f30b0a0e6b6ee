"""Draining: leases, retries, lanes; what one message does never hurts another."""

from datetime import timedelta

import pytest
from django.core import mail

from incidents.models import Customer
from notifications.actions.account_mail import queue_ready_mail
from notifications.channels.email.transport import Deferred, Transport, Unreachable
from notifications.models import Delivery
from notifications.pipeline import delivery, outbox
from tests.notifications.mails import sent_mails
from tests.notifications.scene import NOW, after, at, drain, make_scene, messages_told, tell

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def fail_with(monkeypatch, *errors: Exception | None) -> None:
    """The next messages meet these errors, one each; then all goes well."""
    real, remaining = Transport.send, list(errors)

    def send(self: Transport, message: mail.EmailMessage) -> None:
        error = remaining.pop(0) if remaining else None
        if error:
            raise error
        real(self, message)

    monkeypatch.setattr(Transport, "send", send)


def test_each_message_is_marked_when_it_is_out():
    make_scene()

    count = tell()

    assert count == 2
    assert (
        list(Delivery.objects.values_list("state", "sent_at", "attempts", "lease_token")) == [("sent", NOW, 1, "")] * 2
    )


def test_draining_again_sends_nothing():
    make_scene()
    tell()

    assert (drain(after(days=1)), len(mail.outbox)) == (0, 2)


def test_what_is_not_due_waits():
    make_scene()
    outbox.collect(now=after(minutes=5))

    assert (drain(after(minutes=4)), drain(after(minutes=5))) == (0, 2)


def test_a_lease_keeps_others_away_until_it_ends():
    make_scene()
    outbox.collect(now=NOW)
    batch = delivery._lease("bulk", NOW)

    assert (len(batch.deliveries), drain(NOW + delivery.LEASE - timedelta(seconds=1))) == (2, 0)
    assert drain(NOW + delivery.LEASE) == 2


def test_a_worker_that_was_too_slow_changes_nothing():
    make_scene()
    outbox.collect(now=NOW)
    slow = delivery._lease("bulk", NOW).deliveries[0]
    drain(after(hours=1))

    delivery._finish(slow, Delivery.State.FAILED, reason="too late")

    assert set(Delivery.objects.values_list("state", flat=True)) == {"sent"}


def test_a_worker_that_was_too_slow_sends_nothing(monkeypatch):
    make_scene()
    outbox.collect(now=NOW)
    monkeypatch.setattr(delivery, "LONGEST_SEND", delivery.LEASE + HOUR)

    delivery._send_batch(delivery._lease("bulk", NOW), Transport(), at(NOW))

    assert mail.outbox == []
    assert set(Delivery.objects.values_list("state", "attempts")) == {("queued", 0)}


def test_what_was_tried_before_is_taken_alone():
    make_scene()
    outbox.collect(now=NOW)
    delivery._lease("bulk", NOW)

    second_batch = delivery._lease("bulk", after(hours=1))

    assert [delivery_row.attempts for delivery_row in second_batch.deliveries] == [2]


def test_a_message_over_which_workers_die_is_given_up():
    make_scene()
    outbox.collect(now=NOW)
    Delivery.objects.filter(channel__address="ana@example.org").update(attempts=delivery.MAX_ATTEMPTS)

    drain(NOW)

    assert messages_told() == [
        ("ana@example.org", "first_notice", "failed", delivery.TOO_OFTEN),
        ("ben@example.org", "first_notice", "sent", ""),
    ]


def test_a_passing_failure_is_tried_again_later_and_later(monkeypatch):
    make_scene()
    Customer.objects.filter(name="Ben").update(email="")
    outbox.collect(now=NOW)
    fail_with(monkeypatch, Deferred("451 try later"), Deferred("451 try later"))

    drain(NOW)
    first = Delivery.objects.values_list("state", "reason", "attempts", "due_at").get()
    drain(after(minutes=1))
    second = Delivery.objects.get().due_at
    drain(after(minutes=10))

    assert first[:3] == ("queued", "451 try later", 1)
    assert timedelta(seconds=27) <= first[3] - NOW <= timedelta(seconds=33)
    assert timedelta(seconds=54) <= second - after(minutes=1) <= timedelta(seconds=66)
    assert messages_told() == [("ana@example.org", "first_notice", "sent", "")]


def test_a_failure_that_does_not_pass_is_given_up(monkeypatch):
    make_scene()
    outbox.collect(now=NOW)
    Delivery.objects.update(attempts=delivery.MAX_ATTEMPTS - 1)
    fail_with(monkeypatch, Deferred("451 try later"), Deferred("451 try later"))

    drain(NOW)

    assert [row[2:] for row in messages_told()] == [("failed", "451 try later")] * 2


def test_a_server_that_is_away_stops_the_drain_and_uses_up_one_attempt(monkeypatch):
    make_scene()
    outbox.collect(now=NOW)
    fail_with(monkeypatch, Unreachable("Connection refused"))

    drained = delivery.drain("bulk", clock=at(NOW))

    assert drained == delivery.Drained(0, is_blocked=True)
    assert sorted(Delivery.objects.values_list("state", "attempts")) == [("queued", 0), ("queued", 1)]
    assert not delivery.is_due("bulk", now=NOW)
    assert drain(after(minutes=1)) == 2


def test_a_message_that_cannot_be_written_holds_up_no_other(monkeypatch, caplog):
    make_scene()
    outbox.collect(now=NOW)
    Delivery.objects.filter(channel__address="ana@example.org").update(message="no_such_folder")

    drain(NOW)

    assert messages_told() == [
        ("ana@example.org", "no_such_folder", "queued", delivery.UNWRITABLE),
        ("ben@example.org", "first_notice", "sent", ""),
    ]
    assert "cannot be written" in caplog.text


def test_an_address_that_cannot_be_one_is_switched_off():
    scene = make_scene()
    Customer.objects.filter(pk=scene.ana.pk).update(email="ana at home")

    tell()

    reason = "'ana at home' is not an e-mail address."
    row = Delivery.objects.select_related("channel").get(channel__address="ana at home")
    assert (row.state, row.reason, row.channel.off_at, row.channel.off_reason) == ("failed", reason, NOW, reason)


def test_the_bulk_lane_lets_the_urgent_one_pass(monkeypatch):
    make_scene()
    monkeypatch.setattr(delivery, "BATCH", 1)
    outbox.collect(now=NOW)
    queue_ready_mail("ana@example.org", message="sign_in_code", contents={"code": "K7F2QX"}, now=NOW)

    delivery.drain("bulk", clock=at(NOW))

    assert sent_mails()[0]["Subject"] == "K7F2QX is your sign-in code"
    assert len(mail.outbox) == 3


def test_the_urgent_lane_leaves_the_bulk_alone():
    make_scene()
    outbox.collect(now=NOW)

    assert delivery.drain("urgent", clock=at(NOW)).deliveries_sent == 0


def test_a_drain_ends_in_time(monkeypatch):
    make_scene()
    outbox.collect(now=NOW)
    monkeypatch.setattr(delivery, "BATCH", 1)
    moments = iter(NOW + timedelta(seconds=number) for number in range(1000))

    drained = delivery.drain("bulk", clock=lambda: next(moments), runs_for=timedelta(seconds=3))

    assert drained.deliveries_sent == 1
    assert delivery.is_due("bulk", now=after(hours=1))


def test_a_code_is_wiped_once_it_has_gone():
    queue_ready_mail("ana@example.org", message="sign_in_code", contents={"code": "K7F2QX"}, now=NOW)

    drain(NOW)

    assert Delivery.objects.values_list("state", "data").get() == ("sent", {})


def test_a_repeat_after_a_crash_carries_the_same_message_id():
    make_scene()
    outbox.collect(now=NOW)
    drain(NOW)
    Delivery.objects.update(state="sending", lease_token="of a worker that died", due_at=NOW)  # sent, but never marked

    drain(after(hours=1))

    ids = [message["Message-ID"] for message in sent_mails()]
    assert ids[:2] == ids[2:]
    assert len(set(ids)) == 2


def test_the_number_of_queries_follows_the_batches_not_the_people(django_assert_max_num_queries):
    make_scene()
    outbox.collect(now=NOW)

    with django_assert_max_num_queries(30):
        drain(NOW)
