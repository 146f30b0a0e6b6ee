"""Reminders: once for each stated time, never late, never after the start, never of another window."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from incidents.actions.publishing.incidents import change_incident
from incidents.actions.publishing.maintenances import cancel_maintenance, remind_of_maintenance, reschedule_maintenance
from incidents.actions.publishing.updates import post_update
from incidents.clock import tick
from incidents.errors import InvalidInput
from incidents.models import Event, Incident, Update
from tests.incidents.outage import NOW, Company, declare, make_company, plan, publish

pytestmark = pytest.mark.django_db

START = NOW + timedelta(days=10)
WINDOW = {"scheduled_for": START, "scheduled_until": START + timedelta(hours=2)}


def before(**distance: float) -> datetime:
    return START - timedelta(**distance)


def announce(company: Company, **fields: object) -> Incident:
    return publish(company, plan(company, **{**WINDOW, **fields}))


def reminded() -> list[tuple[int, datetime]]:
    events = Event.objects.filter(kind="maintenance.reminded").order_by("pk")
    return [(event.data["lead"], event.happened_at) for event in events]


def tick_through(*moments: datetime) -> None:
    for moment in moments:
        tick(moment)


def test_a_maintenance_reminds_a_week_a_day_and_an_hour_before() -> None:
    company = make_company()
    announce(company)
    moments = (before(days=7), before(days=1), before(hours=1))

    tick_through(*moments, START)

    assert reminded() == list(zip([10080, 1440, 60], moments, strict=True))


def test_an_incident_reminds_nobody() -> None:
    company = make_company()

    assert (declare(company).reminders, plan(company, reminders=[]).reminders) == ([], [])


def test_a_reminder_is_no_update_and_no_change() -> None:
    company = make_company()
    incident = announce(company)

    tick(before(days=7))

    current = Incident.objects.get()
    assert (current.updated_at, Update.objects.count()) == (incident.updated_at, 1)
    assert Event.objects.get(kind="maintenance.reminded").is_public is False


def test_the_same_minute_again_reminds_once() -> None:
    company = make_company()
    stale = announce(company)
    stale = Incident.objects.get(pk=stale.pk)
    tick(before(days=7))

    tick(before(days=7))
    repeated = remind_of_maintenance(stale, now=before(days=7))

    assert (repeated, len(reminded())) == (None, 1)


def test_what_passed_while_nobody_looked_is_skipped() -> None:
    company = make_company()
    announce(company)

    tick(before(hours=20))
    skipped = reminded()
    tick(before(hours=1))

    assert (skipped, reminded()) == ([], [(60, before(hours=1))])


def test_of_several_at_once_only_the_last_is_sent() -> None:
    company = make_company()
    announce(company, reminders=[90, 75, 60])

    tick(before(minutes=60))

    assert reminded() == [(60, before(minutes=60))]


def test_a_few_minutes_late_is_not_too_late() -> None:
    company = make_company()
    announce(company, reminders=[60])

    tick(before(minutes=40))

    assert reminded() == [(60, before(minutes=40))]


def test_never_at_or_after_the_start() -> None:
    company = make_company()
    announce(company, reminders=[5], starts_by_itself=False)

    tick(START)

    assert (reminded(), Incident.objects.get().next_reminder_at) == ([], None)


def test_what_was_announced_just_now_reminds_of_nothing() -> None:
    company = make_company()
    publish(company, plan(company, **WINDOW, reminders=[60]), now=before(minutes=80))

    tick(before(minutes=60))

    assert reminded() == []


def test_whoever_moves_it_moves_the_reminders() -> None:
    company = make_company()
    incident = announce(company, reminders=[1440])
    reschedule_maintenance(
        incident,
        scheduled_for=START + timedelta(days=5),
        scheduled_until=START + timedelta(days=6),
        body="",
        by=company.dara,
        now=before(days=2),
    )

    tick_through(before(days=1), START + timedelta(days=4))

    assert reminded() == [(1440, START + timedelta(days=4))]


def test_after_the_last_reminder_a_later_window_reminds_again() -> None:
    company = make_company()
    incident = announce(company, reminders=[60])
    tick(before(hours=1))
    later = START + timedelta(days=1)
    reschedule_maintenance(
        incident,
        scheduled_for=later,
        scheduled_until=later + timedelta(hours=1),
        body="",
        by=company.dara,
        now=before(minutes=30),
    )

    tick(later - timedelta(hours=1))

    assert len(reminded()) == 2


def test_what_is_cancelled_or_begun_reminds_nobody() -> None:
    company = make_company()
    cancel_maintenance(announce(company), body="Not needed.", by=company.dara, now=NOW)
    post_update(announce(company), body="We begin early.", by=company.dara, status="in_progress", now=NOW)

    tick_through(before(days=7), before(hours=1))

    assert reminded() == []
    assert list(Incident.objects.values_list("next_reminder_at", flat=True)) == [None, None]


def test_other_times_count_from_now_on() -> None:
    company = make_company()
    incident = announce(company)
    change_incident(incident, by=company.dara, reminders=[60, 2880, 60], now=before(days=8))

    tick_through(before(days=7), before(days=2))

    assert Incident.objects.get().reminders == [2880, 60]
    assert reminded() == [(2880, before(days=2))]


def test_nonsense_is_refused() -> None:
    company = make_company()

    with pytest.raises(InvalidInput) as refusal:
        plan(company, reminders=[0])

    assert refusal.value.field == "reminders"


def test_a_draft_reminds_nobody() -> None:
    company = make_company()
    plan(company, **WINDOW)

    tick_through(before(days=7), before(hours=1))

    assert reminded() == []


def test_imported_work_reminds_nobody() -> None:
    company = make_company()
    incident = announce(company)
    Incident.objects.update(origin="import", next_reminder_at=None)

    change_incident(incident, by=company.dara, reminders=[120], now=timezone.now())

    assert Incident.objects.get().next_reminder_at is None
