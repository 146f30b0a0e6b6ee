"""Broken files and broken records: each is named with its place and reason, and keeps nobody else out."""

from pathlib import Path
from unittest.mock import Mock

import pytest
from django.db import DataError

from incidents.actions.intake.statuspage import IncidentChanges
from incidents.imports import documents, history
from incidents.imports.documents import NotFound
from incidents.models import Component, Incident, Update
from tests.incidents.imports.files import component, counts, edit, incident, maintenance, read, reasons, update, write
from tests.make import make_page

pytestmark = pytest.mark.django_db

INCIDENT_WORDS = "investigating, identified, monitoring, resolved, postmortem"
ALL_WORDS = f"{INCIDENT_WORDS}, scheduled, in_progress, verifying, completed"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is not valid JSON at line 1, column 1: Expecting value"),
        (b'{"page": {},\n "incidents": [}', "is not valid JSON at line 2, column 16: Expecting value"),
        (b'{"incidents": []} trailing', "is not valid JSON at line 1, column 19: Extra data"),
        (b'{"incidents": [1', "is not valid JSON at line 1, column 17: Expecting ',' delimiter"),
        (b'{"page":\n {"name": "\xff"}}', "is not UTF-8 at line 2, byte 12"),
        ('{"incidents": []}'.encode("utf-16"), "is not UTF-8 at line 1, byte 1"),
        (b"[" * 100_000, "is nested too deeply"),
        (b'{"incidents": ' + b"[" * 100_000, "is nested too deeply"),
        (b'{"incidents": [' + b"9" * 5_000 + b"]}", "is not valid JSON: Exceeds the limit"),
        (b"[]", "is not a Statuspage document but a list"),
        (b"null", "is not a Statuspage document but null"),
        (b'"text"', "is not a Statuspage document but “text”"),
        (b"NaN", "is not a Statuspage document but nan"),
        (b'{"name": "package"}', "is not a Statuspage document: it has neither components, incidents nor"),
        (b'{"incidents": {}}', "incidents is not a list but an object"),
        (b'{"components": "none"}', "components is not a list but “none”"),
    ],
)
def test_a_broken_file_is_named_and_the_others_are_read(tmp_path: Path, content: bytes, reason: str) -> None:
    write(tmp_path, "z.json", incidents=[incident()])
    (tmp_path / "broken.json").write_bytes(content)

    report = read(tmp_path)

    assert [(skip.place, skip.reason[: len(reason)]) for skip in report.skips] == [("broken.json", reason)]
    assert (counts(report, "files"), counts(report, "incidents")) == (
        {"read": 2, "skipped": 1},
        {"read": 1, "created": 1},
    )


def test_files_are_known_by_what_they_hold(tmp_path: Path) -> None:
    write(tmp_path, "a/one.json", incidents=[incident()])
    write(tmp_path, "two.json", components=[component()])
    write(tmp_path, "three.json", scheduled_maintenances=[maintenance()])
    (tmp_path / "notes.txt").write_text("not JSON, not read")

    report = read(tmp_path)

    assert (Component.objects.count(), Incident.objects.count(), report.skips) == (1, 2, [])


def test_a_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    file = write(tmp_path, components=[component()])
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes())

    assert counts(read(file), "components") == {"read": 1, "created": 1}


def test_a_file_without_anything_to_import_is_no_mistake(tmp_path: Path) -> None:
    report = read(write(tmp_path, "status.json", status={"indicator": "none"}))

    assert (report.skips, dict(report.notes)) == ([], {"status.json holds nothing to import.": 1})


def test_links_to_files_are_followed_and_dead_ones_left_alone(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "link.json").symlink_to(write(tmp_path, "real.json", components=[component()]))
    (folder / "dead.json").symlink_to(tmp_path / "nowhere.json")
    (folder / "round").symlink_to(folder)

    assert counts(read(folder), "files") == {"read": 1}


