"""Every address: the public pages and the people's own, sign-in, the staff desk (probes: config/middleware.py)."""

from django.contrib import admin
from django.urls import include, path, re_path
from django.views.generic import RedirectView

from config import health

urlpatterns = [
    path("admin/", admin.site.urls),
    # allauth brings pages for passwords and open sign-up; nobody has a password here
    re_path(r"^account/(?:password|signup|email|confirm-email|reauthenticate)/", health.not_here),
    # two pages ask for the address; one is enough
    path("account/login/", RedirectView.as_view(pattern_name="account_request_login_code", query_string=True)),
    path("account/", include("allauth.urls")),
    path("", include("notifications.urls")),
    path("", include("portal.urls")),
]
