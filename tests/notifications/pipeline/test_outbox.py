"""Collecting: which event tells whom, exactly once, whatever the order in which transactions end."""

import threading
from contextlib import closing

import pytest
from django.db import connection, connections, transaction

from incidents.actions.publishing.impacts import match_impacts
from incidents.actions.publishing.incidents import resolve_incident
from incidents.actions.publishing.updates import post_update, publish_estimate
from incidents.actor import CLOCK, IMPORT, Actor
from incidents.events import record
from incidents.models import Event, Impact, Incident
from notifications import reasons, topics
from notifications.actions.subscriptions import unsubscribe
from notifications.actions.suppressions import suppress
from notifications.models import Channel, Delivery, OutboxEntry, OutboxMark
from notifications.pipeline import outbox
from notifications.tokens import Stop
from tests.make import make_customer, make_holding, make_membership, make_user
from tests.notifications.scene import NOW, after, make_scene, make_subscription, messages_told

needs_postgres = pytest.mark.skipif(connection.vendor != "postgresql", reason="ids out of order need PostgreSQL")

QUEUED_FIRST = ("first_notice", "queued", "")


@pytest.mark.django_db
def test_one_first_notice_for_each_affected_customer_and_none_for_strangers():
    make_scene()

    outbox.collect(now=NOW)

    assert messages_told() == [("ana@example.org", *QUEUED_FIRST), ("ben@example.org", *QUEUED_FIRST)]


@pytest.mark.django_db
def test_collecting_twice_changes_nothing():
    make_scene()
    outbox.collect(now=NOW)

    event_is_written = outbox.collect(now=NOW)

    assert (event_is_written, len(messages_told())) == (0, 2)


@pytest.mark.django_db
def test_members_are_told_at_their_own_addresses():
    scene = make_scene()
    make_membership(make_user("Vera"), scene.ana, "viewer")
    make_membership(make_user("Gone", is_active=False), scene.ana)
    make_membership(make_user("Same", email="ana@example.org"), scene.ana)

    outbox.collect(now=NOW)

    assert [row[0] for row in messages_told()] == ["ana@example.org", "ben@example.org", "vera@example.org"]


@pytest.mark.django_db
def test_one_person_of_two_customers_hears_for_each():
    scene = make_scene()
    eva = make_user("Eva")
    make_membership(eva, scene.ana)
    make_membership(eva, scene.ben)

    outbox.collect(now=NOW)

    customers = Delivery.objects.filter(channel__address=eva.email).order_by("customer__name")
    assert [delivery.customer for delivery in customers] == [scene.ana, scene.ben]


@pytest.mark.django_db
def test_a_customer_without_an_address_gets_no_delivery():
    scene = make_scene(published=False)
    make_holding(make_customer("Mute", email=""), scene.vans)

    outbox.collect(now=NOW)

    assert Channel.objects.filter(address="").count() == 0


@pytest.mark.django_db
def test_somebody_matched_late_gets_a_first_notice_and_the_others_no_second():
    scene = make_scene()
    outbox.collect(now=NOW)
    make_holding(make_customer("Zoe"), scene.vans, label="Parcel 9400")
    make_holding(scene.ben, scene.vans, label="Parcel 9002")

    match_impacts(scene.incident, by=scene.dara, now=after(minutes=5))
    outbox.collect(now=after(minutes=5))

    first = ("ana@example.org", "ben@example.org", "zoe@example.org")
    assert messages_told() == [(address, *QUEUED_FIRST) for address in first]


@pytest.mark.django_db
def test_the_database_refuses_a_second_first_notice():
    make_scene()
    outbox.collect(now=NOW)
    delivery = Delivery.objects.first()

    delivery.pk, delivery.key, delivery.entry = None, "another", None

    with pytest.raises(Exception, match=r"delivery_one_first_notice|UNIQUE"), transaction.atomic():
        delivery.save(force_insert=True)


@pytest.mark.django_db
def test_subscribers_get_the_public_update():
    scene = make_scene()
    make_subscription(scene.page, "reader@example.org")

    outbox.collect(now=NOW)

    assert messages_told("public_update") == [("reader@example.org", "public_update", "queued", "")]


@pytest.mark.django_db
def test_subscribers_to_other_parts_of_the_service_hear_nothing():
    scene = make_scene()
    lockers = scene.page.components.get(name="Lockers")
    make_subscription(scene.page, "lockers@example.org", lockers)
    make_subscription(scene.page, "vans@example.org", scene.vans)

    outbox.collect(now=NOW)

    assert [row[0] for row in messages_told("public_update")] == ["vans@example.org"]


