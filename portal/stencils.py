"""A page is drawn once for all documents that differ in a few words only, with gaps where these go.

Filling gaps costs a hundredth of drawing. It sets a rule for the templates: what is a gap may be printed and nothing
else. Whatever a template asks about or filters belongs to the shape, and documents of the same shape share a stencil.
"""

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple, NoReturn

from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from portal.letterhead import Letterhead

# Made anew by each process: nobody can write what stands for a gap. Escaping and quoting leave it as it is.
_MARK = secrets.token_hex(8)
_GAP = re.compile(rf"{_MARK}x([a-z_]+)x{_MARK}")
MOST = 500


class Gap(SafeString):
    """Where words will stand. It is not known yet whether there are any, so nothing may depend on it."""

    def __bool__(self) -> NoReturn:
        raise TypeError(f"A template asks whether there is anything in a gap: {_GAP.findall(self)}")


def gap(name: str) -> Gap:
    return Gap(f"{_MARK}x{name}x{_MARK}")


@dataclass(frozen=True, slots=True)
class Stencil:
    """A text cut at its gaps: text, name of a gap, text, name of a gap, …, text."""

    pieces: Sequence[str]

    def fill(self, words: dict[str, str]) -> str:
        """`words`: HTML, by the gap's name."""
        filled = list(self.pieces)
        filled[1::2] = [words[name] for name in filled[1::2]]
        return "".join(filled)


@lru_cache(maxsize=MOST)
def stencil_of(template: str, head: Letterhead, path: str, gaps: tuple[str, ...], shape: NamedTuple) -> Stencil:
    """A page's template in the page's language, which must be the active one, drawn with the shape's values.

    `path` may hold a gap; what fills it must need no quoting.
    """
    context = {name: gap(name) for name in gaps} | shape._asdict()
    common = {"page": head, "zone": head.zone, "path": head.root + path}
    return Stencil(_GAP.split(render_to_string(template, {**common, **context})))
