"""The record that a page's components have: visible ones only, and no past is invented."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone

from incidents.models import Component, StatusChange
from portal.facts.reading import read_page
from portal.facts.records import Turn, read_records
from portal.publishing import disk_copy
from tests import make

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def record_of(component):
    [record] = read_records(component.page, [component], NOW)
    return record


def change(component, days_ago, status):
    StatusChange.objects.create(component=component, from_at=NOW - days_ago * DAY, status=status)


def test_a_record_begins_when_the_component_was_made():
    component = make.make_component(make.make_page(), created_at=NOW - 9 * DAY)

    assert record_of(component).begins_at == NOW - 9 * DAY


def test_or_with_the_first_that_was_said_of_it():
    component = make.make_component(make.make_page(), created_at=NOW - 9 * DAY)
    change(component, 20, "major_outage")
    change(component, 19, "operational")

    assert record_of(component).begins_at == NOW - 20 * DAY


def test_a_stated_first_day_of_service_goes_before_both():
    page = make.make_page(time_zone="Europe/Berlin")
    component = make.make_component(page, start_date=date(2026, 11, 10), created_at=NOW - 300 * DAY)
    change(component, 20, "major_outage")
    change(component, 19, "operational")

    assert record_of(component).begins_at == datetime(2026, 11, 9, 23, tzinfo=UTC)


def test_repetitions_and_what_is_long_past_are_left_out_but_for_the_last():
    component = make.make_component(make.make_page(), status="partial_outage")
    change(component, 900, "major_outage")
    change(component, 800, "operational")
    change(component, 700, "degraded_performance")
    change(component, 20, "degraded_performance")
    change(component, 10, "partial_outage")

    assert record_of(component).turns == (
        Turn(NOW - 700 * DAY, "degraded_performance"),
        Turn(NOW - 10 * DAY, "partial_outage"),
    )


def test_a_record_never_contradicts_what_is_shown():
    component = make.make_component(make.make_page(), status="major_outage", updated_at=NOW - DAY)

    assert record_of(component).turns == (Turn(NOW - DAY, "major_outage"),)


def test_hidden_components_have_none():
    page = make.make_page()
    shown = make.make_component(page)
    hidden = make.make_component(page, is_hidden=True)
    StatusChange.objects.create(component=hidden, from_at=timezone.now(), status="major_outage")

    assert [record.public_id for record in read_page(page).records] == [shown.public_id]


def test_records_stand_in_the_order_of_the_components():
    page = make.make_page()
    Component.objects.bulk_create(Component(page=page, name=str(place), position=-place % 5) for place in range(5))

    facts = read_page(page)

    assert [record.public_id for record in facts.records] == [component.public_id for component in facts.components]


def test_records_survive_on_disk(tmp_path, time_machine):
    time_machine.move_to(NOW)  # a record holds what is not older than it is kept
    component = make.make_component(make.make_page(), created_at=NOW - 9 * DAY)
    change(component, 2, "major_outage")
    change(component, 1, "operational")
    facts = read_page(component.page)

    disk_copy.save((facts,), NOW, tmp_path)

    [recalled], _checked_at = disk_copy.load(tmp_path)
    assert recalled.records == facts.records
    assert len(recalled.records[0].turns) == 2
