"""One finished document: its bytes, made once, and the headers that go out with them."""

import gzip
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import cache, partial
from typing import NamedTuple

import brotli
from csp.utils import build_policy
from django.conf import settings

HTML = "text/html; charset=utf-8"
JSON = "application/json; charset=utf-8"
FRESH = "public, max-age=5, s-maxage=15, stale-while-revalidate=30, stale-if-error=86400"
# What changes with the program only; whoever has an older one is served well by it meanwhile.
LASTING = "public, max-age=3600, stale-while-revalidate=86400, stale-if-error=604800"
# For the last moments before a document reads differently: nobody may keep it beyond them.
FLEETING = "public, max-age=1, stale-if-error=86400"
FLEETING_FOR = 50  # seconds: all that FRESH allows, and a little

Headers = list[tuple[str, str]]

# Scripts of any web site may read it. It carries no cookie and says what everybody may know.
OPEN = ("Access-Control-Allow-Origin", "*")
# And pages that keep everything of other sites out unless it says that it may be shown there (COEP) may show it.
SHOWN_ANYWHERE = ("Cross-Origin-Resource-Policy", "cross-origin")
# Directives of a document's own in place of those that all have, with their sources.
Policy = tuple[tuple[str, tuple[str, ...]], ...]

GZIP = "gzip"
BROTLI = "br"
# What a 304 repeats besides its ETag and how long to keep the document.
REMINDED = frozenset({"Vary", "Last-Modified", OPEN[0]})
# How each encoding is made, and what it adds to the ETag. Harder levels save a tenth and take up to a second a page.
PACKERS: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    GZIP: (partial(gzip.compress, compresslevel=6, mtime=0), "gz"),
    BROTLI: (partial(brotli.compress, mode=brotli.MODE_TEXT, quality=5), "br"),
}


class Reply(NamedTuple):
    """One answer as it goes out, and what it answers. Made once and shared, so nobody may change its headers."""

    status: str
    headers: Headers
    body: bytes
    path: str
    method: str = "GET"


@dataclass(frozen=True, slots=True, eq=False)
class Variant:
    """The document in one content encoding: its bytes, and all that can be answered with it.

    `not_modified` is for those who have it already: a 304 repeats what RFC 9110 §15.4.5 asks for, the other headers
    stand with what the reader has kept. The fleeting ones are for the last moments before it reads differently.
    """

    body: bytes
    etag: str
    headers: Headers
    full: Reply
    not_modified: Reply
    fleeting: Reply
    fleeting_not_modified: Reply


@dataclass(frozen=True, slots=True, eq=False)
class Document:
    """`source`: what it was drawn from; drawn again when that differs or `valid_until` has come."""

    plain: Variant
    valid_until: datetime | None = None
    source: tuple[object, ...] = field(default=(), repr=False)
    # Seconds of the epoch from which it may no longer be kept by others.
    fleeting_from: float = float("inf")
    # Of those documents whose readers ask by date.
    changed_at: datetime | None = None
    is_open: bool = False
    # By content encoding; each is made when it is first asked for, and then never again.
    variants: dict[str, Variant] = field(default_factory=dict, repr=False)

    def is_current(self, source: tuple[object, ...], now: datetime) -> bool:
        return (self.valid_until is None or now < self.valid_until) and self.source == source

    def variant(self, encoding: str) -> Variant:
        """The document in this encoding, or plain when that is not smaller. Two threads at once make the same bytes."""
        variant = self.variants.get(encoding)
        if variant is None:
            variant = self.variants[encoding] = _pack(self.plain, encoding)
        return variant


def make_document(
    body: bytes,
    *,
    path: str = "",
    content_type: str = HTML,
    valid_until: datetime | None = None,
    source: tuple[object, ...] = (),
    changed_at: datetime | None = None,
    is_open: bool = False,
    caching: str = FRESH,
    policy: Policy = (),
) -> Document:
    """`changed_at`: what goes out as Last-Modified, to the second. `is_open`: scripts of any web site may read it.
    `caching`: how long it may be kept. `policy`: where it departs from the strict Content-Security-Policy."""
    extra = [OPEN, SHOWN_ANYWHERE] if is_open else []
    if changed_at:
        changed_at = changed_at.astimezone(UTC).replace(microsecond=0)
        extra.append(("Last-Modified", format_datetime(changed_at, usegmt=True)))
    headers = [("Content-Type", content_type), ("Vary", "Accept-Encoding"), *extra, *security_headers(policy)]
    return Document(
        plain=_variant(body, f'"{hashlib.sha256(body).hexdigest()[:24]}"', headers, path, caching),
        valid_until=valid_until,
        source=source,
        fleeting_from=valid_until.timestamp() - FLEETING_FOR if valid_until else float("inf"),
        changed_at=changed_at,
        is_open=is_open,
    )


def _pack(plain: Variant, encoding: str) -> Variant:
    """A strong ETag names exact bytes, so each encoding has its own."""
    squeeze, mark = PACKERS[encoding]
    body = squeeze(plain.body)
    if len(body) >= len(plain.body):
        return plain
    headers = [pair for pair in plain.headers if pair[0] not in {"Content-Length", "ETag", "Cache-Control"}]
    etag, caching = f'{plain.etag[:-1]}-{mark}"', dict(plain.headers)["Cache-Control"]
    return _variant(body, etag, [*headers, ("Content-Encoding", encoding)], plain.full.path, caching)


def _variant(body: bytes, etag: str, headers: Headers, path: str, kept_for: str) -> Variant:
    bare = [pair for pair in headers if pair[0] in REMINDED]
    caching: Headers = [("ETag", etag), ("Cache-Control", kept_for)]
    fleeting: Headers = [("ETag", etag), ("Cache-Control", FLEETING)]
    length = ("Content-Length", str(len(body)))
    reply = Reply("200 OK", [length, *caching, *headers], body, path)
    return Variant(
        body,
        etag,
        headers=reply.headers,
        full=reply,
        not_modified=Reply("304 Not Modified", [*caching, *bare], b"", path),
        fleeting=reply._replace(headers=[length, *fleeting, *headers]),
        fleeting_not_modified=Reply("304 Not Modified", [*fleeting, *bare], b"", path),
    )


@cache
def security_headers(policy: Policy = ()) -> tuple[tuple[str, str], ...]:
    """The same that Django's middleware puts on every other answer; a test compares them. `policy`: see above."""
    headers = {
        "Content-Security-Policy": build_policy(replace={name: list(sources) for name, sources in policy}),
        "Cross-Origin-Opener-Policy": settings.SECURE_CROSS_ORIGIN_OPENER_POLICY,
        "Permissions-Policy": settings.PERMISSIONS_POLICY,
        "Referrer-Policy": settings.SECURE_REFERRER_POLICY,
        "X-Content-Type-Options": "nosniff",
    }
    if settings.SECURE_HSTS_SECONDS:
        headers["Strict-Transport-Security"] = f"max-age={settings.SECURE_HSTS_SECONDS}"
    return tuple(headers.items())
