"""What a request's headers ask for."""

from datetime import UTC, datetime

import pytest

from portal.publishing.negotiation import best_encoding, is_as_of, knows

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        ("", ""),
        ("identity", ""),
        ("gzip", "gzip"),
        ("br", "br"),
        ("gzip, deflate, br, zstd", "br"),
        ("GZIP", "gzip"),
        ("*", "br"),
        ("*;q=0", ""),
        ("br;q=0, *", "gzip"),
        ("br;q=0.5, gzip;q=0.8", "gzip"),
        ("br;q=0.8,gzip;q=0.8", "br"),
        ("gzip;q=0", ""),
        ("gzip; q=0.000, br;q=0", ""),
        ("gzip ; q=0.1", "gzip"),
        ("identity, gzip;q=0.5", ""),
        ("identity;q=0.5, gzip", "gzip"),
        ("gzip;q=none", ""),
        ("gzip;q=nan, br;q=7", ""),
        ("notbr, gzipped", ""),
        (",;=,", ""),
    ],
)
def test_the_encoding_that_is_liked_most_is_taken(accepted: str, encoding: str) -> None:
    assert best_encoding(accepted) == encoding


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        ('"a"', True),
        ('W/"a"', True),
        ('"b", "a"', True),
        ('"b",W/"a"', True),
        ("*", True),
        ('"b"', False),
        ("a", False),
        ('w/"a"', False),
        ("", False),
    ],
)
def test_versions_are_compared_weakly(known: str, expected: bool) -> None:
    assert knows(known, '"a"') is expected


@pytest.mark.parametrize(
    ("since", "expected"),
    [
        ("Sun, 22 Nov 2026 12:00:00 GMT", True),
        ("Sun, 22 Nov 2026 12:00:01 -0000", True),
        ("Sun, 22 Nov 2026 11:59:59 GMT", False),
        ("yesterday", False),
        ("Sun, 99 Nov 2026 12:00:00 GMT", False),
        ("Sun, 22 Nov 99999999999999999999 12:00:00 GMT", False),
        ("Sun, 22 Nov 2026 99999999999:00:00 GMT", False),
        ("Sun, 22 Nov 2026 12:00:00 +99999999999999999999", False),
    ],
)
def test_dates_are_compared(since: str, expected: bool) -> None:
    assert is_as_of(since, NOON) is expected


def test_a_document_without_a_date_is_never_as_of_one() -> None:
    assert is_as_of("Sun, 22 Nov 2026 12:00:00 GMT", None) is False
