"""Work that comes back: announced window by window, once; changed and ended without touching what people touched."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from incidents.actions.publishing.incidents import change_incident
from incidents.actions.publishing.maintenances import reschedule_maintenance
from incidents.actions.publishing.series import (
    Adapted,
    announce_occurrences,
    change_series,
    end_series,
    next_windows,
    plan_series,
)
from incidents.clock import tick
from incidents.errors import InvalidInput, WrongState
from incidents.models import Event, Incident, MaintenanceSeries, Update
from tests.incidents.outage import NOW, Company, make_company, newest_event
from tests.make import make_component, make_page

pytestmark = pytest.mark.django_db

FIRST = datetime(2026, 3, 3, 2, tzinfo=UTC)  # a Tuesday, the day after NOW
WEEK, DAY = timedelta(days=7), timedelta(days=1)


def plan(company: Company, **fields: Any) -> MaintenanceSeries:
    """The trains, each Tuesday at 02:00 for two hours, three windows announced at a time."""
    fields = {
        "name": "Rails are ground",
        "rule": "FREQ=WEEKLY;BYDAY=TU",
        "first_start": FIRST,
        "lasts_for": 120,
        "body": "We grind the rails. Trains pause at night.",
        "components": [company.trains],
        "reminders": [1440],
        "announce_days": 30,
        "by": company.dara,
        "now": NOW,
        **fields,
    }
    return plan_series(company.page, **fields)


def coming() -> list[datetime]:
    ahead = Incident.objects.filter(status="scheduled").order_by("scheduled_for")
    return list(ahead.values_list("scheduled_for", flat=True))


def test_the_clock_announces_the_next_windows() -> None:
    company = make_company()
    series = plan(company, verify_for=15)

    tick(NOW)

    first = Incident.objects.order_by("scheduled_for")[0]
    assert coming() == [FIRST, FIRST + WEEK, FIRST + 2 * WEEK]
    assert (first.name, first.series, first.occurs_at, first.scheduled_until) == (
        "Rails are ground",
        series,
        FIRST,
        FIRST + timedelta(hours=2),
    )
    assert (first.reminders, first.verify_for, list(first.components.all())) == ([1440], 15, [company.trains])
    assert (first.updates.get().body, first.updates.get().author) == (
        "We grind the rails. Trains pause at night.",
        None,
    )


def test_doing_it_again_makes_none_twice() -> None:
    company = make_company()
    series = plan(company)
    tick(NOW)

    tick(NOW)
    repeated = announce_occurrences(series, now=NOW)

    assert (repeated, Incident.objects.count()) == ([], 3)


def test_when_one_has_begun_the_next_is_announced() -> None:
    company = make_company()
    plan(company)
    tick(NOW)

    tick(FIRST)

    assert coming() == [FIRST + WEEK, FIRST + 2 * WEEK, FIRST + 3 * WEEK]


def test_nothing_is_announced_further_ahead_than_stated() -> None:
    company = make_company()
    plan(company, announce_days=9)
    tick(NOW)
    at_first = coming()

    tick(FIRST + 5 * DAY)

    assert at_first == [FIRST, FIRST + WEEK]
    assert coming() == [FIRST + WEEK, FIRST + 2 * WEEK]


def test_windows_missed_in_downtime_are_not_made_up() -> None:
    company = make_company()
    plan(company)

    tick(FIRST + 2 * WEEK + DAY)

    assert coming() == [FIRST + 3 * WEEK, FIRST + 4 * WEEK, FIRST + 5 * WEEK]
    assert Incident.objects.count() == 3


def test_a_rule_that_runs_out_is_left_alone() -> None:
    company = make_company()
    series = plan(company, rule="FREQ=WEEKLY;COUNT=2")
    tick(NOW)

    series.refresh_from_db()
    assert (coming(), series.look_at) == ([FIRST, FIRST + WEEK], None)


def test_the_hour_stays_when_summer_time_begins() -> None:
    company = make_company(time_zone="Europe/London")
    plan(company, rule="FREQ=DAILY", first_start=datetime(2026, 3, 28, 2, tzinfo=UTC), announce_days=90)

    tick(NOW)

    assert [f"{start:%d %H:%M}" for start in coming()] == ["28 02:00", "29 01:00", "30 01:00"]


def test_what_was_moved_or_cancelled_is_not_made_anew() -> None:
    company = make_company()
    plan(company)
    tick(NOW)
    window = Incident.objects.get(occurs_at=FIRST)
    reschedule_maintenance(
        window,
        scheduled_for=FIRST + DAY,
        scheduled_until=FIRST + DAY + timedelta(hours=1),
        body="",
        by=company.dara,
        now=NOW,
    )
    MaintenanceSeries.objects.update(look_at=NOW)

    tick(NOW)

    assert coming() == [FIRST + DAY, FIRST + WEEK, FIRST + 2 * WEEK]


def test_a_changed_plan_changes_windows_that_nobody_touched() -> None:
    company = make_company()
    series = plan(company)
    tick(NOW)
    window = Incident.objects.get(occurs_at=FIRST)
    change_incident(window, by=company.dara, name="Rails are ground, and bridges painted", now=NOW)

    adapted = change_series(
        series, by=company.dara, name="Night work", lasts_for=60, components=[company.buses], reminders=[60], now=NOW
    )

    second = Incident.objects.get(occurs_at=FIRST + WEEK)
    assert adapted == Adapted(changed_count=2, kept_count=1)
    assert (second.name, second.scheduled_until, second.reminders, list(second.components.all())) == (
        "Night work",
        FIRST + WEEK + timedelta(hours=1),
        [60],
        [company.buses],
    )
    window.refresh_from_db()
    assert (window.name, window.scheduled_until) == (
        "Rails are ground, and bridges painted",
        FIRST + timedelta(hours=2),
    )


def test_another_rule_cancels_windows_that_nobody_touched_and_announces_others() -> None:
    company = make_company()
    series = plan(company)
    tick(NOW)
    window = Incident.objects.get(occurs_at=FIRST)
    reschedule_maintenance(
        window,
        scheduled_for=FIRST + DAY,
        scheduled_until=FIRST + DAY + timedelta(hours=1),
        body="",
        by=company.dara,
        now=NOW,
    )

    adapted = change_series(series, by=company.dara, rule="FREQ=WEEKLY;BYDAY=TH", now=NOW)
    tick(NOW)

    assert adapted == Adapted(cancelled_count=2, kept_count=1)
    assert coming() == [FIRST + DAY, FIRST + 2 * DAY, FIRST + 2 * DAY + WEEK]
    assert Incident.objects.filter(cancelled_at=NOW).count() == 2
    assert Update.objects.filter(body="We plan this work otherwise now, so this window falls away.").count() == 2


def test_the_same_plan_again_changes_and_records_nothing() -> None:
    company = make_company()
    series = plan(company)
    tick(NOW)
    before = newest_event()

    adapted = change_series(series, by=company.dara, name="Rails are ground", components=[company.trains], now=NOW)

    assert (adapted, newest_event()) == (Adapted(), before)


def test_an_ended_series_announces_no_more_and_leaves_what_was_announced() -> None:
    company = make_company()
    series = plan(company)
    tick(NOW)

    adapted = end_series(series, cancel_coming=False, by=company.dara, now=NOW)
    tick(FIRST)

    assert (adapted, coming()) == (Adapted(kept_count=3), [FIRST + WEEK, FIRST + 2 * WEEK])


def test_an_ended_series_cancels_what_is_coming_on_request() -> None:
    company = make_company()
    series = plan(company)
    tick(NOW)
    window = Incident.objects.get(occurs_at=FIRST)
    reschedule_maintenance(
        window,
        scheduled_for=FIRST + DAY,
        scheduled_until=FIRST + DAY + timedelta(hours=1),
        body="",
        by=company.dara,
        now=NOW,
    )

    adapted = end_series(series, cancel_coming=True, body="The rails are new.", by=company.dara, now=NOW)

    assert (adapted, coming()) == (Adapted(cancelled_count=2, kept_count=1), [FIRST + DAY])
    assert Update.objects.filter(body="The rails are new.", author=company.dara.user).count() == 2


def test_ending_twice_does_nothing_and_changing_the_ended_is_refused() -> None:
    company = make_company()
    series = plan(company)
    end_series(series, cancel_coming=False, by=company.dara, now=NOW)
    before = newest_event()

    assert end_series(series, cancel_coming=True, by=company.dara, now=NOW) == Adapted()
    with pytest.raises(WrongState, match="ended"):
        change_series(series, by=company.dara, name="Again", now=NOW)

    assert newest_event() == before


def test_who_planned_it_is_recorded() -> None:
    company = make_company()

    series = plan(company)

    event = Event.objects.get(kind="series.changed")
    assert (event.actor, event.page, event.data["series"]) == (company.dara.user, company.page, series.public_id)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"rule": "FREQ=HOURLY"}, "rule"),
        ({"rule": "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30"}, "rule"),
        ({"name": " "}, "name"),
        ({"body": ""}, "body"),
        ({"time_zone": "Atlantis/Capital"}, "time_zone"),
        ({"lasts_for": 0}, "lasts_for"),
        ({"lasts_for": 10080}, "lasts_for"),
        ({"verify_for": 10081}, "verify_for"),
        ({"announce_days": 181}, "announce_days"),
        ({"most_ahead": 0}, "most_ahead"),
        ({"most_ahead": 21}, "most_ahead"),
        ({"reminders": [0]}, "reminders"),
        ({"first_start": NOW + timedelta(days=400)}, "first_start"),
        ({"first_start": NOW - timedelta(days=400)}, "first_start"),
    ],
)
def test_bad_plans_are_refused_with_the_field_at_fault(wrong: dict[str, Any], field: str) -> None:
    company = make_company()

    with pytest.raises(InvalidInput) as refusal:
        plan(company, **{"rule": "FREQ=DAILY", **wrong})

    assert (refusal.value.field, MaintenanceSeries.objects.count()) == (field, 0)


def test_components_of_another_page_are_refused() -> None:
    company = make_company()

    with pytest.raises(InvalidInput) as refusal:
        plan(company, components=[make_component(make_page())])

    assert refusal.value.field == "components"


def test_shows_the_next_windows_before_anything_is_saved() -> None:
    company = make_company()
    series = MaintenanceSeries(
        page=company.page,
        name="Rails",
        rule="freq=weekly",
        first_start=FIRST,
        time_zone="UTC",
        lasts_for=60,
        body="We grind.",
    )

    windows = next_windows(series, now=NOW)

    assert windows[:2] == [(FIRST, FIRST + timedelta(hours=1)), (FIRST + WEEK, FIRST + WEEK + timedelta(hours=1))]
    assert (len(windows), MaintenanceSeries.objects.count()) == (5, 0)
