"""Texts of other status pages: Markdown, HTML, or both at once. Rendered by our own rules, kept word for word."""

import html
import re

from incidents.text.markdown import render_markdown

# Only these tags are HTML to us. The pattern cannot backtrack: a hostile text costs no more than a friendly one,
# which is not so with html.parser.
_TAG = re.compile(
    r"<(/?)(a|b|br|blockquote|code|div|em|h[1-6]|hr|i|li|ol|p|pre|s|script|small|span|strong|style|u|ul|var)\b([^<>]*)>",
    re.IGNORECASE,
)
_TARGET = re.compile(r"""\bhref\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"']+))""", re.IGNORECASE)
_ADDRESS = re.compile(r"(?:https?://|mailto:|tel:)[^\s<>]+", re.IGNORECASE)
_BLANK_LINES = re.compile(r"\n{3,}")

_MARKS = {"b": "**", "strong": "**", "i": "*", "em": "*", "s": "~~", "code": "`"}
_BLOCKS = frozenset({"p", "div", "ul", "ol", "blockquote", "pre", "h1", "h2", "h3", "h4", "h5", "h6"})
_OPENED = {"br": "\n", "li": "\n- ", "hr": "\n\n---\n\n", **_MARKS, **dict.fromkeys(_BLOCKS, "\n\n")}
_CLOSED = {**_MARKS, **dict.fromkeys(_BLOCKS, "\n\n")}
_UNHEARD = frozenset({"script", "style"})


def render_body(body: str) -> str:
    """Sanitised HTML of an imported text. HTML that carries meaning becomes the Markdown that means the same."""
    return render_markdown(as_markdown(body) if _TAG.search(body) else body)


def as_markdown(text: str) -> str:
    """The text without HTML: paragraphs, line breaks, links, emphasis and lists are kept, other tags are left out.

    What stands between the tags passes as it is, since it may be Markdown already.
    """
    # Split by three groups: text, slash, name, attributes, text, …
    pieces = _TAG.split(text)
    parts = [html.unescape(pieces[0])]
    addresses: list[str] = []
    for slash, name, attributes, between in zip(pieces[1::4], pieces[2::4], pieces[3::4], pieces[4::4], strict=True):
        tag = name.lower()
        if tag == "a":
            parts.append(_close_link(addresses) if slash else _open_link(addresses, attributes))
        else:
            parts.append((_CLOSED if slash else _OPENED).get(tag, ""))
        if slash or tag not in _UNHEARD:
            parts.append(html.unescape(between))
    return _BLANK_LINES.sub("\n\n", "".join(parts)).strip()


def _open_link(addresses: list[str], attributes: str) -> str:
    target = _TARGET.search(attributes)
    address = html.unescape(target[1] or target[2] or target[3] or "").strip() if target else ""
    addresses.append(address if _ADDRESS.fullmatch(address) else "")
    return "[" if addresses[-1] else ""


def _close_link(addresses: list[str]) -> str:
    address = addresses.pop() if addresses else ""
    return f"](<{address}>)" if address else ""
