"""The public front: answers for published documents from memory, before Django is entered.

A dictionary look-up, a comparison of ETags, bytes that were made once: no database, no cookie, no template. Whatever
is not published here is passed on.
"""

import os
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string

from portal.documents.document import HTML, JSON, OPEN, Document, Headers, Reply, security_headers
from portal.documents.spec import site_key
from portal.publishing.access_log import AccessLog, access_log
from portal.publishing.edition import Edition
from portal.publishing.negotiation import best_encoding, is_as_of, knows
from portal.publishing.sites import NO_SITE, OWN, known_site_of, site_of
from portal.publishing.store import Published, published

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
PROBES = frozenset({"/healthz", "/readyz", "/metrics"})
# What Django answers without a database.
WITHOUT_DATABASE = (settings.STATIC_URL, "/healthz", "/metrics")
# Below these stands nothing but published documents.
PUBLIC = (
    "/incidents/", "/history", "/maintenance", "/updates.atom", "/components/", "/badge.", "/embed/", "/api/v2/",
    "/claim", "/p/",
)  # fmt: skip


class PublicFront:
    """Wraps the WSGI application. Two threads of the process keep its documents true and its counts."""

    def __init__(self, application: Application, store: Published | None = None, log: AccessLog | None = None) -> None:
        self._application = application
        self._published = store or published()
        self._access_log = log or access_log()
        self._probing = threading.Semaphore(1)
        self._is_open = False

    def open(self) -> None:
        """Look for the first time before the first visitor comes. Safe to call again; a fork leaves the threads behind,
        so the first request of each child calls it too."""
        self._published.watch()
        self._access_log.watch()
        if not self._is_open:
            os.register_at_fork(after_in_child=self._close)
        self._is_open = True

    def _close(self) -> None:
        self._is_open = False

    @property
    def edition(self) -> Edition:
        """What is published at this moment."""
        return self._published.edition

    def reply_at_once(
        self, method: str, host: str, path: str, accept_encoding: str, if_none_match: str, if_modified_since: str
    ) -> Reply | None:
        """The answer, if it takes no waiting: not where a database must be asked whose site the host is, nor before the
        document is drawn. Counts nothing."""
        edition = self._published.edition
        site = known_site_of(host, edition)
        if site is None or path.startswith("//"):
            return None
        document = edition.public.get(site_key(site) + path)
        if document is None:
            return None
        return answer(document, method, accept_encoding, if_none_match, if_modified_since)

    def is_ours(self, host: str) -> bool:
        """Whether this is the name of a site of ours, as far as is known here."""
        return known_site_of(host, self._published.edition) is not None

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        if not self._is_open:
            self.open()
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
        # probes ask by addresses that are in no setting
        site = OWN if path in PROBES else site_of(environ.get("HTTP_HOST", ""), self._published)
        if site is None:
            return self._refuse_host(method, path, start_response)
        # two slashes are how the documents of other sites are known here; no path of a page begins so
        document = None if path.startswith("//") else find(self._published, site_key(site) + path)
        if document is None:
            return self._pass_on(method, path, environ, start_response)
        reply = answer(
            document,
            method,
            environ.get("HTTP_ACCEPT_ENCODING", ""),
            environ.get("HTTP_IF_NONE_MATCH", ""),
            environ.get("HTTP_IF_MODIFIED_SINCE", ""),
        )
        self._access_log.note(reply)
        start_response(reply.status, reply.headers)
        return [reply.body]

    def _refuse_host(self, method: str, path: str, start_response: Callable[..., Any]) -> Iterable[bytes]:
        self._access_log.note_passed(method, path, "404 Not Found")
        headers = [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(NO_SITE)))]
        headers.append(("Cache-Control", "no-store"))  # it may be a page's own in a moment
        start_response("404 Not Found", [*headers, *security_headers()])
        return [NO_SITE.encode()]

    def _pass_on(self, method: str, path: str, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        """To Django. While the database is away that may take until a timeout, so one request at a time finds out
        whether it is back and the others are told at once: they must not take the threads that visitors need."""

        def started(status: str, headers: Headers, *rest: Any) -> Any:
            self._access_log.note_passed(method, path, status)
            return start_response(status, headers, *rest)

        if not self._published.is_cut_off or path.startswith(WITHOUT_DATABASE):
            return self._application(environ, started)
        if not self._probing.acquire(blocking=False):
            away = turn_away(path)
            started(away.status, away.headers)
            return [away.body]
        try:
            return self._application(environ, started)
        finally:
            self._probing.release()


def find(store: Published, address: str) -> Document | None:
    """Before this process has looked for the first time, visitors wait for that look; nobody else does."""
    if not store.edition.is_known and (address == "/" or address.startswith(PUBLIC)):
        store.look_first()
    return store.find(address)


def answer(
    document: Document, method: str, accept_encoding: str = "", if_none_match: str = "", if_modified_since: str = ""
) -> Reply:
    """What goes out for one request for a document."""
    if method not in READING:
        return _refuse(document, method)
    encoding = best_encoding(accept_encoding)
    variant = document.variant(encoding) if encoding else document.plain
    is_fleeting = time.time() >= document.fleeting_from
    if if_none_match:
        is_known = knows(if_none_match, variant.etag)
    else:
        is_known = bool(if_modified_since) and is_as_of(if_modified_since, document.changed_at)
    if is_known:
        reply = variant.fleeting_not_modified if is_fleeting else variant.not_modified
    else:
        reply = variant.fleeting if is_fleeting else variant.full
    return reply if method == "GET" else reply._replace(method=method, body=b"")


def turn_away(path: str) -> Reply:
    """What everybody is told who wants something of their own while the database is away."""
    is_api = "/api/" in path
    body = b'{"error":"Temporarily unavailable"}' if is_api else render_to_string("503.html").encode()
    headers: Headers = [
        ("Content-Type", JSON if is_api else HTML),
        ("Content-Length", str(len(body))),
        ("Cache-Control", "no-store"),
        ("Retry-After", "10"),
        *security_headers(),
    ]
    return Reply("503 Service Unavailable", headers, body, path)


def _refuse(document: Document, method: str) -> Reply:
    """Anything but reading. Browsers ask first whether another site's script may: of open documents it may."""
    path = document.plain.full.path
    if document.is_open and method == "OPTIONS":
        return Reply("204 No Content", [*PREFLIGHT, *security_headers()], b"", path, method)
    is_json = ("Content-Type", JSON) in document.plain.headers
    body = b'{"error":"Method not allowed"}' if is_json else b""
    headers = [("Allow", "GET, HEAD, OPTIONS" if document.is_open else "GET, HEAD"), ("Content-Length", str(len(body)))]
    if is_json:
        headers.append(("Content-Type", JSON))
    if document.is_open:
        headers.append(OPEN)
    return Reply("405 Method Not Allowed", [*headers, *security_headers()], body, path, method)
