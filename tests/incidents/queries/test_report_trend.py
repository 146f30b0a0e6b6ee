"""What staff see of the reports: numbers that can be counted by hand."""

from datetime import timedelta

import pytest

from incidents.models import ReportCount
from incidents.queries.report_trend import ROWS, report_trends, reports_of
from tests.incidents.outage import NOW, make_company
from tests.make import make_component, make_incident, make_page

pytestmark = pytest.mark.django_db

TEN = NOW.replace(minute=0)  # NOW is two minutes later


def count(component, number, *, minutes=0, days=0, hours=0):
    since = TEN - timedelta(minutes=minutes, days=days, hours=hours)
    ReportCount.objects.create(component=component, since=since, number=number)


def test_lately_is_these_ten_minutes_and_the_twenty_before() -> None:
    trains = make_component(make_page())
    count(trains, 1)
    count(trains, 2, minutes=10)
    count(trains, 4, minutes=20)
    count(trains, 8, minutes=30)

    [trend] = report_trends(now=NOW)

    assert (trend.component, trend.lately, trend.today) == (trains, 7, 15)


def test_usual_is_the_mean_of_the_same_half_hour_of_the_last_fourteen_days() -> None:
    trains = make_component(make_page())
    count(trains, 1)
    count(trains, 14, days=1)
    count(trains, 7, days=14, minutes=20)
    count(trains, 100, days=15)
    count(trains, 100, days=2, minutes=30)

    [trend] = report_trends(now=NOW)

    assert trend.usual == 1.5


def test_each_of_the_last_twenty_four_hours_oldest_first() -> None:
    trains = make_component(make_page())
    count(trains, 3)
    count(trains, 5, hours=1)
    count(trains, 6, hours=1, minutes=-50)
    count(trains, 7, hours=23)
    count(trains, 100, hours=23, minutes=10)

    [trend] = report_trends(now=NOW)

    assert trend.hours == [7, *[0] * 21, 11, 3]


@pytest.mark.parametrize(
    ("lately", "usual", "is_unusual"), [(4, 0, False), (5, 0, True), (8, 42, False), (9, 42, True)]
)
def test_unusual_is_five_and_three_times_the_usual(lately: int, usual: int, is_unusual: bool) -> None:
    """42 on one day of fourteen is three a day."""
    trains = make_component(make_page())
    count(trains, lately)
    count(trains, usual, days=1)

    [trend] = report_trends(now=NOW)

    assert (trend.usual, trend.is_unusual) == (usual / 14, is_unusual)


def test_the_busiest_of_the_half_hour_stand_first_and_ten_at_most() -> None:
    page = make_page()
    components = [make_component(page) for _ in range(ROWS + 1)]
    for number, component in enumerate(components):
        count(component, number + 1)
    busy_before = make_component(page)
    count(busy_before, 500, hours=3)

    trends = report_trends(now=NOW)

    assert [trend.component for trend in trends] == components[:0:-1]


def test_what_was_reported_yesterday_only_does_not_stand_there() -> None:
    count(make_component(make_page()), 9, days=1, hours=1)

    assert report_trends(now=NOW) == []


def test_the_newest_open_incident_of_a_component_is_named_a_draft_too_and_no_planned_work() -> None:
    company = make_company()
    make_incident(company.page, components=(company.trains,), started_at=NOW - timedelta(hours=2))
    draft = make_incident(
        company.page, components=(company.trains,), started_at=NOW - timedelta(hours=1), published=False
    )
    make_incident(company.page, components=(company.buses,), status="resolved", resolved_at=NOW)
    window = {"scheduled_for": NOW, "scheduled_until": NOW}
    planned = {"kind": "maintenance", "impact": "maintenance", "status": "in_progress"}
    make_incident(company.page, components=(company.buses,), **planned, **window)
    count(company.trains, 2)
    count(company.buses, 1)

    assert [trend.incident for trend in report_trends(now=NOW)] == [draft, None]


def test_an_incident_has_the_reports_about_its_components_while_it_lasted() -> None:
    company = make_company()
    began, ended = NOW - timedelta(hours=2), NOW - timedelta(hours=1)
    incident = make_incident(
        company.page, components=(company.trains,), started_at=began, status="resolved", resolved_at=ended
    )
    count(company.trains, 1, hours=2, minutes=10)
    count(company.trains, 2, hours=2)
    count(company.trains, 4, hours=1)
    count(company.trains, 8, hours=1, minutes=-10)
    count(company.buses, 16, hours=2)

    assert reports_of(incident) == 6
