"""My page: everything of mine that is touched."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from portal.personal.access import profile_for
from portal.personal.my_page import my_page
from portal.publishing.store import profile_at
from portal.views.impact_access import personal, signed_in


@personal
@require_safe
@login_required
def my(request: HttpRequest) -> HttpResponse:
    view = my_page(signed_in(request), timezone.now(), all_past="all" in request.GET)
    profile = profile_for(request, view.page, get_language() or "") if view.page else profile_at()
    return render(request, "portal/my.html", {"my_page": view, "page": profile, "zone": profile.zone})
