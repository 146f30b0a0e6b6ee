"""Reading in another language. Public pages have an address per language; these are for all others."""

from urllib.parse import parse_qsl, urlencode

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import Resolver404, resolve
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from incidents.actions.access.people import read_in
from incidents.actor import Actor
from incidents.models import User
from portal.personal.access import impact_for_link
from portal.views.impact_access import personal


@personal
@require_POST
def choose_language(request: HttpRequest) -> HttpResponse:
    """Remember the language on this device and, for somebody with an account, there too: mails then follow."""
    language = request.POST.get("language", "")
    if language in dict(settings.LANGUAGES) and isinstance(request.user, User):
        read_in(request.user, language, by=Actor.account(request.user))
    return _remembered(request, language)


@csrf_exempt
@personal
@require_POST
def choose_language_by_link(request: HttpRequest, token: str) -> HttpResponse:
    """The same on this device only, for whoever came by a signed link: the address is the permission."""
    visit = impact_for_link(token)
    response = _remembered(request, request.POST.get("language", ""), after=visit.address())
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


@require_safe
def in_language(request: HttpRequest, language: str, rest: str, root: str | None = None) -> HttpResponse:
    """`/de/subscribe`, by somebody who thinks that it is like a public page: to the one address, in that language."""
    path = next(
        (candidate for candidate in (f"/{root or ''}{rest}", f"/{root or ''}{rest}/") if _is_known(candidate)), None
    )
    if path is None:
        raise Http404
    query = [
        pair for pair in parse_qsl(request.META.get("QUERY_STRING", ""), keep_blank_values=True) if pair[0] != "in"
    ]
    return redirect(f"{path}?{urlencode([*query, ('in', language)])}")


def _is_known(path: str) -> bool:
    try:
        return bool(resolve(path))
    except Resolver404:
        return False


def _remembered(request: HttpRequest, language: str, after: str = "") -> HttpResponse:
    """Back to where they were; a language that we do not speak changes nothing."""
    response = redirect(after or _own_address(request, request.POST.get("next", "")) or "/")
    if language in dict(settings.LANGUAGES):
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            language,
            max_age=365 * 24 * 3600,
            path=settings.LANGUAGE_COOKIE_PATH,
            secure=settings.LANGUAGE_COOKIE_SECURE,
            httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
            samesite="Lax",
        )
    return response


def _own_address(request: HttpRequest, address: str) -> str:
    """The address if it leads nowhere else, so that nobody is sent away by a forged form; without the language that it
    asked for, since another is wanted now."""
    is_ours = url_has_allowed_host_and_scheme(address, {request.get_host()}, require_https=request.is_secure())
    if not is_ours:
        return ""
    path, _mark, query = address.partition("?")
    pairs = [(name, value) for name, value in parse_qsl(query, keep_blank_values=True) if name != "in"]
    return f"{path}?{urlencode(pairs)}" if pairs else path
