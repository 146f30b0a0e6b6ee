"""The public pages when the storm door did not answer: without it (runserver, tests), before the first look, or for an
address that nothing is published at."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from portal.published import published
from portal.views.documents import AWAY, respond


@require_safe
def document(request: HttpRequest, slug: str = "", **_address: object) -> HttpResponse:
    """The document published at this address; 404 when there is none, 503 when nothing at all can be known."""
    store = published()
    store.refresh()
    found = store.find(request.path_info)
    if found is not None:
        return respond(request, found)
    if not store.edition.is_known:
        away = render(request, "503.html", status=AWAY)
        away["Retry-After"] = "10"
        away["Cache-Control"] = "no-store"
        return away
    default = store.letterhead()
    if default and slug == default.slug:
        return redirect(request.path_info.removeprefix(f"/p/{slug}"), permanent=True)
    if request.path_info == "/":
        return render(
            request, "public/unset.html", {"heads": [facts.letterhead for facts in store.edition.pages.values()]}
        )
    raise Http404


@require_safe
def page_without_slash(request: HttpRequest, slug: str) -> HttpResponse:
    return redirect("page_status", slug=slug, permanent=True)
