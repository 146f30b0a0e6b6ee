"""The storm door: answers for published documents from memory, before Django is entered.

A dictionary look-up, a comparison of ETags, bytes that were made once: no database, no cookie, no template. Whatever
is not published here is passed on.
"""

import time
from collections.abc import Callable, Iterable
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Any

from portal.documents import FLEETING, FRESH, JSON, OPEN, Document, Headers, Variant, security_headers
from portal.published import Published, published

Environ = dict[str, Any]
Application = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]

READING = frozenset({"GET", "HEAD"})
# What a browser is told that asks whether a script of another site may read.
PREFLIGHT: Headers = [
    OPEN,
    ("Access-Control-Allow-Methods", "GET, HEAD, OPTIONS"),
    ("Access-Control-Allow-Headers", "*"),
    ("Access-Control-Max-Age", "86400"),
]
# Below these stands nothing but published documents.
PUBLIC = ("/incidents/", "/history", "/maintenance", "/updates.atom", "/components/", "/badge.", "/api/v2/", "/p/")


class StormDoor:
    """Wraps the WSGI application. The first request starts the thread that keeps this process's documents true."""

    def __init__(self, application: Application, store: Published | None = None) -> None:
        self._application = application
        self._published = store or published()

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        self._published.watch()
        document = self._find(environ["PATH_INFO"])
        if document is None:
            return self._application(environ, start_response)
        status, headers, body = answer(
            document,
            environ["REQUEST_METHOD"],
            accept_encoding=environ.get("HTTP_ACCEPT_ENCODING", ""),
            if_none_match=environ.get("HTTP_IF_NONE_MATCH", ""),
            if_modified_since=environ.get("HTTP_IF_MODIFIED_SINCE", ""),
        )
        start_response(status, headers)
        return [body]

    def _find(self, path: str) -> Document | None:
        """Before this process has looked for the first time, visitors wait for that look; nobody else does."""
        if not self._published.edition.is_known and (path == "/" or path.startswith(PUBLIC)):
            self._published.refresh()
        return self._published.find(path)


def answer(
    document: Document,
    method: str,
    *,
    accept_encoding: str = "",
    if_none_match: str = "",
    if_modified_since: str = "",
) -> tuple[str, Headers, bytes]:
    """Status, headers and body for one request for a document."""
    if method not in READING:
        return _refuse(document, method)
    variant = document.packed if _takes_gzip(accept_encoding) else document.plain
    if if_none_match:
        is_known = _has(if_none_match, variant)
    else:
        is_known = bool(if_modified_since) and _is_as_of(document, if_modified_since)
    if is_known:
        return "304 Not Modified", _timed(document, variant.bare), b""
    return "200 OK", _timed(document, variant.headers), variant.body if method == "GET" else b""


def _refuse(document: Document, method: str) -> tuple[str, Headers, bytes]:
    """Anything but reading. Browsers ask first whether another site's script may: of open documents it may."""
    if document.is_open and method == "OPTIONS":
        return "204 No Content", [*PREFLIGHT, *security_headers()], b""
    is_json = dict(document.plain.headers)["Content-Type"] == JSON
    body = b'{"error":"Method not allowed"}' if is_json else b""
    headers = [("Allow", "GET, HEAD, OPTIONS" if document.is_open else "GET, HEAD"), ("Content-Length", str(len(body)))]
    if is_json:
        headers.append(("Content-Type", JSON))
    if document.is_open:
        headers.append(OPEN)
    return "405 Method Not Allowed", [*headers, *security_headers()], body


def _takes_gzip(accept_encoding: str) -> bool:
    if "gzip" not in accept_encoding:
        return False
    return "gzip;q=0" not in accept_encoding.replace(" ", "") or "gzip;q=0." in accept_encoding.replace(" ", "")


def _has(if_none_match: str, variant: Variant) -> bool:
    """RFC 9110 §13.1.2: compared weakly, any of a list, or `*`."""
    return if_none_match == variant.etag or any(
        tag.strip().removeprefix("W/") in {variant.etag, "*"} for tag in if_none_match.split(",")
    )


def _is_as_of(document: Document, if_modified_since: str) -> bool:
    """RFC 9110 §13.1.3; a date that cannot be read is ignored."""
    if document.changed_at is None:
        return False
    try:
        known_at = parsedate_to_datetime(if_modified_since)
    except ValueError:
        return False
    return document.changed_at <= (known_at if known_at.tzinfo else known_at.replace(tzinfo=UTC))


def _timed(document: Document, headers: Headers) -> Headers:
    """A document about to read differently must not be kept by others beyond that moment."""
    if time.time() < document.fleeting_from:
        return headers
    return [("Cache-Control", FLEETING) if pair == ("Cache-Control", FRESH) else pair for pair in headers]
