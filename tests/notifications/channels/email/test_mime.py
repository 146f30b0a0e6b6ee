"""The mail on the wire reads back as it was written, whatever it holds."""

import pytest
from django.core.mail import BadHeaderError, EmailMultiAlternatives
from hypothesis import example, given
from hypothesis import strategies as st

from notifications.channels.email.mime import TwoPartMail
from tests.notifications.mails import html_of, parsed, text_of

SIGNS = st.characters(blacklist_categories=("Cs", "Cc"), blacklist_characters="\u2028\u2029\x85")
TEXT = st.text(SIGNS | st.just("\n"))
LINE = st.text(SIGNS).map(lambda text: " ".join(text.split()))


def make_mail(text: str = "Hello", html: str = "<p>Hello</p>", **parts: object) -> TwoPartMail:
    mail = TwoPartMail(
        **{"subject": "News", "body": text, "from_email": "a@example.org", "to": ["b@example.org"], **parts}
    )
    mail.attach_alternative(html, "text/html")
    return mail


def on_the_wire(mail: EmailMultiAlternatives) -> bytes:
    return mail.message().as_bytes(linesep="\r\n")


def lines_of(text: str) -> list[str]:
    """Empty lines at the end belong to the envelope: a parser may keep one or not."""
    return text.rstrip("\n").splitlines()


@given(text=TEXT, html=TEXT)
@example(text="", html="\n")
def test_both_readings_come_back_as_they_were(text, html):
    read = parsed(on_the_wire(make_mail(text, html)))

    assert (lines_of(text_of(read)), lines_of(html_of(read))) == (lines_of(text), lines_of(html))


@given(subject=LINE)
def test_every_subject_comes_back(subject):
    read = parsed(on_the_wire(make_mail(subject=subject)))

    assert " ".join(read["Subject"].split()) == subject


@given(text=TEXT, subject=LINE)
def test_the_wire_holds_short_lines_of_ascii_only(text, subject):
    lines = on_the_wire(make_mail(text, subject=subject)).split(b"\r\n")

    assert [line for line in lines if len(line) > 998 or not line.isascii() or b"\n" in line or b"\r" in line] == []


def test_it_says_the_same_as_the_standard_library():
    parts = {"reply_to": ["help@example.org"], "headers": {"Message-ID": "<1@example.org>", "X-Own": "1"}}
    parsed_ours = parsed(on_the_wire(make_mail("Grüße\n.\nFrom here", **parts)))
    plain = EmailMultiAlternatives("News", "Grüße\n.\nFrom here", "a@example.org", ["b@example.org"], **parts)
    plain.attach_alternative("<p>Hello</p>", "text/html")
    parsed_theirs = parsed(on_the_wire(plain))

    names = ("Subject", "From", "To", "Reply-To", "Message-ID", "X-Own", "MIME-Version")
    assert [parsed_ours[name] for name in names] == [parsed_theirs[name] for name in names]
    assert (text_of(parsed_ours).strip(), html_of(parsed_ours).strip()) == (
        text_of(parsed_theirs).strip(),
        html_of(parsed_theirs).strip(),
    )
    assert (parsed_ours.get_content_type(), parsed_ours.defects, len(parsed_ours.get_payload())) == (
        parsed_theirs.get_content_type(),
        [],
        2,
    )


@pytest.mark.parametrize("line", ["a\nBcc: x@example.org", "a\rBcc: x@example.org", "a\r\n\r\nBuy"])
def test_no_value_begins_another_header(line):
    with pytest.raises(BadHeaderError):
        make_mail(subject=line).message()
    with pytest.raises(BadHeaderError):
        make_mail(headers={"X-Own": line}).message()


def test_an_address_outside_ascii_goes_the_standard_way():
    read = parsed(on_the_wire(make_mail(to=["jürgen@bücher.example"])))

    assert "xn--bcher-kva.example" in read["To"]
