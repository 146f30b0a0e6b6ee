"""The pages of two real histories, imported as they are (see tests/data/README.md)."""

import re
from html import unescape

import pytest
from django.utils.html import escape

from incidents.models import Incident, Page
from tests.incidents.imports.files import HISTORY, SUMMARY, read
from tests.portal.page_documents import pages_of, publish, text_at

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


def test_three_years_of_a_real_page_are_all_there_and_light():
    read(HISTORY)
    store = publish(Page.objects.get())

    incidents = {path for path in store.edition.documents if path.startswith("/incidents/")}
    linked = {
        path
        for month in store.edition.documents
        if month.startswith("/history/")
        for path in re.findall(r'class="entry" href="([^"]+)"', text_at(store, month))
    }

    assert incidents == linked == {f"/incidents/{one.public_id}" for one in Incident.objects.all()}
    assert len(incidents) == 399
    assert "Everything works" in text_at(store, "/")
    assert max(len(document.variant("gzip").body) for document in pages_of(store).values()) <= 15_000


def test_a_real_incident_shows_every_update_of_its_timeline():
    read(HISTORY)
    store = publish(Page.objects.get())
    incident = Incident.objects.get(public_id="5hjghvwvqztc")

    text = unescape(text_at(store, f"/incidents/{incident.public_id}"))

    assert [update.body in text for update in incident.updates.all()] == [True] * 4
    assert "26 minutes" in text


def test_a_real_page_in_the_middle_of_an_incident():
    read(SUMMARY)
    store = publish(Page.objects.get())

    text = text_at(store, "/")

    assert "Some things do not work right now" in text
    assert escape("Incident on 2020-05-22 16:41 UTC") in text
    assert "5 earlier updates" in text
    assert text.count("Deprecating password authentication") == 2
    assert len(re.findall(r">Operational</span>", text)) == 9
