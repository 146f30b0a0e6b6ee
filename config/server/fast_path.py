"""The front's fast path: a request as it came in, as bytes, and as bytes what goes out for it.

A crowd asks the same few things, and each browser the same thing again and again. What a request means is found out
once for all that differ in nothing that matters, and what goes out is put together once a second. Whatever is not
plainly a question for something finished is left to the web server's own parser and to the front behind it.
"""

import re
import time
from collections.abc import Callable
from email.utils import formatdate
from http import HTTPStatus
from pathlib import Path
from typing import NamedTuple

from django.conf import settings
from whitenoise.middleware import WhiteNoiseMiddleware
from whitenoise.responders import StaticFile

from portal.documents.document import Reply, security_headers
from portal.publishing.front import PublicFront

# A whole request without a body (RFC 9112 §3, §5): nothing before it, nothing after it, nothing odd in it, and a path
# that means what it says. Possessive throughout, so that no request takes longer to refuse than to read.
PLAIN = re.compile(
    rb"((?:GET|HEAD) /[!\"$&->@-~]*+(?:\?[!\"$-~]*+)? HTTP/1\.[01])\r\n"
    rb"(?:[A-Za-z0-9!#$%&'*+.^_`|~-]++:[\t\x20-\x7e\x80-\xff]*+\r\n)*+\r\n"
)
# Of its headers, what a document's answer depends on …
ASKED = (b"host", b"accept-encoding", b"if-none-match", b"if-modified-since", b"connection")
# … and what says that more belongs to the request, or that it wants something else than an answer.
MORE = frozenset({b"content-length", b"transfer-encoding", b"expect", b"upgrade", b"te", b"trailer"})
FIELDS = re.compile(rb"\n(?i:(%s)):[\t ]*+([^\r]*+)" % b"|".join([*ASKED, *sorted(MORE)]))

LONGEST = 4096  # bytes of a request; each connection remembers its last
MOST = 4096  # questions, and answers of one second, that are remembered
LARGEST_FILE = 1_000_000  # bytes


class DocumentRequest(NamedTuple):
    """What a request asks, as far as the answer depends on it. `closes`: the connection ends with the answer."""

    method: str
    host: str
    path: str
    accept_encoding: str = ""
    if_none_match: str = ""
    if_modified_since: str = ""
    closes: bool = False


class WireReply(NamedTuple):
    """An answer as it goes out this second, head and body."""

    reply: Reply
    payload: bytes
    closes: bool


# The first line of a plain request and those of its headers that matter, in their order.
RequestKey = tuple[bytes, tuple[tuple[bytes, bytes], ...]]


def request_key_of(chunk: bytes) -> RequestKey | None:
    """None for everything that is not one plain request: the web server's parser judges it."""
    plain = PLAIN.fullmatch(chunk)
    return plain and (plain[1], tuple(FIELDS.findall(chunk)))


def document_request_of(request_key: RequestKey) -> DocumentRequest | None:
    """None where more belongs to the request, or a header comes twice, or none says which site is meant."""
    line, headers = request_key
    fields = {name.lower(): value.rstrip(b"\t ").decode("latin-1") for name, value in headers}
    if len(fields) < len(headers) or not MORE.isdisjoint(fields):
        return None
    method, target, version = line.decode().split(" ")
    host, closes = fields.get(b"host"), _closes(fields.get(b"connection", ""), is_new=version == "HTTP/1.1")
    if not host or closes is None:
        return None
    encoding, etag, date = (fields.get(name, "") for name in ASKED[1:4])
    return DocumentRequest(method, host, target.partition("?")[0], encoding, etag, date, closes)


def _closes(connection: str, *, is_new: bool) -> bool | None:
    """Whether the connection ends with the answer (RFC 9112 §9.3); None where the header wants something else."""
    if not connection:
        return not is_new
    if connection.lower() == "close":
        return True
    return False if is_new and connection.lower() == "keep-alive" else None


