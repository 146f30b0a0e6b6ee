"""There and back: a real Statuspage history goes in by the import and comes out of our API as it was."""

import json

import pytest

from incidents.models import Page
from portal.publishing.store import published
from tests import make
from tests.incidents.imports.files import HISTORY, SUMMARY, counts, read, stored_rows
from tests.portal.page_documents import text_at

pytestmark = pytest.mark.django_db


@pytest.fixture
def written(tmp_path):
    """Write the published API documents of the only page as files, as another Makegood would fetch them."""

    def write():
        store = publish_as_imported()
        for name in ("summary", "components", "incidents", "incidents/resolved", "scheduled-maintenances"):
            file = tmp_path / f"{name.replace('/', '-')}.json"
            file.write_text(text_at(store, f"/api/v2/{name}.json"))
        return tmp_path

    return write


def publish_as_imported():
    store = published()
    store.refresh()
    return store


def published_rows(name, key):
    return json.loads(text_at(publish_as_imported(), f"/api/v2/{name}.json"))[key]


def source(folder, name, key):
    return json.loads((folder / f"{name}.json").read_text())[key]


def shared(ours, theirs):
    """Ours, cut to the keys that theirs has, at every depth."""
    match theirs:
        case dict():
            return {key: shared(ours[key], value) for key, value in theirs.items()}
        case list():
            return [shared(*pair) for pair in zip(ours, theirs, strict=True)]
    return ours


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "key"), [("incidents", "incidents"), ("scheduled-maintenances", "scheduled_maintenances")]
)
def test_a_real_history_comes_out_as_it_went_in(name, key):
    read(HISTORY)
    theirs = source(HISTORY, name, key)[:50]

    ours = published_rows(name, key)

    assert [by_id(row) for row in shared(ours, theirs)] == [by_id(row) for row in theirs]


def by_id(row):
    return {**row, "components": sorted(row["components"], key=lambda component: component["id"])}


def test_a_real_summary_comes_out_as_it_went_in():
    read(SUMMARY)
    theirs = json.loads((SUMMARY / "summary.json").read_text())

    ours = json.loads(text_at(publish_as_imported(), "/api/v2/summary.json"))

    assert ours["page"] == {**theirs["page"], "url": "http://127.0.0.1:8000"}
    assert shared(ours["components"], theirs["components"]) == theirs["components"]
    assert shared(ours["incidents"], theirs["incidents"]) == theirs["incidents"]
    assert shared(ours["scheduled_maintenances"], theirs["scheduled_maintenances"]) == theirs["scheduled_maintenances"]
    assert ours["status"]["indicator"] == theirs["status"]["indicator"]


@pytest.mark.parametrize("folder", [HISTORY, SUMMARY], ids=["history", "summary"])
@pytest.mark.slow
def test_our_own_documents_change_nothing_when_imported_again(folder, written):
    read(folder)
    files = written()
    before = stored_rows()

    report = read(files)

    assert stored_rows() == before
    assert counts(report, "pages").keys() <= {"read", "unchanged"}
    assert counts(report, "incidents").keys() <= {"read", "unchanged"}
    assert counts(report, "components").keys() <= {"read", "unchanged"}


def test_another_page_takes_our_documents(written):
    read(SUMMARY)
    files = written()
    other = make.make_page(slug="other")

    read(files, page=other)

    assert told(other) == told(Page.objects.get(slug="github"))


def told(page):
    incidents = page.incidents.order_by("public_id", "updates__display_at", "updates__public_id")
    return list(incidents.values_list("public_id", "name", "status", "impact", "updated_at", "updates__body"))
