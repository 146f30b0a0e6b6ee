"""Search over a page's history: answered from what is published, without the database."""

import re

from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from portal.board.search import search
from portal.facts.page import PageFacts
from portal.facts.translated import translated
from portal.personal.access import page_for
from portal.publishing.sites import site_of_request
from portal.publishing.store import Published, published
from portal.views.redirects import redirect_publicly, requested_address
from portal.views.status import away

PATH = "history/search"

NUMBER = re.compile("[1-9][0-9]{0,3}")
# Short, since an update may be found a moment after it was written; long enough for a crowd that asks the same.
CACHING = "public, max-age=15"


@csrf_exempt  # it changes nothing; whoever posts to it is told so
@require_safe
def history_search(request: HttpRequest, **address: str) -> HttpResponse:
    """What answers `q`, twenty at a time, newest first, in the language of the address."""
    store = published()
    if not store.is_watching:
        store.refresh()
    if not store.edition.is_known:
        return away(request)
    site = site_of_request(request)
    facts = _facts_at(store, site, request.path_info)
    if facts is None:
        return _or_404(redirect_publicly(request, store, requested_address(request, site, address)))
    refusal = None if facts.profile.is_public else page_for(request, facts.profile)
    if refusal is not None:
        return refusal
    response = HttpResponse(_render(facts, request.GET.get("q", ""), _page_number(request.GET.get("page", ""))))
    response["X-Robots-Tag"] = "noindex"
    if facts.profile.is_public:
        response["Cache-Control"] = CACHING
    else:
        response["Cache-Control"] = "private, no-cache"
        patch_vary_headers(response, ["Cookie"])
    return response


def _or_404(response: HttpResponse | None) -> HttpResponse:
    if response is None:
        raise Http404
    return response


def _facts_at(store: Published, site: str, path: str) -> PageFacts | None:
    """The page whose history stands at this address, in its language; None when there is none."""
    for facts in store.edition.pages.values():
        profile = facts.profile
        for code, root in [
            (profile.language, profile.root),
            *((language.code, language.root) for language in profile.languages),
        ]:
            if (profile.site, f"{root}{PATH}") == (site, path):
                return translated(facts, code)
    return None


def _render(facts: PageFacts, question: str, number: int) -> str:
    profile = facts.profile
    with translation.override(profile.language):
        findings = search(facts, question, number)
        context = {"page": profile, "zone": profile.zone, "path": f"{profile.root}{PATH}", "findings": findings}
        return render_to_string("public/search.html", context)


def _page_number(value: str) -> int:
    """A page number; anything else is the first."""
    return int(value) if NUMBER.fullmatch(value) else 1
