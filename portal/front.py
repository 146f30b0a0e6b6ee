"""The storm door: answers for published documents from memory, before Django is entered.

A dictionary look-up, a comparison of ETags, bytes that were made once: no database, no cookie, no template. Whatever
is not published here is passed on.
"""

import time
from collections.abc import Callable, Iterable
from typing import Any

from portal.documents import FLEETING, FRESH, Document, Headers, Variant, security_headers
from portal.published import Published, published

Environ = dict[str, Any]
Application = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]

READING = frozenset({"GET", "HEAD"})
# Below these stands nothing but published documents.
PUBLIC = ("/incidents/", "/history", "/maintenance", "/p/")


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
        )
        start_response(status, headers)
        return [body]

    def _find(self, path: str) -> Document | None:
        """Before this process has looked for the first time, visitors wait for that look; nobody else does."""
        if not self._published.edition.is_known and (path == "/" or path.startswith(PUBLIC)):
            self._published.refresh()
        return self._published.find(path)


def answer(
    document: Document, method: str, *, accept_encoding: str = "", if_none_match: str = ""
) -> tuple[str, Headers, bytes]:
    """Status, headers and body for one request for a document."""
    if method not in READING:
        return "405 Method Not Allowed", [("Allow", "GET, HEAD"), ("Content-Length", "0"), *security_headers()], b""
    variant = document.packed if _takes_gzip(accept_encoding) else document.plain
    if if_none_match and _has(if_none_match, variant):
        return "304 Not Modified", _timed(document, variant.bare), b""
    return "200 OK", _timed(document, variant.headers), variant.body if method == "GET" else b""


def _takes_gzip(accept_encoding: str) -> bool:
    if "gzip" not in accept_encoding:
        return False
    return "gzip;q=0" not in accept_encoding.replace(" ", "") or "gzip;q=0." in accept_encoding.replace(" ", "")


def _has(if_none_match: str, variant: Variant) -> bool:
    """RFC 9110 §13.1.2: compared weakly, any of a list, or `*`."""
    return if_none_match == variant.etag or any(
        tag.strip().removeprefix("W/") in {variant.etag, "*"} for tag in if_none_match.split(",")
    )


def _timed(document: Document, headers: Headers) -> Headers:
    """A document about to read differently must not be kept by others beyond that moment."""
    if time.time() < document.fleeting_from:
        return headers
    return [("Cache-Control", FLEETING) if pair == ("Cache-Control", FRESH) else pair for pair in headers]
