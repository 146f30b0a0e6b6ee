"""What was answered: a counter per document, and a line per request for operators who want one.

Noting a request costs one append. A thread of each process does the rest: it counts, writes the lines and leaves the
counts in a file of the process's own, where whoever answers for all processes finds them.
"""

import fcntl
import json
import logging
import os
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import NamedTuple, TypeVar
from urllib.parse import quote

from django.conf import settings

from portal.documents.document import Reply

log = logging.getLogger(__name__)

Write = Callable[[bytes], object]
T = TypeVar("T")

EVERY = 0.2  # seconds
SAVE_EVERY = 5.0  # seconds between two writes of the counts
FORGOTTEN_AFTER = 3600.0  # seconds without a word from a process
# More than comes in between two rounds; what exceeds it is lost rather than kept in memory without end.
MOST_NOTES = 200_000
FULL = 50_000_000  # bytes of a log file
# Under which name everything is counted that Django answered.
PASSED = "passed on"


class Passed(NamedTuple):
    """Something that Django answered."""

    method: str
    path: str
    status: str


class AccessLog:
    """This process's counts. `folder`: where they are left for others. `write`: where lines go, if anywhere."""

    def __init__(self, folder: Path, write: Write | None = None) -> None:
        self._folder = folder
        self._write = write
        self._replies: deque[Reply] = deque(maxlen=MOST_NOTES)
        self._passed: deque[Passed] = deque(maxlen=MOST_NOTES)
        self._watcher = 0
        self._kept_at = 0.0
        self.counts: Counter[tuple[str, str]] = Counter()
        # A document was answered. An append and nothing else: replies are shared, so not even an object is made.
        self.note: Callable[[Reply], None] = self._replies.append

    def note_passed(self, method: str, path: str, status: str) -> None:
        """Django answered."""
        self._passed.append(Passed(method, path, status))

    def watch(self) -> None:
        """Count from now on, in a thread of this process. A second call does nothing."""
        if self._watcher != os.getpid():
            self._watcher = os.getpid()
            threading.Thread(target=self._count_forever, name="access_log", daemon=True).start()

    def _count_forever(self) -> None:
        while True:
            time.sleep(EVERY)
            try:
                self.count()
                self._save()
            except OSError as error:  # a full disk must not end the counting
                log.warning("What was answered could not be written down: %s", error)
                time.sleep(SAVE_EVERY)

    def count(self) -> None:
        """Take in what was noted since the last time."""
        replies, passed = _emptied(self._replies), _emptied(self._passed)
        kinds = {id(reply): reply for reply in replies}
        for kind, number in Counter(map(id, replies)).items():
            self.counts[kinds[kind].path, kinds[kind].status] += number
        self.counts.update((PASSED, note.status) for note in passed)
        if self._write and (replies or passed):
            texts = {kind: _line_of_reply(reply) for kind, reply in kinds.items()}
            lines = [*(texts[id(reply)] for reply in replies), *map(_line_of_passed, passed)]
            when = time.strftime("- - - [%d/%b/%Y:%H:%M:%S +0000] ", time.gmtime())
            self._write((when + when.join(lines)).encode())

    def _save(self) -> None:
        """Even when nothing came in: the file's age tells whether its process lives."""
        if time.monotonic() - self._kept_at >= SAVE_EVERY:
            self._kept_at = time.monotonic()
            save_counts(self.counts, self._folder)


def _emptied(notes: deque[T]) -> list[T]:
    return [notes.popleft() for _ in range(len(notes))]


# Lines are in the common log format, to the second in which they are written. Who asked is not in them: that is
# personal, and a proxy in front knows it better.


def _line_of_reply(reply: Reply) -> str:
    return f'"{reply.method} {_safe(reply.path)} HTTP/1.1" {reply.status[:3]} {len(reply.body)}\n'


def _line_of_passed(note: Passed) -> str:
    """Addresses may hold keys (the links in mails), so only the first part of them is written."""
    first, slash, rest = note.path[1:].partition("/")
    method = note.method if note.method.isalpha() else "-"
    return f'"{method} {_safe(f"/{first[:40]}{slash}")}{"*" if rest else ""} HTTP/1.1" {note.status[:3]} 0\n'


@lru_cache(maxsize=4096)
def _safe(path: str) -> str:
    """No line break or quote of a stranger's gets into the log."""
    return quote(path, safe="/-_.~:@!$&'()*+,;=")


# -- lines ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class LogFile:
    """Several processes append to it; a full one is moved aside, and the last three of those are kept."""

    path: Path
    full: int = FULL

    def append(self, lines: bytes) -> None:
        """Opened each time, so that a file that somebody else moved away is not written to any longer."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("ab") as file:
            file.write(lines)
            file.flush()
            if file.tell() > self.full:
                fcntl.flock(file, fcntl.LOCK_EX)
                if self.path.exists() and self.path.stat().st_ino == os.fstat(file.fileno()).st_ino:
                    self._move_aside()

    def _move_aside(self) -> None:
        for number in (2, 1, 0):
            older = self._numbered(number)
            if older.exists():
                older.replace(self._numbered(number + 1))

    def _numbered(self, number: int) -> Path:
        return self.path.with_name(f"{self.path.name}.{number}") if number else self.path


# -- counts of all processes ------------------------------------------------------------------------------------------


def save_counts(counts: Counter[tuple[str, str]], folder: Path) -> None:
    """Leave this process's counts for others."""
    folder.mkdir(parents=True, exist_ok=True)
    draft = folder / f".{os.getpid()}"
    draft.write_text(
        json.dumps([[path, status[:3], count] for (path, status), count in counts.items()]), encoding="utf-8"
    )
    draft.replace(folder / f"{os.getpid()}.json")


def counts_of_all(folder: Path) -> Iterator[tuple[str, Iterable[tuple[str, str, int]]]]:
    """Process by process its counts: path, status, how often. Those of processes long gone are removed."""
    for path in sorted(folder.glob("*.json")):
        try:
            if time.time() - path.stat().st_mtime > FORGOTTEN_AFTER:
                path.unlink()
                continue
            yield path.stem, [(name, status, count) for name, status, count in json.loads(path.read_text("utf-8"))]
        except (OSError, ValueError):  # another process removed it, or it is not ours
            continue


def counts_folder() -> Path:
    return Path(settings.DATA_DIR) / "counts"


@cache
def access_log() -> AccessLog:
    """This process's own."""
    writers: dict[str, Write] = {
        "file": LogFile(Path(settings.DATA_DIR) / "log" / "access.log").append,
        "stdout": lambda lines: os.write(1, lines),
    }
    return AccessLog(counts_folder(), writers.get(settings.ACCESS_LOG))
