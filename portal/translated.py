"""What is public about one page in another of its languages."""

from dataclasses import replace

from portal.facts import PageFacts


def translated(facts: PageFacts, language: str) -> PageFacts:
    """The same facts in this language of the page."""
    head = facts.letterhead
    return facts if language == head.language else replace(facts, letterhead=head.in_language(language))


def in_all_languages(facts: PageFacts) -> tuple[PageFacts, ...]:
    """The default language first."""
    codes = [tongue.code for tongue in facts.letterhead.languages] or [facts.letterhead.language]
    return tuple(translated(facts, code) for code in codes)
