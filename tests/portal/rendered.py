"""Documents drawn from facts, without a database."""

import json
from datetime import datetime
from typing import Any

from portal.documents.document import Document
from portal.documents.registry import documents_of
from portal.documents.spec import render as render_spec
from portal.facts.page import PageFacts
from tests.portal.make_facts import NOON


def render(facts: PageFacts, path: str, now: datetime = NOON) -> Document:
    """The document of this address."""
    [spec] = [spec for spec in documents_of(facts, now) if spec.path == path]
    return render_spec(spec, now)


def text_of(facts: PageFacts, path: str, now: datetime = NOON) -> str:
    return render(facts, path, now).plain.body.decode()


def json_of(facts: PageFacts, path: str, now: datetime = NOON) -> Any:
    return json.loads(text_of(facts, path, now))


def paths_of(facts: PageFacts, now: datetime = NOON) -> set[str]:
    return {spec.path for spec in documents_of(facts, now)}


def header(document: Document, name: str) -> str:
    return dict(document.plain.headers)[name]
