"""The gate at the moment of sending: whoever is not to hear of it any more does not, and the reason is kept."""

import pytest
from django.core import mail

from incidents.actions.publishing.incidents import resolve_incident
from incidents.actions.publishing.updates import post_update, publish_estimate
from incidents.actions.recovery.choices import cancel_choice, choose_offer
from incidents.actions.recovery.promises import break_due_promises, complete_task
from incidents.actor import Actor
from incidents.models import Impact, Membership, Task
from notifications import reasons, topics
from notifications.actions.account_mail import queue_ready_mail
from notifications.actions.subscriptions import subscribe, unsubscribe
from notifications.actions.suppressions import suppress
from notifications.models import Channel, Delivery, Subscription
from notifications.pipeline import outbox
from notifications.tokens import Stop
from tests.make import make_membership, make_offer, make_user
from tests.notifications.mails import sent_mails, text_of
from tests.notifications.scene import NOW, after, drain, make_scene, make_subscription, messages_told, tell

pytestmark = pytest.mark.django_db


def to(address: str) -> list[tuple[str, str, str]]:
    return [row[1:] for row in messages_told() if row[0] == address]


def test_who_unsubscribes_gets_nothing_of_what_is_queued():
    make_scene()
    outbox.collect(now=NOW)
    unsubscribe(Stop(Channel.objects.get(address="ana@example.org").pk, topics.PERSONAL), now=NOW)

    drain(NOW)

    assert to("ana@example.org") == [("first_notice", "suppressed", reasons.STOPPED_PERSONAL)]
    assert [message["To"] for message in sent_mails()] == ["ben@example.org"]


def test_what_staff_forbids_after_collecting_is_not_sent():
    make_scene()
    outbox.collect(now=NOW)
    suppress(Channel.objects.get(address="ana@example.org"), now=NOW)

    drain(NOW)

    assert to("ana@example.org") == [("first_notice", "suppressed", reasons.STOPPED_ALL)]


def test_an_address_switched_off_after_collecting_gets_nothing():
    make_scene()
    outbox.collect(now=NOW)
    Channel.objects.filter(address="ana@example.org").update(off_at=NOW)

    drain(NOW)

    assert to("ana@example.org") == [("first_notice", "suppressed", reasons.OFF)]


def test_a_subscription_that_ended_after_collecting_hears_nothing():
    scene = make_scene()
    make_subscription(scene.page, "reader@example.org")
    outbox.collect(now=NOW)
    Subscription.objects.update(state=Subscription.State.ENDED, ended_at=NOW)

    drain(NOW)

    assert to("reader@example.org") == [("public_update", "suppressed", reasons.NOT_SUBSCRIBED)]


def test_who_is_not_affected_after_all_hears_nothing():
    scene = make_scene()
    outbox.collect(now=NOW)
    Impact.objects.filter(customer=scene.ben).update(state=Impact.State.WITHDRAWN)

    drain(NOW)

    assert to("ben@example.org") == [("first_notice", "suppressed", reasons.NOT_AFFECTED)]


def test_a_member_who_left_since_hears_nothing():
    scene = make_scene()
    make_membership(make_user("Vera"), scene.ana)
    outbox.collect(now=NOW)
    Membership.objects.all().delete()

    drain(NOW)

    assert to("vera@example.org") == [("first_notice", "suppressed", reasons.NOT_THEIRS)]


def test_of_two_estimates_that_wait_only_the_newer_goes_out():
    scene = make_scene()
    tell()
    publish_estimate(scene.incident, by=scene.dara, restored_by=after(hours=3), now=after(minutes=1))
    publish_estimate(
        scene.incident, by=scene.dara, restored_by=after(hours=5), reason="No spare part.", now=after(minutes=2)
    )

    tell(after(minutes=2))

    assert to("ana@example.org")[1:] == [
        ("estimate_revised", "superseded", reasons.TOLD_BY_NEWER),
        ("estimate_revised", "sent", ""),
    ]
    assert "20:02" not in text_of(sent_mails()[-1])


