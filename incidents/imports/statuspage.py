"""Another page's Statuspage JSON, brought in: files in order, pages found or made, then catalogue and history.

Nothing that is wrong with one record keeps the others out, and nothing is left out without a word in the report.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from incidents.actions.intake.rows import PageRow
from incidents.actions.intake.statuspage import import_page, page_changes
from incidents.actor import IMPORT
from incidents.imports.catalogue import import_components
from incidents.imports.catalogue_rows import read_page
from incidents.imports.documents import Document, find_files, read_document
from incidents.imports.fields import Broken, Record, relative_name
from incidents.imports.history import import_incidents
from incidents.imports.report import ImportReport
from incidents.imports.target import REFUSALS, Target, database_refused
from incidents.models import Page


def import_statuspage(
    path: Path, *, page: Page | None = None, dry_run: bool = False, language: str = ""
) -> ImportReport:
    """Read a file, or every ``*.json`` below a folder, into ``page`` or into the page that each file names.
    ``language``: what the texts are written in, for pages that are made.

    Components come before incidents, whatever the files are called. Each incident is one transaction, so that a run
    that was cut off is finished by the next. Raises NotFound when there is nothing to read.
    """
    report = ImportReport()
    documents = list(_documents(path, report))
    targets = _Targets(page, report, dry_run=dry_run, language=language)
    placed = [(document, target) for document in documents if (target := targets.of(document))]
    for document, target in placed:
        import_components(document, target, report)
    for document, target in placed:
        import_incidents(document, target, report)
    return report


def _documents(path: Path, report: ImportReport) -> Iterable[Document]:
    for file in find_files(path):
        name = relative_name(file, path)
        try:
            document = read_document(file, name=name)
        except Broken as error:
            report.skip(_("files"), name, error.reason)
            continue
        report.count_read(_("files"))
        if not document.lists:
            report.note(_("%(file)s holds nothing to import.") % {"file": name})
        yield document


class _Targets:
    """Which page each document goes to; each page is looked up, made or changed once per state it is found in."""

    def __init__(self, page: Page | None, report: ImportReport, *, dry_run: bool, language: str) -> None:
        self._language = language
        self._report = report
        if page:
            self._note_language(page)
        self._page_target = Target.load(page, dry_run=dry_run) if page else None
        self._dry_run = dry_run
        self._by_public_id: dict[str, Target] = {}

    def of(self, document: Document) -> Target | None:
        """The chosen page, else the file's own; None, reported, when the file does not say whose it is."""
        if self._page_target or not document.lists:
            return self._page_target
        place = document.place
        try:
            row = read_page(Record.at(place.key("page"), document.page), note=self._report.note)
            return self._bring_up_to_date(row)
        except Broken as error:
            reason = _("%(reason)s; say which page with --page") % {"reason": error.reason}
            self._report.skip(_("pages"), place.key("page"), reason)
        except REFUSALS as error:
            self._report.skip(_("pages"), place.key("page"), database_refused(error))
        return None

    def _bring_up_to_date(self, row: PageRow) -> Target:
        target = self._by_public_id.get(row.public_id)
        page = target.page if target else Page.objects.filter(public_id=row.public_id).first()
        changes = page_changes(row, page) if page else {}
        if page and not target:
            self._note_language(page)
        if page is None or changes:
            self._report.count(_("pages"), "changed" if page else "created")
            page = (
                self._would_be(row, page, changes)
                if self._dry_run
                else import_page(row, by=IMPORT, language=self._language)
            )
        else:
            self._report.count(_("pages"), "unchanged")
        if target is None:
            target = self._by_public_id[row.public_id] = Target.load(page, dry_run=self._dry_run)
        target.page = page
        return target

    def _note_language(self, page: Page) -> None:
        """What is written stays in its language; another one that was asked for would be wrong."""
        if self._language and page.language != self._language:
            note = _("The page “%(slug)s” is written in “%(language)s” and stays so.")
            self._report.note(note % {"slug": page.slug, "language": page.language})

    def _would_be(self, row: PageRow, page: Page | None, changes: dict[str, Any]) -> Page:
        """The page as it would be, in memory only: the next file of a dry run is compared with it."""
        if page is None:
            moment = {"updated_at": row.updated_at} if row.updated_at else {}
            return Page(public_id=row.public_id, name=row.name, url=row.url, time_zone=row.time_zone, **moment)
        for name, value in changes.items():
            setattr(page, name, value)
        return page
