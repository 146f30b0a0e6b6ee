"""Texts of work that comes back in other languages: translated once, carried to each of its windows."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from incidents.actions.publishing.translations import Texts, Wording, translate
from incidents.actor import CLOCK
from incidents.models import Incident, MaintenanceSeries, Translation, Update
from incidents.queries.translations import COLUMNS, TextsInLanguages, mark_of, newest_rows, translations_of


def texts_of_series(series: MaintenanceSeries) -> Texts:
    """What a window is announced with, by language and field: all wordings that fit what the series says now."""
    texts: dict[str, dict[str, str]] = {}
    for word in TextsInLanguages(Translation.objects.filter(series=series)).of(series):
        if word.language in series.page.languages:
            texts.setdefault(word.language, {})[word.field] = word.text
    return texts


def carry_texts(series: MaintenanceSeries, windows: Iterable[Incident], *, now: datetime) -> None:
    """Say it in announced windows too, as far as they read as the series does. The clock does it, so that they stay
    untouched by people; what a person translated there stays as it is. Inside an action's transaction."""
    rows = newest_rows(translations_of([series]))
    if rows:
        for window in windows:
            translate(window, list(_wordings_to_carry(series, window, rows.values())), by=CLOCK, now=now)


def _wordings_to_carry(series: MaintenanceSeries, window: Incident, rows: Iterable[Translation]) -> Iterator[Wording]:
    subjects: dict[str, list[Any]] = {
        "name": [window] if window.name == series.name else [],
        "body": list(Update.objects.filter(incident=window, body=series.body)),
    }
    newest = newest_rows(translations_of([window, *subjects["body"]]))
    for row in rows:
        is_spoken = row.language in series.page.languages and row.made_from == mark_of(getattr(series, row.field))
        for subject in subjects[row.field] if is_spoken else ():
            translation = newest.get((COLUMNS[type(subject)], subject.pk, row.field, row.language))
            if translation is None or translation.author_id is None:
                yield Wording(subject, row.field, row.language, row.text)
