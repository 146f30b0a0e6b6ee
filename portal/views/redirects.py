"""Where a page stands that was asked for by another of its addresses: the default page by its name, any by its default
language's, one with a domain of its own below this site's. What once was there in a language that the page has given up
is there in its default one: addresses in old mails still lead to it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from incidents.models import Page
from portal.documents.document import OPEN
from portal.documents.spec import site_key
from portal.facts.profile import PageProfile
from portal.personal.access import keep_private
from portal.publishing.store import Published

# Browsers would keep where something stands for good; a page may move again, and back.
CACHING = "public, max-age=60"
OK, NOT_MODIFIED = 200, 304

# Answers with a document that is not for everybody, or with the reason why not; see `portal.views.documents`.
Reserved = Callable[[HttpRequest, Published, str], HttpResponse | None]


@dataclass(frozen=True, slots=True)
class RequestedAddress:
    """An address: its site, and what its path says. `secret`: of a secret link."""

    site: str
    path: str
    slug: str = ""
    language: str = ""
    secret: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands now: whose it is, and the path on that page's site."""

    profile: PageProfile
    path: str

    @property
    def address(self) -> str:
        return site_key(self.profile.site) + self.path


def requested_address(request: HttpRequest, site: str, address_parts: Mapping[str, str]) -> RequestedAddress:
    """`address_parts`: what the patterns of the address found in it."""
    slug, language, secret = (address_parts.get(name) or "" for name in ("slug", "language", "secret"))
    return RequestedAddress(site, request.path_info, slug, language, secret)


def redirect_publicly(request: HttpRequest, store: Published, requested: RequestedAddress) -> HttpResponse | None:
    """The way to a public page's other address; None where there is none."""
    place = _place(requested, [facts.profile for facts in store.edition.public_pages])
    if place is None:
        return None
    if requested.language not in {"", place.profile.language} and place.address not in store.edition.specs:
        return None
    response = _lead(request, requested, place)
    response["Cache-Control"] = CACHING
    response[OPEN[0]] = OPEN[1]  # widgets on other sites follow only then
    return response


def redirect_privately(
    request: HttpRequest, store: Published, requested: RequestedAddress, reserved: Reserved
) -> HttpResponse | None:
    """The same of a page that is not for everybody, for those who would get it there; others are answered as there.
    Without a page's name in the address nobody is asked to sign in: something else may stand here for them."""
    place = reserved_place(store, requested)
    if place is None:
        return None
    answer = reserved(request, store, place.address)
    if answer is None or answer.status_code not in {OK, NOT_MODIFIED}:
        return answer if requested.slug or requested.secret else None
    if "Authorization" in request.headers:  # which nobody's program takes along to another host
        return answer
    return keep_private(_lead(request, requested, place, permanent=False))


def reserved_place(store: Published, requested: RequestedAddress) -> Place | None:
    """Where a document of a page that is not for everybody stands, if there is one. A secret link is found by itself
    only: no name leads to it."""
    profiles = (facts.profile for facts in store.edition.pages.values() if not facts.profile.is_public)
    if requested.secret:
        profile = next(
            (
                profile
                for profile in profiles
                if profile.home == f"/s/{requested.secret}/" and requested.site in {"", profile.site}
            ),
            None,
        )
        place = Place(profile, requested.path) if profile else None
    else:
        place = _place(requested, [profile for profile in profiles if profile.visibility != Page.Visibility.LINK])
    return place if place and place.address in store.edition.specs else None


def _place(requested: RequestedAddress, profiles: list[PageProfile]) -> Place | None:
    """The other address of what was asked for, if it has one on one of these pages."""
    if requested.slug:
        profile = next(
            (
                profile
                for profile in profiles
                if profile.slug == requested.slug and requested.site in {"", profile.site}
            ),
            None,
        )
    else:
        at_root = (profile for profile in profiles if (profile.home, profile.site) == ("/", requested.site))
        profile = next(at_root, None) or _default(profiles, requested.site)
    if profile is None:
        return None
    rest = requested.path.removeprefix(f"/p/{requested.slug}" if requested.slug else "").removeprefix("/")
    other_languages = {language.code for language in profile.languages} - {profile.language}
    if requested.language and requested.language not in other_languages:
        rest = rest.removeprefix(f"{requested.language}/")
    place = Place(profile, f"{profile.home}{rest}")
    return None if (profile.site, place.path) == (requested.site, requested.path) else place


def _default(profiles: Iterable[PageProfile], site: str) -> PageProfile | None:
    """The default page, where it has moved to a domain of its own."""
    return None if site else next((profile for profile in profiles if profile.is_default), None)


def _lead(request: HttpRequest, requested: RequestedAddress, place: Place, *, permanent: bool = True) -> HttpResponse:
    url = place.path if place.profile.site == requested.site else f"{place.profile.origin}{place.path}"
    query = request.META.get("QUERY_STRING")
    return redirect(f"{url}?{query}" if query else url, permanent=permanent)