def test_a_file_that_may_not_be_read_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = write(tmp_path, components=[component()])
    monkeypatch.setattr(Path, "read_bytes", Mock(side_effect=PermissionError(13, "Permission denied")))

    assert reasons(read(file)) == ["summary.json: cannot be read: Permission denied"]


def test_a_file_that_would_not_fit_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "LARGEST_FILE", 10)

    assert reasons(read(write(tmp_path, components=[component()]))) == ["summary.json: is larger than 0 MB"]


@pytest.mark.parametrize("name", ["nowhere", "nowhere.json", ""])
def test_nothing_there_is_said_at_once(tmp_path: Path, name: str) -> None:
    with pytest.raises(NotFound):
        read(tmp_path / name)


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (None, "incidents[1]: is not an object but null"),
        (float("nan"), "incidents[1]: is not an object but nan"),
        (incident("two", id=None), "incidents[1]: id is missing"),
        (incident("two", id=""), "incidents[1] (id ): id is not an id: 1 to 32 letters, digits, - and _: “”"),
        (incident("belt"), "incidents[1]: the id is repeated; incidents[0] has it first"),
        (incident("two", name="  ", status=None), "incidents[1] (id two): status is missing"),
        (incident("two", name=None), "incidents[1] (id two): name is missing"),
        (incident("two", status="gone"), f"incidents[1] (id two): status is not one of {INCIDENT_WORDS}: “gone”"),
        (incident("two", status={}), f"incidents[1] (id two): status is not one of {INCIDENT_WORDS}: an object"),
        (
            incident("two", impact="huge"),
            "incidents[1] (id two): impact is not one of none, minor, major, critical, maintenance: “huge”",
        ),
        (incident("two", created_at=None), "incidents[1] (id two): created_at is missing"),
        (incident("two", created_at="yesterday"), "incidents[1] (id two): created_at is not a time: “yesterday”"),
        (incident("two", started_at=17), "incidents[1] (id two): started_at is not a time: 17"),
        (incident("two", resolved_at=[]), "incidents[1] (id two): resolved_at is not a time: a list"),
        (incident("two", incident_updates={}), "incidents[1] (id two): incident_updates is not a list: an object"),
        (incident("two", components=7), "incidents[1] (id two): components is not a list: 7"),
        (
            incident("two", name="\x1b[2Jx" * 100),
            "incidents[1] (id two): name has 500 characters; at most 300 are kept",
        ),
        (maintenance("two", scheduled_for=None), "incidents[1] (id two): is a maintenance without its scheduled_for"),
        (
            maintenance("two", scheduled_until=None),
            "incidents[1] (id two): is a maintenance without its scheduled_until",
        ),
        (
            maintenance("two", scheduled_until="2031-02-28T00:00:00Z"),
            "incidents[1] (id two): is a maintenance that ends before it starts",
        ),
    ],
)
def test_a_broken_incident_is_named_with_its_place_and_the_others_come_in(
    tmp_path: Path, bad: object, reason: str
) -> None:
    report = read(write(tmp_path, incidents=[incident(), bad, incident("three")]))

    assert reasons(report) == [f"summary.json {reason}"]
    assert counts(report, "incidents") == {"read": 3, "created": 2, "skipped": 1}
    assert set(Incident.objects.values_list("public_id", flat=True)) == {"belt", "three"}


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (None, ": is not an object but null"),
        ([[]], ": is not an object but a list"),
        (update("u2", id=None), ": id is missing"),
        (update("u1"), " (id u1): the id is repeated; incidents[0].incident_updates[0] has it first"),
        (update("u2", status="gone"), f" (id u2): status is not one of {ALL_WORDS}: “gone”"),
        (update("u2", body=["text"]), " (id u2): body is not a text: a list"),
        (update("u2", body="x" * 3_000_000), " (id u2): body has 3000000 characters; at most 50000 are kept"),
        (update("u2", body="\ud83d"), " (id u2): body holds characters that no database takes"),
        (update("u2", created_at=None), " (id u2): created_at is missing"),
        (update("u2", display_at="2025-13-01T00:00:00Z"), " (id u2): display_at is not a time: “2025-13-01T00:00:00Z”"),
        (update("u2", deliver_notifications=1), " (id u2): deliver_notifications is neither true nor false: 1"),
        (update("u2", affected_components="all"), " (id u2): affected_components is not a list: “all”"),
        (update("u2", affected_components=[None]), " (id u2): affected_components holds null instead of an object"),
        (update("u2", affected_components=[{"code": 7}]), " (id u2): code is not a text: 7"),
        (
            update("u2", affected_components=[{}] * 1001),
            " (id u2): affected_components lists more than 1000",
        ),
    ],
)
def test_a_broken_update_is_named_with_its_place_and_its_incident_comes_in(
    tmp_path: Path, bad: object, reason: str
) -> None:
    report = read(write(tmp_path, incidents=[incident(incident_updates=[update(), bad, update("u3")])]))

    assert reasons(report) == [f"summary.json incidents[0].incident_updates[1]{reason}"]
    assert counts(report, "updates") == {"read": 3, "created": 2, "skipped": 1}
    assert set(Update.objects.values_list("public_id", flat=True)) == {"u1", "u3"}


