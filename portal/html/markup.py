"""What staff wrote, as HTML: whole, its beginning, or below a heading of the page."""

import re
from functools import lru_cache
from html import unescape

from django.utils.html import strip_tags
from django.utils.safestring import SafeString

from incidents.text.markdown import render_markdown

EXCERPT = 220  # characters


HEADING = re.compile(r"<h([1-6])>(.*?)</h\1>", re.DOTALL)


BLOCK_END = re.compile(r"</(?:p|li|h[1-6]|blockquote|pre)>|<br */?>")


def markdown(text: str) -> SafeString:
    """What staff wrote as harmless HTML."""
    return SafeString(render_markdown(text))


@lru_cache(maxsize=2000)
def excerpt(html: str) -> str:
    """The beginning of a text, without its marks, cut between two words."""
    words = " ".join(unescape(strip_tags(BLOCK_END.sub(" ", html))).split())
    return words if len(words) <= EXCERPT else words[:EXCERPT].rsplit(" ", 1)[0] + "…"


def below(html: str, level: int) -> SafeString:
    """A text of staff (clean since it was written), its headings without a gap below one of the page's."""
    if "<h" not in html:
        return SafeString(html)
    above: list[int] = []

    def lower(match: re.Match[str]) -> str:
        depth = int(match[1])
        while above and above[-1] >= depth:
            above.pop()
        above.append(depth)
        tag = f"h{min(level + len(above), 6)}"
        return f"<{tag}>{match[2]}</{tag}>"

    return SafeString(HEADING.sub(lower, html))
