"""What was answered, counted and written down."""

import json
import os
from collections import Counter
from pathlib import Path
from time import gmtime

import pytest

from portal.documents.document import Reply
from portal.publishing.access_log import PASSED, AccessLog, LogFile, counts_of_all, save_counts


@pytest.fixture
def lines() -> list[str]:
    return []


@pytest.fixture
def counted(tmp_path: Path, lines: list[str]) -> AccessLog:
    return AccessLog(tmp_path, lambda text: lines.extend(text.decode().splitlines()))


def without_times(lines: list[str]) -> list[str]:
    return [line.partition("] ")[2] for line in lines]


def test_each_document_and_answer_has_its_count(counted: AccessLog) -> None:
    counted.note(Reply("200 OK", [], b"ninebytes", "/"))
    counted.note(Reply("304 Not Modified", [], b"", "/"))
    counted.note(Reply("200 OK", [], b"", "/", "HEAD"))
    counted.note_passed("POST", "/my/impacts/x/choose/", "302 Found")

    counted.count()
    counted.count()

    assert counted.counts == {("/", "200 OK"): 2, ("/", "304 Not Modified"): 1, (PASSED, "302 Found"): 1}


def test_a_line_says_when_what_and_how_but_not_who(counted: AccessLog, lines: list[str], monkeypatch) -> None:
    monkeypatch.setattr("portal.publishing.access_log.time.gmtime", lambda: gmtime(1_795_608_000))
    counted.note(Reply("200 OK", [], b"1234", "/history/2026/11"))
    counted.note(Reply("405 Method Not Allowed", [], b"", "/", "POST"))
    counted.note_passed("GET", "/my/", "302 Found")

    counted.count()

    assert lines == [
        '- - - [25/Nov/2026:12:00:00 +0000] "GET /history/2026/11 HTTP/1.1" 200 4',
        '- - - [25/Nov/2026:12:00:00 +0000] "POST / HTTP/1.1" 405 0',
        '- - - [25/Nov/2026:12:00:00 +0000] "GET /my/ HTTP/1.1" 302 0',
    ]


@pytest.mark.parametrize(
    ("path", "written"),
    [
        ("/my/", "/my/"),
        ("/i/eyJ0b2tlbiI6MX0:secret/choose/", "/i/*"),
        ("/account/login/code/", "/account/*"),
        ("/healthz", "/healthz"),
        ('/" 200 1\n- - - "GET /', "/%22%20200%201%0A-%20-%20-%20%22GET%20/"),
        ("/" + "a" * 500, "/" + "a" * 40),
        ("", "/"),
    ],
)
def test_of_what_django_answers_no_key_and_no_trick_is_written(
    counted: AccessLog, lines: list[str], path: str, written: str
) -> None:
    counted.note_passed("GET", path, "200 OK")

    counted.count()

    assert without_times(lines) == [f'"GET {written} HTTP/1.1" 200 0']


def test_a_method_of_a_stranger_s_own_making_is_not_written(counted: AccessLog, lines: list[str]) -> None:
    counted.note_passed('GE"T', "/x", "405 Method Not Allowed")

    counted.count()

    assert without_times(lines) == ['"- /x HTTP/1.1" 405 0']


def test_nothing_is_written_when_nothing_was_asked(tmp_path: Path) -> None:
    written: list[bytes] = []
    counted = AccessLog(tmp_path, written.append)

    counted.count()

    assert written == []


def test_a_full_log_is_moved_aside_and_three_are_kept(tmp_path: Path) -> None:
    log = LogFile(tmp_path / "log" / "access.log", full=3)

    for text in (b"one\n", b"two\n", b"three\n", b"four\n", b"5\n"):
        log.append(text)

    kept = {path.name: path.read_text() for path in (tmp_path / "log").iterdir()}
    assert kept == {
        "access.log": "5\n",
        "access.log.1": "four\n",
        "access.log.2": "three\n",
        "access.log.3": "two\n",
    }


def test_a_log_that_somebody_else_moved_away_is_begun_again(tmp_path: Path) -> None:
    log = LogFile(tmp_path / "access.log")
    log.append(b"before\n")
    log.path.rename(tmp_path / "elsewhere")

    log.append(b"after\n")

    assert log.path.read_text() == "after\n"


def test_counts_of_all_processes_are_found(tmp_path: Path) -> None:
    save_counts(Counter({("/", "200 OK"): 3}), tmp_path)
    (tmp_path / "17.json").write_text(json.dumps([["/history", "304", 2]]))

    assert dict(counts_of_all(tmp_path)) == {"17": [("/history", "304", 2)], str(os.getpid()): [("/", "200", 3)]}


def test_counts_of_a_process_long_gone_and_what_cannot_be_read_are_left_out(tmp_path: Path) -> None:
    (tmp_path / "1.json").write_text("[]")
    os.utime(tmp_path / "1.json", (0, 0))
    (tmp_path / "2.json").write_text("{")

    assert list(counts_of_all(tmp_path)) == []
    assert not (tmp_path / "1.json").exists()


def test_no_counts_yet_is_none(tmp_path: Path) -> None:
    assert list(counts_of_all(tmp_path / "nowhere")) == []
