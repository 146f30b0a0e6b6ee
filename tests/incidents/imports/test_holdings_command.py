"""What the operator sees: the report, the file of bad rows, the exit codes; and the command as a process."""

import csv
import signal
import subprocess
import time
from io import StringIO
from pathlib import Path
from unittest.mock import Mock

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError

from incidents.management.commands import import_holdings as command
from incidents.models import Customer, Holding
from tests.incidents.imports.sheets import sheet
from tests.installation import Installation
from tests.make import make_component, make_page


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "holdings.csv"


def run(*args: object) -> str:
    out = StringIO()
    call_command("import_holdings", *map(str, args), stdout=out)
    return out.getvalue()


@pytest.mark.django_db
def test_the_report_counts_what_was_read_and_done(file: Path) -> None:
    file.write_bytes(sheet("C-1,Ana,,H-1,One", "C-1,Ana,,H-2,Two"))

    assert run(file) == (
        "                         read    created    changed  unchanged    skipped\n"
        "customers                   1          1          0          0          0\n"
        "holdings                    2          2          0          0          0\n"
        "\n"
    )


@pytest.mark.django_db
def test_components_and_times_are_the_default_page_s_unless_another_is_named(file: Path) -> None:
    make_component(make_page(is_default=True, time_zone="Asia/Tokyo"), name="Flights")
    flights = make_component(make_page(slug="mine", time_zone="Europe/Lisbon"), name="Flights")
    header = "customer_ref,holding_ref,component,starts_at"
    file.write_bytes(sheet("C-1,H-1,Flights,2025-01-01 09:00", header=header))

    run(file)
    first = Holding.objects.get()
    run(file, "--page", "mine")
    second = Holding.objects.get()

    assert (first.component.page.time_zone, first.starts_at.isoformat()) == ("Asia/Tokyo", "2025-01-01T00:00:00+00:00")
    assert (second.component, second.starts_at.isoformat()) == (flights, "2025-01-01T09:00:00+00:00")


@pytest.mark.django_db
def test_bad_rows_are_listed_and_the_exit_code_is_1(file: Path) -> None:
    file.write_bytes(sheet("C-1,Ana,,,One", "C-1,Ana,,H-2,Two"))
    out = StringIO()

    with pytest.raises(CommandError) as refusal:
        call_command("import_holdings", str(file), stdout=out)

    assert (refusal.value.returncode, str(refusal.value)) == (1, "1 row was skipped.")
    assert "\nSkipped:\n  line 2: holding_ref is missing\n" in out.getvalue()
    assert Holding.objects.count() == 1


@pytest.mark.django_db
def test_all_bad_rows_are_in_the_report_and_none_is_a_formula(file: Path, tmp_path: Path) -> None:
    rows = [f"C-{number},Ana,nowhere,=H-{number},One" for number in range(30)]
    file.write_bytes(sheet(*rows, "C-1,\xff,,\u00e4,x").replace("ÿ".encode(), b"\xff"))

    with pytest.raises(CommandError):
        run(file, "--report", tmp_path / "bad.csv")

    with (tmp_path / "bad.csv").open(encoding="utf-8", newline="") as bad:
        lines = list(csv.reader(bad))
    assert (len(lines), lines[0], lines[1], lines[31]) == (
        32,
        ["line", "holding_ref", "reason"],
        ["2", "'=H-0", "customer_email is not an e-mail address: “nowhere”"],
        ["32", "ä", "customer_name is not UTF-8"],
    )


@pytest.mark.django_db
def test_a_dry_run_says_so(file: Path) -> None:
    file.write_bytes(sheet("C-1,Ana,,H-1,One"))

    assert run(file, "--dry-run").endswith("\nA dry run: nothing was written.\n")
    assert (Customer.objects.count(), Holding.objects.count()) == (0, 0)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"", "The file is empty."), (b"a,b\n", "The header has no column customer_ref, holding_ref.")],
)
def test_an_unusable_file_is_exit_code_2(file: Path, content: bytes, reason: str) -> None:
    file.write_bytes(content)

    with pytest.raises(CommandError) as refusal:
        run(file)

    assert (refusal.value.returncode, str(refusal.value)) == (2, reason)


@pytest.mark.django_db
def test_files_that_cannot_be_opened_are_exit_code_2(file: Path, tmp_path: Path) -> None:
    with pytest.raises(CommandError) as unread:
        run(file)
    file.write_bytes(sheet("C-1,Ana,,H-1,One"))
    with pytest.raises(CommandError) as unwritten:
        run(file, "--report", tmp_path / "nowhere" / "bad.csv")

    assert (unread.value.returncode, str(unread.value)) == (2, f"{file} cannot be opened: No such file or directory.")
    assert (unwritten.value.returncode, Holding.objects.count()) == (2, 0)


@pytest.mark.django_db
def test_a_database_that_gives_up_is_said_with_how_far_it_came(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file.write_bytes(sheet("C-1,Ana,,H-1,One"))
    monkeypatch.setattr("incidents.imports.holdings.upsert_holdings", Mock(side_effect=OperationalError("gone")))

    with pytest.raises(CommandError) as refusal:
        run(file)

    assert (refusal.value.returncode, str(refusal.value)) == (
        2,
        "gone. Everything up to line 0 is in; the same command takes in the rest.",
    )


@pytest.mark.django_db
def test_a_terminal_sees_how_far_it_is(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file.write_bytes(sheet("C-1,Ana,,H-1,One"))
    terminal = StringIO()
    monkeypatch.setattr(terminal, "isatty", lambda: True)

    call_command("import_holdings", str(file), stdout=StringIO(), stderr=terminal)

    assert terminal.getvalue() == f"\rline 2, 0 skipped\r{'':<60}\r"


@pytest.mark.chaos
def test_standard_input_is_streamed(installation: Installation) -> None:
    process = subprocess.run(
        installation.command("import_holdings", "-"),
        env=installation.env,
        input=sheet("C-1,Ana,,H-1,One"),
        capture_output=True,
        timeout=120,
        check=False,
    )

    assert (process.returncode, process.stderr) == (0, b"")
    assert b"\nholdings                    1          1 " in process.stdout


@pytest.mark.chaos
@pytest.mark.slow
def test_control_c_keeps_what_was_committed_and_says_how_far_it_came(installation: Installation) -> None:
    with subprocess.Popen(
        installation.command("import_holdings", "-"),
        env=installation.env,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=hear_control_c,  # noqa: PLW1509 - no other thread runs
    ) as process:
        # more than one chunk, and then a pause in the middle of the next one
        process.stdin.write(sheet(*(f"C-{number},Ana,,H-{number},One" for number in range(3_000))))
        process.stdin.flush()
        wait_for_a_chunk(installation)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)

    assert (process.returncode, out.count(b"holdings")) == (command.INTERRUPTED, 1)
    assert err.decode() == (
        "CommandError: Stopped. Everything up to line 2001 is in; the same command takes in the rest.\n"
    )
    assert count_holdings(installation) == "2000"


def hear_control_c() -> None:
    """Whatever started the tests in the background made them deaf to it, and their children too."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def wait_for_a_chunk(installation: Installation) -> None:
    deadline = time.monotonic() + 60
    while count_holdings(installation) == "0" and time.monotonic() < deadline:
        time.sleep(0.2)


def count_holdings(installation: Installation) -> str:
    return installation.python("from incidents.models import Holding; print(Holding.objects.count())").strip()
