"""Mail that lies in files, read for the development inbox (config.mailfiles writes it)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from functools import lru_cache
from heapq import nlargest
from pathlib import Path

# One update to a hundred customers is a hundred messages, and the one that is looked for may be the first of them.
MOST_SHOWN = 300

_NAME = re.compile(r"[\w@+=-][\w.@+=-]*\.eml")
# A sign-in code, in the letters that allauth uses.
_CODE = re.compile(r"\b([BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4})\b")


@dataclass(frozen=True)
class DevMail:
    """One message. `name` is its file's, `code` the sign-in code in it, if there is one."""

    name: str
    to: str
    subject: str
    at: datetime
    headers: tuple[tuple[str, str], ...]
    text: str
    html: str

    @property
    def code(self) -> str:
        match = _CODE.search(self.text)
        return match[1] if match else ""


def newest_dev_mails(folder: Path) -> tuple[DevMail, ...]:
    """The newest three hundred, newest first."""
    newest = nlargest(MOST_SHOWN, _files(folder))
    return tuple(_read(path, written_at) for written_at, path in newest)


def dev_mail(folder: Path, name: str) -> DevMail | None:
    """The message in this file of the folder; None for any name that is not one of ours."""
    if not _NAME.fullmatch(name):
        return None
    return next((_read(path, written_at) for written_at, path in _files(folder) if path.name == name), None)


def _files(folder: Path) -> Iterator[tuple[float, Path]]:
    if not folder.is_dir():
        return
    for path in folder.iterdir():
        if _NAME.fullmatch(path.name) and path.is_file() and not path.is_symlink():
            yield path.stat().st_mtime, path


@lru_cache(maxsize=2 * MOST_SHOWN)
def _read(path: Path, written_at: float) -> DevMail:
    """A file is written once and never changes, so that reading it once is enough."""
    message = message_from_bytes(path.read_bytes(), policy=default)
    return DevMail(
        name=path.name,
        to=str(message["To"] or ""),
        subject=str(message["Subject"] or ""),
        at=datetime.fromtimestamp(written_at, UTC),
        headers=tuple((name, str(value)) for name, value in message.items()),
        text=_part(message, "plain"),
        html=_part(message, "html"),
    )


def _part(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    return str(part.get_content()) if part else ""
