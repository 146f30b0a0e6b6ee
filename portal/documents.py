"""One finished document: its bytes, made once, and the headers that go out with them."""

import gzip
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import cache

from csp.utils import build_policy
from django.conf import settings

HTML = "text/html; charset=utf-8"
JSON = "application/json; charset=utf-8"
FRESH = "public, max-age=5, s-maxage=15, stale-while-revalidate=30, stale-if-error=86400"
# For the last moments before a document reads differently: nobody may keep it beyond them.
FLEETING = "public, max-age=1, stale-if-error=86400"
FLEETING_FOR = 50  # seconds: all that FRESH allows, and a little

Headers = list[tuple[str, str]]

# Scripts of any web site may read it. It carries no cookie and says what everybody may know.
OPEN = ("Access-Control-Allow-Origin", "*")


@dataclass(frozen=True, slots=True, eq=False)
class Variant:
    """The document in one content encoding."""

    body: bytes
    etag: str
    headers: Headers
    # The headers of a 304.
    bare: Headers


@dataclass(frozen=True, slots=True, eq=False)
class Document:
    """`source`: what it was drawn from; drawn again when that differs or `valid_until` has come."""

    plain: Variant
    packed: Variant
    valid_until: datetime | None = None
    source: tuple[object, ...] = field(default=(), repr=False)
    # Seconds of the epoch from which it may no longer be kept by others.
    fleeting_from: float = float("inf")
    # Of those documents whose readers ask by date.
    changed_at: datetime | None = None
    is_open: bool = False

    def is_current(self, source: tuple[object, ...], now: datetime) -> bool:
        return (self.valid_until is None or now < self.valid_until) and self.source == source


def make_document(
    body: bytes,
    *,
    content_type: str = HTML,
    valid_until: datetime | None = None,
    source: tuple[object, ...] = (),
    changed_at: datetime | None = None,
    is_open: bool = False,
) -> Document:
    """`changed_at`: what goes out as Last-Modified, to the second. `is_open`: scripts of any web site may read it."""
    extra = [OPEN] if is_open else []
    if changed_at:
        changed_at = changed_at.astimezone(UTC).replace(microsecond=0)
        extra.append(("Last-Modified", format_datetime(changed_at, usegmt=True)))
    digest = hashlib.sha256(body).hexdigest()[:24]
    # A strong ETag names exact bytes, so each encoding has its own.
    return Document(
        plain=_variant(body, f'"{digest}"', content_type, extra),
        packed=_variant(gzip.compress(body, 6, mtime=0), f'"{digest}-gz"', content_type, extra, encoding="gzip"),
        valid_until=valid_until,
        source=source,
        fleeting_from=valid_until.timestamp() - FLEETING_FOR if valid_until else float("inf"),
        changed_at=changed_at,
        is_open=is_open,
    )


def _variant(
    body: bytes, etag: str, content_type: str, extra: Iterable[tuple[str, str]], encoding: str = ""
) -> Variant:
    headers = [
        ("Content-Type", content_type),
        ("Content-Length", str(len(body))),
        ("ETag", etag),
        ("Cache-Control", FRESH),
        ("Vary", "Accept-Encoding"),
        *extra,
        *security_headers(),
    ]
    if encoding:
        headers.append(("Content-Encoding", encoding))
    bare = [pair for pair in headers if not pair[0].startswith("Content-") or pair[0] == "Content-Security-Policy"]
    return Variant(body, etag, headers, bare)


@cache
def security_headers() -> tuple[tuple[str, str], ...]:
    """The same that Django's middleware puts on every other answer; a test compares them."""
    headers = {
        "Content-Security-Policy": build_policy(),
        "Cross-Origin-Opener-Policy": settings.SECURE_CROSS_ORIGIN_OPENER_POLICY,
        "Permissions-Policy": settings.PERMISSIONS_POLICY,
        "Referrer-Policy": settings.SECURE_REFERRER_POLICY,
        "X-Content-Type-Options": "nosniff",
    }
    if settings.SECURE_HSTS_SECONDS:
        headers["Strict-Transport-Security"] = f"max-age={settings.SECURE_HSTS_SECONDS}"
    return tuple(headers.items())
