"""Addresses of the public documents: the default page's at the root, every page's below /p/<address>/."""

from django.urls import path, re_path

from portal.views import documents, status

MONTH = r"history/(?P<year>[0-9]{4})/(?P<month>0[1-9]|1[0-2])"
FEEDS = (
    "history.atom",
    "history.rss",
    "updates.atom",
    "maintenance.ics",
    "badge.svg",
    "badge.json",
    "components/<slug:component>/history.atom",
    "components/<slug:component>/badge.svg",
    "components/<slug:component>/badge.json",
)

urlpatterns = [
    path("", status.document, name="status"),
    path("incidents/<slug:public_id>", status.document, name="incident"),
    path("history", status.document, name="history"),
    re_path(rf"^{MONTH}$", status.document, name="history_month"),
    path("maintenance", status.document, name="maintenance"),
    path("oembed", documents.oembed, name="oembed"),
    *(path(name, status.document) for name in FEEDS),
    re_path(r"^api/v2(?:/.*)?$", documents.api_document),
    path("p/<slug:slug>", status.page_without_slash),
    path("p/<slug:slug>/", status.document, name="page_status"),
    path("p/<slug:slug>/incidents/<slug:public_id>", status.document, name="page_incident"),
    path("p/<slug:slug>/history", status.document, name="page_history"),
    re_path(rf"^p/(?P<slug>[-\w]+)/{MONTH}$", status.document, name="page_history_month"),
    path("p/<slug:slug>/maintenance", status.document, name="page_maintenance"),
    *(path(f"p/<slug:slug>/{name}", status.document) for name in FEEDS),
    re_path(r"^p/(?P<slug>[-\w]+)/api/v2(?:/.*)?$", documents.api_document),
]
