"""Facts on disk: what was last published survives a restart without a database.

JSON that mirrors the dataclasses of `portal.facts.page`; a file that an older or newer program wrote is not
read.
"""

import json
import logging
import os
import types
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any, Union, get_args, get_origin, get_type_hints

from portal.facts.page import PageFacts

log = logging.getLogger(__name__)

NAME = "facts.json"


def save(facts: tuple[PageFacts, ...], checked_at: datetime, folder: Path) -> None:
    """Write all facts as one file, as a whole or not at all; several processes may do so at once."""
    folder.mkdir(parents=True, exist_ok=True)
    draft = folder / f".{NAME}.{os.getpid()}"
    body = {"checked_at": checked_at, "pages": facts}
    draft.write_text(json.dumps(body, default=_plain, ensure_ascii=False), encoding="utf-8")
    draft.replace(folder / NAME)


def load(folder: Path) -> tuple[tuple[PageFacts, ...], datetime] | None:
    """What `save` wrote last and when it was true, or None when there is nothing that this program can read."""
    try:
        body = json.loads((folder / NAME).read_text(encoding="utf-8"))
        pages = tuple(_read(PageFacts, page) for page in body["pages"])
        return pages, datetime.fromisoformat(body["checked_at"])
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        _warn(folder / NAME, repr(error))
        return None


@cache
def _warn(path: Path, reason: str) -> None:
    """Once for each reason: without a database, `load` is tried again several times a second."""
    log.warning("The copy of the public pages in %s is not one of this version and is left alone: %s", path, reason)


def _plain(value: Any) -> Any:
    """What JSON has no form for, one level deep: the encoder asks again for what is inside."""
    if isinstance(value, date):
        return value.isoformat()
    return {name: getattr(value, name) for name in _names(type(value))}  # type: ignore[arg-type]


@cache
def _names(kind: type) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind))


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def _read(kind: Any, value: Any) -> Any:
    """Build a value of an annotated type from JSON; raises when they do not fit."""
    if get_origin(kind) in {Union, types.UnionType}:
        return None if value is None else _read(next(part for part in get_args(kind) if part is not type(None)), value)
    if get_origin(kind) is tuple:
        return tuple(_read(get_args(kind)[0], option) for option in value)
    if kind in {datetime, date}:
        return kind.fromisoformat(value)
    if is_dataclass(kind):
        hints = _hints(kind)  # type: ignore[arg-type]
        return kind(**{part.name: _read(hints[part.name], value[part.name]) for part in fields(kind)})  # type: ignore[operator]
    if not isinstance(value, kind):
        raise TypeError(f"{value!r} is no {kind.__name__}")
    return value
