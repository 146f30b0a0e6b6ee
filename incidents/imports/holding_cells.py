"""What each cell of a holdings file may hold. Every reader takes the cell's text and returns what is stored."""

import re
import zoneinfo
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, tzinfo
from functools import cache
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from incidents.imports.fields import LARGEST_WHOLE, described, storable
from incidents.models import Component, CustomerGroup, Holding

YEARS = range(1900, 2201)
FOR_EVER = 9999  # what other systems write for "no end"

_MOST_REMEMBERED = 20_000
_LONGEST_EMAIL = 254
_LONGEST_LANGUAGE = 16
# What nearly all addresses look like, judged ten times as fast as by the validator, which judges the others.
_PLAIN_EMAIL = re.compile(r"[a-z0-9_+-]+(?:\.[a-z0-9_+-]+)*@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}")
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[a-z0-9]{2,8}){0,2}")
_WHOLE = re.compile(r"[0-9]{1,10}")
_ACTIVE = dict.fromkeys(("", "1", "true", "t", "yes", "y", "active"), True)
_ACTIVE |= dict.fromkeys(("0", "false", "f", "no", "n", "inactive"), False)


Reader = Callable[[str], Any]


class BadCell(Exception):
    """What is wrong, as the end of a sentence that begins with the column's name."""


class Remembered(dict[str, Any]):
    """A reader for columns whose values repeat: each text is judged once. Bounded, so that memory stays flat."""

    def __init__(self, read: Callable[[str], Any]) -> None:
        super().__init__()
        self._read = read

    def __missing__(self, cell: str) -> Any:
        value = self._read(cell.strip())
        if len(self) >= _MOST_REMEMBERED:
            self.clear()
        self[cell] = value
        return value


def text_reader(longest: int, *, required: bool = False) -> Callable[[str], str]:
    """Text on one line: line breaks and other spaces become single spaces."""

    def read(cell: str) -> str:
        cell = cell.strip()
        if not cell.isprintable():
            cell = _on_one_line(cell)
        if len(cell) > longest:
            size = {"length": len(cell), "longest": longest}
            raise BadCell(_("has %(length)d characters; at most %(longest)d fit") % size)
        if required and not cell:
            raise BadCell(_("is missing"))
        return cell

    return read


def read_email(cell: str) -> str:
    cell = cell.strip().lower()
    if not cell or (len(cell) <= _LONGEST_EMAIL and _PLAIN_EMAIL.fullmatch(cell)):
        return cell
    try:
        validate_email(_on_one_line(cell))
    except ValidationError as error:
        raise BadCell(_("is not an e-mail address: %(value)s") % {"value": described(cell)}) from error
    if len(cell) > _LONGEST_EMAIL:
        raise BadCell(_("is not an e-mail address: %(value)s") % {"value": described(cell)})
    return cell


def read_language(cell: str) -> str:
    language = cell.lower().replace("_", "-")
    if language and (len(language) > _LONGEST_LANGUAGE or not _LANGUAGE.fullmatch(language)):
        raise BadCell(_("is not a language such as en or pt-br: %(value)s") % {"value": described(cell)})
    return language


def read_time_zone(cell: str) -> str:
    if cell and cell not in _time_zones():
        raise BadCell(_("is not a time zone such as Europe/Lisbon: %(value)s") % {"value": described(cell)})
    return cell


def read_kind(cell: str) -> str:
    kind = cell.lower() or Holding.Kind.OTHER.value
    if kind not in Holding.Kind.values:
        words = ", ".join(Holding.Kind.values)
        raise BadCell(_("is not one of %(words)s: %(value)s") % {"words": words, "value": described(cell)})
    return kind


def read_quantity(cell: str) -> int:
    if not cell:
        return 1
    if not _WHOLE.fullmatch(cell) or not 1 <= int(cell) <= LARGEST_WHOLE:
        raise BadCell(_("is not a whole number from 1: %(value)s") % {"value": described(cell)})
    return int(cell)


def read_active(cell: str) -> bool:
    try:
        return _ACTIVE[cell.lower()]
    except KeyError as error:
        raise BadCell(_("is neither yes nor no: %(value)s") % {"value": described(cell)}) from error


def moment_reader(zone: tzinfo, adapt: Callable[[datetime], Any]) -> Callable[[str], Any]:
    """ISO 8601 times and dates; those without an offset are the page's. ``adapt`` makes what the database takes."""

    def read(cell: str) -> Any:
        if not cell:
            return None
        try:
            moment = datetime.fromisoformat(cell)
        except ValueError as error:
            wrong = {"value": described(cell)}
            raise BadCell(_("is not a time such as 2025-06-30 14:00: %(value)s") % wrong) from error
        if moment.year == FOR_EVER:
            return None
        if moment.year not in YEARS:
            raise BadCell(_("is not a believable time: %(value)s") % {"value": described(cell)})
        return adapt((moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC))

    return read


def component_reader(components: Iterable[Component]) -> Callable[[str], int | None]:
    """By public id, else by name in any case; a name that two components share is refused."""
    by_id, by_name = {}, dict[str, int | None]()
    for component in components:
        by_id[component.public_id] = component.pk
        name = component.name.casefold()
        by_name[name] = None if name in by_name else component.pk

    def read(cell: str) -> int | None:
        if not cell:
            return None
        pk = by_id.get(cell) or by_name.get(cell.casefold())
        if pk:
            return pk
        if cell.casefold() in by_name:
            raise BadCell(_("is the name of two components; use the id: %(value)s") % {"value": described(cell)})
        raise BadCell(_("is no component of this page: %(value)s") % {"value": described(cell)})

    return read


def groups_reader(groups: Iterable[CustomerGroup]) -> Callable[[str], tuple[int, ...]]:
    """Names of groups of customers, in any case, parted by ``|``; in whichever order and however often, the same."""
    by_name, by_folded = {}, dict[str, int | None]()
    for group in groups:
        by_name[group.name] = group.pk
        name = group.name.casefold()
        by_folded[name] = None if name in by_folded else group.pk

    def read_one(name: str) -> int:
        pk = by_name.get(name) or by_folded.get(name.casefold())
        if pk:
            return pk
        if name.casefold() in by_folded:
            raise BadCell(_("names one of two groups; write it as it is: %(value)s") % {"value": described(name)})
        raise BadCell(_("names no group of customers: %(value)s") % {"value": described(name)})

    def read(cell: str) -> tuple[int, ...]:
        names = filter(None, (name.strip() for name in cell.split("|")))
        return tuple(sorted({read_one(_on_one_line(name)) for name in names}))

    return read


def _on_one_line(cell: str) -> str:
    if "\0" in cell:
        raise BadCell(_("holds a NUL character"))
    if not storable(cell):
        raise BadCell(_("is not UTF-8"))
    return " ".join(cell.split())


@cache
def _time_zones() -> frozenset[str]:
    return frozenset(zoneinfo.available_timezones())
