"""What each cell may hold, and in what words it is refused."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from hypothesis import given
from hypothesis import strategies as st

from incidents.imports.holding_cells import (
    BadCell,
    Reader,
    Remembered,
    component_reader,
    moment_reader,
    read_active,
    read_email,
    read_kind,
    read_language,
    read_quantity,
    read_time_zone,
    text_reader,
)
from tests.make import make_component, make_page

read_text = text_reader(8)
read_ref = text_reader(8, required=True)
read_moment = moment_reader(ZoneInfo("Europe/Berlin"), lambda moment: moment)


@pytest.mark.parametrize(
    ("read", "cell", "expected"),
    [
        (read_text, " One ", "One"),
        (read_text, "One\r\n two", "One two"),
        (read_text, "Größe\u00a04", "Größe 4"),
        (read_text, "", ""),
        (read_ref, "H-1", "H-1"),
        (read_email, " Ana.Sousa@Example.ORG ", "ana.sousa@example.org"),
        (read_email, "ana@bücher.example", "ana@bücher.example"),
        (read_email, "o'neil@example.org", "o'neil@example.org"),
        (read_email, "", ""),
        (read_language, "PT_br", "pt-br"),
        (read_language, "", ""),
        (read_time_zone, "Europe/Lisbon", "Europe/Lisbon"),
        (read_time_zone, "", ""),
        (read_kind, "Booking", "booking"),
        (read_kind, "", "other"),
        (read_quantity, "", 1),
        (read_quantity, "007", 7),
        (read_quantity, "2147483647", 2147483647),
        (read_active, "Yes", True),
        (read_active, "", True),
        (read_active, "0", False),
        (read_active, "FALSE", False),
        (read_moment, "", None),
        (read_moment, "2025-06-30", datetime(2025, 6, 29, 22, tzinfo=UTC)),
        (read_moment, "2025-06-30 14:00", datetime(2025, 6, 30, 12, tzinfo=UTC)),
        (read_moment, "2025-01-30T14:00:00.5", datetime(2025, 1, 30, 13, 0, 0, 500_000, tzinfo=UTC)),
        (read_moment, "2025-06-30T14:00Z", datetime(2025, 6, 30, 14, tzinfo=UTC)),
        (read_moment, "2025-06-30T14:00-03:30", datetime(2025, 6, 30, 17, 30, tzinfo=UTC)),
        (read_moment, "9999-12-31", None),
    ],
)
def test_what_a_cell_may_hold(read: Reader, cell: str, expected: Any) -> None:
    assert read(cell) == expected


@pytest.mark.parametrize(
    ("read", "cell", "reason"),
    [
        (read_text, "123456789", "has 9 characters; at most 8 fit"),
        (read_text, "a\0b", "holds a NUL character"),
        (read_text, "a\udce9", "is not UTF-8"),
        (read_ref, "  ", "is missing"),
        (read_email, "ana", "is not an e-mail address: “ana”"),
        (
            read_email,
            "ana@example.org, ben@example.org",
            "is not an e-mail address: “ana@example.org, ben@example.org”",
        ),
        (read_email, "ana@example.org\nbcc: ben@example.org", None),
        (read_email, f"{'a' * 64}@{'b.' * 100}example.org", None),
        (read_email, "a\udce9@example.org", "is not UTF-8"),
        (read_language, "Englisch!", "is not a language such as en or pt-br: “Englisch!”"),
        (read_time_zone, "Mars", "is not a time zone such as Europe/Lisbon: “Mars”"),
        (
            read_kind,
            "thing",
            "is not one of order, booking, subscription, premise, appointment, parcel, line, other: “thing”",
        ),
        (read_quantity, "0", "is not a whole number from 1: “0”"),
        (read_quantity, "-1", "is not a whole number from 1: “-1”"),
        (read_quantity, "2.5", "is not a whole number from 1: “2.5”"),
        (read_quantity, "2147483648", "is not a whole number from 1: “2147483648”"),
        (read_quantity, "٣", "is not a whole number from 1: “٣”"),
        (read_active, "maybe", "is neither yes nor no: “maybe”"),
        (read_moment, "30.6.2025", "is not a time such as 2025-06-30 14:00: “30.6.2025”"),
        (read_moment, "2025-02-30", "is not a time such as 2025-06-30 14:00: “2025-02-30”"),
        (read_moment, "0025-06-30", "is not a believable time: “0025-06-30”"),
    ],
)
def test_what_a_cell_may_not_hold(read: Reader, cell: str, reason: str | None) -> None:
    with pytest.raises(BadCell) as refusal:
        read(cell)

    assert str(refusal.value) == (reason or str(refusal.value))


@pytest.mark.django_db
def test_components_are_found_by_id_or_by_name_in_any_case() -> None:
    page = make_page()
    flights = make_component(page, name="Flights", public_id="f1")
    read = component_reader([flights])

    assert (read("f1"), read("flights"), read("FLIGHTS"), read("")) == (flights.pk, flights.pk, flights.pk, None)


@pytest.mark.django_db
def test_a_name_that_two_components_share_is_refused() -> None:
    page = make_page()
    read = component_reader([make_component(page, name="Flights"), make_component(page, name="flights")])

    with pytest.raises(BadCell, match="is the name of two components; use the id: “Flights”"):
        read("Flights")


def test_an_unknown_component_is_refused() -> None:
    with pytest.raises(BadCell, match="is no component of this page: “Boats”"):
        component_reader([])("Boats")


def test_what_was_judged_once_is_remembered_but_not_without_end() -> None:
    cells: list[str] = []
    remembered = Remembered(lambda cell: cells.append(cell) or cell)

    addresses = [remembered[str(number % 30_000)] for number in range(60_000)]

    assert (len(addresses), len(remembered) <= 20_000) == (60_000, True)
    assert [remembered[" x "], remembered[" x "]] == ["x", "x"]
    assert cells.count("x") == 1


@given(st.emails() | st.from_regex(r"\A[a-z0-9._+-]{1,6}@[a-z0-9.-]{1,10}\.[a-z]{1,4}\Z"))
def test_whatever_is_taken_as_an_address_the_validator_takes_too(address: str) -> None:
    try:
        email = read_email(address)
    except BadCell:
        with pytest.raises(ValidationError):
            validate_email(address.lower())
    else:
        validate_email(email)
