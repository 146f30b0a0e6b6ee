"""Small things that neither Django nor django-csp brings."""

from collections.abc import Callable
from contextlib import suppress
from http import HTTPStatus

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.utils import translation

from config import exposition, health
from portal.publishing.sites import NO_SITE, site_of
from portal.publishing.store import published
from portal.views import documents, status

Answer = Callable[[HttpRequest], HttpResponse]

ADMIN = "/admin/"
PUBLISHED = frozenset({status.document, status.program_document, documents.api_document, documents.oembed})
PROBES: dict[str, Answer] = {"/healthz": health.alive, "/readyz": health.ready, "/metrics": exposition.metrics}


class HealthMiddleware:
    """Answers probes before the host is checked: a load balancer asks by an address that is in no setting."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        probe = PROBES.get(request.path_info)
        if probe is None:
            return self.get_response(request)
        response = probe(request)
        response.headers["Cache-Control"] = "no-store"
        return response


class SiteMiddleware:
    """404 for the name of a site that is neither ours nor a page's own; and no staff desk on a page's own."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        site = site_of(request.META.get("HTTP_HOST", ""), published())
        if site is None or (site and request.path_info.startswith(ADMIN)):
            return HttpResponse(NO_SITE, status=404, content_type="text/plain; charset=utf-8")
        return self.get_response(request)


class OwnLanguageMiddleware:
    """Whoever is signed in reads in their account's language; for others the cookie's or the browser's counts.

    An address with `?in=de`, which a page in German leads to, is in German: nothing is remembered.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Answer, args: object, kwargs: object) -> None:
        """Not before what is published, which reads the same for everybody."""
        if view in PUBLISHED:
            return
        languages, language = dict(settings.LANGUAGES), request.GET.get("in", "")
        if language not in languages and settings.SESSION_COOKIE_NAME in request.COOKIES:
            language = self._preferred_language(request)
        if language in languages:
            translation.activate(language)
            request.LANGUAGE_CODE = language

    def _preferred_language(self, request: HttpRequest) -> str:
        try:
            return getattr(request.user, "language", "")
        except DatabaseError:  # whoever it is, what is published can be read without the database
            return ""


class PermissionsPolicyMiddleware:
    """Tells browsers that no page here wants a camera, a place or a payment sheet."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Permissions-Policy", settings.PERMISSIONS_POLICY)
        return response


class RefusalMiddleware:
    """Keeps an answer that holds for one person or moment (nothing here for you, sign in first) out of every cache:
    many keep those too, and would then refuse a reader what was refused to a stranger."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code == HTTPStatus.FOUND or response.status_code >= HTTPStatus.BAD_REQUEST:
            response.headers.setdefault("Cache-Control", "no-store")
        return response


class SignedInMiddleware:
    """Keeps a cookie beside the session's that scripts may read. It says that somebody is signed in, not who: public
    pages ask for what is personal only where it is there, so that a crowd of strangers never gets as far as Django."""

    COOKIE = "signed_in"

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.session.accessed:
            with suppress(DatabaseError):  # without it nobody knows who it is: the next answer tells
                self._tell(request, response)
        return response

    def _tell(self, request: HttpRequest, response: HttpResponse) -> None:
        is_told, is_so = self.COOKIE in request.COOKIES, request.user.is_authenticated
        if is_so and not is_told:
            ends_with_browser = request.session.get_expire_at_browser_close()
            age = None if ends_with_browser else request.session.get_expiry_age()
            secure = settings.SESSION_COOKIE_SECURE
            response.set_cookie(self.COOKIE, "1", max_age=age, secure=secure, samesite="Lax")
        elif is_told and not is_so:
            response.delete_cookie(self.COOKIE, samesite="Lax")
