"""The record of components: one row per change, at the moment from which it was so."""

from datetime import UTC, datetime, timedelta
from importlib import import_module
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.db import connection

from incidents.actions.publishing.catalogue import remove_component, save_component
from incidents.actions.publishing.incidents import change_incident, publish_incident, resolve_incident, set_components
from incidents.actions.publishing.maintenances import start_maintenance
from incidents.actions.publishing.status_history import JUST_AFTER, StatusMoment, told_by
from incidents.actions.publishing.updates import post_update
from incidents.actor import CLOCK
from incidents.models import AffectedComponent, Component, Incident, StatusChange, Update
from tests.incidents.outage import LATER, NOW, declare, make_company, plan, publish
from tests.make import make_component, make_incident, make_page

HOUR = timedelta(hours=1)


def history(component):
    return list(component.status_changes.order_by("from_at").values_list("from_at", "status"))


@pytest.mark.django_db
def test_a_disruption_leaves_one_row_per_change_from_its_start_on():
    company = make_company()
    incident = publish(company, declare(company, started_at=NOW - HOUR))
    post_update(
        incident, body="Half of them run.", by=company.dara, components={company.trains: "partial_outage"}, now=LATER
    )
    post_update(incident, body="Still half.", by=company.dara, now=LATER + HOUR)
    resolve_incident(incident, body="All run.", by=company.dara, now=LATER + 2 * HOUR)

    assert history(company.trains) == [
        (NOW - HOUR, "major_outage"),
        (LATER, "partial_outage"),
        (LATER + 2 * HOUR, "operational"),
    ]
    assert history(company.buses) == []


@pytest.mark.django_db
def test_a_draft_and_what_moves_nothing_leave_no_row():
    company = make_company()
    declare(company)
    publish(company, declare(company, components={company.buses: "operational"}))

    assert StatusChange.objects.count() == 0


@pytest.mark.django_db
def test_of_two_incidents_the_worst_is_on_record_until_both_are_over():
    company = make_company()
    first = publish(company)
    second = publish(company, declare(company, components={company.trains: "degraded_performance"}))
    resolve_incident(first, body="Over.", by=company.dara, now=LATER)
    resolve_incident(second, body="Over too.", by=company.dara, now=LATER + HOUR)

    assert history(company.trains) == [
        (NOW, "major_outage"),
        (LATER, "degraded_performance"),
        (LATER + HOUR, "operational"),
    ]


@pytest.mark.django_db
def test_changes_at_one_moment_keep_their_order():
    company = make_company()
    incident = publish(company)
    set_components(incident, {company.trains: "partial_outage"}, by=company.dara, now=NOW)

    assert history(company.trains) == [(NOW, "major_outage"), (NOW + JUST_AFTER, "partial_outage")]


@pytest.mark.django_db
def test_an_outage_that_began_before_the_last_change_is_on_record_from_that_change_on():
    company = make_company()
    publish(company, declare(company, components={company.trains: "degraded_performance"}, started_at=NOW))
    worse = declare(company, started_at=NOW - HOUR, now=LATER)
    publish_incident(worse, body="It is worse.", by=company.dara, now=LATER)

    assert history(company.trains) == [(NOW, "degraded_performance"), (NOW + JUST_AFTER, "major_outage")]


@pytest.mark.django_db
def test_a_start_that_is_corrected_counts_when_it_is_earlier_and_never_makes_the_record_better():
    company = make_company()
    incident = publish(
        company, declare(company, components={company.trains: "major_outage", company.buses: "operational"})
    )

    change_incident(incident, started_at=NOW - HOUR, by=company.dara, now=LATER)
    change_incident(incident, started_at=NOW - HOUR / 2, by=company.dara, now=LATER)

    assert history(company.trains) == [(NOW - HOUR, "major_outage"), (NOW, "major_outage")]
    assert history(company.buses) == []


@pytest.mark.django_db
def test_an_earlier_start_changes_nothing_before_the_last_change():
    company = make_company()
    resolve_incident(publish(company), body="Over.", by=company.dara, now=NOW + HOUR)
    second = declare(company, started_at=NOW + 2 * HOUR, now=NOW + 3 * HOUR)
    publish_incident(second, body="Again.", by=company.dara, now=NOW + 3 * HOUR)
    before = history(company.trains)

    change_incident(second, started_at=NOW + HOUR / 2, by=company.dara, now=NOW + 3 * HOUR)

    assert history(company.trains) == before


@pytest.mark.django_db
def test_a_draft_s_start_is_not_on_record():
    company = make_company()

    change_incident(declare(company), started_at=NOW - HOUR, by=company.dara, now=LATER)

    assert StatusChange.objects.count() == 0


@pytest.mark.django_db
def test_maintenance_is_on_record_from_when_it_began():
    company = make_company()
    work = publish(company, plan(company))
    start_maintenance(work, body="We begin.", by=CLOCK, now=LATER)
    resolve_incident(work, body="Done.", by=CLOCK, now=LATER + HOUR)

    assert history(company.trains) == [(LATER, "under_maintenance"), (LATER + HOUR, "operational")]


