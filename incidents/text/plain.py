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

    def text(self) -> str:
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
        attributes = {name: value or "" for name, value in attrs}
        block = self._open[-1]
        if tag in _BLOCKS:
            block.settle()
            start = attributes.get("start", "")
            self._open.append(_Block(tag, int(start) if start.isdecimal() else 1))
        elif tag == "br":
            block.words.append("\n")
        elif tag == "hr":
            block.settle()
            block.parts.append((tag, _RULE))
        elif tag == "a":
            self._links.append((attributes.get("href", ""), len(block.words)))
        elif tag == "s":  # left out, it would say the opposite
            block.words.append("~~")

    def handle_endtag(self, tag: str) -> None:
        block = self._open[-1]
        if tag in _BLOCKS and block.tag == tag:
            block.settle()
            self._open.pop()
            self._put(tag, block.text())
        elif tag == "a" and self._links:
            address, since = self._links.pop()
            label = "".join(block.words[since:]).strip()
            if address and _SCHEME.sub("", address).rstrip("/") != _SCHEME.sub("", label).rstrip("/"):
                block.words.append(f" ({address})")
        elif tag == "s":
            block.words.append("~~")

    def handle_data(self, data: str) -> None:
        block = self._open[-1]
        if block.tag == "pre":
            block.words.append(data)
        elif text := _SPACES.sub(" ", data):
            block.words.append(text)

    def _put(self, tag: str, text: str) -> None:
        above = self._open[-1]
        if tag == "li":
            mark = f"{above.number}. " if above.tag == "ol" else "- "
            above.number += 1
            text = mark + _indented(text, " " * len(mark)).lstrip()
        elif tag == "blockquote":
            text = _indented(text, "> ")
        if text:
            above.parts.append((tag, text))

    def text(self) -> str:
        self.close()
        while len(self._open) > 1:
            self.handle_endtag(self._open[-1].tag)
        self._open[0].settle()
        return self._open[0].text()


def plain_text(html: str) -> str:
    """A sanitised text without its marks: links as "words (address)", items behind "- " or their numbers."""
    reader = _Reader()
    reader.feed(html)
    return reader.text()


def _indented(text: str, by: str) -> str:
    return "\n".join(f"{by}{line}".rstrip() for line in text.split("\n"))
