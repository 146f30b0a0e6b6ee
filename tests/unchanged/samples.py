"""What one checkout made, read for the comparison: a text for each file, mail, answer and number of queries."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

# Copies of a file in a smaller form.
SMALLER = {".gz", ".br"}
# A file's name carries a digest of what is in it.
DIGEST = re.compile(r"\.[0-9a-f]{12}(?=\.\w+$)")


class Key(NamedTuple):
    """What is compared with what."""

    kind: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


class Sample(NamedTuple):
    """A text; `detail` helps to find out why it differs and is not compared."""

    text: str
    detail: str = ""


def files(kind: str, folder: Path) -> Iterator[tuple[Key, Sample]]:
    """Every file below a folder; its copies that are named by their digest or compressed do not count."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix not in SMALLER:
            name = DIGEST.sub("", path.relative_to(folder).as_posix())
            yield Key(kind, name), Sample(_text(path.read_bytes()))


def mails(kind: str, folder: Path) -> Iterator[tuple[Key, Sample]]:
    """Every mail, by whom it goes to and what it is about: those of one name in the order of their texts."""
    numbers: Counter[str] = Counter()
    for path in sorted(folder.glob("*.eml"), key=lambda path: _readable(path.read_bytes())):
        content = path.read_bytes()
        message = message_from_bytes(content, policy=default)
        name = f"to {message['To']}: {message['Subject']}"
        numbers[name] += 1
        wire = sha256(_without_identity(content)).hexdigest()
        yield Key(kind, f"{name} #{numbers[name]}"), Sample(f"{_readable(content)}\nwire: {wire}\n")


def answers(lines: Path) -> Iterator[tuple[Key, Sample]]:
    """Every answer, and how many queries went into it."""
    with lines.open(encoding="utf-8") as records:
        for line in records:
            record = json.loads(line)
            name = f"{record['address']} as {record['person']}"
            headers = "".join(f"{header}: {value}\n" for header, value in record["headers"])
            yield Key("answer", name), Sample(f"Status: {record['status']}\n{headers}\n{record['body']}")
            statements = "\n".join(record["statements"])
            yield Key("queries", name), Sample(f"{len(record['statements'])} queries\n", statements)


def _text(content: bytes) -> str:
    return content.decode("utf-8", "backslashreplace")


def _readable(content: bytes) -> str:
    """Headers as they stand, texts as they are read."""
    message = message_from_bytes(content, policy=default)
    head = "".join(f"{name}: {' '.join(str(value).split())}\n" for name, value in message.items())
    return head + "".join(_part(part) for part in message.walk() if not part.is_multipart())


def _part(part: EmailMessage) -> str:
    content = part.get_content()
    return f"\n--- {part.get_content_type()}\n{content if isinstance(content, str) else _text(content)}"


def _without_identity(content: bytes) -> bytes:
    """A mail on the wire, whatever its headers say: those are read above."""
    return content.partition(b"\n\n")[2]
