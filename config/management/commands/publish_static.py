"""`manage.py publish_static`: the public pages as plain files."""

import signal
import threading
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import close_old_connections

from config.preparation import prepare_static
from portal.export import AlreadyExporting, Folder, NotOurs, Outcome
from portal.published import Published, published

LOOK_EVERY = 0.5  # seconds
AFTER_FAILURE = 5.0


class Command(BaseCommand):
    help = "Write every public document as a plain file that a web server, a CDN or object storage can serve."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, metavar="DIR", help="files of others in it are left alone")
        parser.add_argument("--watch", action="store_true", help="keep the files up to date until stopped")

    def handle(self, *args: Any, folder: Path, watch: bool, **options: Any) -> None:
        prepare_static()
        store, files = published(), Folder(folder.absolute())
        try:
            with files.held():
                if watch:
                    self._watch(store, files)
                else:
                    self._write(store, files)
        except AlreadyExporting as error:
            raise CommandError(f"Another export writes to {error} at this moment.") from error
        except NotOurs as error:
            raise CommandError(f"{error} is not ours, so nothing was written; choose another folder.") from error

    def _write(self, store: Published, files: Folder) -> None:
        store.refresh()
        if not store.edition.is_known:
            raise CommandError("Nothing is known to publish: the database does not answer and there is no copy.")
        self._tell(files.bring_up_to_date(store.draw_everything()))

    def _watch(self, store: Published, files: Folder) -> None:
        stopped = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stopped.set())
        seen = None
        while not stopped.is_set():
            close_old_connections()
            store.refresh()
            edition = store.edition
            if edition.is_known and edition is not seen:
                try:
                    self._tell(files.bring_up_to_date(store.draw_everything()))
                    seen = edition
                except OSError as error:  # a full disk may have room again
                    self.stderr.write(f"Not everything could be written: {error}")
                    stopped.wait(AFTER_FAILURE)
            stopped.wait(LOOK_EVERY)

    def _tell(self, outcome: Outcome) -> None:
        self.stdout.write(f"{outcome.written} files written, {outcome.removed} removed, {outcome.total} in all")
        self.stdout.flush()
