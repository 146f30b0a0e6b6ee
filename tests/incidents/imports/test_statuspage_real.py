"""A real page's whole history comes in, a second time changes nothing, and a dry run leaves no trace."""

import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from django.db import transaction
from django.db.models import F
from pytest_django import DjangoDbBlocker

from incidents.imports.report import ImportReport
from incidents.models import Component, Event, Incident, Page, Update
from notifications.models import Delivery, OutboxEntry
from tests.incidents.imports.files import DATA, HISTORY, SUMMARY, counts, read, stored_rows

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def history(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[ImportReport]:
    """Read once for all tests of this file: each of them goes back to here, and the last one takes it away."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield read(HISTORY)
        transaction.set_rollback(True)


def test_the_history_comes_in_whole(history: ImportReport) -> None:
    assert {kind: counts(history, kind) for kind in history.tallies} == {
        "files": {"read": 3},
        "pages": {"read": 3, "created": 1, "unchanged": 2},
        "components": {"read": 12, "created": 12},
        "incidents": {"read": 389, "created": 389},
        "updates": {"read": 2133, "created": 2133},
        "maintenances": {"read": 10, "created": 10},
        "their updates": {"read": 32, "created": 32},
    }
    assert (history.skips, dict(history.notes)) == ([], {})
    assert Counter(Incident.objects.values_list("kind", flat=True)) == {"incident": 389, "maintenance": 10}
    assert (Component.objects.count(), Update.objects.count()) == (12, 2133 + 32)


@pytest.mark.usefixtures("history")
def test_every_text_id_and_time_is_the_file_s_own() -> None:
    incidents = json.loads((HISTORY / "incidents.json").read_text())["incidents"]
    incidents += json.loads((HISTORY / "scheduled-maintenances.json").read_text())["scheduled_maintenances"]
    expected = {
        (incident["id"], update["id"], update["status"], update["body"], datetime.fromisoformat(update["display_at"]))
        for incident in incidents
        for update in incident["incident_updates"]
    }

    updates = Update.objects.values_list("incident__public_id", "public_id", "status", "body", "display_at")

    assert set(updates) == expected


@pytest.mark.usefixtures("history")
def test_every_incident_keeps_its_name_and_moments() -> None:
    incidents = json.loads((HISTORY / "incidents.json").read_text())["incidents"]
    moments = ("created_at", "updated_at", "started_at", "resolved_at")
    expected = {
        (
            incident["id"],
            incident["name"],
            incident["impact"],
            *(datetime.fromisoformat(incident[moment]) for moment in moments),
        )
        for incident in incidents
    }

    rows = Incident.objects.unplanned().values_list("public_id", "name", "impact", *moments)

    assert set(rows) == expected


@pytest.mark.usefixtures("history")
def test_history_is_published_when_it_was_made_and_closed_when_it_was_over() -> None:
    past = Incident.objects.filter(origin="import", published_at=F("created_at"), closed_at=F("resolved_at"))

    assert past.count() == 399


@pytest.mark.usefixtures("history")
def test_affected_components_are_kept_as_given_and_joined() -> None:
    pages = Incident.objects.get(public_id="5hjghvwvqztc")

    assert pages.updates.first().affected_components == [
        {"code": "ld40iu57p1od", "name": "Pages", "old_status": "operational", "new_status": "operational"}
    ]
    assert list(pages.affected_components.values_list("component__name", "status")) == [
        ("Pages", "degraded_performance")
    ]


@pytest.mark.usefixtures("history")
def test_a_second_run_changes_nothing_and_records_nothing() -> None:
    before = stored_rows()

    report = read(HISTORY)

    assert report.wrote_nothing
    assert report.tallies["updates"].unchanged == 2133
    assert stored_rows() == before


@pytest.mark.usefixtures("history")
def test_a_dry_run_over_what_is_here_says_so_and_writes_nothing() -> None:
    before = stored_rows()

    report = read(DATA, dry_run=True)

    assert stored_rows() == before
    assert (counts(report, "incidents"), counts(report, "components")) == (
        {"read": 390, "created": 1, "unchanged": 389},
        {"read": 21, "created": 9, "unchanged": 12},
    )


@pytest.mark.usefixtures("history")
def test_each_incident_is_recorded_once_and_nobody_is_told() -> None:
    kinds = Counter(Event.objects.values_list("kind", "via", "is_public"))

    assert kinds == {
        ("page.changed", "import", True): 1,
        ("component.changed", "import", True): 12,
        ("incident.imported", "import", True): 399,
    }
    assert (OutboxEntry.objects.count(), Delivery.objects.count()) == (0, 0)


@pytest.mark.usefixtures("history")
def test_the_older_page_s_file_brings_what_is_missing_and_changes_nothing_newer() -> None:
    report = read(SUMMARY)

    assert counts(report, "components") == {"read": 9, "created": 9}
    assert Page.objects.get().updated_at == datetime(2025, 1, 1, tzinfo=UTC)
