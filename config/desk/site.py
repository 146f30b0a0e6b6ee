"""The staff desk: Django's admin with our index, our sign-in and the reader's own clock."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.contrib import admin
from django.contrib.auth import logout
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.template.response import SimpleTemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _

from config.desk.board import storm_board
from incidents.models import Page, User

View = Callable[..., HttpResponse]


class Desk(admin.AdminSite):
    """People sign in by e-mail code like everybody else; who is signed in without being staff finds nothing here."""

    site_header = _("Staff desk")
    site_title = _("Staff desk")
    index_title = _("Storm board")
    index_template = "admin/desk.html"
    enable_nav_sidebar = False

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        board = storm_board(now=timezone.now())
        return super().index(request, {"board": board, **(extra_context or {})})

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """Every page says in which zone its times are."""
        return {**super().each_context(request), "desk_zone": timezone.get_current_timezone_name()}

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The site's own sign-in, and back here afterwards."""
        if request.user.is_authenticated and not self.has_permission(request):
            raise Http404
        after = _safe(request, request.GET.get("next", "")) or reverse("admin:index")
        if request.user.is_authenticated:
            return HttpResponseRedirect(after)
        return redirect(reverse("account_login", query={"next": after}))

    def logout(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        logout(request)
        return redirect("/")

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Nobody has a password."""
        raise Http404

    def password_change_done(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        raise Http404

    def admin_view(self, view: View, cacheable: bool = False) -> View:
        """Everything at the desk reads and writes times in the zone of whoever sits there."""
        return super().admin_view(_in_own_zone(view), cacheable)


def _in_own_zone(view: View) -> View:
    @wraps(view)
    def view_in_zone(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        with timezone.override(_zone_of(request)):
            response = view(request, *args, **kwargs)
            # A template response is usually rendered later, when the zone would be another again.
            return response.render() if isinstance(response, SimpleTemplateResponse) else response

    return view_in_zone


def _zone_of(request: HttpRequest) -> ZoneInfo:
    zone_name = request.user.time_zone if isinstance(request.user, User) else ""
    try:
        return ZoneInfo(zone_name or Page.objects.values_list("time_zone", flat=True).first() or "UTC")
    except (ZoneInfoNotFoundError, ValueError):  # an import brought a zone that nobody knows
        return ZoneInfo("UTC")


def _safe(request: HttpRequest, address: str) -> str:
    """The address if it leads nowhere else, so that nobody is sent away by a forged link."""
    is_ours = url_has_allowed_host_and_scheme(address, {request.get_host()}, require_https=request.is_secure())
    return address if is_ours else ""
