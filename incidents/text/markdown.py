"""Staff write Markdown; what readers get is harmless HTML, made once, when it is written."""

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token

_TAGS = {
    "a", "blockquote", "br", "code", "em", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre", "s", "strong",
    "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
_ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}}
_SCHEMES = {"http", "https", "mailto", "tel"}
_TOP_HEADING = 4  # an update stands below a page's h1, a section's h2 and its own h3

# Raw HTML is text, pictures are links: a status page must not call third parties on its readers' behalf.
_parser = MarkdownIt("commonmark", {"html": False, "breaks": True}).enable(["strikethrough", "table"]).disable("image")


def render_markdown(text: str) -> str:
    """Sanitised HTML of a Markdown text: no scripts, pictures, styles, ids, or addresses other than web, mail, phone.

    Two sieves, so that a hole in one stays shut: the parser lets no HTML through, the cleaner knows a few tags.
    """
    tokens = _parser.parse(text.strip())
    for token in tokens:
        _lower_heading(token)
    html: str = _parser.renderer.render(tokens, _parser.options, {})
    return nh3.clean(
        html, tags=_TAGS, attributes=_ATTRIBUTES, url_schemes=_SCHEMES, link_rel="nofollow noopener"
    ).strip()


def _lower_heading(token: Token) -> None:
    if token.type in {"heading_open", "heading_close"}:
        level = int(token.tag[1])
        token.tag = f"h{min(level + _TOP_HEADING - 1, 6)}"
