"""The published pages when the storm door did not answer: without it (runserver, tests), before the first look, pages
that are not for everybody, and addresses that nothing is published at."""

from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from portal.documents import OPEN
from portal.drawing import site_key
from portal.letterhead import Letterhead
from portal.published import Published, published
from portal.sites import site_of_request
from portal.views.documents import AWAY, for_program, for_reader, respond

# Browsers would keep where something stands for good; a page may move again, and back.
KEPT = "public, max-age=60"

Reserved = Callable[[HttpRequest, Published, str], HttpResponse | None]


@require_safe
def document(request: HttpRequest, slug: str = "", language: str = "", **_address: object) -> HttpResponse:
    """The page published at this address, for this person; 404 when there is none, 503 when nothing at all can be
    known."""
    return _answer(request, slug, language, for_reader)


@require_safe
def program_document(request: HttpRequest, slug: str = "", language: str = "", **_address: object) -> HttpResponse:
    """The same of documents for programs, which nobody can ask to sign in."""
    return _answer(request, slug, language, for_program)


def _answer(request: HttpRequest, slug: str, language: str, of_those_reserved: Reserved) -> HttpResponse:
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
    elsewhere = moved(request, store, site=site, slug=slug, language=language)
    if elsewhere is not None:
        return elsewhere
    if request.path_info == "/" and not site:
        return render(request, "public/unset.html", {"heads": [one.letterhead for one in store.edition.public_pages]})
    raise Http404


def away(request: HttpRequest) -> HttpResponse:
    """Nothing at all can be known: no database yet, and no copy."""
    response = render(request, "503.html", status=AWAY)
    response["Retry-After"] = "10"
    response["Cache-Control"] = "no-store"
    return response


def moved(request: HttpRequest, store: Published, *, site: str, slug: str, language: str) -> HttpResponse | None:
    """Where a public page stands that was asked for by another of its addresses: the default page by its name, any by
    its default language's, one with a domain of its own below this site's. What once was there in a language that the
    page has given up is there in its default one: addresses in old mails still lead to it."""
    heads = [facts.letterhead for facts in store.edition.public_pages]
    if slug:
        head = next((one for one in heads if one.slug == slug and site in {"", one.site}), None)
    else:
        head = next((one for one in heads if one.home == "/" and one.site == site), None) or _default(heads, site)
    if head is None:
        return None
    rest = request.path_info.removeprefix(f"/p/{slug}" if slug else "").removeprefix("/")
    spoken = {tongue.code for tongue in head.languages} - {head.language}
    if language and language not in spoken:
        rest = rest.removeprefix(f"{language}/")
    there = f"{head.home}{rest}"
    if (head.site, there) == (site, request.path_info):
        return None
    if language not in {"", head.language} and f"{site_key(head.site)}{there}" not in store.edition.sheets:
        return None
    asked = f"?{request.META['QUERY_STRING']}" if request.META.get("QUERY_STRING") else ""
    response = redirect(f"{there if head.site == site else f'{head.origin}{there}'}{asked}", permanent=True)
    response["Cache-Control"] = KEPT
    response[OPEN[0]] = OPEN[1]  # widgets on other sites follow only then
    return response


def _default(heads: list[Letterhead], site: str) -> Letterhead | None:
    """The default page, where it has moved to a domain of its own."""
    return None if site else next((one for one in heads if one.is_default), None)


@require_safe
def page_without_slash(request: HttpRequest, slug: str) -> HttpResponse:
    return redirect("page_status", slug=slug, permanent=True)
