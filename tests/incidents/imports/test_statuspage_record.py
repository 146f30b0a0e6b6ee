"""What another page said of its components becomes their record here, once."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from incidents.models import Component, StatusChange
from tests.incidents.imports.files import HISTORY, component, incident, read, update, write
from tests.incidents.imports.test_statuspage_history import snapshot

pytestmark = pytest.mark.django_db

BEGAN = datetime(2025, 2, 3, 10, 5, 0, 123000, tzinfo=UTC)


def history() -> list[tuple[str, datetime, str]]:
    rows = StatusChange.objects.order_by("component__public_id", "from_at")
    return list(rows.values_list("component__public_id", "from_at", "status"))


def at(hour: int) -> str:
    return f"2025-02-03T{hour}:05:00.123Z"


def outage(**fields: object) -> dict[str, object]:
    updates = [
        update("u2", display_at=at(12), affected_components=[snapshot("checkin", "partial_outage")]),
        update("u1", display_at=at(10), affected_components=[snapshot("checkin", "major_outage")]),
    ]
    return incident(**{"started_at": at(10), "incident_updates": updates, **fields})


def test_updates_become_the_record_with_their_times(tmp_path: Path) -> None:
    read(write(tmp_path, components=[component()], incidents=[outage()]))

    assert history() == [
        ("checkin", BEGAN, "major_outage"),
        ("checkin", BEGAN + timedelta(hours=2), "partial_outage"),
    ]


def test_reading_it_again_adds_nothing_and_what_is_new_adds_itself(tmp_path: Path) -> None:
    path = write(tmp_path, components=[component()], incidents=[outage()])
    read(path)
    read(path)
    before = history()
    over = {"status": "resolved", "resolved_at": at(15), "updated_at": at(15)}
    read(write(tmp_path, components=[component()], incidents=[outage(**over)]))

    assert len(before) == 2
    assert history() == [*before, ("checkin", BEGAN + timedelta(hours=5), "operational")]


def test_an_end_frees_no_component_that_another_incident_held(tmp_path: Path) -> None:
    over = {"status": "resolved", "resolved_at": at(15), "updated_at": at(15)}
    longer = [update("v1", display_at=at(11), affected_components=[snapshot("checkin", "major_outage")])]
    longer_outage = outage(id="other", started_at=at(11), incident_updates=longer)
    read(write(tmp_path, components=[component()], incidents=[longer_outage, outage(**over)]))

    assert [status for _code, _at, status in history()] == ["major_outage", "major_outage", "partial_outage"]


def test_a_component_that_is_down_without_an_incident_is_on_record_since_it_changed(tmp_path: Path) -> None:
    read(write(tmp_path, components=[component(status="major_outage")]))
    read(write(tmp_path, components=[component(status="operational", updated_at="2025-02-02T00:00:00.000Z")]))

    assert history() == [
        ("checkin", datetime(2025, 2, 1, tzinfo=UTC), "major_outage"),
        ("checkin", datetime(2025, 2, 2, tzinfo=UTC), "operational"),
    ]


@pytest.mark.slow
def test_a_real_history_ends_with_everything_as_the_components_say() -> None:
    read(HISTORY)

    statuses = dict(Component.objects.values_list("public_id", "status"))
    last = {code: status for code, _at, status in history()}
    assert len(history()) > 1000
    assert last == {code: statuses[code] for code in last}
