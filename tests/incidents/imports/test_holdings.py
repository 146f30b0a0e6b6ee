"""Customers and holdings from CSV: made, changed, moved, kept, refused; a good row is never lost."""

from datetime import UTC, datetime
from io import BytesIO
from unittest.mock import Mock

import pytest
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext

from incidents.actions.intake.holdings import Batch, Written, upsert_holdings
from incidents.actor import IMPORT
from incidents.imports import holdings as importing
from incidents.imports.csv_rows import UnusableFile
from incidents.imports.holdings import HoldingsImportReport, import_holdings
from incidents.models import Customer, Event, Holding, Impact
from tests.incidents.imports.files import counts, reasons
from tests.incidents.imports.sheets import customers, holdings, sheet, stored_rows, take_in
from tests.make import make_component, make_customer, make_holding, make_impact, make_incident, make_page

pytestmark = pytest.mark.django_db

ALL = (
    "active;ends_at;starts_at;region;quantity;component;label;kind;holding_ref;time_zone;language;customer_phone;"
    "customer_email;customer_name;customer_ref"
)


def test_every_column_arrives_whatever_its_place() -> None:
    page = make_page(time_zone="Europe/Berlin")
    flights = make_component(page, name="Flights")
    row = (
        "no;2025-07-01;2025-06-30T14:00:00+02:00;north;3;flights;NW412 to Amsterdam;Booking;H-1;"
        "Europe/Lisbon;pt_BR;+351 1;Ana@Example.org;Ana Sousa;C-1"
    )

    report = take_in(sheet(row, header=ALL), page=page)

    ana, booking = Customer.objects.get(), Holding.objects.get()
    assert (ana.ref, ana.name, ana.email, ana.phone, ana.language, ana.time_zone) == (
        "C-1",
        "Ana Sousa",
        "ana@example.org",
        "+351 1",
        "pt-br",
        "Europe/Lisbon",
    )
    assert (booking.ref, booking.customer, booking.component, booking.kind, booking.label, booking.quantity) == (
        "H-1",
        ana,
        flights,
        "booking",
        "NW412 to Amsterdam",
        3,
    )
    assert (booking.region, booking.starts_at, booking.ends_at, booking.is_active) == (
        "north",
        datetime(2025, 6, 30, 12, tzinfo=UTC),
        datetime(2025, 6, 30, 22, tzinfo=UTC),
        False,
    )
    assert (report.skips, dict(report.notes), report.line) == ([], {}, 2)


def test_two_columns_are_enough() -> None:
    take_in(sheet("C-1,H-1", header="customer_ref,holding_ref"))

    booking = Holding.objects.select_related("customer").get()
    assert (booking.customer.name, booking.label, booking.kind, booking.quantity, booking.is_active) == (
        "C-1",
        "H-1",
        "other",
        1,
        True,
    )
    assert (booking.component, booking.starts_at, booking.ends_at) == (None, None, None)


def test_public_ids_are_all_different() -> None:
    take_in(sheet(*(f"C-{number},A,,H-{number},L" for number in range(50))))

    assert len(set(Holding.objects.values_list("public_id", flat=True))) == 50
    assert len(set(Customer.objects.values_list("public_id", flat=True))) == 50


def test_a_second_run_changes_nothing_and_records_nothing() -> None:
    content = sheet("C-1,Ana,ana@example.org,H-1,One", "C-1,Ana,ana@example.org,H-2,Two", "C-2,Ben,,H-3,Three")
    first = take_in(content)
    before = (stored_rows(), Event.objects.count())

    second = take_in(content)

    assert (counts(first, "holdings"), counts(first, "customers")) == (
        {"read": 3, "created": 3},
        {"read": 2, "created": 2},
    )
    assert (counts(second, "holdings"), counts(second, "customers")) == (
        {"read": 3, "unchanged": 3},
        {"read": 2, "unchanged": 2},
    )
    assert (stored_rows(), Event.objects.count()) == before


def test_what_changed_is_changed_and_keeps_its_public_id() -> None:
    take_in(sheet("C-1,Ana,ana@example.org,H-1,One", "C-2,Ben,,H-2,Two"))
    ids = set(Holding.objects.values_list("public_id", flat=True))

    report = take_in(sheet("C-1,Ana,ana@example.org,H-1,Uno", "C-2,Benjamin,,H-2,Two"))

    assert (counts(report, "holdings"), counts(report, "customers")) == (
        {"read": 2, "changed": 1, "unchanged": 1},
        {"read": 2, "changed": 1, "unchanged": 1},
    )
    assert (holdings(), customers()) == (
        {"H-1": ("C-1", "Uno"), "H-2": ("C-2", "Two")},
        {"C-1": ("Ana", "ana@example.org"), "C-2": ("Benjamin", "")},
    )
    assert set(Holding.objects.values_list("public_id", flat=True)) == ids


