"""Every document for other programs, in every language of its page, before the strict reader of its kind."""

import json
from collections.abc import Callable
from datetime import timedelta
from xml.etree import ElementTree as ET

import feedparser
import pytest
from django.conf import settings
from django.utils import timezone
from icalendar import Calendar

from tests import make
from tests.portal.page_documents import add_update, publish

LANGUAGES = [code for code, _name in settings.LANGUAGES]
HOSTILE = 'Пошта & “mail” <b>; \\n, ]]> \U0001f4e8 العربيّة "quoted"'


def read_feed(body: bytes) -> None:
    feed = feedparser.parse(body)
    assert (feed.bozo, feed.get("bozo_exception")) == (0, None)
    assert feed.entries


def read_calendar(body: bytes) -> None:
    found = Calendar.from_ical(body)
    assert [error for component in found.walk() for error in component.errors] == []
    assert found.walk("VEVENT")


READERS: dict[str, Callable[[bytes], object]] = {
    "application/atom+xml": read_feed,
    "application/rss+xml": read_feed,
    "text/calendar": read_calendar,
    "image/svg+xml": ET.fromstring,
    "application/json": json.loads,
}
# Browsers read these; tests/browsing has them judged.
FOR_BROWSERS = {"text/html", "text/css", "text/javascript"}


@pytest.fixture
def documents(db):
    """Of one page in all languages, by address: what is served, and of which kind it is."""
    now = timezone.now()
    page = make.make_page(
        name=HOSTILE, description=HOSTILE, is_default=True, languages=LANGUAGES[1:], language=LANGUAGES[0]
    )
    component = make.make_component(
        page, group=make.make_group(page, name=HOSTILE), name=HOSTILE, status="major_outage"
    )
    add_update(make.make_incident(page, name=HOSTILE, components=(component,)), HOSTILE)
    window = {"scheduled_for": now + timedelta(days=1), "scheduled_until": now + timedelta(days=1, hours=2)}
    work = make.make_incident(
        page,
        name=HOSTILE,
        components=(component,),
        kind="maintenance",
        status="scheduled",
        impact="maintenance",
        **window,
    )
    add_update(work, HOSTILE)
    rendered = publish(page).render_everything()
    return {address: (dict(one.plain.headers)["Content-Type"], one.plain.body) for address, one in rendered.items()}


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_is_taken_by_the_strict_reader_of_its_kind(documents, language):
    root = "/" if language == LANGUAGES[0] else f"/{language}/"
    others = tuple(f"/{code}/" for code in LANGUAGES if f"/{code}/" != root)
    own = {at: one for at, one in documents.items() if at.startswith(root) and not at.startswith(others)}
    kinds = {address: kind.partition(";")[0] for address, (kind, _body) in own.items()}

    for address, kind in kinds.items():
        if kind not in FOR_BROWSERS:
            READERS[kind](own[address][1])

    assert set(kinds.values()) - FOR_BROWSERS == set(READERS)
