"""A text that is written once for all who get the same, with placeholders where the words go that differ."""

import re
import secrets
from collections.abc import Mapping, Sequence

# Made anew by each process: nobody can write what stands for a word. Escaping and quoting leave it as it is.
_MARK = secrets.token_hex(8)
_PLACEHOLDER = re.compile(rf"{_MARK}x([a-z_0-9]+)x{_MARK}")


def placeholder(name: str) -> str:
    """What stands for the words of this name (small letters, digits and "_") until they are known."""
    return f"{_MARK}x{name}x{_MARK}"


def placeholders_in(text: str) -> list[str]:
    return _PLACEHOLDER.findall(text)


def split(text: str) -> Sequence[str]:
    """The text split at its placeholders: text, a name, text, a name, …, text."""
    return _PLACEHOLDER.split(text)


def fill(pieces: Sequence[str], words: Mapping[str, str]) -> str:
    """What `split` made, with the words of each name. Raises KeyError for a name that has none."""
    filled = list(pieces)
    filled[1::2] = [words[name] for name in pieces[1::2]]
    return "".join(filled)
