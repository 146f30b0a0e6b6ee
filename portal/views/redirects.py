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
KEPT = "public, max-age=60"
OK, NOT_MODIFIED = 200, 304

# Answers with a document that is not for everybody, or with the reason why not; see `portal.views.documents`.
Reserved = Callable[[HttpRequest, Published, str], HttpResponse | None]


@dataclass(frozen=True, slots=True)
class Asked:
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


def asked_for(request: HttpRequest, site: str, said: Mapping[str, str]) -> Asked:
    """`said`: what the patterns of the address found in it."""
    slug, language, secret = (said.get(name) or "" for name in ("slug", "language", "secret"))
    return Asked(site, request.path_info, slug, language, secret)


def moved(request: HttpRequest, store: Published, asked: Asked) -> HttpResponse | None:
    """The way to a public page's other address; None where there is none."""
    place = _place(asked, [facts.profile for facts in store.edition.public_pages])
    if place is None:
        return None
    if asked.language not in {"", place.profile.language} and place.address not in store.edition.specs:
        return None
    response = _lead(request, asked, place)
    response["Cache-Control"] = KEPT
    response[OPEN[0]] = OPEN[1]  # widgets on other sites follow only then
    return response


def moved_privately(request: HttpRequest, store: Published, asked: Asked, reserved: Reserved) -> HttpResponse | None:
    """The same of a page that is not for everybody, for those who would get it there; others are answered as there.
    Without a page's name in the address nobody is asked to sign in: something else may stand here for them."""
    place = reserved_place(store, asked)
    if place is None:
        return None
    answer = reserved(request, store, place.address)
    if answer is None or answer.status_code not in {OK, NOT_MODIFIED}:
        return answer if asked.slug or asked.secret else None
    if "Authorization" in request.headers:  # which nobody's program takes along to another host
        return answer
    return keep_private(_lead(request, asked, place, permanent=False))


def reserved_place(store: Published, asked: Asked) -> Place | None:
    """Where a document of a page that is not for everybody stands, if there is one. A secret link is found by itself
    only: no name leads to it."""
    profiles = (facts.profile for facts in store.edition.pages.values() if not facts.profile.is_public)
    if asked.secret:
        profile = next(
            (one for one in profiles if one.home == f"/s/{asked.secret}/" and asked.site in {"", one.site}), None
        )
        place = Place(profile, asked.path) if profile else None
    else:
        place = _place(asked, [profile for profile in profiles if profile.visibility != Page.Visibility.LINK])
    return place if place and place.address in store.edition.specs else None


def _place(asked: Asked, profiles: list[PageProfile]) -> Place | None:
    """The other address of what was asked for, if it has one on one of these pages."""
    if asked.slug:
        profile = next((one for one in profiles if one.slug == asked.slug and asked.site in {"", one.site}), None)
    else:
        own = (one for one in profiles if (one.home, one.site) == ("/", asked.site))
        profile = next(own, None) or _default(profiles, asked.site)
    if profile is None:
        return None
    rest = asked.path.removeprefix(f"/p/{asked.slug}" if asked.slug else "").removeprefix("/")
    spoken = {language.code for language in profile.languages} - {profile.language}
    if asked.language and asked.language not in spoken:
        rest = rest.removeprefix(f"{asked.language}/")
    place = Place(profile, f"{profile.home}{rest}")
    return None if (profile.site, place.path) == (asked.site, asked.path) else place


def _default(profiles: Iterable[PageProfile], site: str) -> PageProfile | None:
    """The default page, where it has moved to a domain of its own."""
    return None if site else next((one for one in profiles if one.is_default), None)


def _lead(request: HttpRequest, asked: Asked, place: Place, *, permanent: bool = True) -> HttpResponse:
    there = place.path if place.profile.site == asked.site else f"{place.profile.origin}{place.path}"
    query = request.META.get("QUERY_STRING")
    return redirect(f"{there}?{query}" if query else there, permanent=permanent)
