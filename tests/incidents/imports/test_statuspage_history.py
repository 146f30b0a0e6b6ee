"""Incidents, maintenances and updates: made, changed, added to, never edited."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from incidents.actions.publishing.updates import post_update
from incidents.actor import CLOCK
from incidents.clock import tick
from incidents.models import AffectedComponent, Event, Incident, Page, Update
from tests.incidents.imports.files import (
    PAGE,
    component,
    counts,
    edit,
    incident,
    maintenance,
    read,
    reasons,
    stored_rows,
    update,
    write,
)
from tests.make import make_customer, make_holding, make_impact, make_incident

pytestmark = pytest.mark.django_db


def snapshot(code: str, new_status: str) -> dict[str, str]:
    return {"code": code, "name": code.title(), "old_status": "operational", "new_status": new_status}


def affected() -> dict[str, str]:
    return dict(AffectedComponent.objects.values_list("component__public_id", "status"))


def test_an_incident_keeps_everything(tmp_path: Path) -> None:
    read(write(tmp_path, incidents=[incident(monitoring_at="2025-02-03T12:00:00.001+02:00")]))

    belt = Incident.objects.get()
    assert (belt.public_id, belt.kind, belt.name, belt.status, belt.impact, belt.origin, belt.shortlink) == (
        "belt",
        "incident",
        "The belt stands still",
        "investigating",
        "minor",
        "import",
        "https://stspg.example/belt",
    )
    assert (belt.created_at, belt.published_at, belt.started_at, belt.updated_at, belt.monitoring_at) == (
        datetime(2025, 2, 3, 10, tzinfo=UTC),
        datetime(2025, 2, 3, 10, tzinfo=UTC),
        datetime(2025, 2, 3, 9, 58, tzinfo=UTC),
        datetime(2025, 2, 3, 10, 5, tzinfo=UTC),
        datetime(2025, 2, 3, 10, 0, 0, 1000, tzinfo=UTC),
    )
    assert (belt.resolved_at, belt.closed_at) == (None, None)


def test_an_update_keeps_everything(tmp_path: Path) -> None:
    first_update = update(
        body="**Soon** <b>back</b>",
        deliver_notifications=False,
        display_at="2025-02-03T10:04:00.007Z",
        affected_components=[snapshot("gone", "major_outage")],
    )

    read(write(tmp_path, incidents=[incident(incident_updates=[first_update])]))

    row = Update.objects.get()
    assert (row.public_id, row.status, row.body, row.body_html, row.deliver_notifications) == (
        "u1",
        "investigating",
        "**Soon** <b>back</b>",
        "<p><strong>Soon</strong> <strong>back</strong></p>",
        False,
    )
    assert (row.display_at, row.created_at) == (
        datetime(2025, 2, 3, 10, 4, 0, 7000, tzinfo=UTC),
        datetime(2025, 2, 3, 10, 5, 0, 123000, tzinfo=UTC),
    )
    assert row.affected_components == [snapshot("gone", "major_outage")]


def test_updates_of_the_same_minute_keep_their_order(tmp_path: Path) -> None:
    read(write(tmp_path, incidents=[incident(incident_updates=[update("c"), update("b"), update("a")])]))

    assert list(Update.objects.values_list("public_id", flat=True)) == ["c", "b", "a"]


def test_a_maintenance_keeps_its_window(tmp_path: Path) -> None:
    read(write(tmp_path, scheduled_maintenances=[maintenance()]))

    work = Incident.objects.get()
    assert (work.kind, work.status, work.impact, work.scheduled_for, work.scheduled_until) == (
        "maintenance",
        "scheduled",
        "maintenance",
        datetime(2031, 3, 1, 1, tzinfo=UTC),
        datetime(2031, 3, 1, 5, tzinfo=UTC),
    )


def test_a_maintenance_among_the_incidents_is_a_maintenance(tmp_path: Path) -> None:
    read(write(tmp_path, incidents=[maintenance(impact="none")]))

    work = Incident.objects.get()
    assert (work.kind, work.impact) == ("maintenance", "maintenance")


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"resolved_at": "2025-02-03T11:00:00Z"}, "2025-02-03T11:00:00Z"),
        (
            {"incident_updates": [update("b", status="resolved", display_at="2025-02-03T11:30:00Z"), update()]},
            "2025-02-03T11:30:00Z",
        ),
        ({"incident_updates": [update()]}, "2025-02-03T10:05:00Z"),
        ({"incident_updates": None, "updated_at": None}, "2025-02-03T10:00:00Z"),
        (
            {
                "status": "postmortem",
                "incident_updates": [
                    update("c", status="postmortem", display_at="2025-02-09T11:30:00Z"),
                    update("b", status="resolved", display_at="2025-02-03T11:30:00Z"),
                ],
            },
            "2025-02-03T11:30:00Z",
        ),
    ],
)
def test_what_is_over_was_over_when_somebody_said_so(tmp_path: Path, fields: dict[str, object], expected: str) -> None:
    read(write(tmp_path, incidents=[incident(**{"status": "resolved", **fields})]))

    belt = Incident.objects.get()
    assert (belt.resolved_at, belt.closed_at) == (datetime.fromisoformat(expected),) * 2


def test_what_is_open_affects_components_as_was_said_last(tmp_path: Path) -> None:
    updates = [
        update("c", display_at="2025-02-03T10:03:00Z"),
        update("b", display_at="2025-02-03T10:02:00Z", affected_components=[snapshot("checkin", "partial_outage")]),
        update(
            "a",
            display_at="2025-02-03T10:01:00Z",
            affected_components=[snapshot("checkin", "major_outage"), snapshot("gate", "degraded_performance")],
        ),
    ]
    affected_components = [component("checkin"), component("lounge", status="under_maintenance")]
    components = [component(), component("gate"), component("lounge")]

    read(
        write(
            tmp_path,
            components=components,
            incidents=[incident(incident_updates=updates, components=affected_components)],
        )
    )

    assert affected() == {
        "checkin": "partial_outage",
        "gate": "degraded_performance",
        "lounge": "under_maintenance",
    }


def test_what_is_over_affected_components_as_badly_as_it_ever_did(tmp_path: Path) -> None:
    updates = [
        update("b", status="resolved", affected_components=[snapshot("checkin", "operational")]),
        update("a", affected_components=[snapshot("checkin", "major_outage")]),
    ]

    read(write(tmp_path, components=[component()], incidents=[incident(status="resolved", incident_updates=updates)]))

    assert affected() == {"checkin": "major_outage"}


def test_an_incident_that_went_on_elsewhere_goes_on_here(tmp_path: Path) -> None:
    file = write(tmp_path, components=[component(), component("gate")], incidents=[incident(components=[component()])])
    read(file)
    resolved = incident(
        name="The belt stood still",
        status="resolved",
        impact="major",
        resolved_at="2025-02-03T12:00:00Z",
        updated_at="2025-02-03T12:00:01Z",
        incident_updates=[update("u2", status="resolved", body="It runs."), update()],
        components=[component("gate")],
    )

    report = read(write(tmp_path, incidents=[resolved]))

    belt = Incident.objects.get()
    assert (counts(report, "incidents"), counts(report, "updates")) == (
        {"read": 1, "changed": 1},
        {"read": 2, "created": 1, "unchanged": 1},
    )
    assert (belt.name, belt.status, belt.impact, belt.closed_at) == (
        "The belt stood still",
        "resolved",
        "major",
        datetime(2025, 2, 3, 12, tzinfo=UTC),
    )
    assert affected() == {"gate": "operational"}
    assert Event.objects.latest("id").data == {"created": False, "updates": 1}


def test_an_incident_that_was_opened_again_elsewhere_is_open_here(tmp_path: Path) -> None:
    read(write(tmp_path, incidents=[incident(status="resolved", resolved_at="2025-02-03T11:00:00Z")]))

    read(write(tmp_path, incidents=[incident()]))

    belt = Incident.objects.get()
    assert (belt.status, belt.resolved_at, belt.closed_at) == ("investigating", None, None)


def test_where_customers_are_concerned_they_say_when_it_is_closed(tmp_path: Path) -> None:
    read(write(tmp_path, incidents=[incident()]))
    make_impact(Incident.objects.get(), make_holding(make_customer()))

    read(write(tmp_path, incidents=[incident(status="resolved", resolved_at="2025-02-03T11:00:00Z")]))

    belt = Incident.objects.get()
    assert (belt.status, belt.closed_at) == ("resolved", None)


def test_what_was_said_is_not_edited(tmp_path: Path) -> None:
    file = write(tmp_path, incidents=[incident(incident_updates=[update("u2"), update()])])
    read(file)
    before = stored_rows()
    edit(file, lambda content: content["incidents"][0]["incident_updates"][1].update(body="It never happened."))

    report = read(file)

    assert stored_rows() == before
    assert reasons(report) == [
        "summary.json incidents[0].incident_updates[1] (id u1): differs from what was published; history is not edited"
    ]
    assert counts(report, "updates") == {"read": 2, "unchanged": 1, "skipped": 1}


def test_what_we_did_later_is_kept_and_what_they_said_is_added(tmp_path: Path) -> None:
    read(write(tmp_path, incidents=[incident()]))
    post_update(Incident.objects.get(), body="We see to it.", by=CLOCK, status="identified")

    report = read(write(tmp_path, incidents=[incident(name="Old", incident_updates=[update("u2"), update()])]))

    belt = Incident.objects.get()
    assert (belt.name, belt.status, belt.updates.count()) == ("The belt stands still", "identified", 3)
    assert (counts(report, "incidents"), counts(report, "updates")) == (
        {"read": 1, "changed": 1},
        {"read": 2, "created": 1, "unchanged": 1},
    )
    assert list(report.notes) == ["belt was changed here after the file was written and keeps what it has."]


def test_an_incident_that_was_declared_here_is_not_touched(tmp_path: Path) -> None:
    read(write(tmp_path, components=[]))
    make_incident(Page.objects.get(), public_id="belt", name="Ours")

    report = read(write(tmp_path, incidents=[incident()]))

    assert reasons(report) == ["summary.json incidents[0] (id belt): was declared here and is not changed by an import"]
    assert Incident.objects.get().name == "Ours"


def test_an_incident_does_not_become_a_maintenance(tmp_path: Path) -> None:
    read(write(tmp_path, incidents=[incident()]))

    report = read(write(tmp_path, scheduled_maintenances=[maintenance("belt")]))

    assert reasons(report) == [
        "summary.json scheduled_maintenances[0] (id belt): is stored as the other kind (incident or maintenance)"
    ]


def test_two_pages_may_use_the_same_ids(tmp_path: Path) -> None:
    southwind = {**PAGE, "id": "southwind", "name": "Southwind"}
    write(tmp_path, "a.json", components=[component()], incidents=[incident(components=[component()])])
    write(tmp_path, "b.json", page=southwind, components=[component()], incidents=[incident(components=[component()])])

    report = read(tmp_path)

    assert counts(report, "incidents") == {"read": 2, "created": 2}
    assert {affected_component.component.page for affected_component in AffectedComponent.objects.all()} == set(
        Page.objects.all()
    )


def test_a_dry_run_tells_of_each_change_and_makes_none(tmp_path: Path) -> None:
    read(write(tmp_path, components=[component()], incidents=[incident(), incident("two")]))
    later = [incident(components=[component("gate")]), incident("two"), incident("three")]
    write(
        tmp_path, components=[component(), component("gate")], incidents=later, scheduled_maintenances=[maintenance()]
    )
    before = stored_rows()

    report = read(tmp_path, dry_run=True)

    assert stored_rows() == before
    assert report == read(tmp_path)
    assert counts(report, "incidents") == {"read": 3, "created": 1, "changed": 1, "unchanged": 1}


def test_the_same_incident_in_two_files_is_one(tmp_path: Path) -> None:
    write(tmp_path, "incidents.json", incidents=[incident()])
    write(tmp_path, "incidents/unresolved.json", incidents=[incident()])

    first, second = read(tmp_path), read(tmp_path)

    assert (counts(first, "incidents"), counts(first, "updates")) == (
        {"read": 2, "created": 1, "unchanged": 1},
        {"read": 2, "created": 1, "unchanged": 1},
    )
    assert second.wrote_nothing


@pytest.mark.parametrize("status", ["scheduled", "in_progress"])
def test_a_maintenance_whose_window_had_passed_is_not_begun_or_ended_by_the_clock(tmp_path: Path, status: str) -> None:
    window = {"scheduled_for": "2025-03-01T01:00:00Z", "scheduled_until": "2025-03-01T05:00:00Z"}
    read(write(tmp_path, scheduled_maintenances=[maintenance(status=status, **window)]))

    tick()

    assert (Incident.objects.get().status, Update.objects.count()) == (status, 1)


def test_a_maintenance_that_lies_ahead_runs_by_the_clock(tmp_path: Path) -> None:
    read(write(tmp_path, scheduled_maintenances=[maintenance()]))

    tick(datetime(2031, 3, 1, 2, tzinfo=UTC))
    during = Incident.objects.get().status
    tick(datetime(2031, 3, 1, 6, tzinfo=UTC))

    assert (during, Incident.objects.get().status) == ("in_progress", "completed")
