"""Search over the whole history of a page: names of incidents and maintenances, what we said, and what was touched.

From the published facts alone, so it works without a database. Upper case and accents do not matter; every word must
occur, in any order. What is found stands newest first.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from html import unescape
from math import ceil
from unicodedata import normalize

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from portal.facts.page import IncidentFacts, PageFacts, UpdateFacts

LONGEST = 100  # characters of a question
MOST_WORDS = 8
PER_PAGE = 20
MOST_PAGES = 50
BEFORE, AFTER = 60, 160  # characters of a text around what was found in it

# Ours were sanitised when they were written: a mark of HTML holds no other. (`strip_tags` takes ten times as long.)
BLOCK_END = re.compile(r"</(?:p|li|h[1-6]|blockquote|pre|tr|td)>|<br ?/?>")
MARKS = re.compile(r"<[^>]*>")
# What is written above and below letters, in Latin, Greek, Cyrillic, Hebrew and Arabic.
ACCENTS = re.compile("[\u0300-\u036f\u0591-\u05bd\u064b-\u065f\u0670]")


@dataclass(frozen=True)
class Hit:
    """One incident or maintenance that was found: its name and a piece of what we said, both with marks. `update`: the
    update that the piece is of."""

    incident: IncidentFacts
    name: SafeString
    excerpt: SafeString
    update: UpdateFacts | None = None


@dataclass(frozen=True)
class Findings:
    """What one page of answers shows. `question` is as it was typed, `total` the number of all that were found."""

    question: str
    words: tuple[str, ...] = ()
    hits: tuple[Hit, ...] = ()
    total: int = 0
    number: int = 1

    @property
    def is_too_long(self) -> bool:
        return len(self.question) > LONGEST

    @property
    def pages(self) -> int:
        return min(ceil(self.total / PER_PAGE), MOST_PAGES)

    @property
    def newer(self) -> int | None:
        return self.number - 1 if self.number > 1 else None

    @property
    def older(self) -> int | None:
        return self.number + 1 if self.number < self.pages else None


Index = tuple[tuple[IncidentFacts, str], ...]
# By page and language: the facts that were read, and all their words. One each, replaced when the facts are others.
_indexes: dict[tuple[str, str], tuple[PageFacts, Index]] = {}


def search(facts: PageFacts, question: str, number: int = 1) -> Findings:
    """What is public on this page and answers; nothing for a question without a word, or one that is too long."""
    words = words_of(question)
    if not words or len(question) > LONGEST:
        return Findings(question)
    matches = [incident for incident, text in _index(facts) if all(word in text for word in words)]
    number = max(1, min(number, ceil(len(matches) / PER_PAGE), MOST_PAGES))
    page = matches[(number - 1) * PER_PAGE : number * PER_PAGE]
    hits = tuple(_hit(incident, words) for incident in page)
    return Findings(question, words, hits, len(matches), number)


def words_of(question: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(folded(question).split()))[:MOST_WORDS]


def folded(text: str) -> str:
    """Without upper case and accents."""
    if text.isascii():
        return text.lower()
    return ACCENTS.sub("", normalize("NFKD", text.casefold()))


def plain(html: str) -> str:
    return " ".join(unescape(MARKS.sub("", BLOCK_END.sub(" ", html))).split())


def _index(facts: PageFacts) -> Index:
    key = (facts.public_id, facts.profile.language)
    cached = _indexes.get(key)
    # Translated facts are made anew each time, but of the very same incidents where nothing changed.
    if cached is None or cached[0].incidents != facts.incidents or cached[0].components != facts.components:
        cached = _indexes[key] = (facts, tuple((incident, _text(incident)) for incident in facts.incidents))
    return cached[1]


def _text(incident: IncidentFacts) -> str:
    names = {component.name for component in incident.affected} | {
        change.name for update in incident.updates for change in update.changes or ()
    }
    return folded("\n".join([incident.name, *sorted(names), *(plain(update.html) for update in incident.updates)]))


# -- what is shown of it ----------------------------------------------------------------------------------------------


def _hit(incident: IncidentFacts, words: tuple[str, ...]) -> Hit:
    texts = [(plain(update.html), update) for update in incident.updates]
    best, update = max(texts, key=lambda pair: sum(word in folded(pair[0]) for word in words), default=("", None))
    return Hit(incident, marked(incident.name, words), marked(_excerpt_around(best, words), words), update)


def _excerpt_around(text: str, words: Iterable[str]) -> str:
    """The piece of a text in which the first of these words stands, cut between words."""
    spans = _spans(text, words)
    first = spans[0][0] if spans else 0
    start = 0 if first <= BEFORE else text.find(" ", first - BEFORE) + 1 or first
    piece = text[min(start, first) : first + AFTER]
    if first + AFTER < len(text):
        piece = piece.rsplit(" ", 1)[0] + "…"
    return f"…{piece}" if start else piece


def marked(text: str, words: Iterable[str]) -> SafeString:
    """The text as HTML, with `<mark>` around each of these words."""
    pieces, end = [], 0
    for start, until in _spans(text, words):
        pieces += [escape(text[end:start]), "<mark>", escape(text[start:until]), "</mark>"]
        end = until
    return mark_safe("".join([*pieces, escape(text[end:])]))  # noqa: S308 - every piece of the text is escaped


def _spans(text: str, words: Iterable[str]) -> list[tuple[int, int]]:
    """Where these words stand in a text, as it is written; what overlaps or touches is one."""
    letters = [(place, letter) for place, sign in enumerate(text) for letter in folded(sign)]
    plain_text = "".join(letter for _place, letter in letters)
    matches = [
        (letters[match.start()][0], letters[match.end() - 1][0] + 1)
        for word in words
        for match in re.finditer(re.escape(word), plain_text)
    ]
    spans: list[tuple[int, int]] = []
    for start, end in sorted(matches):
        if spans and start <= spans[-1][1]:
            spans[-1] = (spans[-1][0], max(spans[-1][1], end))
        else:
            spans.append((start, end))
    return spans
