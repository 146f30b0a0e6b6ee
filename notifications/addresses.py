"""Absolute addresses for mails, by the names that the pages have."""

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
