"""Absolute addresses for mails, by the names that the pages have."""

from functools import cache

from django.conf import settings
from django.urls import reverse

from incidents.models import Incident


def absolute(path: str) -> str:
    return f"{settings.BASE_URL}{path}"


def of_incident(incident: Incident) -> str:
    """The incident's public page."""
    if incident.page.is_default:
        return absolute(reverse("incident", args=[incident.public_id]))
    return absolute(reverse("page_incident", args=[incident.page.slug, incident.public_id]))


def with_token(name: str, token: str) -> str:
    """The address of a page that takes one signed token; resolving it for each mail takes longer than signing."""
    head, tail = _around(name)
    return f"{settings.BASE_URL}{head}{token}{tail}"


@cache
def _around(name: str) -> tuple[str, str]:
    head, _, tail = reverse(name, args=["-token-"]).partition("-token-")
    return head, tail
