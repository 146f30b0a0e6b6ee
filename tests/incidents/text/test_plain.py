"""Staff's texts without their marks: nothing that was said is lost, and nothing is there that only programs read."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidents.imports.bodies import render_body
from incidents.text.markdown import render_markdown
from incidents.text.plain import plain_text


@pytest.mark.parametrize(
    ("markdown", "plain"),
    [
        ("", ""),
        ("One.\n\nTwo.", "One.\n\nTwo."),
        ("One\ntwo", "One\ntwo"),
        ("Some **bold**, *slanted* and `typed` words", "Some bold, slanted and typed words"),
        ("It opens ~~at 9~~ at 10", "It opens ~~at 9~~ at 10"),
        ("[Rebook](https://example.org/b?a=1&b=2) now", "Rebook (https://example.org/b?a=1&b=2) now"),
        ("[**Rebook** here](https://example.org/)", "Rebook here (https://example.org/)"),
        ("See <https://example.org/x>", "See https://example.org/x"),
        ("[example.org](https://example.org/)", "example.org"),
        ("[ana@example.org](mailto:ana@example.org)", "ana@example.org"),
        ("[Call us](tel:+4420123)", "Call us (tel:+4420123)"),
        ("[x](javascript:alert)", "[x](javascript:alert)"),
        ("# What we know\n\nMuch.", "What we know\n\nMuch."),
        ("Do:\n\n* one\n* two\n  lines", "Do:\n\n- one\n- two\n  lines"),
        ("3. three\n4. four", "3. three\n4. four"),
        ("9. nine\n10. ten\n    * deep\n\n    more", "9. nine\n10. ten\n    - deep\n\n    more"),
        ("* one\n\n* two\n\n  more", "- one\n- two\n\n  more"),
        ("> said\n> so\n>\n> * twice", "> said\n> so\n>\n> - twice"),
        ("Above\n\n---\n\nbelow", "Above\n\n-----\n\nbelow"),
        ("```\na  b\n  c & <d>\n```", "a  b\n  c & <d>"),
        ("| Depot | Opens |\n|---|---|\n| North | 9:00 |", "Depot | Opens\nNorth | 9:00"),
        ("1 < 2 & <b>x</b>", "1 < 2 & <b>x</b>"),
        ("![map](https://example.org/map.png)", "!map (https://example.org/map.png)"),
        ("شاهد [الخريطة](https://example.org/)", "شاهد الخريطة (https://example.org/)"),
    ],
)
def test_what_was_written_reads_as_text(markdown: str, plain: str) -> None:
    assert plain_text(render_markdown(markdown)) == plain


def test_imported_html_reads_as_text_too() -> None:
    body = 'We<br />look<br><ul><li>into <b>it</b></li></ul><a href="https://example.org/">More</a>'

    assert plain_text(render_body(body)) == "We\nlook\n\n- into it\n\nMore (https://example.org/)"


@pytest.mark.parametrize("html", ["<p>open", "</p>closed", "<ul><li>open", "<a>no</a> address", "<li>alone</li>"])
def test_html_of_any_kind_is_survived(html: str) -> None:
    assert re.search("open|closed|address|alone", plain_text(html))


@given(
    st.lists(
        st.sampled_from(["word", "*", "_", "~~", "> ", "- ", "1. ", "\n", "\n\n", "`", "# ", "|", " "]), max_size=30
    )
)
def test_no_word_is_lost(pieces: list[str]) -> None:
    html = render_markdown("".join(pieces))

    assert plain_text(html).count("word") == html.count("word")


def test_a_long_text_takes_no_longer_than_its_length() -> None:
    text = plain_text(render_markdown("* " * 5 + "word\n\n" * 5_000))

    assert text.count("word") == 5_000
