"""Two small things that neither Django nor django-csp brings."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from config import exposition, health

Answer = Callable[[HttpRequest], HttpResponse]

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


class PermissionsPolicyMiddleware:
    """Tells browsers that no page here wants a camera, a place or a payment sheet."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Permissions-Policy", settings.PERMISSIONS_POLICY)
        return response
