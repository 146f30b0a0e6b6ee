"""Published documents as Django's answers, and the errors of those addresses that only programs ask for."""

import json
import re

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from portal.documents import JSON, OPEN, Document, make_document
from portal.front import PREFLIGHT, READING, answer
from portal.oembed import describe, find
from portal.published import Published, published

NOT_FOUND = 404
PIXELS = re.compile(r"[1-9][0-9]{0,4}")
AWAY = 503


def respond(request: HttpRequest, document: Document) -> HttpResponse:
    """What the storm door would have answered."""
    reply = answer(
        document,
        request.method or "GET",
        request.headers.get("Accept-Encoding", ""),
        request.headers.get("If-None-Match", ""),
        request.headers.get("If-Modified-Since", ""),
    )
    return HttpResponse(reply.body, status=int(reply.status[:3]), headers=dict(reply.headers))


def refuse(message: str, *, status: int) -> HttpResponse:
    """An error that a program can read, a script of another site among them."""
    response = HttpResponse(json.dumps({"error": message}), status=status, content_type=JSON)
    response[OPEN[0]] = OPEN[1]
    if status == AWAY:
        response["Retry-After"] = "10"
    response["Cache-Control"] = "no-store"
    return response


@csrf_exempt  # it changes nothing, and whoever posts to it is told so in JSON
def api_document(request: HttpRequest, slug: str = "", **_address: object) -> HttpResponse:
    """A document of the Statuspage API without the storm door, or before its first look; JSON for every error."""
    store = published()
    store.refresh()
    found = store.find(request.path_info) or _by_slug_of_default(store, request.path_info, slug)
    if found is not None:
        return respond(request, found)
    if request.method == "OPTIONS":
        return HttpResponse(status=204, headers=dict(PREFLIGHT))
    if not store.edition.is_known:
        return refuse("Temporarily unavailable", status=AWAY)
    return refuse("Not found", status=NOT_FOUND)


def oembed(request: HttpRequest) -> HttpResponse:
    """What to show for `url`; from what is published, so without the database. JSON for errors too."""
    if request.method not in READING:
        return refuse("Method not allowed", status=405)
    if request.GET.get("format", "json") != "json":
        return refuse("Only format=json is spoken here", status=501)
    store = published()
    if not store.is_watching:
        store.refresh()
    found = find(store.edition.pages.values(), request.GET.get("url", ""))
    if found is None:
        return refuse("Not found", status=NOT_FOUND)
    limits = {"most_wide": _size(request, "maxwidth"), "most_high": _size(request, "maxheight")}
    body = json.dumps(describe(found, **limits), ensure_ascii=False)
    return respond(request, make_document(body.encode(), content_type=JSON, is_open=True))


def _size(request: HttpRequest, name: str) -> int | None:
    """A whole number of pixels; anything else is as if nothing had been asked."""
    value = request.GET.get(name, "")
    return int(value) if PIXELS.fullmatch(value) else None


def _by_slug_of_default(store: Published, path: str, slug: str) -> Document | None:
    """The default page by its own name; few of these programs follow redirects."""
    head = store.letterhead()
    return store.find(path.removeprefix(f"/p/{slug}")) if head and slug and head.slug == slug else None
