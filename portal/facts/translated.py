"""What is public about one page in another of its languages.

Pure. Where staff's own words lack in that language they stay as they are, in the page's default language, and the thing
does not name them among what is `translated`: templates then say so. Whatever needs no change is the very same object,
so that a page without translations costs nothing.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from typing import Any, TypeVar

from incidents.queries.translations import Wording
from portal.facts.page import AffectedFacts, IncidentFacts, PageFacts, UpdateFacts
from portal.facts.profile import PageProfile

Thing = TypeVar("Thing")
# The components whose names are known in the language, by public id.
Names = Mapping[str, str]

MOST_KEPT = 20_000
# What each incident read like in a language, with the names that were known then: most of them stay the same objects
# from one edition to the next, and need no second thought. Whatever is kept here cannot lend its id to another.
_kept: dict[tuple[int, str], tuple[IncidentFacts, Names, IncidentFacts]] = {}


def translated(facts: PageFacts, language: str) -> PageFacts:
    """The same facts in this language of the page."""
    head = facts.letterhead
    if language == head.language:
        return facts
    parts = _each(facts.parts, lambda one: _turned(one, language))
    names = {one.public_id: one.name for one in parts if "name" in one.translated}
    return replace(
        facts,
        letterhead=_letterhead(head, facts.words, language),
        changed_at=_moved_on(facts.changed_at, [facts], language),
        groups=_each(facts.groups, lambda one: _turned(one, language)),
        parts=parts,
        disruptions=_each(facts.disruptions, lambda one: incident_in(one, language, names)),
    )


def in_all_languages(facts: PageFacts) -> tuple[PageFacts, ...]:
    """The default language first."""
    codes = [tongue.code for tongue in facts.letterhead.languages] or [facts.letterhead.language]
    return tuple(translated(facts, code) for code in codes)


def incident_in(one: IncidentFacts, language: str, names: Names) -> IncidentFacts:
    """One incident in a language, with its updates and estimates; the same object for the same incident."""
    found = _kept.get((id(one), language))
    if found is not None and found[0] is one and found[1] == names:
        return found[2]
    if len(_kept) >= MOST_KEPT:
        _kept.clear()
    told = _disruption(one, language, names)
    _kept[id(one), language] = (one, names, told)
    return told


def _disruption(one: IncidentFacts, language: str, names: Names) -> IncidentFacts:
    said = _each(one.said, lambda said: _said(said, language, names))
    guesses = _each(one.guesses, lambda guess: _turned(guess, language))
    touched = _named(one.touched, names)
    whom = _each(one.whom, lambda rule: replace(rule, part=names[rule.part_id]) if rule.part_id in names else rule)
    kept = said is one.said and guesses is one.guesses and touched is one.touched and whom is one.whom
    if not kept:
        moved_at = _moved_on(one.updated_at, [*one.said, *one.guesses], language)
        one = replace(one, said=said, guesses=guesses, touched=touched, whom=whom, updated_at=moved_at)
    whole: IncidentFacts = _turned(one, language)
    return whole


@lru_cache(maxsize=500)
def _letterhead(head: PageProfile, words: tuple[Wording, ...], language: str) -> PageProfile:
    """The same object for the same page: every one of its documents is compared by it."""
    own = {word.field: word.text for word in words if word.language == language}
    return replace(head.in_language(language), **own, translated=tuple(own))  # type: ignore[arg-type]


def _turned(one: Any, language: str) -> Any:
    """A part, group, estimate or incident with those of its texts that are known in the language."""
    own: dict[str, Any] = {word.field: word.text for word in one.words if word.language == language}
    if not own:
        return one
    fields = tuple(own)
    if hasattr(one, "updated_at"):
        own["updated_at"] = _moved_on(one.updated_at, [one], language)
    return replace(one, **own, translated=fields)


def _moved_on(moment: datetime, things: Iterable[Any], language: str) -> datetime:
    """For readers who ask by date: a translation that came later is news in its language."""
    said: list[datetime] = [word.said_at for one in things for word in one.words if word.language == language]
    return max([moment, *said])


def _said(said: UpdateFacts, language: str, names: Names) -> UpdateFacts:
    touched = said.touched and _named(said.touched, names)
    word = next((word for word in said.words if word.language == language), None)
    if word is not None:
        told = replace(said, body=word.text, html=word.html, amended_at=word.amended_at)
        return replace(told, touched=touched, translated=("body", "html"))
    return said if touched is said.touched else replace(said, touched=touched)


def _named(touched: tuple[AffectedFacts, ...], names: Names) -> tuple[AffectedFacts, ...]:
    if not names:
        return touched
    return _each(
        touched,
        lambda one: replace(one, name=names[one.public_id], translated=("name",)) if one.public_id in names else one,
    )


def _each(things: tuple[Thing, ...], turn: Callable[[Thing], Thing]) -> tuple[Thing, ...]:
    """The same tuple when all of its things stay the same."""
    turned = tuple(turn(one) for one in things)
    return things if all(new is old for new, old in zip(turned, things, strict=True)) else turned
