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

from incidents.queries.translations import TranslatedText
from portal.facts.page import AffectedFacts, IncidentFacts, PageFacts, UpdateFacts
from portal.facts.profile import PageProfile

Facts = TypeVar("Facts")
# The components whose names are known in the language, by public id.
Names = Mapping[str, str]

MOST_CACHED = 20_000
# What each incident read like in a language, with the names that were known then: most of them stay the same objects
# from one edition to the next, and need no second thought. Whatever is kept here cannot lend its id to another.
_cache: dict[tuple[int, str], tuple[IncidentFacts, Names, IncidentFacts]] = {}


def translated(facts: PageFacts, language: str) -> PageFacts:
    """The same facts in this language of the page."""
    profile = facts.profile
    if language == profile.language:
        return facts
    components = _map(facts.components, lambda component: _with_texts(component, language))
    names = {component.public_id: component.name for component in components if "name" in component.translated}
    return replace(
        facts,
        profile=_profile(profile, facts.texts, language),
        changed_at=_changed_at(facts.changed_at, [facts], language),
        groups=_map(facts.groups, lambda group: _with_texts(group, language)),
        components=components,
        incidents=_map(facts.incidents, lambda incident: incident_in(incident, language, names)),
    )


def in_all_languages(facts: PageFacts) -> tuple[PageFacts, ...]:
    """The default language first."""
    codes = [language.code for language in facts.profile.languages] or [facts.profile.language]
    return tuple(translated(facts, code) for code in codes)


def incident_in(incident: IncidentFacts, language: str, names: Names) -> IncidentFacts:
    """One incident in a language, with its updates and estimates; the same object for the same incident."""
    cached = _cache.get((id(incident), language))
    if cached is not None and cached[0] is incident and cached[1] == names:
        return cached[2]
    if len(_cache) >= MOST_CACHED:
        _cache.clear()
    in_language = _incident(incident, language, names)
    _cache[id(incident), language] = (incident, names, in_language)
    return in_language


def _incident(incident: IncidentFacts, language: str, names: Names) -> IncidentFacts:
    updates = _map(incident.updates, lambda update: _update(update, language, names))
    estimates = _map(incident.estimates, lambda estimate: _with_texts(estimate, language))
    affected = _with_names(incident.affected, names)
    scopes = _map(
        incident.scopes,
        lambda scope: replace(scope, component=names[scope.component_id]) if scope.component_id in names else scope,
    )
    is_unchanged = (
        updates is incident.updates
        and estimates is incident.estimates
        and affected is incident.affected
        and scopes is incident.scopes
    )
    if not is_unchanged:
        moved_at = _changed_at(incident.updated_at, [*incident.updates, *incident.estimates], language)
        incident = replace(
            incident, updates=updates, estimates=estimates, affected=affected, scopes=scopes, updated_at=moved_at
        )
    with_texts: IncidentFacts = _with_texts(incident, language)
    return with_texts


@lru_cache(maxsize=500)
def _profile(profile: PageProfile, texts: tuple[TranslatedText, ...], language: str) -> PageProfile:
    """The same object for the same page: every one of its documents is compared by it."""
    values = {text.field: text.text for text in texts if text.language == language}
    return replace(profile.in_language(language), **values, translated=tuple(values))  # type: ignore[arg-type]


def _with_texts(facts: Any, language: str) -> Any:
    """A part, group, estimate or incident with those of its texts that are known in the language."""
    values: dict[str, Any] = {word.field: word.text for word in facts.texts if word.language == language}
    if not values:
        return facts
    fields = tuple(values)
    if hasattr(facts, "updated_at"):
        values["updated_at"] = _changed_at(facts.updated_at, [facts], language)
    return replace(facts, **values, translated=fields)


def _changed_at(moment: datetime, parts: Iterable[Any], language: str) -> datetime:
    """For readers who ask by date: a translation that came later is news in its language."""
    said_at: list[datetime] = [word.said_at for fact in parts for word in fact.texts if word.language == language]
    return max([moment, *said_at])


def _update(update: UpdateFacts, language: str, names: Names) -> UpdateFacts:
    affected = update.affected and _with_names(update.affected, names)
    text = next((text for text in update.texts if text.language == language), None)
    if text is not None:
        update = replace(update, body=text.text, html=text.html, amended_at=text.amended_at)
        return replace(update, affected=affected, translated=("body", "html"))
    return update if affected is update.affected else replace(update, affected=affected)


def _with_names(affected: tuple[AffectedFacts, ...], names: Names) -> tuple[AffectedFacts, ...]:
    if not names:
        return affected
    return _map(
        affected,
        lambda component: (
            replace(component, name=names[component.public_id], translated=("name",))
            if component.public_id in names
            else component
        ),
    )


def _map(parts: tuple[Facts, ...], translate: Callable[[Facts], Facts]) -> tuple[Facts, ...]:
    """The same tuple when all of its things stay the same."""
    translations = tuple(translate(part) for part in parts)
    return parts if all(new is old for new, old in zip(translations, parts, strict=True)) else translations