def test_an_update_that_waits_gives_way_to_the_end():
    scene = make_scene()
    tell()
    post_update(scene.incident, body="Half are out.", by=scene.dara, now=after(minutes=1))
    resolve_incident(scene.incident, body="All out.", by=scene.dara, now=after(minutes=2))

    tell(after(minutes=2))

    assert to("ana@example.org")[1:] == [
        ("personal_update", "superseded", reasons.TOLD_BY_NEWER),
        ("check_in", "sent", ""),
    ]


def test_the_first_notice_goes_first_and_tells_what_came_meanwhile():
    scene = make_scene()
    outbox.collect(now=NOW)
    post_update(scene.incident, body="Half are out.", by=scene.dara, now=after(minutes=1))
    publish_estimate(scene.incident, by=scene.dara, restored_by=after(hours=3), now=after(minutes=1))

    tell(after(minutes=1))
    tell(after(minutes=2))

    assert to("ben@example.org") == [
        ("first_notice", "sent", ""),
        ("personal_update", "superseded", reasons.TOLD_BY_NEWER),
        ("estimate_revised", "superseded", reasons.TOLD_ALREADY),
    ]
    assert "Half are out." in text_of(sent_mails()[0])


def test_an_update_waits_for_a_first_notice_that_is_being_sent():
    scene = make_scene()
    outbox.collect(now=NOW)
    Delivery.objects.update(state="sending", lease_token="another worker", due_at=after(hours=1))
    post_update(scene.incident, body="Half are out.", by=scene.dara, now=after(minutes=1))

    tell(after(minutes=1))

    assert mail.outbox == []
    assert set(Delivery.objects.filter(message="personal_update").values_list("state", "attempts")) == {("queued", 0)}


def test_nobody_is_told_again_what_a_newer_message_said():
    scene = make_scene()
    tell()
    post_update(scene.incident, body="Half are out.", by=scene.dara, now=after(minutes=1))
    post_update(scene.incident, body="Three quarters.", by=scene.dara, now=after(minutes=2))
    outbox.collect(now=after(minutes=2))
    older, _newer = Delivery.objects.filter(channel__address="ben@example.org", message="personal_update")
    Delivery.objects.filter(pk=older.pk).update(due_at=after(minutes=3))

    drain(after(minutes=2))
    drain(after(minutes=3))

    assert to("ben@example.org")[1:] == [
        ("personal_update", "superseded", reasons.TOLD_ALREADY),
        ("personal_update", "sent", ""),
    ]


def test_of_two_public_updates_the_newer_tells_both():
    scene = make_scene()
    make_subscription(scene.page, "reader@example.org")
    post_update(scene.incident, body="Half are out.", by=scene.dara, now=after(minutes=1))

    tell(after(minutes=1))

    assert to("reader@example.org") == [
        ("public_update", "superseded", reasons.TOLD_BY_NEWER),
        ("public_update", "sent", ""),
    ]
    (message,) = [mail for mail in sent_mails() if mail["To"] == "reader@example.org"]
    assert [words in text_of(message) for words in ("Half are out.", "The gate is stuck.")] == [True, True]


def test_who_has_confirmed_already_is_not_asked():
    scene = make_scene()
    tell()
    resolve_incident(scene.incident, body="All out.", by=scene.dara, now=after(minutes=2))
    outbox.collect(now=after(minutes=2))
    Impact.objects.filter(customer=scene.ben).update(state=Impact.State.CONFIRMED)

    drain(after(minutes=2))

    assert to("ben@example.org")[1:] == [("check_in", "superseded", reasons.ANSWERED)]