@pytest.mark.django_db
def test_who_is_affected_and_subscribed_hears_it_personally_only():
    scene = make_scene()
    make_subscription(scene.page, "ana@example.org")

    outbox.collect(now=NOW)

    assert messages_told("public_update") == [
        ("ana@example.org", "public_update", "superseded", reasons.TOLD_PERSONALLY)
    ]


@pytest.mark.django_db
def test_who_wants_no_personal_messages_still_gets_the_subscribed_ones():
    scene = make_scene()
    channel = make_subscription(scene.page, "ana@example.org").channel
    unsubscribe(Stop(channel.pk, topics.PERSONAL), now=NOW)

    outbox.collect(now=NOW)

    assert [row for row in messages_told() if row[0] == "ana@example.org"] == [
        ("ana@example.org", "public_update", "queued", ""),
        ("ana@example.org", "first_notice", "suppressed", reasons.STOPPED_PERSONAL),
    ]


@pytest.mark.django_db
def test_an_address_that_is_off_or_not_to_be_contacted_gets_a_row_that_says_why():
    make_scene()
    Channel.objects.create(address="ana@example.org", off_at=NOW, off_reason="550 no such user")
    suppress(Channel.objects.create(address="ben@example.org"), now=NOW)

    outbox.collect(now=NOW)

    assert messages_told() == [
        ("ana@example.org", "first_notice", "suppressed", reasons.OFF),
        ("ben@example.org", "first_notice", "suppressed", reasons.STOPPED_ALL),
    ]


@pytest.mark.django_db
def test_a_draft_tells_nobody():
    scene = make_scene(published=False)
    record(Event.Kind.INCIDENT_UPDATED, by=scene.dara, at=NOW, incident=scene.incident, update="")

    outbox.collect(now=NOW)

    assert (messages_told(), OutboxEntry.objects.get().recipients) == ([], 0)


@pytest.mark.django_db
def test_an_import_tells_nobody():
    scene = make_scene()
    outbox.collect(now=NOW)
    record(Event.Kind.INCIDENT_UPDATED, by=IMPORT, at=after(minutes=1), incident=scene.incident, update="")

    assert outbox.collect(now=after(minutes=1)) == 0


@pytest.mark.django_db
def test_what_was_imported_tells_nobody_whoever_touches_it():
    scene = make_scene()
    outbox.collect(now=NOW)
    Incident.objects.update(origin=Incident.Origin.IMPORT)
    record(Event.Kind.INCIDENT_UPDATED, by=scene.dara, at=after(minutes=1), incident=scene.incident, update="")

    assert outbox.collect(now=after(minutes=1)) == 0


@pytest.mark.django_db
def test_a_silent_update_tells_nobody():
    scene = make_scene()
    outbox.collect(now=NOW)

    post_update(scene.incident, body="Typo mended.", by=scene.dara, deliver=False, now=after(minutes=1))

    assert outbox.collect(now=after(minutes=1)) == 0


@pytest.mark.django_db
def test_a_disruption_that_was_over_long_ago_is_no_news():
    scene = make_scene()
    resolve_incident(scene.incident, body="It works again.", by=scene.dara, now=after(minutes=30))

    outbox.collect(now=after(days=2))

    assert messages_told() == []


@pytest.mark.django_db
def test_a_disruption_that_lasts_is_told_even_after_days_of_silence():
    make_scene()

    outbox.collect(now=after(days=2))

    assert messages_told() == [("ana@example.org", *QUEUED_FIRST), ("ben@example.org", *QUEUED_FIRST)]


@pytest.mark.django_db
def test_an_update_an_estimate_and_the_end_each_tell_the_affected():
    scene = make_scene()
    outbox.collect(now=NOW)
    publish_estimate(scene.incident, by=scene.dara, restored_by=after(hours=3), now=after(minutes=1))
    post_update(scene.incident, body="Half are out.", by=scene.dara, now=after(minutes=2))
    resolve_incident(scene.incident, body="All out.", by=scene.dara, now=after(hours=2))

    outbox.collect(now=after(hours=2))

    ana = [row[1] for row in messages_told() if row[0] == "ana@example.org"]
    assert ana == ["first_notice", "estimate_revised", "personal_update", "check_in"]


