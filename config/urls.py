"""Every address: the public pages and the people's own, sign-in, the staff desk (probes: config/middleware.py)."""

from django.contrib import admin
from django.urls import include, path, re_path

from config import health

urlpatterns = [
    path("admin/", admin.site.urls),
    # allauth brings pages for passwords and open sign-up; nobody has a password here
    re_path(r"^account/(?:password|signup|email|confirm-email)/", health.not_here),
    path("account/", include("allauth.urls")),
    path("", include("notifications.urls")),
    path("", include("portal.urls")),
]
