"""A visitor presses "I have this problem too": checked, limited, counted.

The form is a public document, the same for everybody: it carries no cookie and no token. Nothing here acts in anybody's
name, so there is no authority that a forged request could use; what other sites' pages send is refused all the same.
"""

import time
from http import HTTPStatus

from allauth.account.adapter import get_adapter
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from incidents.actions.intake.reports import report_problem
from incidents.errors import InvalidInput
from incidents.limits import Turnstile, client, is_allowed
from incidents.models import Page
from incidents.queries.guests import components_on
from portal.documents.reports import ReportForm, options_of
from portal.documents.spec import site_key
from portal.facts.page import PageFacts
from portal.facts.profile import PageProfile
from portal.facts.translated import translated
from portal.personal.access import page_for
from portal.personal.forms import refuse
from portal.publishing.sites import site_of_request
from portal.publishing.store import published

HOUR = 3600
PER_CLIENT = 30
# What everybody together may send in a second through one process; the rest is told so, which costs next to nothing.
turnstile = Turnstile(times=10)


class TooMany(Exception):
    """`reason`: crowd (everybody together) or client. `wait`: seconds after which another try makes sense."""

    def __init__(self, reason: str, wait: int) -> None:
        super().__init__(reason)
        self.reason, self.wait = reason, wait


@csrf_exempt  # see above
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def send(request: HttpRequest, **_address: object) -> HttpResponse:
    """Count one report and say thanks, to whoever reports twice too; looking at this address does nothing."""
    profile, facts = _page(request)
    closed = page_for(request, profile)
    if closed is not None:
        return closed
    if request.method != "POST":
        return redirect(f"{profile.root}claim")
    with translation.override(profile.language):
        return _answer(request, profile, facts)


def _answer(request: HttpRequest, profile: PageProfile, facts: PageFacts) -> HttpResponse:
    form = ReportForm(request.POST, options=options_of(facts))
    is_valid = form.is_valid()
    try:
        _pass_turnstile()
        if not _is_from_here(request):
            return _show(request, profile, form, HTTPStatus.FORBIDDEN, trouble="elsewhere")
        if not is_valid:
            return _show(request, profile, form, HTTPStatus.BAD_REQUEST)
        if not form.cleaned_data["website"]:
            _count(request, facts, form)
    except InvalidInput as refusal:
        refuse(form, refusal)
        return _show(request, profile, form, HTTPStatus.BAD_REQUEST)
    except TooMany as refusal:
        form.narrow()
        return _show(request, profile, form, HTTPStatus.TOO_MANY_REQUESTS, trouble=refusal.reason, wait=refusal.wait)
    except (OperationalError, InterfaceError):
        form.narrow()
        return _show(request, profile, form, HTTPStatus.SERVICE_UNAVAILABLE, trouble="away", wait=60)
    return redirect(f"{profile.root}claim/thanks")


def _pass_turnstile() -> None:
    """Before anything that costs: the database, the cache, a list of hundreds to write."""
    if not turnstile.lets_in():
        raise TooMany("crowd", wait=5)


def _count(request: HttpRequest, facts: PageFacts, form: ReportForm) -> None:
    """The shared cache first, then the database."""
    address = client(get_adapter().get_client_ip(request))
    if not is_allowed(f"claim {address}", times=PER_CLIENT, within=HOUR):
        raise TooMany("client", wait=HOUR - int(time.time()) % HOUR)
    page = Page.objects.get(public_id=facts.public_id)
    component = components_on(page).filter(public_id=form.cleaned_data["component"]).first()
    if component is None:  # a guest that has left since the form was printed
        raise InvalidInput(_("This part is not on the page any more. Please pick another one."), field="component")
    # Many people may share one address; their browsers differ more often.
    report_problem(component, visitor=f"{address} {request.headers.get('User-Agent', '')}")


def _page(request: HttpRequest) -> tuple[PageProfile, PageFacts]:
    """Whose form was sent, from what is published: so what is not there for visitors cannot be reported."""
    store = published()
    if not store.is_watching:
        store.refresh()
    form = request.path_info.removesuffix("/send")
    spec = store.edition.specs.get(site_key(site_of_request(request)) + form)
    if spec is None:
        raise Http404
    profile = spec.profile
    facts = next(facts for facts in store.edition.pages.values() if facts.profile.slug == profile.slug)
    return profile, translated(facts, profile.language)


def _is_from_here(request: HttpRequest) -> bool:
    """Whether a page of this very site sent it; programs that say neither are no browsers."""
    site = request.headers.get("Sec-Fetch-Site")
    if site:
        return site == "same-origin"
    return request.headers.get("Origin") in {f"{scheme}://{request.get_host()}" for scheme in ("https", "http")}


def _show(
    request: HttpRequest, profile: PageProfile, form: ReportForm, status: HTTPStatus, trouble: str = "", wait: int = 0
) -> HttpResponse:
    """The form again with what was picked and the reason in words."""
    context = {"page": profile, "zone": profile.zone, "form": form, "trouble": trouble}
    response = render(request, "public/report.html", context, status=status)
    if wait:
        response["Retry-After"] = str(wait)
    return response
