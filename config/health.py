"""Whether this process lives (/healthz) and whether the whole can do its work (/readyz)."""

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe


@require_safe
@never_cache
def alive(request: HttpRequest) -> HttpResponse:
    return JsonResponse({"status": "ok"})


@require_safe
@never_cache
def ready(request: HttpRequest) -> HttpResponse:
    return JsonResponse({"status": "ok"})


def not_here(request: HttpRequest) -> HttpResponse:
    """A page that a library brings and Makegood does not have."""
    raise Http404
