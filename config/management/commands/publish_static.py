"""`manage.py publish_static`: the public pages as plain files."""

import gc
import signal
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import close_old_connections

from config.processes.preparation import prepare_static
from portal.publishing.export import AlreadyExporting, Folder, ListUnreadable, NotOurs, Outcome
from portal.publishing.store import Published, published

# A look that finds no news costs a query for one number; files are to be fresh within two seconds.
LOOK_EVERY = 0.2  # seconds
AFTER_FAILURE = 5.0
STOPPING = (signal.SIGTERM, signal.SIGINT)


class Command(BaseCommand):
    help = "Write every public document as a plain file that a web server, a CDN or object storage can serve."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, metavar="DIR", help="files of others in it are left alone")
        parser.add_argument("--watch", action="store_true", help="keep the files up to date until stopped")

    def handle(self, *args: Any, folder: Path, watch: bool, **options: Any) -> None:
        prepare_static()
        store, files = published(), Folder(folder.absolute())
        try:
            with files.locked():
                if watch:
                    self._watch(store, files)
                else:
                    self._write(store, files)
        except AlreadyExporting as error:
            raise CommandError(f"Another export writes to {error} at this moment.") from error
        except NotOurs as error:
            raise CommandError(f"{error} is not ours, so nothing was written; choose another folder.") from error
        except ListUnreadable as error:
            message = f"{error} cannot be read, so nothing was written; empty the folder, or choose another one."
            raise CommandError(message) from error
        except OSError as error:
            raise CommandError(f"Not everything could be written: {error}") from error

    def _write(self, store: Published, files: Folder) -> None:
        store.refresh()
        if not store.edition.is_known:
            raise CommandError("Nothing is known to publish: the database does not answer and there is no copy.")
        self._tell(files.bring_up_to_date(store.render_everything()))

    def _watch(self, store: Published, files: Folder) -> None:
        """Until SIGTERM or SIGINT, which wait while something is written: a handler could lock itself up."""
        signal.pthread_sigmask(signal.SIG_BLOCK, STOPPING)
        exported, wait = None, 0.0
        while signal.sigtimedwait(STOPPING, wait) is None:
            wait = LOOK_EVERY
            close_old_connections()
            store.refresh()
            edition = store.edition
            if edition.is_known and edition is not exported:
                try:
                    self._tell(files.bring_up_to_date(store.render_everything()))
                    if exported is None:
                        gc.freeze()  # all documents stay; to search them for garbage again takes as long as the news
                    exported = edition
                except OSError as error:  # a full disk may have room again
                    self.stderr.write(f"Not everything could be written: {error}")
                    wait = AFTER_FAILURE

    def _tell(self, outcome: Outcome) -> None:
        self.stdout.write(f"{outcome.writes} files written, {outcome.removed} removed, {outcome.total} in all")
        self.stdout.flush()