@pytest.mark.django_db
def test_an_event_about_one_impact_tells_only_its_customer():
    scene = make_scene()
    outbox.collect(now=NOW)
    impact = Impact.objects.get(customer=scene.ben)
    record(Event.Kind.IMPACT_RESTORED, by=CLOCK, at=NOW, impact=impact)

    outbox.collect(now=NOW)

    assert messages_told("check_in") == [("ben@example.org", "check_in", "queued", "")]


@pytest.mark.django_db
def test_an_event_that_cannot_be_collected_holds_up_no_other(monkeypatch, caplog):
    make_scene()
    opening = Event.objects.get(kind=Event.Kind.IMPACTS_OPENED)
    published = Event.objects.get(kind=Event.Kind.INCIDENT_PUBLISHED)
    monkeypatch.delitem(outbox.EVENT_MESSAGES, Event.Kind.INCIDENT_PUBLISHED)
    monkeypatch.setattr(outbox, "uncollected", lambda: [published, opening])

    outbox.collect(now=NOW)

    assert len(messages_told()) == 2
    assert not OutboxMark.objects.exists()
    assert f"Event {published.pk} cannot be collected" in caplog.text


@pytest.mark.django_db
def test_looking_for_events_starts_above_what_is_settled():
    make_scene()

    outbox.collect(now=NOW)

    assert OutboxMark.objects.get().event_id == Event.objects.latest("pk").pk
    assert f'"id" > {Event.objects.latest("pk").pk}' in str(outbox.uncollected().query)


@pytest.mark.django_db
def test_collecting_takes_the_same_queries_for_two_people_and_for_twenty(django_assert_max_num_queries):
    scene = make_scene(published=False)
    assert [make_holding(make_customer(), scene.vans) for _ in range(20)]
    Incident.objects.update(published_at=NOW)
    scene.incident.refresh_from_db()
    match_impacts(scene.incident, by=scene.dara, now=NOW)

    with django_assert_max_num_queries(24):
        outbox.collect(now=NOW)

    assert Delivery.objects.count() == 22


@needs_postgres
@pytest.mark.django_db(transaction=True)
def test_an_event_that_becomes_visible_after_a_later_one_is_not_missed():
    scene = make_scene()
    outbox.collect(now=NOW)
    first_written, may_commit = threading.Event(), threading.Event()
    early = threading.Thread(target=_post_slowly, args=(scene.incident, scene.dara, first_written, may_commit))
    early.start()
    first_written.wait(timeout=10)
    record(Event.Kind.IMPACT_RESTORED, by=CLOCK, at=NOW, impact=Impact.objects.get(customer=scene.ben))

    while_open = outbox.collect(now=NOW)
    mark_while_open = OutboxMark.objects.get().event_id
    may_commit.set()
    early.join(timeout=10)
    afterwards = outbox.collect(now=NOW)

    late, early_one = Event.objects.order_by("-pk")[:2]
    assert (late.kind, early_one.kind) == ("impact.restored", "impact.restored")
    assert (while_open, afterwards) == (1, 1)
    assert mark_while_open < early_one.pk
    assert OutboxMark.objects.get().event_id == late.pk


def _post_slowly(incident: Incident, by: Actor, event_is_written: threading.Event, may_commit: threading.Event) -> None:
    """Take an id, and commit only when told."""
    with closing(connections["default"]), transaction.atomic():
        impact = Impact.objects.filter(incident=incident, customer__name="Ana").first()
        record(Event.Kind.IMPACT_RESTORED, by=by, at=NOW, impact=impact)
        event_is_written.set()
        may_commit.wait(timeout=10)


@needs_postgres
@pytest.mark.django_db(transaction=True)
def test_workers_that_collect_at_once_write_each_delivery_once():
    scene = make_scene()
    record(Event.Kind.IMPACTS_OPENED, by=CLOCK, at=NOW, incident=scene.incident, count=3)
    start = threading.Barrier(4)
    counts: list[int] = []
    workers = [threading.Thread(target=_collect, args=(start, counts)) for _ in range(4)]

    list(map(threading.Thread.start, workers))
    list(map(threading.Thread.join, workers))

    assert (sum(counts), len(messages_told())) == (2, 2)


def _collect(start: threading.Barrier, counts: list[int]) -> None:
    with closing(connections["default"]):
        start.wait(timeout=10)
        counts.append(outbox.collect(now=NOW))