def test_what_was_written_is_recorded_without_names() -> None:
    take_in(sheet("C-1,Ana,ana@example.org,H-1,One"))

    take_in(sheet("C-1,Ana,ana@example.org,H-1,Uno"))

    assert list(Event.objects.order_by("id").values_list("kind", "via", "data", "is_public")) == [
        ("customer.changed", "import", {"imported": {"created": 1, "changed": 0}}, False),
        ("holding.changed", "import", {"imported": {"created": 1, "changed": 0}}, False),
        ("holding.changed", "import", {"imported": {"created": 0, "changed": 1}}, False),
    ]


def test_a_blank_cell_clears_and_an_absent_column_keeps() -> None:
    ana = make_customer("Ana", ref="C-1", phone="+44 1", email="ana@example.org")
    make_holding(ana, ref="H-1", region="north", quantity=3, kind="booking", ends_at=datetime(2030, 1, 1, tzinfo=UTC))
    header = "customer_ref,customer_email,holding_ref,region,kind,ends_at"

    take_in(sheet("C-1,,H-1,,,", header=header))

    ana.refresh_from_db()
    holding = Holding.objects.get()
    assert (ana.email, ana.phone, holding.region, holding.kind, holding.ends_at, holding.quantity) == (
        "",
        "+44 1",
        "",
        "other",
        None,
        3,
    )


def test_nothing_goes_without_a_name() -> None:
    take_in(sheet("C-1,,,H-1,", "C-2,Ben,,H-2,Two"))

    take_in(sheet("C-1,Ana,,H-1,One", "C-2,,,H-2,"))

    assert (customers(), holdings()) == (
        {"C-1": ("Ana", ""), "C-2": ("Ben", "")},
        {"H-1": ("C-1", "One"), "H-2": ("C-2", "Two")},
    )


def test_a_holding_moves_to_another_customer_and_its_impacts_stay() -> None:
    ana = make_customer("Ana", ref="C-1")
    impact = make_impact(make_incident(make_page()), make_holding(ana, ref="H-1"))

    take_in(sheet("C-2,Ben,,H-1,One"))

    assert holdings() == {"H-1": ("C-2", "One")}
    assert Impact.objects.get(pk=impact.pk).customer == ana


def test_the_last_of_two_rows_with_the_same_reference_counts() -> None:
    report = take_in(sheet("C-1,Ana,,H-1,One", "C-2,Ben,,H-1,Two", "C-1,Ana,,H-2,Three", "C-3,Cleo,,H-1,Four"))

    assert holdings() == {"H-1": ("C-3", "Four"), "H-2": ("C-1", "Three")}
    assert counts(report, "holdings") == {"read": 4, "created": 2, "unchanged": 2}
    assert dict(report.notes) == {"A row has the holding_ref of a later one; the later one counts.": 2}


def test_a_customer_who_is_described_in_two_ways_is_noted() -> None:
    report = take_in(sheet("C-1,Ana,,H-1,One", "C-1,Ana Sousa,,H-2,Two"))

    assert customers() == {"C-1": ("Ana Sousa", "")}
    assert dict(report.notes) == {"The customer C-1 is described in different ways; the last row counts.": 1}


def test_rows_of_the_same_reference_in_different_chunks_follow_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "ROWS_AT_ONCE", 1)

    report = take_in(sheet("C-1,Ana,,H-1,One", "C-1,Ana,,H-1,Two"))

    assert holdings() == {"H-1": ("C-1", "Two")}
    assert counts(report, "holdings") == {"read": 2, "created": 1, "changed": 1}


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("delimiter", [b",", b";", b"\t"])
@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_every_dialect_says_the_same(mark: bytes, delimiter: bytes, end: bytes) -> None:
    content = sheet('C-1,"Ana ""A"" Sousa",ana@example.org,H-1,Größe 4').replace(b",", delimiter).replace(b"\n", end)

    take_in(mark + content)

    assert (customers(), holdings()) == (
        {"C-1": ('Ana "A" Sousa', "ana@example.org")},
        {"H-1": ("C-1", "Größe 4")},
    )


def test_unknown_columns_are_noted_and_not_read() -> None:
    report = take_in(sheet("C-1,\xff,H-1", header="customer_ref,shoe_size,holding_ref"))

    assert dict(report.notes) == {"The column “shoe_size” is not known and was not read.": 1}
    assert counts(report, "holdings") == {"read": 1, "created": 1}


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        ("customer_ref,label", "The header has no column holding_ref."),
        ("name,e-mail", "The header has no column customer_ref, holding_ref."),
        ("customer_ref,holding_ref,label,Label", "The header names a column twice: label."),
        ("C-1,H-1", "The header has no column customer_ref, holding_ref."),
    ],
)
def test_a_header_that_does_not_fit_is_refused_before_anything_is_written(header: str, reason: str) -> None:
    with pytest.raises(UnusableFile) as refusal:
        take_in(sheet("C-1,H-1,One,Uno", header=header))

    assert (str(refusal.value), Customer.objects.count()) == (reason, 0)


