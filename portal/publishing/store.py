"""The public documents of all pages, in memory, one set in every web process.

`refresh` asks for the newest public event. When it moved, or a document's own time has come, it reads what changed,
draws what reads differently and swaps all documents as a whole: readers never lock or touch the database. What is
seldom read (an old incident, one component's badge) is drawn from the same facts when it is first asked for.
"""

import gc
import logging
import os
import threading
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import cache
from itertools import groupby
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, InterfaceError, close_old_connections
from django.utils import timezone, translation

from incidents.events import newest_public_id
from incidents.models import Event, Page
from portal.documents.document import Document
from portal.documents.registry import default_documents_of, translated_documents_of
from portal.documents.spec import render
from portal.facts.page import PageFacts
from portal.facts.profile import PageProfile
from portal.facts.reading import read_page
from portal.publishing import disk_copy
from portal.publishing.edition import Edition

log = logging.getLogger(__name__)

LOOK_EVERY = 0.2  # seconds
FIRST_LOOK = 2.0  # seconds that the first visitors of a process wait for the database
SAVE_EVERY = 5.0  # seconds between two copies on disk
# How long the database may be away before the pages say so themselves.
PATIENCE = timedelta(seconds=15)
# More events than this at once (an import) are cheaper to answer by reading everything.
MANY = 500


