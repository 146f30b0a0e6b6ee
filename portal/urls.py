"""Every address toward outsiders."""

from django.urls import include, path

urlpatterns = [
    path("", include("portal.urls_personal")),
    path("", include("portal.urls_public")),
]