def test_a_choice_that_was_changed_at_once_is_confirmed_once():
    scene = make_scene()
    tell()
    impact = Impact.objects.get(customer=scene.ben)
    credit, refund = (make_offer(scene.incident, choose_by=after(hours=4)) for _ in range(2))
    by = Actor.link("Ben")
    old = choose_offer(impact, offer=credit, seen_version=1, replaces="", key="1", by=by, now=after(minutes=1))
    choose_offer(impact, offer=refund, seen_version=1, replaces=old.public_id, key="2", by=by, now=after(minutes=2))

    tell(after(minutes=2))

    assert to("ben@example.org")[1:] == [
        ("choice_made", "superseded", reasons.OUT_OF_DATE),
        ("choice_made", "sent", ""),
    ]


def test_a_choice_taken_back_is_told_with_what_no_longer_holds():
    scene = make_scene()
    tell()
    offer = make_offer(scene.incident, choose_by=after(hours=4))
    impact = Impact.objects.get(customer=scene.ben)
    by = Actor.link("Ben")
    choice = choose_offer(impact, offer=offer, seen_version=1, replaces="", key="1", by=by, now=after(minutes=1))
    tell(after(minutes=2))
    cancel_choice(choice, by=Actor.staff(make_user("Rob")), now=after(minutes=3))

    tell(after(minutes=4))

    letter = sent_mails()[-1]
    assert to("ben@example.org")[1:] == [("choice_made", "sent", ""), ("choice_cancelled", "sent", "")]
    assert letter["Subject"].startswith(f"Taken back: {offer.name}")
    assert "It no longer holds, and neither does what we promised with it." in text_of(letter)


def test_a_promise_that_was_met_meanwhile_is_not_reported_as_missed():
    scene = make_scene()
    tell()
    impact = Impact.objects.get(customer=scene.ben)
    offer = make_offer(scene.incident, choose_by=after(hours=4))
    choose_offer(impact, offer=offer, seen_version=1, replaces="", key="1", by=Actor.link("Ben"), now=after(minutes=1))
    break_due_promises(after(days=2))
    complete_task(Task.objects.get(), by=scene.dara, now=after(days=2, minutes=1))

    tell(after(days=2, minutes=1))

    assert to("ben@example.org")[2:] == [
        ("promise_broken", "superseded", reasons.OUT_OF_DATE),
        ("promise_kept", "sent", ""),
    ]


def test_a_sign_in_code_passes_every_opt_out():
    make_scene()
    outbox.collect(now=NOW)
    channel = Channel.objects.get(address="ana@example.org")
    unsubscribe(Stop(channel.pk, topics.PERSONAL), now=NOW)
    suppress(channel, now=NOW)
    queue_ready_mail("ana@example.org", message="sign_in_code", contents={"code": "K7F2QX"}, now=NOW)

    drain(NOW)

    assert to("ana@example.org")[1:] == [("sign_in_code", "sent", "")]


def test_a_sign_in_code_that_would_come_too_late_is_not_sent():
    queue_ready_mail("ana@example.org", message="sign_in_code", contents={"code": "K7F2QX"}, now=NOW)

    drain(after(minutes=16))

    assert to("ana@example.org") == [("sign_in_code", "superseded", reasons.CODE_EXPIRED)]
    assert Delivery.objects.get().data == {}


def test_the_question_after_a_subscription_passes_an_earlier_unsubscription():
    scene = make_scene()
    channel = make_subscription(scene.page, "reader@example.org").channel
    unsubscribe(Stop(channel.pk, topics.PUBLIC, scene.page.pk), now=NOW)
    subscribe(scene.page, address="reader@example.org", now=NOW)

    drain(NOW)

    assert to("reader@example.org") == [("subscription_confirm", "sent", "")]


def test_the_question_after_a_subscription_does_not_reach_who_must_not_be_contacted():
    scene = make_scene()
    suppress(Channel.objects.create(address="reader@example.org"), now=NOW)
    subscribe(scene.page, address="reader@example.org", now=NOW)

    drain(NOW)

    assert to("reader@example.org") == [("subscription_confirm", "suppressed", reasons.STOPPED_ALL)]
