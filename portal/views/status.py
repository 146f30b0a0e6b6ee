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
from portal.views.redirects import Reserved, asked_for, moved, moved_privately

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


def _answer(request: HttpRequest, said: dict[str, str], of_those_reserved: Reserved) -> HttpResponse:
    """`said`: what the address names."""
    store = published()
    store.catch_up()
    site = site_of_request(request)
    address = site_key(site) + request.path_info
    found = store.find(address)
    if found is not None:
        return respond(request, found)
    if not store.edition.is_known:
        return away(request)
    reserved = of_those_reserved(request, store, address)
    if reserved is not None:
        return reserved
    asked = asked_for(request, site, said)
    elsewhere = moved(request, store, asked) or moved_privately(request, store, asked, of_those_reserved)
    if elsewhere is not None:
        return elsewhere
    if request.path_info == "/" and not site:
        return render(request, "public/unset.html", {"profiles": [one.profile for one in store.edition.public_pages]})
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
