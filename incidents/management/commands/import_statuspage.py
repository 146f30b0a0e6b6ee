"""manage.py import_statuspage PATH: another page's components, incidents and maintenances. See docs/imports.md."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from incidents.imports.documents import NotFound
from incidents.imports.statuspage import import_statuspage
from incidents.models import Page

NOTHING_DONE = 2


class Command(BaseCommand):
    help = str(gettext_lazy("Import components, incidents and maintenances from Statuspage v2 JSON. Sends nothing."))

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("path", type=Path, help=_("a JSON file, or a folder whose *.json files are all read"))
        parser.add_argument("--page", metavar="SLUG", help=_("import into this page instead of the one the files name"))
        parser.add_argument(
            "--language",
            choices=[code for code, _name in settings.LANGUAGES],
            help=_("what the texts are written in, for a page that is made (default: en)"),
        )
        parser.add_argument("--dry-run", action="store_true", help=_("write nothing; report what would be done"))

    def handle(
        self, *, path: Path, page: str | None, dry_run: bool, language: str | None = None, **_options: Any
    ) -> None:
        try:
            into = named_page(page) if page else None
            report = import_statuspage(path, page=into, dry_run=dry_run, language=language or "")
        except NotFound as error:
            raise CommandError(str(error), returncode=NOTHING_DONE) from error
        except OperationalError as error:
            reason = _("The database gave up: %(why)s. What was written so far stays; run the same command again.")
            raise CommandError(reason % {"why": str(error).strip()}, returncode=NOTHING_DONE) from error
        for line in report.lines(dry_run=dry_run):
            self.stdout.write(line)
        if skipped := report.skipped:
            raise CommandError(ngettext("%d thing was skipped.", "%d things were skipped.", skipped) % skipped)


def named_page(slug: str) -> Page:
    """Raises CommandError that names the pages there are."""
    page = Page.objects.filter(slug=slug).first()
    if page is None:
        slugs = ", ".join(Page.objects.values_list("slug", flat=True)) or _("none yet")
        reason = _("There is no page “%(slug)s”. Pages: %(slugs)s.") % {"slug": slug, "slugs": slugs}
        raise CommandError(reason, returncode=NOTHING_DONE)
    return page
