"""Absolute addresses for mails, by the names that the pages have."""

from functools import cache

from django.conf import settings
from django.urls import reverse
from django.utils.translation import get_language

from incidents.addresses import address_of
from incidents.models import Incident, Page


def absolute(path: str) -> str:
    return f"{settings.BASE_URL}{path}"


def of_incident(incident: Incident, page: Page, *, language: str = "") -> str:
    """The incident on a page that shows it, in this language if the page speaks it."""
    return address_of(page, f"incidents/{incident.public_id}", language=language)


def with_token(name: str, token: str) -> str:
    """The address of a page that takes one signed token; resolving it for each mail takes longer than signing."""
    head, tail = _around(name)
    return f"{settings.BASE_URL}{head}{token}{tail}"


def in_language(address: str) -> str:
    """The address in the active language, which is the mail's: its reader's browser may speak another."""
    return f"{address}?in={get_language() or settings.LANGUAGE_CODE}"


@cache
def _around(name: str) -> tuple[str, str]:
    head, _, tail = reverse(name, args=["-token-"]).partition("-token-")
    return head, tail
