"""Published documents as Django's answers, and the errors of those addresses that only programs ask for."""

import json

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from portal.documents import JSON, OPEN, Document
from portal.front import PREFLIGHT, answer
from portal.published import Published, published

NOT_FOUND = 404
AWAY = 503


def respond(request: HttpRequest, document: Document) -> HttpResponse:
    """What the storm door would have answered."""
    status, headers, body = answer(
        document,
        request.method or "GET",
        accept_encoding=request.headers.get("Accept-Encoding", ""),
        if_none_match=request.headers.get("If-None-Match", ""),
        if_modified_since=request.headers.get("If-Modified-Since", ""),
    )
    return HttpResponse(body, status=int(status[:3]), headers=dict(headers))


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


def _by_slug_of_default(store: Published, path: str, slug: str) -> Document | None:
    """The default page by its own name; few of these programs follow redirects."""
    head = store.letterhead()
    return store.find(path.removeprefix(f"/p/{slug}")) if head and slug and head.slug == slug else None
