"""Values of foreign JSON, each read as what it should be or refused in words. Trusts nothing."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils.translation import gettext as _

LARGEST_WHOLE = 2_147_483_647  # what an integer column of PostgreSQL holds
YEARS = range(1970, 2201)
LONGEST_SHOWN = 120
LONGEST_ADDRESS = 200

_SAFE_ID = re.compile(r"[A-Za-z0-9_-]{1,32}")
_check_address = URLValidator(schemes=["http", "https"])


class Broken(Exception):
    """A file, record or value that cannot be taken; the reason is for people."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands: a file and the JSON path inside it."""

    file: str
    path: str = ""

    def key(self, key: str) -> "Place":
        return Place(self.file, f"{self.path}.{key}" if self.path else key)

    def at_index(self, key: str, number: int) -> "Place":
        return self.key(f"{key}[{number}]")

    def __str__(self) -> str:
        return f"{self.file} {self.path}".rstrip()


def printable(value: object) -> str:
    """Harmless on any terminal: no control characters, no halves of characters, not too long."""
    text = str(value)
    text = text if text.isprintable() else repr(text)[1:-1]
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…"


def described(value: object) -> str:
    """A JSON value in a few words."""
    if isinstance(value, str):
        return f"“{printable(value[:40])}”"
    names = {dict: _("an object"), list: _("a list"), bool: _("true or false"), type(None): _("null")}
    return names.get(type(value)) or printable(value)[:40]


@dataclass(frozen=True, slots=True)
class Record:
    """One JSON object and its place. Every reader raises Broken, naming the key."""

    values: Mapping[str, Any]
    place: Place

    @classmethod
    def at(cls, place: Place, value: object) -> "Record":
        if not isinstance(value, dict):
            raise Broken(_("is not an object but %(what)s") % {"what": described(value)})
        return cls(value, place)

    @property
    def where(self) -> str:
        """The place with the id, if it has a presentable one."""
        public_id = self.values.get("id")
        return f"{self.place} (id {printable(public_id)[:40]})" if isinstance(public_id, str) else str(self.place)

    def public_id(self, key: str = "id") -> str:
        value = self.values.get(key)
        if value is None:
            raise Broken(_("%(key)s is missing") % {"key": key})
        if not isinstance(value, str) or not _SAFE_ID.fullmatch(value):
            raise self._bad(key, _("not an id: 1 to 32 letters, digits, - and _"))
        return value

    def text(self, key: str, *, longest: int, required: bool = False) -> str:
        """Without a value: empty, or refused where ``required``."""
        value = self.values.get(key)
        if value is None or (isinstance(value, str) and not value.strip()):
            if required:
                raise Broken(_("%(key)s is missing") % {"key": key})
            return ""
        if not isinstance(value, str):
            raise self._bad(key, _("not a text"))
        if len(value) > longest:
            size = {"key": key, "length": len(value), "longest": longest}
            raise Broken(_("%(key)s has %(length)d characters; at most %(longest)d are kept") % size)
        if not storable(value):
            raise Broken(_("%(key)s holds characters that no database takes") % {"key": key})
        return value

    def word(self, key: str, words: Collection[str], *, default: str = "") -> str:
        value = self.values.get(key)
        if value is None:
            value = default
        if value == "":
            raise Broken(_("%(key)s is missing") % {"key": key})
        if not isinstance(value, str) or value not in words:
            raise self._bad(key, _("not one of %(words)s") % {"words": ", ".join(words)})
        return value

    def integer(self, key: str) -> int:
        value = self.values.get(key)
        if value is None:
            return 0
        if type(value) is not int or not 0 <= value <= LARGEST_WHOLE:
            raise self._bad(key, _("not a whole number"))
        return value

    def flag(self, key: str, *, default: bool = False) -> bool:
        value = self.values.get(key)
        if value is None:
            return default
        if not isinstance(value, bool):
            raise self._bad(key, _("neither true nor false"))
        return value

    def day(self, key: str) -> date | None:
        value = self.values.get(key)
        if value is None:
            return None
        try:
            return date.fromisoformat(value)
        except (TypeError, ValueError) as error:
            raise self._bad(key, _("not a date")) from error

    def moment(self, key: str) -> datetime | None:
        """An aware time, in UTC; microseconds are kept."""
        value = self.values.get(key)
        if value is None:
            return None
        try:
            moment = datetime.fromisoformat(value)
            in_utc = moment.astimezone(UTC)
        except (TypeError, ValueError, OverflowError) as error:
            raise self._bad(key, _("not a time")) from error
        if moment.tzinfo is None:
            raise self._bad(key, _("a time without its offset from UTC"))
        if in_utc.year not in YEARS:
            raise self._bad(key, _("not a believable time"))
        return in_utc

    def stated_moment(self, key: str) -> datetime:
        moment = self.moment(key)
        if moment is None:
            raise Broken(_("%(key)s is missing") % {"key": key})
        return moment

    def array(self, key: str) -> list[Any]:
        """Null and absent lists are empty."""
        value = self.values.get(key)
        if value is None:
            return []
        if not isinstance(value, list):
            raise self._bad(key, _("not a list"))
        return value

    def _bad(self, key: str, reason: str) -> Broken:
        value = described(self.values[key])
        return Broken(_("%(key)s is %(what)s: %(value)s") % {"key": key, "what": reason, "value": value})


def storable(text: str) -> bool:
    """No NUL (PostgreSQL refuses it) and no half of a surrogate pair (nothing can encode it)."""
    if text.isascii():
        return "\0" not in text
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return "\0" not in text


def is_web_address(text: str) -> bool:
    try:
        _check_address(text)
    except ValidationError:
        return False
    return len(text) <= LONGEST_ADDRESS


def relative_name(file: Path, root: Path) -> str:
    """How reports call a file: by its path below the folder that was named."""
    return printable(file.relative_to(root) if file != root else file.name)