class Published:
    """The one place that visitors' answers come from. `folder`: where a copy is kept for a start without a database."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._refreshing = threading.Lock()
        self._rendering = threading.Lock()
        self._first_look = threading.Event()
        self._watcher = 0
        # Whether the last look found no database.
        self.is_cut_off = False
        self._checked_at: datetime | None = None
        self._saved: tuple[float, Mapping[int, PageFacts]] = (0.0, {})
        self.edition = Edition()

    def find(self, address: str) -> Document | None:
        """What goes out to everybody at this address; drawn now when it is seldom read and nobody asked before."""
        edition = self.edition
        document = edition.public.get(address)
        if document is not None:
            return document
        spec = edition.specs.get(address)
        return self._render(edition, address) if spec and spec.profile.is_public else None

    def find_reserved(self, address: str) -> tuple[Document, PageProfile] | None:
        """The same of pages that are not public, and whose it is: whoever calls must ask whether the visitor may."""
        edition = self.edition
        spec = edition.specs.get(address)
        if spec is None or spec.profile.is_public:
            return None
        return edition.reserved.get(address) or self._render(edition, address), spec.profile

    def _render(self, edition: Edition, address: str) -> Document:
        """One at a time, so that a crowd has each drawn once."""
        with self._rendering:
            document = edition.public.get(address) or edition.reserved.get(address)
            if document is None:
                rendered = edition.documents[address] = render(edition.specs[address], timezone.now())
                document = edition.place(address, rendered)
            return document

    def render_everything(self, language: str = "") -> Mapping[str, Document]:
        """Every public document by its address, those seldom read too; in all languages or in one."""
        profiles = ((address, spec.profile) for address, spec in self.edition.specs.items())
        public = [
            (address, profile)
            for address, profile in profiles
            if profile.is_public and language in {"", profile.language}
        ]
        documents: dict[str, Document] = {}
        with _no_collecting():
            for code, addresses in groupby(public, lambda pair: pair[1].language):
                with translation.override(code):
                    documents |= {
                        address: document for address, _profile in addresses if (document := self.find(address))
                    }
        return documents

    @property
    def checked_at(self) -> datetime | None:
        """When the database last confirmed what is shown."""
        return self._checked_at

    def profile(self, site: str = "") -> PageProfile | None:
        """Whose page stands at the root of this site, if everybody may know: it heads errors and the sign-in."""
        profiles = (facts.profile for facts in self.edition.public_pages)
        return next((profile for profile in profiles if (profile.site, profile.home) == (site, "/")), None)

    def refresh(self, now: datetime | None = None) -> bool:
        """Look for news and take it in; True when documents were swapped. Safe to call from any thread, at any rate.

        While the database is away the documents are kept true from memory, or, after a restart, from the copy on disk.
        """
        with self._refreshing:
            return self._look(now or timezone.now())

    def catch_up(self) -> None:
        """Look for those at whose address nothing is known; not while this process's own thread looks: of visitors
        nobody waits for a slow database."""
        if self._refreshing.acquire(blocking=not self.is_watching):
            try:
                self._look(timezone.now())
            finally:
                self._refreshing.release()

    def _look(self, now: datetime) -> bool:
        before = self.edition
        try:
            self._take_in(newest_public_id(), now)
        except (DatabaseError, InterfaceError) as error:
            self.is_cut_off = True
            self._do_without_database(now, error)
        else:
            self.is_cut_off = False
            self._checked_at = now
        self._first_look.set()
        return self.edition is not before

    def look_first(self) -> None:
        """For those who ask before this process knows anything: wait for its first look at the database, and when that
        takes long, take the copy on disk."""
        if not self._watcher:
            self.refresh()
        elif not self._first_look.wait(FIRST_LOOK):
            with self._rendering:
                if not self.edition.is_known:
                    self._load_copy(timezone.now())

    @property
    def is_watching(self) -> bool:
        """Whether a thread of this process keeps the documents true, so that nobody else need look."""
        return self._watcher == os.getpid() and self.edition.is_known

    def watch(self) -> None:
        """Refresh five times a second from now on, in a thread of this process, and keep the copy in another, so that
        no news wait for that. A second call does nothing."""
        if self._watcher != os.getpid():
            self._watcher = os.getpid()
            threading.Thread(target=self._look_forever, name="published", daemon=True).start()
            threading.Thread(target=self._save_forever, name="copy", daemon=True).start()

    def _look_forever(self) -> None:
        while True:
            try:
                close_old_connections()
                self.refresh()
            except Exception:
                log.exception("The public documents could not be renewed; the last ones stay")
            time.sleep(LOOK_EVERY)

    def _save_forever(self) -> None:
        while True:
            time.sleep(LOOK_EVERY)
            try:
                self.save_copy()
            except Exception:
                log.exception("The copy of the public documents could not be written; the last one stays")

    # -- from the database --------------------------------------------------------------------------------------------

    def _take_in(self, newest: int, now: datetime) -> None:
        if newest != self.edition.newest:
            with _no_collecting():
                self.publish_edition(self._read(newest), newest, now)
        elif self.edition.away_since or self.edition.has_expired(now):
            self.publish_edition(self.edition.pages, newest, now)

    def _read(self, newest: int) -> Mapping[int, PageFacts]:
        """The facts of every page; of those already known, only what the events since then have touched."""
        previous = self.edition.pages if 0 <= self.edition.newest < newest else {}
        events = Event.objects.filter(is_public=True, pk__gt=self.edition.newest, pk__lte=newest)
        news = list(events.values_list("page_id", "incident_id")[: MANY + 1]) if previous else []
        if len(news) > MANY:
            previous = {}
        changed_keys: dict[int | None, set[int | None]] = defaultdict(set)
        for page_id, incident_id in news:
            changed_keys[page_id].add(incident_id)
        news_of_all = {page: frozenset(incidents) for page, incidents in changed_keys.items()}
        for page, facts in previous.items():
            changed_keys[page].update(*(news_of_all.get(host, ()) for host in facts.hosts))
        return {page.pk: _facts(page, previous.get(page.pk), changed_keys[page.pk]) for page in Page.objects.all()}

    # -- into memory --------------------------------------------------------------------------------------------------

    def publish_edition(
        self, pages: Mapping[int, PageFacts], newest: int, now: datetime, away_since: datetime | None = None
    ) -> None:
        """Documents in other languages follow those in the default one, so that these wait for nothing."""
        before = self.edition
        edition = Edition(newest, pages, away_since=away_since)
        edition.render(default_documents_of(pages.values(), now), before, now)
        if edition.has_other_languages and before.pages:
            self.edition = edition.with_other_languages_of(before)
        edition.render(translated_documents_of(pages.values(), now), before, now, are_lazy=True)
        self.edition = edition

    # -- without the database -----------------------------------------------------------------------------------------

    def _do_without_database(self, now: datetime, error: Exception) -> None:
        edition = self.edition
        if not edition.is_known:
            self._load_copy(now)
        elif edition.has_expired(now):
            self.publish_edition(edition.pages, edition.newest, now, edition.away_since)
        checked_at = self._checked_at
        if self.edition.away_since is None and checked_at and now - checked_at > PATIENCE:
            log.warning("The database does not answer; the public pages are as of %s: %s", checked_at, error)
            self.edition = self.edition.away(checked_at)

    def _load_copy(self, now: datetime) -> None:
        """Take the copy on disk; it says at once how old it is."""
        copy = disk_copy.load(self._folder) if self._folder else None
        if copy is None:
            return
        pages, self._checked_at = copy
        self.publish_edition(dict(enumerate(pages)), -1, now, self._checked_at)
        log.warning("Started without a database; the public pages are as of %s", self._checked_at)

    # -- onto the disk ------------------------------------------------------------------------------------------------

    def save_copy(self) -> None:
        """Write the copy when the facts changed, or once a minute, so that the copy knows its age."""
        edition, checked_at, (saved_at, saved) = self.edition, self._checked_at, self._saved
        wait = SAVE_EVERY if saved is not edition.pages else 12 * SAVE_EVERY
        if self._folder is None or edition.away_since or checked_at is None:
            return
        if time.monotonic() - saved_at < wait and saved_at:
            return
        self._saved = (time.monotonic(), edition.pages)
        try:
            disk_copy.save(edition.public_pages, checked_at, self._folder)
        except OSError as error:
            log.warning("The copy of the public pages could not be written: %s", error)


def _facts(page: Page, previous: PageFacts | None, changed_keys: set[int | None]) -> PageFacts:
    """An event without an incident changed the page or a component: then every text of the page may differ."""
    if previous is None or None in changed_keys:
        return read_page(page)
    return read_page(page, previous, {key for key in changed_keys if key}) if changed_keys else previous


@contextmanager
def _no_collecting() -> Iterator[None]:
    """Printing makes tens of thousands of objects that stay. To search the whole process for garbage meanwhile, again
    and again, takes as long as the printing itself."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@cache
def published() -> Published:
    """This process's own."""
    return Published(Path(settings.DATA_DIR) / "published")


def profile_at(site: str = "") -> PageProfile:
    """The profile of the page at the root of this site as last published; asks no database."""
    return published().profile(site) or PageProfile()
