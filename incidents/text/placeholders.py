"""A text that is written once for all who get the same, with gaps where the words go that differ."""

import re
import secrets
from collections.abc import Mapping, Sequence

# Made anew by each process: nobody can write what stands for a gap. Escaping and quoting leave it as it is.
_MARK = secrets.token_hex(8)
_GAP = re.compile(rf"{_MARK}x([a-z_0-9]+)x{_MARK}")


def gap(name: str) -> str:
    """What stands for the words of this name (small letters, digits and "_") until they are known."""
    return f"{_MARK}x{name}x{_MARK}"


def gaps_in(text: str) -> list[str]:
    return _GAP.findall(text)


def cut(text: str) -> Sequence[str]:
    """The text cut at its gaps: text, name of a gap, text, name of a gap, …, text."""
    return _GAP.split(text)


def fill(pieces: Sequence[str], words: Mapping[str, str]) -> str:
    """What `cut` made, with the words of each name. Raises KeyError for a name that has none."""
    filled = list(pieces)
    filled[1::2] = [words[name] for name in pieces[1::2]]
    return "".join(filled)