class FastPath:
    """Answers for one event loop's connections; never waits for anything. `note` counts an answer."""

    def __init__(self, front: PublicFront, note: Callable[[Reply], None]) -> None:
        self._front = front
        self.note = note
        self._files = {
            url: file
            for url, file in WhiteNoiseMiddleware(_pass_on).files.items()
            if url.startswith(settings.STATIC_URL) and isinstance(file, StaticFile)
        }
        self._requests: dict[RequestKey, DocumentRequest] = {}
        self._replies: dict[DocumentRequest, WireReply] = {}
        self._wire_replies: dict[tuple[int, bool], WireReply] = {}
        self._read: dict[tuple[str, str, int], Reply] = {}
        self._edition: object = None
        self._date = ""
        self.tick()

    def tick(self) -> None:
        """Once a second: the date is another, and a document may be about to read differently."""
        self._date = formatdate(time.time(), usegmt=True)
        self._forget()

    def _forget(self) -> None:
        self._replies = {}
        self._wire_replies = {}
        self._read = {}

    def read(self, chunk: bytes) -> DocumentRequest | None:
        """What is asked, if these bytes are one plain question."""
        request_key = request_key_of(chunk) if len(chunk) <= LONGEST else None
        if request_key is None:
            return None
        document_request = self._requests.get(request_key)
        if document_request is None:
            document_request = document_request_of(request_key)
            if document_request is not None:
                self._remember(request_key, document_request)
        return document_request

    def _remember(self, request_key: RequestKey, document_request: DocumentRequest) -> None:
        if len(self._requests) >= MOST:
            self._requests.clear()
        self._requests[request_key] = document_request

    def answer(self, document_request: DocumentRequest) -> WireReply | None:
        """What goes out for it, counted; None where somebody else must find that out."""
        edition = self._front.edition
        if edition is not self._edition:
            self._edition = edition
            self._forget()
        wire_reply = self._replies.get(document_request) or self._find(document_request)
        if wire_reply is not None:
            self.note(wire_reply.reply)
        return wire_reply

    def _find(self, document_request: DocumentRequest) -> WireReply | None:
        *particulars, closes = document_request
        reply = self._front.reply_at_once(*particulars) or self._file(document_request)
        if reply is None:
            return None
        if len(self._replies) >= MOST:
            self._forget()
        wire_reply = self._wire_replies.get((id(reply), closes))
        if wire_reply is None:  # it holds its reply, so that no other gets the same id meanwhile
            wire_reply = self._wire_replies[id(reply), closes] = WireReply(
                reply, to_bytes(reply, self._date, closes=closes), closes
            )
        self._replies[document_request] = wire_reply
        return wire_reply

    def _file(self, document_request: DocumentRequest) -> Reply | None:
        """A stylesheet, a script, a picture: every new visitor asks for some, so they must not need a thread."""
        file = self._files.get(document_request.path)
        if file is None or not self._front.is_ours(document_request.host):
            return None
        headers = {
            "HTTP_ACCEPT_ENCODING": document_request.accept_encoding,
            "HTTP_IF_NONE_MATCH": document_request.if_none_match,
            "HTTP_IF_MODIFIED_SINCE": document_request.if_modified_since,
        }
        conditions = {name: value for name, value in headers.items() if value}
        response = file.get_response(
            "HEAD", conditions
        )  # whose headers are the same list for all that differ in nothing
        key = document_request.path, document_request.method, id(response.headers)
        if key not in self._read:
            is_whole = document_request.method == "GET" and response.status == HTTPStatus.OK
            body = _content(file.get_path_and_headers(conditions)[0]) if is_whole else b""
            if body is None:
                return None
            status = f"{response.status.value} {response.status.phrase}"
            response_headers = [*response.headers, *security_headers()]
            self._read[key] = Reply(status, response_headers, body, f"{settings.STATIC_URL}*", document_request.method)
        return self._read[key]


def _content(path: str) -> bytes | None:
    """Of a file that is there and not too large."""
    try:
        with Path(path).open("rb") as file:
            body = file.read(LARGEST_FILE + 1)
    except OSError:
        return None
    return body if len(body) <= LARGEST_FILE else None


def _pass_on(request: object) -> None:
    """What the middleware would pass on to; only its list of files is wanted here."""


def to_bytes(reply: Reply, date: str, *, closes: bool = False) -> bytes:
    """An answer as RFC 9112 writes it. Raises ValueError for a header that would begin another one."""
    lines = [f"HTTP/1.1 {reply.status}", *(f"{name}: {value}" for name, value in reply.headers), f"Date: {date}"]
    if closes:
        lines.append("Connection: close")
    if any("\r" in line or "\n" in line for line in lines):
        raise ValueError("A header's value must not hold a line break.")
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + reply.body
