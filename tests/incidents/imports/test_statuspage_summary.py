"""One real summary.json: what is going on, and what is planned."""

import pytest

from incidents.models import AffectedComponent, Incident
from tests.incidents.imports.files import SUMMARY, counts, read, stored_rows

pytestmark = pytest.mark.django_db


def test_the_summary_comes_in_whole() -> None:
    report = read(SUMMARY)

    assert {kind: counts(report, kind) for kind in report.tallies} == {
        "files": {"read": 1},
        "pages": {"read": 1, "created": 1},
        "components": {"read": 9, "created": 9},
        "incidents": {"read": 1, "created": 1},
        "updates": {"read": 6, "created": 6},
        "maintenances": {"read": 2, "created": 2},
        "their updates": {"read": 2, "created": 2},
    }
    assert list(Incident.objects.open().order_by("kind", "scheduled_for").values_list("status", flat=True)) == [
        "investigating",
        "scheduled",
        "scheduled",
    ]


def test_a_dry_run_reports_the_same_and_writes_nothing() -> None:
    before = stored_rows()

    report = read(SUMMARY, dry_run=True)

    assert stored_rows() == before
    assert report == read(SUMMARY)


def test_the_text_s_html_becomes_harmless_html() -> None:
    read(SUMMARY)

    planned = Incident.objects.planned().earliest("scheduled_for")
    assert planned.updates.get().body_html.startswith(
        '<p>As mentioned in our <a href="https://developer.github.com/changes/2020-02-14-deprecating-password-auth/" '
        'rel="nofollow noopener">developer guide</a>, GitHub no longer supports'
    )


def test_an_open_incident_names_its_components_as_they_stand() -> None:
    read(SUMMARY)

    affected_components = AffectedComponent.objects.filter(incident__public_id="6tcfpztf6j9m")
    assert [
        (affected_component.component.public_id, affected_component.status)
        for affected_component in affected_components
    ] == [("0l2p9nhqnxpd", "operational")]
