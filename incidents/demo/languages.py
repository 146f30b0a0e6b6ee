"""What Northwind Air says in its other languages. The newest update waits for two of them, as it does in real life."""

import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path

from incidents.actions.publishing.translations import Subject, Wording, translate
from incidents.demo.airline import Airline
from incidents.demo.cast import Cast
from incidents.models import Component, Incident, Remedy
from incidents.models.translation import TRANSLATED
from incidents.queries.translations import COLUMNS

# By the first words of the original: its text in each language.
TEXTS: dict[str, dict[str, str]] = json.loads(Path(__file__).with_suffix(".json").read_text(encoding="utf-8"))


def say_in_other_languages(airline: Airline, cast: Cast, *, now: datetime) -> None:
    """The catalogue, whatever is not over, and what the library offers."""
    page = airline.page
    catalogue: list[Subject] = [page, *page.groups.all(), *page.components.filter(is_hidden=False)]
    translate(page, [*_wordings(catalogue)], by=cast.dara, now=now)
    for incident in Incident.objects.filter(page=page).open():
        subjects: list[Subject] = [incident, *incident.updates.all(), *incident.estimates.all()]
        translate(incident, [*_wordings(subjects)], by=cast.dara, now=now)
    for remedy in Remedy.objects.all():
        translate(remedy, [*_wordings([remedy])], by=cast.eli, now=now)


def _wordings(subjects: Iterable[Subject]) -> Iterator[Wording]:
    for subject in subjects:
        for field in TRANSLATED[COLUMNS[type(subject)]]:
            texts = _in_other_languages(getattr(subject, field), is_whole=isinstance(subject, Component))
            yield from (Wording(subject, field, code, text) for code, text in texts.items())


def _in_other_languages(original: str, *, is_whole: bool) -> dict[str, str]:
    """By the whole text, else by its beginning: the longest that is known."""
    originals = [text for text in TEXTS if text == original or (not is_whole and original.startswith(text))]
    return TEXTS[max(originals, key=len)] if originals else {}
