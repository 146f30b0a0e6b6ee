"""`/metrics`: what the web processes of this host have answered, and how fresh the public pages are.

In the text format that Prometheus reads. For those in METRICS_FROM only, since it names every address that is read.
"""

import time
from collections.abc import Iterable, Iterator
from ipaddress import ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound

from portal.publishing.access_log import PASSED, counts_folder, counts_of_all
from portal.publishing.store import published

FORMAT = "text/plain; version=0.0.4; charset=utf-8"


def metrics(request: HttpRequest) -> HttpResponse:
    if not _may_read(request):
        return HttpResponseNotFound(content_type="text/plain")
    return HttpResponse("\n".join(_lines()) + "\n", content_type=FORMAT)


def _may_read(request: HttpRequest) -> bool:
    """By the address that the outermost trusted proxy saw. A proxy that nobody told us of makes everybody look local,
    so what it passes on is refused."""
    trail = [
        component.strip() for component in request.headers.get("X-Forwarded-For", "").split(",") if component.strip()
    ]
    trusted = settings.ENVIRONMENT.trusted_proxies
    if len(trail) < trusted or (trail and not trusted):
        return False
    asked_by = trail[-trusted] if trusted else request.META.get("REMOTE_ADDR", "")
    try:
        address = ip_address(asked_by)
    except ValueError:
        return False
    return any(address in ip_network(network.strip()) for network in settings.METRICS_FROM)


def _lines() -> Iterator[str]:
    edition, checked_at = published().edition, published().checked_at
    yield from _gauge("documents", "Public addresses.", len(edition.specs))
    yield from _gauge("documents_drawn", "Those that this process has drawn.", len(edition.documents))
    yield from _gauge("newest_event", "The newest public event that they show.", edition.newest)
    if checked_at:
        age = max(0.0, time.time() - checked_at.timestamp())
        yield from _gauge("age_seconds", "Since the database last confirmed them.", round(age, 1))
    yield from _gauge("away", "1 while they say how old they are.", int(edition.away_since is not None))
    yield from _answers()


def _gauge(name: str, meaning: str, value: float) -> Iterable[str]:
    name = f"makegood_public_{name}"
    return (f"# HELP {name} {meaning}", f"# TYPE {name} gauge", f"{name} {value}")


def _answers() -> Iterator[str]:
    name = "makegood_answers_total"
    yield f"# HELP {name} Answers by document; path “{PASSED}” is everything that Django answered."
    yield f"# TYPE {name} counter"
    for process, counts in counts_of_all(counts_folder()):
        for path, code, count in counts:
            yield f'{name}{{process="{process}",path="{_escaped(path)}",code="{code}"}} {count}'


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
