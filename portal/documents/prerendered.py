"""A page is rendered once for all documents that differ in a few words only, with placeholders where these go.

Filling them costs a hundredth of rendering. It sets a rule for the templates: a placeholder may be printed and nothing
else. Whatever a template asks about or filters belongs to the shape, and documents of the same shape share one text.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple, NoReturn

from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from incidents.text import placeholders
from portal.facts.profile import PageProfile

MOST = 500


class Placeholder(SafeString):
    """Where words will stand. It is not known yet whether there are any, so nothing may depend on it."""

    def __bool__(self) -> NoReturn:
        raise TypeError(
            f"A template asks whether there is anything in a placeholder: {placeholders.placeholders_in(self)}"
        )


def placeholder(name: str) -> Placeholder:
    return Placeholder(placeholders.placeholder(name))


@dataclass(frozen=True, slots=True)
class Prerendered:
    """A text split at its placeholders, see `incidents.text.placeholders`."""

    pieces: Sequence[str]

    def fill(self, words: dict[str, str]) -> str:
        """`words`: HTML, by the placeholder's name."""
        return placeholders.fill(self.pieces, words)


@lru_cache(maxsize=MOST)
def prerendered(
    template: str, profile: PageProfile, path: str, names: tuple[str, ...], shape: NamedTuple
) -> Prerendered:
    """A page's template in the page's language, which must be the active one, rendered with the shape's values and
    placeholders of these names.

    `path` may hold a placeholder; what fills it must need no quoting.
    """
    context = {name: placeholder(name) for name in names} | shape._asdict()
    common = {"page": profile, "zone": profile.zone, "path": profile.root + path}
    return Prerendered(placeholders.split(render_to_string(template, {**common, **context})))
