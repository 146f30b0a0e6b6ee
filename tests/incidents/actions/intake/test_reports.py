"""A visitor's report counts once an hour, and nothing is kept that says whose it was."""

from datetime import timedelta

import pytest

from incidents.actions.intake.reports import forget_reports, report_problem
from incidents.clock import tick
from incidents.errors import InvalidInput
from incidents.models import Component, Event, Report, ReportCount
from tests.incidents.outage import NOW
from tests.make import make_component, make_page

pytestmark = pytest.mark.django_db

ANA = "client:192.0.2.7 Firefox"
BEN = "client:192.0.2.8 Firefox"


def make_trains(**fields: object) -> Component:
    return make_component(make_page(), name="Trains", **fields)


def counts() -> list[tuple[str, int]]:
    return [(f"{count.since:%H:%M}", count.number) for count in ReportCount.objects.order_by("since")]


def test_it_counts_in_its_ten_minutes() -> None:
    answers = report_problem(make_trains(), visitor=ANA, now=NOW)

    assert (answers, counts()) == (True, [("14:00", 1)])


def test_the_same_visitor_again_changes_nothing() -> None:
    trains = make_trains()

    answers = [report_problem(trains, visitor=ANA, now=NOW + timedelta(minutes=later)) for later in (0, 0, 57)]

    assert (answers, counts()) == ([True, False, False], [("14:00", 1)])


def test_the_next_hour_counts_anew() -> None:
    trains = make_trains()

    answers = [report_problem(trains, visitor=ANA, now=NOW + timedelta(minutes=later)) for later in (0, 58)]

    assert (answers, counts()) == ([True, True], [("14:00", 1), ("15:00", 1)])


def test_another_visitor_counts_and_another_component_too() -> None:
    trains, buses = make_trains(), make_trains()
    report_problem(trains, visitor=ANA, now=NOW)
    report_problem(trains, visitor=BEN, now=NOW)
    report_problem(buses, visitor=ANA, now=NOW)

    assert sorted((count.component_id, count.number) for count in ReportCount.objects.all()) == [
        (trains.pk, 2),
        (buses.pk, 1),
    ]


def test_a_hidden_component_is_refused() -> None:
    with pytest.raises(InvalidInput) as refusal:
        report_problem(make_trains(is_hidden=True), visitor=ANA, now=NOW)

    assert (refusal.value.field, counts()) == ("component", [])


def test_what_is_stored_neither_names_the_visitor_nor_follows_them_into_the_next_hour() -> None:
    trains = make_trains()
    report_problem(trains, visitor=ANA, now=NOW)
    report_problem(trains, visitor=ANA, now=NOW + timedelta(hours=1))

    hashes = [report.visitor for report in Report.objects.all()]

    assert len(set(hashes)) == 2
    assert [word for word in ("192.0.2.7", "Firefox") if any(word in visitor for visitor in hashes)] == []


def test_another_key_makes_another_visitor(settings) -> None:
    trains = make_trains()
    report_problem(trains, visitor=ANA, now=NOW)
    settings.SECRET_KEY = "another-key-" * 4

    assert report_problem(trains, visitor=ANA, now=NOW) is True


def test_nobody_is_told_and_no_public_page_is_drawn_again() -> None:
    report_problem(make_trains(), visitor=ANA, now=NOW)

    assert Event.objects.count() == 0


def test_the_clock_forgets_reports_after_their_hour_and_counts_after_ninety_days() -> None:
    trains = make_trains()
    report_problem(trains, visitor=ANA, now=NOW - timedelta(days=91))
    report_problem(trains, visitor=ANA, now=NOW - timedelta(hours=1))
    report_problem(trains, visitor=ANA, now=NOW)

    tick(NOW)

    assert [f"{report.hour:%H:%M}" for report in Report.objects.all()] == ["14:00"]
    assert counts() == [("13:00", 1), ("14:00", 1)]


def test_forgetting_in_the_middle_of_an_hour_lets_nobody_count_twice() -> None:
    trains = make_trains()
    report_problem(trains, visitor=ANA, now=NOW)

    forget_reports(NOW + timedelta(minutes=57))

    assert report_problem(trains, visitor=ANA, now=NOW + timedelta(minutes=57)) is False
