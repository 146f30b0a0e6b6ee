"""Gaps: what is a reader's own goes into the right place and nowhere else."""

from pathlib import Path

import pytest
from django.conf import settings

from incidents.text.placeholders import split as split_at_gaps
from notifications.messages.merge import Stencil, Thing, Words, cut

THING = Thing("Parcel <1>", "Parcel", "RP-1", "https://x.example/i/1", "https://x.example/i/1/ask", "")


def test_words_are_escaped_in_the_html_alone():
    stencil = Stencil(subject=("For ", "0", "!"), text=("Hello ", "0", ",\n"), html=("<p>", "0", "</p>"))

    letter = stencil.fill(Words(name='Ana & "Co" <x>'))

    assert letter.subject == 'For Ana & "Co" <x>!'
    assert letter.text == 'Hello Ana & "Co" <x>,\n'
    assert letter.html == "<p>Ana &amp; &quot;Co&quot; &lt;x&gt;</p>"


def test_a_gap_stands_only_where_there_is_a_word():
    words = Words(name="Ana", things=(THING,))

    gaps = words.gaps()

    assert (gaps.shape(), gaps.stop, gaps.things[0].chosen) == (words.shape(), "", "")
    assert "Parcel" not in "".join(gaps.values())


def test_many_things_keep_their_order():
    things = tuple(Thing(f"label{n}", f"kind{n}", f"ref{n}", f"link{n}", f"ask{n}", f"chosen{n}") for n in range(30))
    words = Words("name", "stop", "confirm", things)
    pieces = split_at_gaps(" ".join(words.gaps().values()))

    assert Stencil(pieces, pieces, pieces).fill(words).text == " ".join(words.values())


def test_a_message_is_cut_once_and_holds_nobodys_words():
    words = Words(name="Ana")
    context = {"person": words.gaps(), "data": {"code": "K7F2QX"}, "topic": "account"}

    stencil = cut("sign_in_code", context)

    assert "Ana" not in "".join(stencil.text)
    assert stencil.fill(words).text.startswith("Hello Ana,\n\nType this code")


@pytest.mark.parametrize(
    "own", ["thing.label", "thing.ref", "thing.link", "thing.ask", "thing.chosen", "person.name", "stop"]
)
def test_no_template_filters_or_compares_what_is_a_readers_own(own):
    folder = Path(settings.BASE_DIR) / "templates" / "mail"
    # `isolated` puts marks around a gap as around words: it does not look at what it is given.
    texts = [path.read_text().replace("|isolated", "") for path in folder.rglob("*") if path.is_file()]

    assert [text for text in texts if f"{own}|" in text or f"{own} =" in text or f"{own} !" in text] == []
