"""One impact: its whole story, and what can be done about it."""

from datetime import datetime
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from incidents.errors import DomainError
from portal.personal.access import Visit, profile_for
from portal.personal.my_page import impact_view_of


@require_safe
def show(request: HttpRequest, visit: Visit) -> HttpResponse:
    outcome = {"said": request.GET.get("said", "")}
    return render(request, "portal/impact.html", background(request, visit, timezone.now()) | outcome)


def background(request: HttpRequest, visit: Visit, now: datetime) -> dict[str, Any]:
    """What every page about one impact needs."""
    profile = profile_for(request, visit.impact.incident.page, get_language() or "")
    return {
        "visit": visit,
        "impact_view": impact_view_of(visit.impact, now),
        "page": profile,
        "zone": profile.zone,
        "addresses": {act: visit.address(act) for act in ("impact", "choose", "cancel", "check_in", "rate")},
    }


def show_refusal(request: HttpRequest, visit: Visit, refusal: DomainError) -> HttpResponse:
    """The impact as it stands now, with the reason why nothing was changed on top."""
    context = background(request, visit, timezone.now()) | {"refusal": refusal}
    return render(request, "portal/impact.html", context, status=HTTPStatus.CONFLICT)
