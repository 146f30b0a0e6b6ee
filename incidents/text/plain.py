"""What staff wrote, for programs that show text only: paragraphs, lists and addresses stay, marks go.

Made from the sanitised HTML rather than from the Markdown: imported texts are HTML or both at once, and what readers of
one part of a mail see is what readers of the other part get.
"""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

_BLOCKS = frozenset(
    {"p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "blockquote", "pre", "table", "tr", "td", "th"}
)
_LISTS = frozenset({"ul", "ol"})
_ROWS = frozenset({"li", "tr"})  # what stands line below line, rather than with an empty line between
_SPACES = re.compile(r"[ \t\r\n\f]+")
_AROUND_BREAKS = re.compile(r" *\n *")
# Of an address that is shown as it is called, the scheme says nothing.
_SCHEME = re.compile(r"(?:https?://|mailto:|tel:)", re.IGNORECASE)
_RULE = "-----"


@dataclass(slots=True)
class _Block:
    """A block that is being read: what it holds so far, and the words of a line that has not ended."""

    tag: str
    number: int = 1  # of the next item
    parts: list[tuple[str, str]] = field(default_factory=list)
    words: list[str] = field(default_factory=list)

    def settle(self) -> None:
        """The line that was begun becomes a part."""
        text = "".join(self.words)
        self.words.clear()
        text = text.strip("\n") if self.tag == "pre" else _AROUND_BREAKS.sub("\n", text).strip()
        if text:
            self.parts.append(("", text))

    def whole(self) -> str:
        if self.tag == "tr":
            return " | ".join(text for _tag, text in self.parts)
        return "".join(self._spaced(tag) + text for tag, text in self.parts).lstrip("\n")

    def _spaced(self, tag: str) -> str:
        return "\n" if tag in _ROWS or (tag in _LISTS and self.tag == "li") else "\n\n"


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._open = [_Block("")]
        self._links: list[tuple[str, int]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        here = self._open[-1]
        if tag in _BLOCKS:
            here.settle()
            start = given.get("start", "")
            self._open.append(_Block(tag, int(start) if start.isdecimal() else 1))
        elif tag == "br":
            here.words.append("\n")
        elif tag == "hr":
            here.settle()
            here.parts.append((tag, _RULE))
        elif tag == "a":
            self._links.append((given.get("href", ""), len(here.words)))
        elif tag == "s":  # left out, it would say the opposite
            here.words.append("~~")

    def handle_endtag(self, tag: str) -> None:
        here = self._open[-1]
        if tag in _BLOCKS and here.tag == tag:
            here.settle()
            self._open.pop()
            self._put(tag, here.whole())
        elif tag == "a" and self._links:
            address, since = self._links.pop()
            called = "".join(here.words[since:]).strip()
            if address and _SCHEME.sub("", address).rstrip("/") != _SCHEME.sub("", called).rstrip("/"):
                here.words.append(f" ({address})")
        elif tag == "s":
            here.words.append("~~")

    def handle_data(self, data: str) -> None:
        here = self._open[-1]
        if here.tag == "pre":
            here.words.append(data)
        elif text := _SPACES.sub(" ", data):
            here.words.append(text)

    def _put(self, tag: str, text: str) -> None:
        above = self._open[-1]
        if tag == "li":
            mark = f"{above.number}. " if above.tag == "ol" else "- "
            above.number += 1
            text = mark + _moved(text, " " * len(mark)).lstrip()
        elif tag == "blockquote":
            text = _moved(text, "> ")
        if text:
            above.parts.append((tag, text))

    def text(self) -> str:
        self.close()
        while len(self._open) > 1:
            self.handle_endtag(self._open[-1].tag)
        self._open[0].settle()
        return self._open[0].whole()


def plain_text(html: str) -> str:
    """A sanitised text without its marks: links as "words (address)", items behind "- " or their numbers."""
    reader = _Reader()
    reader.feed(html)
    return reader.text()


def _moved(text: str, by: str) -> str:
    return "\n".join(f"{by}{line}".rstrip() for line in text.split("\n"))
