"""Helpers that make rows public the way the actions do: the row, and an event that says so."""

from datetime import datetime
from typing import Any

from django.utils import timezone

from incidents import events
from incidents.actor import CLOCK
from incidents.models import Event, Incident, Page, Update
from portal.documents.document import HTML, Document
from portal.publishing.store import Published, published


def say_page_changed(page: Page) -> None:
    events.record(Event.Kind.PAGE_CHANGED, by=CLOCK, at=timezone.now(), page=page)


def say_updated(incident: Incident) -> None:
    events.record(Event.Kind.INCIDENT_UPDATED, by=CLOCK, at=timezone.now(), incident=incident)


def add_update(incident: Incident, text: str = "We look into it.", **fields: Any) -> Update:
    defaults = {"status": incident.status, "body": text, "body_html": f"<p>{text}</p>"}
    return Update.objects.create(incident=incident, **{**defaults, **fields})


def publish(page: Page, now: datetime | None = None) -> Published:
    """Everything that stands in the database, as this process's documents, those seldom read too."""
    say_page_changed(page)
    store = published()
    store.refresh(now)
    store.render_everything()
    return store


def pages_of(store: Published) -> dict[str, Document]:
    """The documents for people, without those for other programs and other sites."""
    return {
        path: document
        for path, document in store.render_everything().items()
        if ("Content-Type", HTML) in document.plain.headers and "/embed/" not in path
    }


def text_at(store: Published, path: str) -> str:
    document = store.find(path)
    assert document is not None, f"nothing is published at {path}"
    return document.plain.body.decode()
