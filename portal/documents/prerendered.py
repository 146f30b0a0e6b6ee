"""A page is drawn once for all documents that differ in a few words only, with gaps where these go.

Filling gaps costs a hundredth of drawing. It sets a rule for the templates: what is a gap may be printed and nothing
else. Whatever a template asks about or filters belongs to the shape, and documents of the same shape share a stencil.
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
        raise TypeError(f"A template asks whether there is anything in a gap: {placeholders.gaps_in(self)}")


def gap(name: str) -> Placeholder:
    return Placeholder(placeholders.gap(name))


@dataclass(frozen=True, slots=True)
class Prerendered:
    """A text cut at its gaps, see `incidents.text.placeholders`."""

    pieces: Sequence[str]

    def fill(self, words: dict[str, str]) -> str:
        """`words`: HTML, by the gap's name."""
        return placeholders.fill(self.pieces, words)


@lru_cache(maxsize=MOST)
def prerendered(
    template: str, profile: PageProfile, path: str, names: tuple[str, ...], shape: NamedTuple
) -> Prerendered:
    """A page's template in the page's language, which must be the active one, drawn with the shape's values and gaps of
    these names.

    `path` may hold a gap; what fills it must need no quoting.
    """
    context = {name: gap(name) for name in names} | shape._asdict()
    common = {"page": profile, "zone": profile.zone, "path": profile.root + path}
    return Prerendered(placeholders.cut(render_to_string(template, {**common, **context})))
