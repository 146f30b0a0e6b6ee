"""Addresses of the published documents: the default page's at the root, every page's below /p/<address>/, those of
secret links below /s/<secret>/; in other languages than the page's own below each of these, /de/."""

from collections.abc import Iterator

from django.conf import settings
from django.urls import URLPattern, path, re_path

from portal.views import documents, languages, reports, search, status

MONTH = r"history/(?P<year>[0-9]{4})/(?P<month>0[1-9]|1[0-2])"
# Pages for people, by the names that they are known by.
PAGES = {
    "status": "",
    "incident": r"incidents/(?P<public_id>[-\w]+)",
    "history": "history",
    "history_month": MONTH,
    "maintenance": "maintenance",
    "claim": "claim",
    "claim_thanks": "claim/thanks",
    "uptime": "uptime",
    "component": r"components/(?P<component>[-\w]+)",
}
OF_COMPONENT = r"components/(?P<component>[-\w]+)/"
# Documents for programs, and parts of other sites' pages.
FEEDS = (
    r"history\.atom",
    r"history\.rss",
    r"updates\.atom",
    r"maintenance\.ics",
    r"badge\.svg",
    r"badge\.json",
    r"uptime\.json",
    r"brand\.css",
    r"logo\.(?:svg|png|webp)",
    rf"{OF_COMPONENT}history\.atom",
    rf"{OF_COMPONENT}badge\.svg",
    rf"{OF_COMPONENT}badge\.json",
    r"embed/(?:status\.js|summary\.json|components\.json|banner\.svg|frame|preview)",
)
API = r"api/v2(?:/.*)?"
LANGUAGE = rf"(?P<language>{'|'.join(code for code, _name in settings.LANGUAGES)})/"
OWN = r"(?:my|account|subscribe)(?:/.*)?"
PAGE = r"p/(?P<slug>[-\w]+)/"
BY_LINK = r"s/(?P<secret>[0-9a-f]{32})/"


def _below(root: str, name: str = "") -> Iterator[URLPattern]:
    for page, ending in PAGES.items():
        yield re_path(rf"^{root}{ending}$", status.document, name=f"{name}{page}")
    yield re_path(rf"^{root}claim/send$", reports.send, name=f"{name}claim_send")
    yield re_path(rf"^{root}history/search$", search.history_search, name=f"{name}history_search")
    for ending in FEEDS:
        yield re_path(rf"^{root}{ending}$", status.program_document)


urlpatterns = [
    path("oembed", documents.oembed, name="oembed"),
    path("p/<slug:slug>", status.page_without_slash),
    *_below(""),
    re_path(rf"^{API}$", documents.api_document),
    *_below(PAGE, "page_"),
    re_path(rf"^{PAGE}{API}$", documents.api_document),
    *_below(BY_LINK, "secret_"),
    re_path(rf"^{BY_LINK}{API}$", documents.api_document),
    *_below(LANGUAGE, "spoken_"),
    *_below(PAGE + LANGUAGE, "page_spoken_"),
    *_below(BY_LINK + LANGUAGE, "secret_spoken_"),
    # The API speaks no language, and says so as programs can read it.
    re_path(rf"^(?:{PAGE}|{BY_LINK})?{LANGUAGE}{API}$", documents.api_document),
    # What is somebody's own has an address for all languages.
    re_path(rf"^(?P<root>s/[0-9a-f]{{32}}/)?{LANGUAGE}(?P<rest>{OWN})$", languages.in_language),
]
