"""Placeholders: what is a reader's own goes into the right place and nowhere else."""

from pathlib import Path

import pytest
from django.conf import settings

from incidents.text.placeholders import split
from notifications.messages.merge import AffectedHolding, MergeTemplate, Personalisation, merge_template

HOLDING = AffectedHolding("Parcel <1>", "Parcel", "RP-1", "https://x.example/i/1", "https://x.example/i/1/ask", "")


def test_words_are_escaped_in_the_html_alone():
    template = MergeTemplate(subject=("For ", "0", "!"), text=("Hello ", "0", ",\n"), html=("<p>", "0", "</p>"))

    message = template.merge(Personalisation(name='Ana & "Co" <x>'))

    assert message.subject == 'For Ana & "Co" <x>!'
    assert message.text == 'Hello Ana & "Co" <x>,\n'
    assert message.html == "<p>Ana &amp; &quot;Co&quot; &lt;x&gt;</p>"


def test_a_placeholder_stands_only_where_there_is_a_word():
    words = Personalisation(name="Ana", affected_holdings=(HOLDING,))

    placeholders = words.placeholders()

    assert (placeholders.shape(), placeholders.stop, placeholders.affected_holdings[0].offer_name) == (
        words.shape(),
        "",
        "",
    )
    assert "Parcel" not in "".join(placeholders.values())


def test_many_holdings_keep_their_order():
    holdings = tuple(
        AffectedHolding(f"label{n}", f"kind{n}", f"ref{n}", f"link{n}", f"ask{n}", f"chosen{n}") for n in range(30)
    )
    words = Personalisation("name", "stop", "confirm", holdings)
    pieces = split(" ".join(words.placeholders().values()))

    assert MergeTemplate(pieces, pieces, pieces).merge(words).text == " ".join(words.values())


def test_a_message_is_rendered_once_and_holds_nobodys_words():
    words = Personalisation(name="Ana")
    context = {"person": words.placeholders(), "data": {"code": "K7F2QX"}, "topic": "account"}

    template = merge_template("sign_in_code", context)

    assert "Ana" not in "".join(template.text)
    assert template.merge(words).text.startswith("Hello Ana,\n\nType this code")


@pytest.mark.parametrize(
    "word",
    [
        "holding.label",
        "holding.ref",
        "holding.link",
        "holding.ask",
        "holding.offer_name",
        "person.name",
        "stop",
    ],
)
def test_no_template_filters_or_compares_what_is_a_readers_own(word):
    folder = Path(settings.BASE_DIR) / "templates" / "mail"
    # `isolated` puts marks around a placeholder as around words: it does not look at what it is given.
    texts = [path.read_text().replace("|isolated", "") for path in folder.rglob("*") if path.is_file()]

    assert [text for text in texts if f"{word}|" in text or f"{word} =" in text or f"{word} !" in text] == []
