"""Published documents as Django's answers, and the errors of those addresses that only programs ask for."""

import json
import re

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from portal.documents.document import JSON, OPEN, Document, make_document
from portal.documents.oembed import describe, find
from portal.documents.spec import site_key
from portal.personal.access import TokenRefused, keep_private, may_read, page_for, token_offered
from portal.publishing.front import PREFLIGHT, READING, answer
from portal.publishing.sites import site_of_request
from portal.publishing.store import Published, published
from portal.views.redirects import requested_address, reserved_place

NOT_FOUND = 404
UNAUTHORIZED, TOO_MANY = 401, 429
PIXELS = re.compile(r"[1-9][0-9]{0,4}")
AWAY = 503


def respond(request: HttpRequest, document: Document) -> HttpResponse:
    """What the front would have answered."""
    reply = answer(
        document,
        request.method or "GET",
        request.headers.get("Accept-Encoding", ""),
        request.headers.get("If-None-Match", ""),
        request.headers.get("If-Modified-Since", ""),
    )
    return HttpResponse(reply.body, status=int(reply.status[:3]), headers=dict(reply.headers))


def for_reader(request: HttpRequest, store: Published, address: str) -> HttpResponse | None:
    """A page that is not for everybody, for this person, or the way to sign in; None where there is none. Raises
    Http404 for those who may not read it, and for whoever wants something else than to read without being known."""
    reserved = store.find_reserved(address)
    if reserved is None:
        return None
    document, profile = reserved
    if request.method not in READING and not may_read(request, profile):
        raise Http404
    return page_for(request, profile) or keep_private(respond(request, document))


def for_program(request: HttpRequest, store: Published, address: str) -> HttpResponse | None:
    """A document that is not for everybody, for somebody who may read it or with a token; 401 with a bad token, whether
    there is anything or not. None where there is nothing for them."""
    try:
        token = token_offered(request)
    except TokenRefused as refusal:
        return _refuse_token(is_often=refusal.is_often)
    reserved = store.find_reserved(address)
    if reserved is None:
        return None
    document, profile = reserved
    is_opened = token is not None and token.page.slug == profile.slug
    return keep_private(respond(request, document)) if is_opened or may_read(request, profile) else None


def _refuse_token(*, is_often: bool) -> HttpResponse:
    if is_often:
        return refuse("Too many wrong read tokens. Try again in an hour.", status=TOO_MANY)
    response = refuse("This read token is unknown, has expired or was revoked.", status=UNAUTHORIZED)
    response["WWW-Authenticate"] = 'Bearer realm="status", error="invalid_token"'
    return response


def refuse(message: str, *, status: int) -> HttpResponse:
    """An error that a program can read, a script of another site among them."""
    response = HttpResponse(json.dumps({"error": message}), status=status, content_type=JSON)
    response[OPEN[0]] = OPEN[1]
    if status == AWAY:
        response["Retry-After"] = "10"
    response["Cache-Control"] = "no-store"
    return response


@csrf_exempt  # it changes nothing, and whoever posts to it is told so in JSON
def api_document(request: HttpRequest, **address_parts: str) -> HttpResponse:
    """A document of the Statuspage API without the front, before its first look, or of a page that is not for
    everybody; JSON for every error."""
    store = published()
    store.catch_up()
    site = site_of_request(request)
    address = site_key(site) + request.path_info
    document = store.find(address) or _by_slug(store, request.path_info, slug=address_parts.get("slug", ""), site=site)
    if document is not None:
        return respond(request, document)
    # At once, without leading them to another address: few of these programs follow.
    place = reserved_place(store, requested_address(request, site, address_parts))
    reserved = for_program(request, store, place.address if place else address)
    if reserved is not None:
        return reserved
    if request.method == "OPTIONS":
        return HttpResponse(status=204, headers=dict(PREFLIGHT))
    if not store.edition.is_known:
        return refuse("Temporarily unavailable", status=AWAY)
    return refuse("Not found", status=NOT_FOUND)


@csrf_exempt  # as above
def oembed(request: HttpRequest) -> HttpResponse:
    """What to show for `url`; from what is published, so without the database. JSON for errors too."""
    if request.method not in READING:
        response = refuse("Method not allowed", status=405)
        response["Allow"] = "GET, HEAD"
        return response
    if request.GET.get("format", "json") != "json":
        return refuse("Only format=json is spoken here", status=501)
    store = published()
    if not store.is_watching:
        store.refresh()
    target = find(store.edition.public_pages, request.GET.get("url", ""))
    if target is None:
        return refuse("Not found", status=NOT_FOUND)
    limits = {"most_wide": _size(request, "maxwidth"), "most_high": _size(request, "maxheight")}
    body = json.dumps(describe(target, **limits), ensure_ascii=False)
    return respond(request, make_document(body.encode(), content_type=JSON, is_open=True))


def _size(request: HttpRequest, name: str) -> int | None:
    """A whole number of pixels; anything else is as if nothing had been asked."""
    value = request.GET.get(name, "")
    return int(value) if PIXELS.fullmatch(value) else None


def _by_slug(store: Published, path: str, *, slug: str, site: str) -> Document | None:
    """A page at a root by its own name; few of these programs follow redirects."""
    profiles = (facts.profile for facts in store.edition.public_pages)
    profile = next(
        (profile for profile in profiles if slug and profile.slug == slug and site in {"", profile.site}), None
    )
    return store.find(site_key(profile.site) + profile.home + path.removeprefix(f"/p/{slug}/")) if profile else None
