"""Whose page it is."""

from django import template
from django.template.context import Context
from django.utils.translation import get_language

from incidents.models import Page
from portal.facts.profile import PageProfile, profile_of, without_address
from portal.publishing import store
from portal.publishing.sites import site_of_request

register = template.Library()


@register.simple_tag(takes_context=True)
def profile(context: Context) -> PageProfile:
    """Whose page this is: the context's `page` (a Page, with `is_by_link` when its reader came by its secret link, or
    its profile), else the one at the root of the site that the request is for; asks no database."""
    page = context.get("page")
    if isinstance(page, Page):
        profile = profile_of(page, get_language() or "")
        is_secret = page.visibility == Page.Visibility.LINK and not context.get("is_by_link")
        return without_address(profile) if is_secret else profile
    if isinstance(page, PageProfile):
        return page
    request = context.get("request")
    return store.profile_at(site_of_request(request) if request else "")
