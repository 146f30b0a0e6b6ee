"""What the operator sees: the report, the exit codes."""

from io import StringIO
from pathlib import Path
from unittest.mock import Mock

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError

from incidents.management.commands import import_statuspage as command
from incidents.models import Component, Event, Page
from tests.incidents.imports.files import component, incident, write
from tests.make import make_page

pytestmark = pytest.mark.django_db


def run(*args: object) -> str:
    out = StringIO()
    call_command("import_statuspage", *map(str, args), stdout=out)
    return out.getvalue()


def test_the_report_counts_what_was_read_and_done(tmp_path: Path) -> None:
    file = write(tmp_path, components=[component()], incidents=[incident()])

    assert run(file) == (
        "                         read    created    changed  unchanged    skipped\n"
        "files                       1          0          0          0          0\n"
        "pages                       1          1          0          0          0\n"
        "components                  1          1          0          0          0\n"
        "incidents                   1          1          0          0          0\n"
        "updates                     1          1          0          0          0\n"
        "\n"
    )


def test_a_second_run_says_that_nothing_has_changed(tmp_path: Path) -> None:
    file = write(tmp_path, components=[component()])
    run(file)

    assert run(file).endswith("\nNothing has changed.\n")


def test_a_dry_run_says_so(tmp_path: Path) -> None:
    printed = run(write(tmp_path, components=[component()]), "--dry-run")

    assert printed.endswith("\nA dry run: nothing was written.\n")
    assert (Component.objects.count(), Event.objects.count()) == (0, 0)


def test_what_was_skipped_is_listed_and_the_exit_code_is_1(tmp_path: Path) -> None:
    out = StringIO()

    with pytest.raises(CommandError) as refusal:
        call_command("import_statuspage", str(write(tmp_path, components=[None, component()])), stdout=out)

    assert (refusal.value.returncode, str(refusal.value)) == (1, "1 thing was skipped.")
    assert "\nSkipped:\n  summary.json components[0]: is not an object but null\n" in out.getvalue()


def test_notes_are_counted_and_no_mistake(tmp_path: Path) -> None:
    incidents = [incident(name, components=[component("gone")]) for name in ("one", "two")]

    printed = run(write(tmp_path, incidents=incidents))

    assert "\nNotes:\n  The component “gone”, which incidents name, is not on the page. (2 times)\n" in printed


def test_page_names_the_page(tmp_path: Path) -> None:
    page = make_page(slug="mine")

    run(write(tmp_path, components=[component()]), "--page", "mine")

    assert Component.objects.get().page == page


def test_an_unknown_page_is_refused_with_those_there_are(tmp_path: Path) -> None:
    make_page(slug="mine")

    with pytest.raises(CommandError) as refusal:
        run(write(tmp_path, components=[component()]), "--page", "yours")

    assert (refusal.value.returncode, str(refusal.value)) == (2, "There is no page “yours”. Pages: mine.")


def test_nothing_there_is_exit_code_2(tmp_path: Path) -> None:
    with pytest.raises(CommandError) as refusal:
        run(tmp_path)

    assert (refusal.value.returncode, str(refusal.value)) == (2, f"There is no .json file in the folder {tmp_path}.")


def test_a_database_that_gives_up_is_exit_code_2(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "import_statuspage", Mock(side_effect=OperationalError("database is locked")))

    with pytest.raises(CommandError) as refusal:
        run(write(tmp_path, components=[]))

    assert refusal.value.returncode == 2
    assert str(refusal.value).startswith("The database gave up: database is locked.")


def test_a_page_that_is_made_is_in_the_language_that_was_stated(tmp_path: Path) -> None:
    file = write(tmp_path, components=[component()])

    run(file, "--language", "de")
    output = run(file, "--language", "fr")

    assert Page.objects.get().language == "de"
    assert f"The page “{Page.objects.get().slug}” is written in “de” and stays so." in output


def test_a_page_that_was_chosen_keeps_its_language(tmp_path: Path) -> None:
    page = make_page(slug="north", language="en")

    printed = run(write(tmp_path, components=[component()]), "--page", "north", "--language", "de")

    page.refresh_from_db()
    assert page.language == "en"
    assert "The page “north” is written in “en” and stays so." in printed


def test_a_language_that_nobody_speaks_here_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="tlh"):
        run(write(tmp_path, components=[component()]), "--language", "tlh")
