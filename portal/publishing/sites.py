"""Which site a request is for: the installation's own, by any of its host names, or a page's own domain."""

from collections.abc import Collection
from functools import lru_cache

from django.conf import settings
from django.http import HttpRequest
from django.http.request import split_domain_port, validate_host

from portal.publishing.edition import Edition
from portal.publishing.store import Published, published

OWN = ""
NO_SITE = "There is no site by this name here.\n"


def site_of(host: str, store: Published) -> str | None:
    """The site that a Host header names: "" the installation's own, a page's domain, None for a stranger's.

    The database is asked only when nothing is known yet, or for a name that may be a new page's.
    """
    site = known_site_of(host, store.edition)
    if site is not None:
        return site
    if not store.edition.is_known:
        store.look_first()
    elif not store.is_watching:
        store.refresh()
    return known_site_of(host, store.edition)


def known_site_of(host: str, edition: Edition) -> str | None:
    """The same as one edition knows it."""
    name = _name_of(host)
    if name in edition.domains:
        return name
    return OWN if is_own(host, tuple(settings.OWN_HOSTS)) else None


def site_of_request(request: HttpRequest) -> str:
    """The site that this request is for; the middleware has refused those that are for none."""
    return site_of(request.META.get("HTTP_HOST", ""), published()) or OWN


# Strangers may send many names, and push only each other out.
@lru_cache(maxsize=256)
def is_own(host: str, names: Collection[str]) -> bool:
    """Whether a Host header is one of the installation's names. Old clients send none: they mean us."""
    return not host or validate_host(_name_of(host), names)


@lru_cache(maxsize=256)
def _name_of(host: str) -> str:
    name, _port = split_domain_port(host)
    return name
