"""What public pages and widgets say to those who are signed in: loaded apart, never by a script of another site."""

from http import HTTPStatus

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils import translation
from django.views.decorators.http import require_safe

from portal.personal.affected_counts import count_touched, in_words
from portal.views.impact_access import personal, signed_in

# What browsers say of who asks: a page of this very origin, or a person who typed the address.
OURS = frozenset({"same-origin", "none"})


@personal
@require_safe
def summary(request: HttpRequest) -> HttpResponse:
    """How many things of this person are touched; nothing at all for everybody else."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in OURS:
        response = HttpResponse(status=HTTPStatus.FORBIDDEN)
    elif not request.user.is_authenticated:
        response = HttpResponse(status=HTTPStatus.NO_CONTENT)
    else:
        response = JsonResponse(_summary(request))
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return response


def _summary(request: HttpRequest) -> dict[str, object]:
    counts = count_touched(signed_in(request))
    language = request.GET.get("language", "")
    is_spoken = language in dict(settings.LANGUAGES)
    with translation.override(language if is_spoken else translation.get_language()):
        sentence = in_words(counts)
    return {"affected": sum(counts.values()), "kinds": counts, "sentence": sentence, "url": reverse("my")}
