"""manage.py import_holdings CSV: customers and what they hold, upserted by reference. See docs/imports.md."""

import csv
import sys
import time
from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from incidents.imports.csv_rows import UnusableFile
from incidents.imports.holdings import HoldingsImportReport, import_holdings
from incidents.management.commands.import_statuspage import NOTHING_DONE, named_page
from incidents.models import Page

INTERRUPTED = 130
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_SECONDS_BETWEEN = 0.2


class Command(BaseCommand):
    help = str(gettext_lazy("Import customers and holdings from CSV: upserts by reference, reports bad rows by line."))

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("csv", help=_("the file, or - for standard input"))
        parser.add_argument("--page", metavar="SLUG", help=_("where components are looked up; else the default page"))
        parser.add_argument("--dry-run", action="store_true", help=_("write nothing; report what would be done"))
        parser.add_argument("--report", type=Path, metavar="FILE.csv", help=_("write every bad row here"))

    def handle(self, *, page: str | None, dry_run: bool, **options: Any) -> None:
        target_page = named_page(page) if page else Page.objects.filter(is_default=True).first()
        report = HoldingsImportReport()
        with ExitStack() as files:
            binary = files.enter_context(_open_binary(options["csv"]))
            if options["report"]:
                report.on_skip = files.enter_context(_row_report(options["report"]))
            self._import(binary, report, page=target_page, dry_run=dry_run)
        self._print(report, dry_run=dry_run)
        if skipped := report.skipped:
            raise CommandError(ngettext("%d row was skipped.", "%d rows were skipped.", skipped) % skipped)

    def _import(self, binary: BinaryIO, report: HoldingsImportReport, *, page: Page | None, dry_run: bool) -> None:
        progress = _Progress(self.stderr, report) if self.stderr.isatty() else None
        try:
            import_holdings(binary, report=report, page=page, dry_run=dry_run, progress=progress)
        except UnusableFile as error:
            raise CommandError(str(error), returncode=NOTHING_DONE) from error
        except (KeyboardInterrupt, OperationalError, OSError) as error:
            self._print(report, dry_run=dry_run)
            is_interrupted = isinstance(error, KeyboardInterrupt)
            raise CommandError(
                _came_so_far(report, error), returncode=INTERRUPTED if is_interrupted else NOTHING_DONE
            ) from error
        finally:
            if progress:
                progress.clear()

    def _print(self, report: HoldingsImportReport, *, dry_run: bool) -> None:
        for line in report.lines(dry_run=dry_run):
            self.stdout.write(line)


class _Progress:
    """One line on a terminal, written over itself."""

    def __init__(self, stream: Any, report: HoldingsImportReport) -> None:
        self._stream, self._report, self._next = stream, report, 0.0

    def __call__(self) -> None:
        if time.monotonic() < self._next:
            return
        self._next = time.monotonic() + _SECONDS_BETWEEN
        text = _("line %(line)d, %(skipped)d skipped") % {"line": self._report.line, "skipped": self._report.skipped}
        self._stream.write(f"\r{text}", ending="")

    def clear(self) -> None:
        self._stream.write(f"\r{'':<60}\r", ending="")


def _came_so_far(report: HoldingsImportReport, error: BaseException) -> str:
    why = _("Stopped") if isinstance(error, KeyboardInterrupt) else str(error).strip()
    so_far = _("%(why)s. Everything up to line %(line)d is in; the same command takes in the rest.")
    return so_far % {"why": why, "line": report.line}


@contextmanager
def _open_binary(name: str) -> Iterator[BinaryIO]:
    if name == "-":
        yield sys.stdin.buffer
        return
    try:
        file = Path(name).open("rb")  # noqa: SIM115 - closed below; only failing to open it is answered here
    except OSError as error:
        raise _cannot(name, error) from error
    with file:
        yield file


@contextmanager
def _row_report(path: Path) -> Iterator[Callable[[int, str, str], None]]:
    """A CSV file of the bad rows. Cells that a spreadsheet would take for a formula are quoted."""
    try:
        file = path.open("w", encoding="utf-8", errors="backslashreplace", newline="")
    except OSError as error:
        raise _cannot(str(path), error) from error
    with file:
        writer = csv.writer(file)
        writer.writerow(["line", "holding_ref", "reason"])

        def write(line: int, reference: str, reason: str) -> None:
            writer.writerow([line, _harmless(reference), _harmless(reason)])

        yield write


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def _cannot(name: str, error: OSError) -> CommandError:
    reason = _("%(name)s cannot be opened: %(why)s.") % {"name": name, "why": error.strerror or error}
    return CommandError(reason, returncode=NOTHING_DONE)
