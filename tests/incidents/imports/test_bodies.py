"""Foreign texts: HTML becomes the Markdown that means the same, and then our own harmless HTML."""

import time

import pytest

from incidents.imports.bodies import as_markdown, render_body


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("Plain **Markdown**\nin two lines.", "<p>Plain <strong>Markdown</strong><br>\nin two lines.</p>"),
        ("One.<br />Two.<br>Three.", "<p>One.<br>\nTwo.<br>\nThree.</p>"),
        ("<p>One.</p><p>Two.</p>", "<p>One.</p>\n<p>Two.</p>"),
        ("We are <b>back</b>, <em>all</em> of us.", "<p>We are <strong>back</strong>, <em>all</em> of us.</p>"),
        ("<ul><li>A</li><li>B</li></ul>", "<ul>\n<li>A</li>\n<li>B</li>\n</ul>"),
        (
            'See <a href="https://e.example/a_(b)?c=1&amp;d=2" onclick="x()">this</a>.',
            '<p>See <a href="https://e.example/a_(b)?c=1&amp;d=2" rel="nofollow noopener">this</a>.</p>',
        ),
        ("5 < 6 &amp; 7 > 6", "<p>5 &lt; 6 &amp; 7 &gt; 6</p>"),
        ("<p>&lt;b&gt; is bold</p>", "<p>&lt;b&gt; is bold</p>"),
        ("", ""),
    ],
)
def test_what_a_text_means_is_kept(body: str, expected: str) -> None:
    assert render_body(body) == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("<p>Hi</p><script>alert(1)</script>", "<p>Hi</p>"),
        ('<a href="javascript:alert(1)">here</a>', "<p>here</p>"),
        ('<a href=" JAVASCRIPT:alert(1)">here</a>', "<p>here</p>"),
        ('<b onmouseover="x()">bold</b>', "<p><strong>bold</strong></p>"),
        ("<img src=x onerror=alert(1)>", "<p>&lt;img src=x onerror=alert(1)&gt;</p>"),
        ("<p><svg onload=alert(1)></p>", "<p>&lt;svg onload=alert(1)&gt;</p>"),
        ("<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>", "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>"),
        ("<style>p { color: red }</style><p>Hi</p>", "<p>Hi</p>"),
    ],
)
def test_nothing_that_acts_gets_through(body: str, expected: str) -> None:
    assert render_body(body) == expected


def test_tags_that_do_not_match_lose_no_text() -> None:
    assert as_markdown("</a></b><p>One<a href='https://e.example'>two") == "**\n\nOne[two"


@pytest.mark.parametrize("piece", ["<a ", "<p><!--", '<a x="', "<b>", "</", "&", "<br/>", "[", "<script>"])
def test_a_hostile_text_takes_no_longer_than_its_length(piece: str) -> None:
    body = "<p>" + piece * (40_000 // len(piece))
    start = time.process_time()

    render_body(body)

    assert time.process_time() - start < 5