def test_a_mended_update_is_added_by_the_next_run(tmp_path: Path) -> None:
    file = write(tmp_path, incidents=[incident(incident_updates=[update(), update("u0", body=None, status="?")])])
    read(file)

    edit(
        file, lambda content: content["incidents"][0]["incident_updates"][1].update(body="First.", status="identified")
    )

    assert counts(read(file), "updates") == {"read": 2, "created": 1, "unchanged": 1}


def test_an_address_that_could_act_is_left_out_with_a_note(tmp_path: Path) -> None:
    report = read(write(tmp_path, incidents=[incident(shortlink="javascript:alert(1)")]))

    assert Incident.objects.get().shortlink == ""
    assert list(report.notes) == [
        "summary.json incidents[0] (id belt): shortlink is not a web address and was left out."
    ]


def test_an_incident_that_the_database_refuses_is_left_out_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = write(tmp_path, incidents=[incident(), incident("two")])
    changes = IncidentChanges(True, {}, None, (), (), is_older=False)
    monkeypatch.setattr(history, "import_incident", Mock(side_effect=[DataError("too odd\nDETAIL"), changes]))

    report = read(file)

    assert reasons(report) == ["summary.json incidents[0] (id belt): the database refused it: too odd"]
    assert counts(report, "incidents") == {"read": 2, "created": 1, "skipped": 1}


def test_a_run_that_was_cut_off_is_finished_by_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = write(tmp_path, incidents=[incident(str(number)) for number in range(5)])
    with monkeypatch.context() as patched:
        rendered = Mock(side_effect=["<p>", "<p>", KeyboardInterrupt])
        patched.setattr(history, "render_body", rendered)
        with pytest.raises(KeyboardInterrupt):
            read(file)

    report = read(file)

    assert counts(report, "incidents") == {"read": 5, "created": 3, "unchanged": 2}
    assert (Incident.objects.count(), Update.objects.count()) == (5, 5)


def test_an_incident_that_fails_midway_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file, page = write(tmp_path, incidents=[incident()]), make_page()
    monkeypatch.setattr("incidents.actions.intake.statuspage.record", Mock(side_effect=KeyboardInterrupt))

    with pytest.raises(KeyboardInterrupt):
        read(file, page=page)

    assert (Incident.objects.count(), Update.objects.count()) == (0, 0)


@pytest.mark.parametrize("place", ["\x1b]0;owned\x07", "a\nb", "\ud800"])
def test_what_a_file_says_cannot_act_on_the_terminal(tmp_path: Path, place: str) -> None:
    report = read(write(tmp_path, components=[component(place, status=place)]))

    assert [str(skip).isprintable() for skip in report.skips] == [True]
