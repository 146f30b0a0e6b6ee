"""The copy on disk."""

import json

import pytest

from portal.facts.page import AffectedFacts
from portal.publishing import disk_copy
from tests.portal.make_facts import (
    NOON,
    at,
    make_component_facts,
    make_estimate_facts,
    make_group,
    make_incident_facts,
    make_page_facts,
    make_update_facts,
)


@pytest.fixture
def facts():
    said = (make_update_facts(-1, affected=(AffectedFacts("web", "Web", "operational"),)), make_update_facts(-2))
    incident = make_incident_facts(
        updates=said, estimates=(make_estimate_facts(-1, 2), make_estimate_facts(-2)), next_update_due_at=at(1)
    )
    components = (make_component_facts(group_id="web", name="Größe & <b>Maß</b>"),)
    return make_page_facts(groups=(make_group("web"),), components=components, incidents=(incident,))


def test_what_was_kept_is_recalled_as_it_was(facts, tmp_path):
    disk_copy.save((facts,), NOON, tmp_path / "published")

    assert disk_copy.load(tmp_path / "published") == ((facts,), NOON)


def test_a_second_copy_replaces_the_first_and_leaves_nothing_beside_it(facts, tmp_path):
    disk_copy.save((facts,), NOON, tmp_path)
    disk_copy.save((), at(1), tmp_path)

    assert disk_copy.load(tmp_path) == ((), at(1))
    assert [path.name for path in tmp_path.iterdir()] == [disk_copy.NAME]


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"pages": []}', '{"pages": [{}], "checked_at": "2026-11-22T12:00:00Z"}']
)
def test_a_file_that_cannot_be_read_is_none(text, tmp_path):
    (tmp_path / disk_copy.NAME).write_text(text)

    assert disk_copy.load(tmp_path) is None


def test_a_file_of_another_program_version_is_none(facts, tmp_path):
    disk_copy.save((facts,), NOON, tmp_path)
    body = json.loads((tmp_path / disk_copy.NAME).read_text())
    body["pages"][0]["components"][0]["status"] = 3
    (tmp_path / disk_copy.NAME).write_text(json.dumps(body))

    assert disk_copy.load(tmp_path) is None


def test_a_copy_with_the_names_of_the_version_before_is_left_alone_and_said_once(facts, tmp_path, caplog):
    disk_copy.save((facts,), NOON, tmp_path)
    path = tmp_path / disk_copy.NAME
    text = path.read_text().replace('"updates":', '"said":')
    path.write_text(text)

    assert [disk_copy.load(tmp_path) for _ in range(3)] == [None] * 3
    assert [record.message.split(" is ")[0] for record in caplog.records] == [f"The copy of the public pages in {path}"]
    assert path.read_text() == text


def test_no_file_is_none_and_no_news(tmp_path, caplog):
    assert disk_copy.load(tmp_path) is None
    assert caplog.records == []
