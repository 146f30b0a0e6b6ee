"""A yardstick of `benchmarks.storm`: the same status page as a Django view that asks the database for each request."""

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse
from django.urls import include, path
from django.utils import timezone

from config.server.gateway import Gateway
from incidents.models import Page
from portal.documents.registry import documents_of
from portal.documents.spec import render
from portal.facts.reading import read_page


def status(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    facts = read_page(Page.objects.get(is_default=True))
    front = next(spec for spec in documents_of(facts, now) if spec.path == "/")
    return HttpResponse(render(front, now).plain.body)


urlpatterns = [path("", status), path("", include("config.urls"))]
settings.ROOT_URLCONF = __name__
application = Gateway(get_wsgi_application(), threads=4)
