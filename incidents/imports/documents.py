"""Files of Statuspage JSON: found, read, recognised by what they hold rather than by their names."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from incidents.imports.fields import Broken, Place, described, printable

LARGEST_FILE = 256 * 1024 * 1024  # bytes; JSON is read whole

# The lists that are imported, and what else Statuspage serves that is known and holds nothing to import.
LISTS = ("components", "incidents", "scheduled_maintenances")
KNOWN = frozenset({*LISTS, "page", "status"})


class NotFound(Exception):
    """There is no such file or folder, or nothing in it."""


@dataclass(frozen=True, slots=True)
class Document:
    """One file that could be read. ``lists`` holds the kinds that it has, each still unjudged."""

    place: Place
    page: Any
    lists: Mapping[str, list[Any]]


def find_files(path: Path) -> list[Path]:
    """The JSON files to read, in a settled order: the file itself, or all ``*.json`` below the folder.

    Raises NotFound.
    """
    if path.is_file():
        return [path]
    if not path.is_dir():
        raise NotFound(_("There is no file or folder %(path)s.") % {"path": printable(path)})
    files = sorted(file for file in path.rglob("*.json") if file.is_file())
    if not files:
        raise NotFound(_("There is no .json file in the folder %(path)s.") % {"path": printable(path)})
    return files


def read_document(file: Path, *, name: str) -> Document:
    """Read one file. Raises Broken, with line and column where the JSON breaks off."""
    content = _parse(_read(file))
    if not isinstance(content, dict):
        raise Broken(_("is not a Statuspage document but %(what)s") % {"what": described(content)})
    if not KNOWN & content.keys():
        raise Broken(_("is not a Statuspage document: it has neither components, incidents nor scheduled_maintenances"))
    return Document(place=Place(name), page=content.get("page"), lists=dict(_lists(content)))


def _lists(content: Mapping[str, Any]) -> Iterator[tuple[str, list[Any]]]:
    for key in LISTS:
        value = content.get(key)
        if isinstance(value, list):
            yield key, value
        elif value is not None:
            raise Broken(_("%(key)s is not a list but %(what)s") % {"key": key, "what": described(value)})


def _read(file: Path) -> str:
    try:
        if file.stat().st_size > LARGEST_FILE:
            raise Broken(_("is larger than %(size)d MB") % {"size": LARGEST_FILE // 1024**2})
        content = file.read_bytes()
    except OSError as error:
        raise Broken(_("cannot be read: %(why)s") % {"why": error.strerror or error}) from error
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        column = error.start - content.rfind(b"\n", 0, error.start)
        raise Broken(_("is not UTF-8 at line %(line)d, byte %(column)d") % {"line": line, "column": column}) from error


def _parse(text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        where = {"line": error.lineno, "column": error.colno, "why": error.msg}
        raise Broken(_("is not valid JSON at line %(line)d, column %(column)d: %(why)s") % where) from error
    except RecursionError as error:
        raise Broken(_("is nested too deeply")) from error
    except ValueError as error:  # a number of thousands of digits
        raise Broken(_("is not valid JSON: %(why)s") % {"why": error}) from error
