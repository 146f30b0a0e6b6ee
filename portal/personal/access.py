"""This impact or page, for this person, or 404: the only place that decides who sees and who chooses.

To an impact there are two doors: an account that is a member of the impact's customer, and a signed link from a
message, which opens exactly the one impact that it was made for.
"""

from dataclasses import dataclass

from allauth.account.adapter import get_adapter
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers

from incidents.actions.access.readers import note_token_use
from incidents.actor import Actor
from incidents.errors import NotAllowed
from incidents.limits import client, is_allowed
from incidents.links import ImpactLink, read_impact
from incidents.models import Impact, Membership, Page, ReadToken, User
from incidents.queries import readers
from portal.facts.profile import PageProfile, profile_of, without_address

HOUR = 3600
# Wrong tokens an hour from one address, before it is told to wait.
FAILURES = 30


def keep_private(response: HttpResponse) -> HttpResponse:
    """An answer for one person: no cache may keep it for others, and no search engine find it."""
    response["Cache-Control"] = "private, no-cache"
    response["X-Robots-Tag"] = "noindex, nofollow"
    patch_vary_headers(response, ["Cookie", "Authorization"])
    return response


class LinkClosed(Http404):
    """A signed link that opens nothing: forged, cut short, too old, or its bearer's access has ended."""


class TokenRefused(Exception):
    """A read token that is unknown, has expired or was revoked. `is_often`: too many such came from there."""

    def __init__(self, *, is_often: bool) -> None:
        self.is_often = is_often
        super().__init__()


@dataclass(frozen=True, slots=True)
class Visit:
    """One person at one impact. `token` is the signed link that they came by, empty when they signed in."""

    impact: Impact
    may_choose: bool
    by: Actor
    token: str = ""

    def address(self, act: str = "impact") -> str:
        """The address of this impact, or of what can be done about it: choose, cancel, check_in, rate."""
        if self.token:
            return reverse(f"link_{act}", args=[self.token])
        name = act if act == "impact" else f"impact_{act}"
        return reverse(name, args=[self.impact.public_id])

    def require_choice(self) -> None:
        """Refuse those who may look but not touch."""
        if not self.may_choose:
            raise NotAllowed


def page_for(request: HttpRequest, profile: PageProfile) -> HttpResponse | None:
    """None when this person may read the page. Whoever has not said who they are is asked to, others get Http404."""
    if may_read(request, profile):
        return None
    if request.user.is_authenticated:
        raise Http404
    return redirect_to_login(request.get_full_path())


def may_read(request: HttpRequest, profile: PageProfile) -> bool:
    """Whether this person may read the page. Of secret links the address itself is the permission."""
    if profile.visibility in {Page.Visibility.PUBLIC, Page.Visibility.LINK}:
        return True
    user = request.user
    return isinstance(user, User) and readers.may_read(user, visibility=profile.visibility, slug=profile.slug)


def profile_for(request: HttpRequest, page: Page, language: str = "") -> PageProfile:
    """A page's profile for somebody who did not come by the page's own address: a customer, the bearer of a signed
    link. Where the page stands is in it only for those who may read it, and a secret link never."""
    profile = profile_of(page, language)
    is_known = profile.visibility != Page.Visibility.LINK and may_read(request, profile)
    return profile if is_known else without_address(profile)


def token_offered(request: HttpRequest) -> ReadToken | None:
    """The read token that a program sent along, in its header or, since feed readers and calendars can send none, in
    the address; None without one. Raises TokenRefused for one that opens nothing, whatever was asked for."""
    scheme, _space, credentials = request.headers.get("Authorization", "").partition(" ")
    token = credentials.strip() if scheme.lower() == "bearer" else request.GET.get("token", "")
    if not token:
        return None
    now = timezone.now()
    read_token = readers.find_token(token, now=now)
    if read_token is None:
        address = client(get_adapter().get_client_ip(request))
        raise TokenRefused(is_often=not is_allowed(f"read-token:{address}", times=FAILURES, within=HOUR))
    note_token_use(read_token, now=now)
    return read_token


def impact_for_user(user: User, public_id: str) -> Visit:
    """The impact, if the person is a member of its customer; Http404 for everybody else and for what is not public."""
    impact = _impact(public_id)
    membership = Membership.objects.filter(user=user, customer_id=impact.customer_id).first()
    if membership is None:
        raise Http404
    return Visit(impact, membership.may_choose, Actor.account(user))


def impact_for_link(token: str) -> Visit:
    """The one impact that a signed link opens; LinkClosed (a 404 with its own words) when it opens none.

    A link that was made for somebody with an account never gives more than their membership gives now; none opens
    anything once the address that it went to is no longer its reader's.
    """
    link = read_impact(token)
    if link is None:
        raise LinkClosed
    try:
        impact = _impact(link.impact)
    except Http404:
        raise LinkClosed from None
    if link.user is None:
        if not link.went_to(impact.customer.email):
            raise LinkClosed
        return Visit(impact, link.may_choose, Actor.link(impact.customer.name), token)
    return _as_member(link, impact, token)


def _as_member(link: ImpactLink, impact: Impact, token: str) -> Visit:
    members = Membership.objects.filter(user=link.user, user__is_active=True, customer_id=impact.customer_id)
    membership = members.select_related("user").first()
    if membership is None or not link.went_to(membership.user.email):
        raise LinkClosed
    by = Actor.link(str(membership.user), membership.user)
    return Visit(impact, link.may_choose and membership.may_choose, by, token)


def _impact(public_id: str) -> Impact:
    impacts = Impact.objects.select_related("incident__page", "holding", "customer")
    impact = impacts.filter(public_id=public_id, incident__published_at__isnull=False).first()
    if impact is None:
        raise Http404
    return impact
