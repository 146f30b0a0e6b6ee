"""The published pages when the front did not answer: without it (runserver, tests), before the first look, pages
that are not for everybody, and addresses that nothing is published at."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from portal.documents.spec import site_key
from portal.publishing.sites import site_of_request
from portal.publishing.store import published
from portal.views.documents import AWAY, for_program, for_reader, respond
from portal.views.redirects import Reserved, redirect_privately, redirect_publicly, requested_address

# Whoever posts to a document is told 405 by itself: nothing here changes anything, so nothing can be forged, and what
# the check against that would answer first is no use to a program.


@csrf_exempt
def document(request: HttpRequest, **address: str) -> HttpResponse:
    """The page published at this address, for this person; 404 when there is none, 503 when nothing at all can be
    known."""
    return _answer(request, address, for_reader)


@csrf_exempt
def program_document(request: HttpRequest, **address: str) -> HttpResponse:
    """The same of documents for programs, which nobody can ask to sign in."""
    return _answer(request, address, for_program)


def _answer(request: HttpRequest, address_parts: dict[str, str], of_those_reserved: Reserved) -> HttpResponse:
    """`address_parts`: what the address names."""
    store = published()
    store.catch_up()
    site = site_of_request(request)
    address = site_key(site) + request.path_info
    document = store.find(address)
    if document is not None:
        return respond(request, document)
    if not store.edition.is_known:
        return away(request)
    reserved = of_those_reserved(request, store, address)
    if reserved is not None:
        return reserved
    requested = requested_address(request, site, address_parts)
    response = redirect_publicly(request, store, requested) or redirect_privately(
        request, store, requested, of_those_reserved
    )
    if response is not None:
        return response
    if request.path_info == "/" and not site:
        return render(
            request, "public/unset.html", {"profiles": [facts.profile for facts in store.edition.public_pages]}
        )
    raise Http404


def away(request: HttpRequest) -> HttpResponse:
    """Nothing at all can be known: no database yet, and no copy."""
    response = render(request, "503.html", status=AWAY)
    response["Retry-After"] = "10"
    response["Cache-Control"] = "no-store"
    return response


@require_safe
def page_without_slash(request: HttpRequest, slug: str) -> HttpResponse:
    return redirect("page_status", slug=slug, permanent=True)
