"""The storm door's fast lane: a request as it came in, as bytes, and as bytes what goes out for it.

A visitor's browser asks the same thing again and again, and a crowd asks the same few things. What a request means is
found out once for its exact bytes, and what goes out for it is put together once a second. Whatever is not plainly a
question for something finished is left to the web server's own parser and to the door behind it.
"""

import re
import time
from collections.abc import Callable
from email.utils import formatdate
from typing import NamedTuple

from django.conf import settings
from whitenoise.middleware import WhiteNoiseMiddleware
from whitenoise.responders import StaticFile

from portal.documents import Reply, security_headers
from portal.front import StormDoor

# A whole request without a body (RFC 9112 §3, §5): nothing before it, nothing after it, nothing odd in it. Possessive
# throughout, so that no request takes longer to refuse than to read.
PLAIN = re.compile(
    rb"(GET|HEAD) (/[!-~]*+) HTTP/1\.([01])\r\n"
    rb"((?:[A-Za-z0-9!#$%&'*+.^_`|~-]++:[\t\x20-\x7e\x80-\xff]*+\r\n)*+)\r\n"
)
# What a document's answer depends on …
ASKED = {
    b"host": "host",
    b"accept-encoding": "accept_encoding",
    b"if-none-match": "if_none_match",
    b"if-modified-since": "if_modified_since",
    b"connection": "connection",
}
# … and what says that more belongs to the request, or that it wants something else than an answer.
MORE = frozenset({b"content-length", b"transfer-encoding", b"expect", b"upgrade", b"te", b"trailer"})

LONGEST = 4096  # bytes of a request that is remembered
MOST = 8192  # requests, and answers of one second, that are remembered
LARGEST_FILE = 500_000  # bytes


class Question(NamedTuple):
    """What a request asks, as far as the answer depends on it. `closes`: the connection ends with the answer."""

    method: str
    host: str
    path: str
    accept_encoding: str = ""
    if_none_match: str = ""
    if_modified_since: str = ""
    closes: bool = False


class Ready(NamedTuple):
    """An answer as it goes out this second, head and body."""

    reply: Reply
    data: bytes
    closes: bool


def read(data: bytes) -> Question | None:
    """None for everything that is not one plain question: the web server's parser judges it."""
    found = PLAIN.fullmatch(data)
    if found is None:
        return None
    method, target, minor, lines = found.groups()
    path = target.partition(b"?")[0]
    if b"%" in path or b"#" in path:
        return None
    fields = _fields(lines)
    if not fields or not fields.get("host"):
        return None
    closes = _closes(fields.pop("connection", ""), is_new=minor == b"1")
    return None if closes is None else Question(method.decode(), path=path.decode(), closes=closes, **fields)


def _fields(lines: bytes) -> dict[str, str] | None:
    """None where a header comes twice or says that there is more."""
    fields: dict[str, str] = {}
    for line in lines.split(b"\r\n"):
        name, _colon, value = line.partition(b":")
        name = name.lower()
        if name in MORE:
            return None
        field = ASKED.get(name)
        if field is not None:
            if field in fields:
                return None
            fields[field] = value.strip(b" \t").decode("latin-1")
    return fields


def _closes(connection: str, *, is_new: bool) -> bool | None:
    """Whether the connection ends with the answer (RFC 9112 §9.3); None where the header wants something else."""
    options = {"": not is_new, "close": True, "keep-alive": False if is_new else None}
    return options.get(connection.lower())


class Wire:
    """Answers for one event loop's connections; never waits for anything. `note` counts an answer."""

    def __init__(self, door: StormDoor, note: Callable[[Reply], None]) -> None:
        self._door = door
        self.note = note
        self._files = {
            url: file
            for url, file in WhiteNoiseMiddleware(_nobody).files.items()
            if url.startswith(settings.STATIC_URL) and isinstance(file, StaticFile)
        }
        self._questions: dict[bytes, Question] = {}
        self._ready: dict[Question, Ready] = {}
        self._made: dict[tuple[int, bool], Ready] = {}
        self._edition: object = None
        self._date = ""
        self.tick()

    def tick(self) -> None:
        """Once a second: the date is another, and a document may be about to read differently."""
        self._date = formatdate(time.time(), usegmt=True)
        self._forget()

    def _forget(self) -> None:
        self._ready = {}
        self._made = {}

    def answer(self, data: bytes) -> Ready | None:
        """What goes out for these bytes, counted; None where somebody else must read them."""
        edition = self._door.edition
        if edition is not self._edition:
            self._edition = edition
            self._forget()
        question = self._questions.get(data) or self._read(data)
        if question is None:
            return None
        ready = self._ready.get(question) or self._find(question)
        if ready is not None:
            self.note(ready.reply)
        return ready

    def _read(self, data: bytes) -> Question | None:
        question = read(data)
        if question and len(data) <= LONGEST:
            if len(self._questions) >= MOST:
                self._questions.clear()
            self._questions[data] = question
        return question

    def _find(self, question: Question) -> Ready | None:
        *asked, closes = question
        reply = self._door.reply_at_once(*asked) or self._file(question)
        if reply is None:
            return None
        if len(self._ready) >= MOST:
            self._forget()
        ready = self._made.get((id(reply), closes))
        if ready is None:  # it holds its reply, so that no other gets the same id meanwhile
            ready = self._made[id(reply), closes] = Ready(reply, to_bytes(reply, self._date, closes=closes), closes)
        self._ready[question] = ready
        return ready

    def _file(self, question: Question) -> Reply | None:
        """A stylesheet, a script, a picture: every new visitor asks for some, so they must not need a thread."""
        file = self._files.get(question.path)
        if file is None or not self._door.is_ours(question.host):
            return None
        headers = {
            "HTTP_ACCEPT_ENCODING": question.accept_encoding,
            "HTTP_IF_NONE_MATCH": question.if_none_match,
            "HTTP_IF_MODIFIED_SINCE": question.if_modified_since,
        }
        found = file.get_response(question.method, {name: value for name, value in headers.items() if value})
        body = b""
        if found.file is not None:
            with found.file as opened:
                body = opened.read(LARGEST_FILE + 1)
        if len(body) > LARGEST_FILE:
            return None
        status = f"{found.status.value} {found.status.phrase}"
        return Reply(status, [*found.headers, *security_headers()], body, f"{settings.STATIC_URL}*", question.method)


def _nobody(request: object) -> None:
    """What the middleware would pass on to; only its list of files is wanted here."""


def to_bytes(reply: Reply, date: str, *, closes: bool = False) -> bytes:
    """An answer as RFC 9112 writes it. Raises ValueError for a header that would begin another one."""
    lines = [f"HTTP/1.1 {reply.status}", *(f"{name}: {value}" for name, value in reply.headers), f"Date: {date}"]
    if closes:
        lines.append("Connection: close")
    if any("\r" in line or "\n" in line for line in lines):
        raise ValueError("A header's value must not hold a line break.")
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + reply.body
