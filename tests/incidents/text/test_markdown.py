"""Markdown in, harmless HTML out."""

import re

import pytest

from incidents.text.markdown import render_markdown

ATTACKS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    "<iframe src=javascript:alert(1)></iframe>",
    "<a href='javascript:alert(1)'>x</a>",
    "<a href=x style='position:fixed;inset:0'>x</a>",
    "<style>*{display:none}</style>",
    "<base href=//evil.example>",
    "<form action=//evil.example><input name=code></form>",
    "<!--><img src=x onerror=alert(1)>-->",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java\tscript:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](&#x6A;&#x61;vascript:alert(1))",
    "[x](vbscript:msgbox(1))",
    "[x](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
    "[x](file:///etc/passwd)",
    "[x][1]\n\n[1]: javascript:alert(1)",
    "<javascript:alert(1)>",
    "<data:text/html,alert(1)>",
    "![x](javascript:alert(1))",
    "![x](https://tracker.example/p.gif)",
    "![x](data:image/svg+xml;base64,PHN2Zy8+)",
    '[x](https://example.org "onmouseover=alert(1)")',
    '[x](https://example.org" onmouseover="alert(1))',
    "[x](https://example.org'onclick='alert(1))",
    "```<script>\nalert(1)\n```",
    "`<img src=x onerror=alert(1)>`",
    "| <script>alert(1)</script> |\n|---|\n| <b onclick=alert(1)>x</b> |",
    "# <img src=x onerror=alert(1)>",
    "<a name=n href=https://example.org id=login class=button>x</a>",
    "\x00<script>alert(1)</script>",
    "<scr\x00ipt>alert(1)</script>",
]

TAG = re.compile(r"<[^>]*>")
ALLOWED_TAG = re.compile(
    r"</?(blockquote|br|code|em|h[456]|hr|li|ol|p|pre|s|strong|table|tbody|td|th|thead|tr|ul)>|</a>"
    r'|<a href="(https?://|mailto:|tel:)[^"<>]*"( title="[^"]*")? rel="nofollow noopener">|<a rel="nofollow noopener">'
)


def forbidden_tags(html: str) -> list[str]:
    return [tag for tag in TAG.findall(html) if not ALLOWED_TAG.fullmatch(tag)]


@pytest.mark.parametrize("text", ATTACKS)
def test_no_attack_makes_a_tag_that_we_do_not_allow(text: str) -> None:
    html = render_markdown(text)

    assert forbidden_tags(html) == []


@pytest.mark.parametrize("text", ATTACKS)
def test_no_attack_works_in_the_middle_of_a_sentence_either(text: str) -> None:
    html = render_markdown(f"We know that *{text}* is, well, {text} and\n> {text}\n\n1. {text}")

    assert forbidden_tags(html) == []


def test_the_judge_of_these_tests_knows_an_attack() -> None:
    script = '<a href="javascript:x" rel="nofollow noopener">'
    handler = '<a href="https://x" onclick="y" rel="nofollow noopener">'

    assert forbidden_tags(f"<p>{script}<img src=x>{handler}") == [script, "<img src=x>", handler]


def test_html_is_shown_as_it_was_written() -> None:
    assert render_markdown("<b>a</b> & c") == "<p>&lt;b&gt;a&lt;/b&gt; &amp; c</p>"


def test_links_say_that_they_are_not_ours() -> None:
    html = render_markdown("[the plan](https://example.org/a?b=1&c=2)")

    assert html == '<p><a href="https://example.org/a?b=1&amp;c=2" rel="nofollow noopener">the plan</a></p>'


@pytest.mark.parametrize("address", ["http://example.org", "mailto:help@example.org", "tel:+351210000000"])
def test_links_lead_to_web_mail_and_phone(address: str) -> None:
    assert render_markdown(f"[x]({address})") == f'<p><a href="{address}" rel="nofollow noopener">x</a></p>'


def test_pictures_become_links() -> None:
    html = render_markdown("![A map](https://example.org/map.png)")

    assert html == '<p>!<a href="https://example.org/map.png" rel="nofollow noopener">A map</a></p>'


def test_headings_stand_below_those_of_the_page() -> None:
    assert render_markdown("# One\n\n## Two\n\nThree\n===\n\n###### Six") == (
        "<h4>One</h4>\n<h5>Two</h5>\n<h4>Three</h4>\n<h6>Six</h6>"
    )


def test_a_line_break_is_a_line_break() -> None:
    assert render_markdown("one\ntwo\n\nthree") == "<p>one<br>\ntwo</p>\n<p>three</p>"


def test_lists_tables_and_struck_words_are_kept() -> None:
    html = render_markdown("3. a\n4. ~~b~~\n\n| x | y |\n|---|---|\n| 1 | 2 |")

    assert html == (
        '<ol start="3">\n<li>a</li>\n<li><s>b</s></li>\n</ol>\n'
        "<table>\n<thead>\n<tr>\n<th>x</th>\n<th>y</th>\n</tr>\n</thead>\n"
        "<tbody>\n<tr>\n<td>1</td>\n<td>2</td>\n</tr>\n</tbody>\n</table>"
    )


def test_nothing_stays_nothing() -> None:
    assert render_markdown(" \n ") == ""
