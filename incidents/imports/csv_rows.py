"""CSV as people's programs write it: delimiters, marks and broken lines, read as a stream without losing a good row."""

import csv
from collections import deque
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import TextIOWrapper
from typing import BinaryIO

from django.utils.translation import gettext as _

from incidents.imports.fields import printable

DELIMITERS = ",;\t|"

_UTF_16_MARKS = (b"\xff\xfe", b"\xfe\xff")


class UnusableFile(Exception):
    """Nothing of it can be read; the message is for people."""


@dataclass(frozen=True, slots=True)
class BadLine:
    """A row that could not be read at all."""

    line: int
    reason: str


@contextmanager
def decoded(binary: BinaryIO) -> Iterator[TextIOWrapper]:
    """The file's lines, each with its own end; whoever opened the file closes it.

    Bytes that are not UTF-8 become lone surrogates, which the judge of each cell finds: only that row is lost.
    """
    stream = TextIOWrapper(binary, encoding="utf-8", errors="surrogateescape", newline="")
    try:
        yield stream
    finally:
        stream.detach()


@dataclass(slots=True)
class CsvRows:
    """The rows of one stream. ``header`` is what the first row says, in lower case; ``line`` is the last one read."""

    header: list[str]
    delimiter: str
    line: int
    _stream: Iterator[str]
    _lines_to_reread: deque[str] = field(default_factory=deque)
    _lines_of_row: list[str] = field(default_factory=list)

    @classmethod
    def open(cls, stream: Iterator[str], columns: Collection[str]) -> "CsvRows":
        """Read up to the header, which tells the delimiter: the one that finds most of the ``columns`` that are known.

        Raises UnusableFile.
        """
        lines = ((number, text) for number, text in enumerate(stream, start=1) if not _is_preface(text))
        number, text = next(lines, (0, ""))
        if not text:
            raise UnusableFile(_("The file is empty."))
        if text.encode("utf-8", "surrogateescape").startswith(_UTF_16_MARKS):
            raise UnusableFile(_("The file is UTF-16. Save it as “CSV UTF-8”."))
        candidates = [(delimiter, _names(text, delimiter)) for delimiter in DELIMITERS]
        delimiter, header = max(candidates, key=lambda candidate: len(set(columns) & set(candidate[1])))
        return cls(header=header, delimiter=delimiter, line=number, _stream=stream)

    def __iter__(self) -> Iterator[tuple[int, list[str]] | BadLine]:
        """Each row with the number of its first line, empty ones left out.

        An open quote swallows the lines after it. When that shows, only the line with the quote is bad and the others
        are read again, as rows of their own.
        """
        reader = self._reader()
        while True:
            first = self.line + 1
            self._lines_of_row.clear()
            try:
                cells = next(reader, None)
            except csv.Error as error:
                yield self._give_back(first, str(error))
                reader = self._reader()
                continue
            if cells is None:
                return
            if len(cells) == len(self.header):
                yield first, cells
            elif any(cells):
                yield self._odd(first, cells)
                reader = self._reader()

    def _reader(self) -> "Iterator[list[str]]":
        return csv.reader(self._lines(), delimiter=self.delimiter, strict=True)

    def _lines(self) -> Iterator[str]:
        while True:
            text = self._lines_to_reread.popleft() if self._lines_to_reread else next(self._stream, None)
            if text is None:
                return
            self.line += 1
            self._lines_of_row.append(text)
            yield text

    def _odd(self, first: int, cells: list[str]) -> tuple[int, list[str]] | BadLine:
        """Spreadsheets add empty cells at the end; any other number of cells than the header's is a mistake."""
        count, width = len(cells), len(self.header)
        if count > width and not any(cells[width:]):
            return first, cells[:width]
        reason = _("has %(count)d cells, the header has %(wanted)d") % {"count": count, "wanted": width}
        if len(self._lines_of_row) > 1:
            return self._give_back(first, reason)
        return BadLine(first, reason)

    def _give_back(self, first: int, reason: str) -> BadLine:
        self._lines_to_reread.extendleft(reversed(self._lines_of_row[1:]))
        self.line = first
        return BadLine(first, _("cannot be read: %(why)s") % {"why": printable(reason)})


def _is_preface(text: str) -> bool:
    """Nothing, or Excel's own line that names the delimiter."""
    return not text.strip("\ufeff \r\n") or text.strip("\ufeff").lower().startswith("sep=")


def _names(text: str, delimiter: str) -> list[str]:
    try:
        names = next(csv.reader([text.lstrip("\ufeff")], delimiter=delimiter), [])
    except csv.Error:
        return []
    return [name.strip().lower().replace(" ", "_") for name in names]
