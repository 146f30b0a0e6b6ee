"""CSV of every dialect as a stream of rows with their true line numbers; a broken line costs only itself."""

from collections.abc import Iterable
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidents.imports.csv_rows import BadLine, CsvRows, UnusableFile, decoded

KNOWN = ("a", "b", "c")


def rows(content: str | bytes) -> list[object]:
    content = content if isinstance(content, bytes) else content.encode()
    with decoded(BytesIO(content)) as stream:
        return list(CsvRows.open(stream, KNOWN))


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_header_tells_the_delimiter(delimiter: str) -> None:
    content = "a,b,c\n1,x y,3\n".replace(",", delimiter)

    assert rows(content) == [(2, ["1", "x y", "3"])]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_kind_of_line_end_counts(end: str) -> None:
    assert rows(end.join(["a,b", "1,2", "", "3,4"])) == [(2, ["1", "2"]), (4, ["3", "4"])]


@pytest.mark.parametrize("preface", ["\ufeff", "\n\r\n", "sep=,\r\n", "\ufeffsep=,\n"])
def test_marks_before_the_header_do_no_harm(preface: str) -> None:
    with decoded(BytesIO(f"{preface}A, B ,C\n1,2,3\n".encode())) as stream:
        csv_rows = CsvRows.open(stream, KNOWN)

        assert (csv_rows.header, [cells for _, cells in csv_rows]) == (["a", "b", "c"], [["1", "2", "3"]])


def test_the_header_s_names_are_read_generously() -> None:
    header = iter(['"Customer Ref";HOLDING_REF\n'])

    csv_rows = CsvRows.open(header, ["customer_ref", "holding_ref"])

    assert csv_rows.header == ["customer_ref", "holding_ref"]


def test_quoted_line_breaks_keep_the_count_of_lines() -> None:
    assert rows('a,b\n1,"two\nlines"\n3,"x,""y"""\n') == [(2, ["1", "two\nlines"]), (4, ["3", 'x,"y"'])]


def test_empty_lines_and_empty_cells_at_the_end_are_left_out() -> None:
    assert rows("a,b\n\n1,2,,\n,,\n3,4\n") == [(3, ["1", "2"]), (5, ["3", "4"])]


def test_a_row_with_too_few_or_too_many_cells_is_named() -> None:
    assert rows("a,b\n1\n1,2,3\n4,5\n") == [
        BadLine(2, "has 1 cells, the header has 2"),
        BadLine(3, "has 3 cells, the header has 2"),
        (4, ["4", "5"]),
    ]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ('a,b\n1,"open\n3,4\n5,6\n', [2, (3, ["3", "4"]), (4, ["5", "6"])]),
        ('a,b\n1,"open\n3,"4"\n5,6\n', [2, (3, ["3", "4"]), (4, ["5", "6"])]),
        ('a,b\n1,"open\n2,"open\n5,6\n', [2, 3, (4, ["5", "6"])]),
        ('a,b\n1,"closed"x\n5,6\n', [2, (3, ["5", "6"])]),
        ('a,b\n"1,2\n3,4"\n5,6\n', [2, (3, ["3", '4"']), (4, ["5", "6"])]),
        ('a,b\n5,6\n1,"open', [(2, ["5", "6"]), 3]),
    ],
)
def test_an_open_quote_costs_only_its_own_line(content: str, expected: list[object]) -> None:
    csv_rows = rows(content)

    assert [row.line if isinstance(row, BadLine) else row for row in csv_rows] == expected


def test_an_open_quote_in_a_long_file_costs_only_its_own_line() -> None:
    content = 'a,b\n1,"open\n' + "".join(f"{number},x\n" for number in range(50_000))

    bad, *good = rows(content)

    assert bad == BadLine(2, "cannot be read: field larger than field limit (131072)")
    assert (len(good), good[0], good[-1]) == (50_000, (3, ["0", "x"]), (50_002, ["49999", "x"]))


def test_bytes_that_are_not_utf_8_stay_in_their_row() -> None:
    assert rows(b"a,b\n1,caf\xe9\n2,x\n") == [(2, ["1", "caf\udce9"]), (3, ["2", "x"])]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "The file is empty."),
        (b"\n\r\n \n", "The file is empty."),
        ("a,b\n".encode("utf-16"), "The file is UTF-16. Save it as “CSV UTF-8”."),
    ],
)
def test_a_file_without_rows_is_refused_in_words(content: bytes, reason: str) -> None:
    with pytest.raises(UnusableFile, match=reason.replace(".", r"\.")):
        rows(content)


@given(st.binary(max_size=200))
def test_anything_at_all_is_read_without_a_traceback(content: bytes) -> None:
    csv_rows = rows(b"a,b,c\n" + content)

    assert lines(csv_rows) == sorted(lines(csv_rows))


def lines(csv_rows: Iterable[object]) -> list[int]:
    return [row.line if isinstance(row, BadLine) else row[0] for row in csv_rows]  # type: ignore[index]


@given(st.lists(st.sampled_from(['1,"open', '2,"x" y', "a", '"', '""', '3,"', ',"a""']), min_size=1, max_size=8))
def test_a_good_row_after_anything_broken_is_never_lost(bad_lines: list[str]) -> None:
    good = ["7,8", "9,10", "11,12"]

    csv_rows = rows("\n".join(["a,b", *bad_lines, *good, ""]))

    assert csv_rows[-3:] == [(len(bad_lines) + 2 + number, row.split(",")) for number, row in enumerate(good)]
