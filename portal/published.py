"""The public documents of all pages, finished and in memory, one set in every web process.

`refresh` asks for the newest public event. When it moved, or a document's own time has come, it reads what changed,
renders what reads differently and swaps all documents as a whole: readers never wait, lock or touch the database.
"""

import logging
import os
import threading
import time
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, InterfaceError, close_old_connections
from django.template.loader import render_to_string
from django.utils import timezone, translation

from incidents.events import newest_public_id
from incidents.models import Event, Page
from portal import snapshot
from portal.documents import Document, make_document
from portal.drawing import render
from portal.facts import PageFacts, read_page
from portal.letterhead import Letterhead
from portal.sheets import sheets_of

log = logging.getLogger(__name__)

LOOK_EVERY = 0.5  # seconds
KEEP_EVERY = 5.0  # seconds between two copies on disk
# How long the database may be away before the pages say so themselves.
PATIENCE = timedelta(seconds=15)
# More events than this at once (an import) are cheaper to answer by reading everything.
MANY = 500
AWAY_MARK = b"<!-- away -->"


@dataclass(frozen=True)
class Edition:
    """All that is public at one moment. `shown` are the documents that go out: while the database is away they carry a
    notice that says how old they are."""

    newest: int = -1
    pages: Mapping[int, PageFacts] = field(default_factory=dict)
    documents: Mapping[str, Document] = field(default_factory=dict)
    shown: Mapping[str, Document] = field(default_factory=dict)
    valid_until: datetime | None = None
    away_since: datetime | None = None

    @property
    def is_known(self) -> bool:
        return bool(self.pages) or self.newest >= 0


