import re
from email.message import EmailMessage
from pathlib import Path

import pytest

from tests.unchanged.comparison import Comparison, Difference, read_differences
from tests.unchanged.report import describe
from tests.unchanged.samples import Key, Sample, files, mails

PAGE = Key("answer", "/admin/ as Eli")
ANSWER = (
    "Status: 200\nContent-Length: 70\nETag: {etag}\nSet-Cookie: csrftoken={cookie}; Path=/\n\n"
    '<h1>{title}</h1><input name="csrfmiddlewaretoken" value="{token}"><link href="/static/a.{digest}.css">\n'
)
CHANCE = {"etag": '"1"', "cookie": "abc", "token": "def", "digest": "0123456789ab", "title": "Claims"}


def _answer(**parts: str) -> Sample:
    return Sample(ANSWER.format(**{**CHANCE, **parts}))


def _compare(old: dict[Key, Sample], new: dict[Key, Sample], *differences: Difference) -> Comparison:
    comparison = Comparison(differences)
    comparison.compare(old, new)
    return comparison


def test_what_chance_draws_is_no_difference() -> None:
    drawn_again = _answer(etag='"2"', cookie="uvw", token="xyz", digest="ba9876543210")

    comparison = _compare({PAGE: _answer()}, {PAGE: drawn_again})

    assert comparison.findings == []
    assert comparison.tallies["answer"].normalised == 1


def test_a_header_that_follows_from_the_body_must_not_change_alone() -> None:
    comparison = _compare({PAGE: _answer()}, {PAGE: _answer(etag='"2"')})

    assert len(comparison.findings) == 1


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (_answer(), _answer(title="Reports")),
        (_answer(), Sample(_answer().text.replace("Status: 200", "Status: 500"))),
        (_answer(), Sample(_answer().text.replace("Path=/", "Path=/my"))),
        (_answer(), Sample(_answer().text + "\n")),
    ],
)
def test_a_planted_change_is_found(old: Sample, new: Sample) -> None:
    comparison = _compare({PAGE: old}, {PAGE: new})

    assert [finding.key for finding in comparison.findings] == [PAGE]
    assert "1 differ, in 1 ways" in describe(comparison)


def test_a_query_more_is_found_and_shown() -> None:
    key = Key("queries", "/ as Ana")

    comparison = _compare({key: Sample("1 queries\n", "SELECT 1")}, {key: Sample("2 queries\n", "SELECT 1\nSELECT 2")})

    assert "+SELECT 2" in comparison.findings[0].lines


def test_what_is_on_one_side_only_is_found() -> None:
    comparison = _compare({PAGE: _answer()}, {})

    assert comparison.findings[0].lines == ("only in old",)


def test_an_expected_word_is_explained_where_it_is_expected_and_nowhere_else() -> None:
    renamed = Difference(
        "The counter is called Report.", where=re.compile("^/admin/"), old=re.compile("Claims"), new="Reports"
    )
    public = Key("answer", "/ as Ana")

    comparison = _compare(
        {PAGE: _answer(), public: _answer()},
        {PAGE: _answer(title="Reports", etag='"2"'), public: _answer(title="Reports", etag='"2"')},
        renamed,
    )

    assert [finding.key for finding in comparison.findings] == [public]
    assert (comparison.tallies["answer"].explained, renamed.used) == (1, 1)


def test_an_address_may_be_renamed_too() -> None:
    renamed = Difference("Its address follows the model.", old=re.compile("/claim/"), new="/report/")

    comparison = _compare(
        {Key("answer", "/admin/incidents/claim/ as Eli"): _answer()},
        {Key("answer", "/admin/incidents/report/ as Eli"): _answer()},
        renamed,
    )

    assert comparison.findings == []


def test_lines_may_be_expected_in_another_order() -> None:
    reordered = Difference("Lists go by the alphabet.", any_order=True)

    comparison = _compare({PAGE: Sample("a\nb\n")}, {PAGE: Sample("b\na\n")}, reordered)

    assert comparison.findings == []
    assert _compare({PAGE: Sample("a\nb\n")}, {PAGE: Sample("b\nc\n")}, reordered).findings != []


def test_something_new_may_be_expected() -> None:
    added = Difference("A page of its own.", where=re.compile("^/admin/ "), only_in="new")

    assert _compare({}, {PAGE: _answer()}, added).findings == []
    assert _compare({PAGE: _answer()}, {}, added).findings != []


def test_every_checked_in_difference_can_be_read() -> None:
    assert all(difference.why for difference in read_differences())


def test_a_difference_needs_a_reason(tmp_path: Path) -> None:
    listed = tmp_path / "differences.toml"
    listed.write_text('[[difference]]\nold = "a"\nnew = "b"\n', encoding="utf-8")

    with pytest.raises(ValueError, match="without a reason"):
        read_differences(listed)


def _mail(folder: Path, number: str, text: str) -> dict[Key, Sample]:
    message = EmailMessage()
    message["To"], message["Subject"], message["Message-ID"] = "ana@example.org", "Resolved", f"<{number}@example.org>"
    message.set_content(text)
    folder.mkdir()
    (folder / f"{number}.eml").write_bytes(message.as_bytes())
    return dict(mails("demo mail", folder))


def test_mails_meet_by_whom_they_are_for(tmp_path: Path) -> None:
    old, new = _mail(tmp_path / "old", "1", "It is over."), _mail(tmp_path / "new", "2", "It is over.")

    assert _compare(old, new).findings == []
    assert _compare(old, _mail(tmp_path / "other", "3", "It is not over.")).findings != []


def test_files_meet_without_their_digests(tmp_path: Path) -> None:
    (tmp_path / "site.0123456789ab.css").write_text("a {}", encoding="utf-8")

    assert dict(files("asset", tmp_path)) == {Key("asset", "site.css"): Sample("a {}")}