@pytest.mark.django_db
def test_a_new_component_needs_no_row_and_can_be_removed_again():
    component = save_component(Component(page=make_page(), name="Trams"), by=CLOCK, now=NOW)

    remove_component(component, by=CLOCK)

    assert (StatusChange.objects.count(), Component.objects.count()) == (0, 0)


# -- out of what was said ---------------------------------------------------------------------------------------------


def update(minutes, **statuses):
    rows = [{"code": code, "name": code, "new_status": status} for code, status in statuses.items()]
    return SimpleNamespace(display_at=NOW + timedelta(minutes=minutes), affected_components=rows or None)


def incident(**fields):
    course = {"kind": "incident", "status": "resolved", "started_at": NOW - HOUR, "scheduled_for": None}
    return SimpleNamespace(**{**course, "resolved_at": NOW + HOUR, **fields})


def test_updates_tell_the_statuses_and_the_first_holds_since_the_start():
    updates = [update(0, belt="major_outage"), update(20, belt="partial_outage"), update(60, belt="operational")]

    moments = told_by(incident(), updates, {"belt": "major_outage"})

    assert moments == [
        StatusMoment("belt", "major_outage", NOW - HOUR),
        StatusMoment("belt", "partial_outage", NOW + timedelta(minutes=20)),
        StatusMoment("belt", "operational", NOW + HOUR),
    ]


def test_what_is_over_leaves_nothing_behind():
    moments = told_by(incident(), [update(0, belt="partial_outage")], {})

    assert moments == [
        StatusMoment("belt", "partial_outage", NOW - HOUR),
        StatusMoment("belt", "operational", NOW + HOUR, is_end=True),
    ]


def test_what_is_open_goes_on():
    moments = told_by(incident(status="monitoring", resolved_at=None), [update(0, belt="partial_outage")], {})

    assert moments == [StatusMoment("belt", "partial_outage", NOW - HOUR)]


def test_where_updates_say_nothing_the_incident_does():
    moments = told_by(incident(), [update(0)], {"belt": "major_outage", "desk": "operational"})

    assert moments == [
        StatusMoment("belt", "major_outage", NOW - HOUR),
        StatusMoment("belt", "operational", NOW + HOUR, is_end=True),
    ]


@pytest.mark.parametrize(
    "course",
    [
        {"status": "scheduled", "resolved_at": None},
        {"status": "completed", "resolved_at": NOW - timedelta(hours=3)},
    ],
)
def test_maintenance_that_has_not_begun_or_was_called_off_tells_nothing(course):
    work = incident(kind="maintenance", scheduled_for=NOW, **course)

    assert told_by(work, [update(0)], {"belt": "under_maintenance"}) == []


def test_maintenance_tells_from_its_planned_start():
    work = incident(kind="maintenance", status="completed", scheduled_for=NOW)

    moments = told_by(work, [], {"belt": "under_maintenance"})

    assert [(moment.status, moment.from_at) for moment in moments] == [
        ("under_maintenance", NOW),
        ("operational", NOW + HOUR),
    ]


def test_what_others_wrote_is_read_with_care():
    strange = SimpleNamespace(display_at=NOW, affected_components=[{"code": None}, {"code": "x", "new_status": "odd"}])

    assert told_by(incident(), [strange, SimpleNamespace(display_at=NOW, affected_components="?")], {}) == []


# -- what was there before the record was kept ------------------------------------------------------------------------


def fill():
    migration = import_module("incidents.migrations.0007_fill_component_history")
    migration.fill(apps, SimpleNamespace(connection=connection))


def add_update(of, minutes, component, status):
    rows = [{"code": component.public_id, "name": component.name, "old_status": None, "new_status": status}]
    moment = NOW + timedelta(minutes=minutes)
    Update.objects.create(
        incident=of, status="investigating", body="a", body_html="a", display_at=moment, affected_components=rows
    )


@pytest.mark.django_db
def test_the_migration_reads_what_was_said_and_no_end_frees_what_another_held():
    page = make_page()
    belt = make_component(page, status="partial_outage", created_at=NOW - HOUR)
    over = make_incident(page, status="resolved", started_at=NOW, resolved_at=NOW + HOUR, components=(belt,))
    still = make_incident(page, started_at=NOW + timedelta(minutes=10), components=(belt,))
    add_update(over, 0, belt, "major_outage")
    add_update(still, 10, belt, "major_outage")
    add_update(still, 50, belt, "partial_outage")
    AffectedComponent.objects.filter(incident=still).update(status="partial_outage")
    make_incident(page, published=False, components=(belt,), started_at=NOW - HOUR)

    fill()

    assert history(belt) == [
        (NOW, "major_outage"),
        (NOW + timedelta(minutes=10), "major_outage"),
        (NOW + timedelta(minutes=50), "partial_outage"),
    ]


@pytest.mark.django_db
def test_the_migration_leaves_the_last_word_to_the_component():
    changed_at = datetime(2026, 3, 1, tzinfo=UTC)
    component = make_component(make_page(), status="major_outage", updated_at=changed_at)
    fine = make_component(component.page)

    fill()

    assert (history(component), history(fine)) == ([(changed_at, "major_outage")], [])
    assert Incident.objects.count() == 0