def test_a_bad_row_is_named_by_its_line_and_the_others_come_in() -> None:
    report = take_in(
        sheet(
            "C-1,Ana,ana@example.org,H-1,One",
            'C-2,"Ben\nBernard",ben@example.org,H-2,Two',
            "C-3,Cleo,no address,,Three",
            "C-4,Dara,,H-4",
            'C-5,"Eli,eli@example.org,H-5,Five',
            "C-6,Fay,,H-6,Six",
        )
    )

    assert reasons(report) == [
        "line 5: customer_email is not an e-mail address: “no address”; holding_ref is missing",
        "line 6: has 4 cells, the header has 5",
        "line 7: cannot be read: unexpected end of data",
    ]
    assert holdings() == {"H-1": ("C-1", "One"), "H-2": ("C-2", "Two"), "H-6": ("C-6", "Six")}
    assert customers()["C-2"] == ("Ben Bernard", "ben@example.org")


def test_bytes_that_are_not_utf_8_cost_only_their_row() -> None:
    report = take_in(sheet("C-1,Ana,,H-1,One") + b"C-2,Jos\xe9,,H-2,Two\nC-3,Jos\xc3\xa9,,H-3,Three\n")

    assert reasons(report) == ["line 3 (H-2): customer_name is not UTF-8"]
    assert customers() == {"C-1": ("Ana", ""), "C-3": ("José", "")}


def test_a_row_that_only_the_database_can_refuse_costs_only_itself() -> None:
    make_holding(make_customer(ref="C-1"), ref="H-2", starts_at=datetime(2030, 1, 1, tzinfo=UTC))
    rows = ["C-1,H-1,2029-01-01", "C-1,H-2,2029-01-01", "C-1,H-3,2029-01-01"]

    report = take_in(sheet(*rows, header="customer_ref,holding_ref,ends_at"))

    assert reasons(report) == ["line 3 (H-2): it would end before it starts"]
    assert counts(report, "holdings") == {"read": 3, "created": 2, "skipped": 1}
    assert Holding.objects.filter(ends_at__isnull=False).count() == 2


def test_a_batch_that_the_database_refuses_is_refused_whole() -> None:
    batch = Batch((), ("customer_ref", "quantity"), {"C-1": ()}, {"H-1": ("C-1", 1), "H-2": ("C-1", 0)})

    with pytest.raises(IntegrityError):
        upsert_holdings(batch, by=IMPORT)

    assert (Customer.objects.count(), Holding.objects.count(), Event.objects.count()) == (0, 0, 0)


def test_an_empty_batch_is_nothing() -> None:
    assert upsert_holdings(Batch((), ("customer_ref",), {}, {}), by=IMPORT) == (Written(0, 0), Written(0, 0))


def test_a_dry_run_reports_the_same_and_writes_nothing() -> None:
    take_in(sheet("C-1,Ana,,H-1,One", "C-2,Ben,,H-2,Two"))
    before = (stored_rows(), Event.objects.count())
    content = sheet("C-1,Ana,,H-1,Uno", "C-2,Ben,,H-2,Two", "C-3,Cleo,,H-3,Three", "C-4,Dara,nowhere,H-4,Four")

    report = take_in(content, dry_run=True)

    assert (stored_rows(), Event.objects.count()) == before
    assert report == take_in(content)
    assert counts(report, "holdings") == {"read": 4, "created": 1, "changed": 1, "unchanged": 1, "skipped": 1}


def test_a_run_that_was_stopped_keeps_what_it_committed_and_says_how_far_it_came(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(importing, "ROWS_AT_ONCE", 2)
    report = HoldingsImportReport()
    content = sheet(*(f"C-{number},Ana,,H-{number},One" for number in range(6)))

    with pytest.raises(KeyboardInterrupt):
        import_holdings(BytesIO(content), report=report, progress=Mock(side_effect=[None, KeyboardInterrupt]))

    assert (report.line, Holding.objects.count()) == (5, 4)
    assert counts(take_in(content), "holdings") == {"read": 6, "created": 2, "unchanged": 4}


def test_only_the_first_bad_rows_are_kept_and_all_are_heard_of() -> None:
    lines: list[int] = []
    report = HoldingsImportReport(on_skip=lambda line, reference, reason: lines.append(line))

    import_holdings(BytesIO(sheet(*["C-1,Ana,,,One"] * 1_000)), report=report)

    assert (len(report.skips), report.skipped, lines) == (20, 1_000, list(range(2, 1_002)))
    assert "  and 980 more" in list(report.lines(dry_run=False))


def test_notes_do_not_grow_without_end() -> None:
    rows = [row for number in range(200) for row in (f"C-{number},A,,H-{number}a,", f"C-{number},B,,H-{number}b,")]

    report = take_in(sheet(*rows))

    assert (len(report.notes), sum(report.notes.values())) == (51, 200)


def test_many_rows_take_few_statements() -> None:
    content = sheet(*(f"C-{number},Ana,,H-{number},One" for number in range(2_000)))

    with CaptureQueriesContext(connection) as captured:
        take_in(content)

    assert len(captured) <= 9