class Published:
    """The one place that visitors' answers come from. `folder`: where a copy is kept for a start without a database."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._refreshing = threading.Lock()
        self._watcher = 0
        self._checked_at: datetime | None = None
        self._kept: tuple[float, Mapping[int, PageFacts]] = (0.0, {})
        self.edition = Edition()

    def find(self, path: str) -> Document | None:
        return self.edition.shown.get(path)

    def letterhead(self, root: str = "/") -> Letterhead | None:
        heads = (facts.letterhead for facts in self.edition.pages.values())
        return next((head for head in heads if head.root == root), None)

    def refresh(self, now: datetime | None = None) -> bool:
        """Look for news and take it in; True when documents were swapped. Safe to call from any thread, at any rate.

        While the database is away the documents are kept true from memory, or, after a restart, from the copy on disk.
        """
        with self._refreshing:
            now = now or timezone.now()
            before = self.edition
            try:
                self._take_in(newest_public_id(), now)
            except (DatabaseError, InterfaceError) as error:
                self._do_without_database(now, error)
            else:
                self._checked_at = now
            return self.edition is not before

    @property
    def is_watching(self) -> bool:
        """Whether a thread of this process keeps the documents true, so that nobody else need look."""
        return self._watcher == os.getpid() and self.edition.is_known

    def watch(self) -> None:
        """Refresh twice a second from now on, in a thread of this process. A second call does nothing."""
        if self._watcher != os.getpid():
            self._watcher = os.getpid()
            threading.Thread(target=self._look_forever, name="published", daemon=True).start()

    def _look_forever(self) -> None:
        while True:
            try:
                close_old_connections()
                self.refresh()
                self.keep_copy()
            except Exception:
                log.exception("The public documents could not be renewed; the last ones stay")
            time.sleep(LOOK_EVERY)

    # -- from the database --------------------------------------------------------------------------------------------

    def _take_in(self, newest: int, now: datetime) -> None:
        if newest != self.edition.newest:
            self.print_edition(self._read(newest), newest, now)
        elif self.edition.away_since or self._has_expired(now):
            self.print_edition(self.edition.pages, newest, now)

    def _has_expired(self, now: datetime) -> bool:
        return self.edition.valid_until is not None and self.edition.valid_until <= now

    def _read(self, newest: int) -> Mapping[int, PageFacts]:
        """The facts of every page; of those already known, only what the events since then have touched."""
        known = self.edition.pages if 0 <= self.edition.newest < newest else {}
        events = Event.objects.filter(is_public=True, pk__gt=self.edition.newest, pk__lte=newest)
        news = list(events.values_list("page_id", "incident_id")[: MANY + 1]) if known else []
        if len(news) > MANY:
            known = {}
        touched: dict[int | None, set[int | None]] = defaultdict(set)
        for page_id, incident_id in news:
            touched[page_id].add(incident_id)
        return {page.pk: _facts(page, known.get(page.pk), touched[page.pk]) for page in Page.objects.all()}

    # -- into memory --------------------------------------------------------------------------------------------------

    def print_edition(self, pages: Mapping[int, PageFacts], newest: int, now: datetime) -> None:
        began = time.perf_counter()
        old = self.edition.documents
        documents = {}
        for facts in pages.values():
            for sheet in sheets_of(facts, now):
                document = old.get(sheet.path)
                if document is None or not document.is_current(sheet.source, now):
                    document = render(sheet, now)
                documents[sheet.path] = document
        expiries = (document.valid_until for document in documents.values() if document.valid_until)
        self.edition = Edition(newest, pages, documents, documents, min(expiries, default=None))
        drawn = sum(old.get(path) is not document for path, document in documents.items())
        log.debug("Drew %d of %d documents in %.0f ms", drawn, len(documents), (time.perf_counter() - began) * 1000)

    # -- without the database -----------------------------------------------------------------------------------------

    def _do_without_database(self, now: datetime, error: Exception) -> None:
        if not self.edition.is_known:
            self._recall(now)
        elif self._has_expired(now):
            away_since = self.edition.away_since
            self.print_edition(self.edition.pages, self.edition.newest, now)
            self.edition = replace(self.edition, away_since=away_since)
            self._say_away(away_since)
        checked_at = self._checked_at
        if self.edition.away_since is None and checked_at and now - checked_at > PATIENCE:
            log.warning("The database does not answer; the public pages are as of %s: %s", checked_at, error)
            self._say_away(checked_at)

    def _recall(self, now: datetime) -> None:
        kept = snapshot.recall(self._folder) if self._folder else None
        if kept is None:
            return
        pages, self._checked_at = kept
        self.print_edition(dict(enumerate(pages)), -1, now)
        log.warning("Started without a database; the public pages are as of %s", self._checked_at)

    def _say_away(self, since: datetime | None) -> None:
        """Put the notice into every document."""
        if since is None:
            return
        shown = {}
        for facts in self.edition.pages.values():
            notice = _away_notice(facts.letterhead, since)
            root = facts.letterhead.root
            own = (
                path for path in self.edition.documents if path.startswith(root) and (root != "/" or path[:3] != "/p/")
            )
            for path in own:
                document = self.edition.documents[path]
                if AWAY_MARK in document.plain.body:
                    body = document.plain.body.replace(AWAY_MARK, notice, 1)
                    document = make_document(body, valid_until=document.valid_until)
                shown[path] = document
        self.edition = replace(self.edition, shown=shown, away_since=since)

    # -- onto the disk ------------------------------------------------------------------------------------------------

    def keep_copy(self) -> None:
        """Write the copy when the facts changed, or once a minute, so that the copy knows its age."""
        kept_at, kept = self._kept
        wait = KEEP_EVERY if kept is not self.edition.pages else 12 * KEEP_EVERY
        if self._folder is None or self.edition.away_since or self._checked_at is None:
            return
        if time.monotonic() - kept_at < wait and kept_at:
            return
        self._kept = (time.monotonic(), self.edition.pages)
        try:
            snapshot.keep(tuple(self.edition.pages.values()), self._checked_at, self._folder)
        except OSError as error:
            log.warning("The copy of the public pages could not be written: %s", error)


def _facts(page: Page, known: PageFacts | None, touched: set[int | None]) -> PageFacts:
    """An event without an incident changed the page or a component: then every text of the page may differ."""
    if known is None or None in touched:
        return read_page(page)
    return read_page(page, known, {key for key in touched if key}) if touched else known


def _away_notice(head: Letterhead, since: datetime) -> bytes:
    with translation.override(head.language):
        return render_to_string("public/_away.html", {"since": since, "zone": head.zone}).encode()


@cache
def published() -> Published:
    """This process's own."""
    return Published(Path(settings.DATA_DIR) / "published")


def default_letterhead() -> Letterhead:
    """The default page's letterhead as last published; asks no database."""
    return published().letterhead() or Letterhead()
