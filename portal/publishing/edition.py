"""One edition: all that is published at one moment."""

import logging
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property, lru_cache

from django.template.loader import render_to_string
from django.utils import translation

from portal.documents.document import JSON, Document
from portal.documents.spec import DocumentSpec, finish, render
from portal.facts.page import PageFacts
from portal.facts.profile import PageLanguage, PageProfile

AWAY_MARK = b"<!-- away -->"
AS_OF = b'"as_of":null'  # the same for programs
# So many documents that are seldom read are drawn again at once when they were drawn before.
MOST_AGAIN = 100
# What could not be drawn is tried again after this, and when something changes.
TRIED_AGAIN = timedelta(minutes=1)

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Edition:
    """All that is published at one moment: of every address what to draw, and of those drawn so far the documents.

    `public` are the documents that go out to everybody, `reserved` those of pages that are not public; while the
    database is away both say how old they are.
    """

    newest: int = -1
    pages: Mapping[int, PageFacts] = field(default_factory=dict)
    specs: dict[str, DocumentSpec] = field(default_factory=dict, repr=False)
    documents: dict[str, Document] = field(default_factory=dict, repr=False)
    public: dict[str, Document] = field(default_factory=dict, repr=False)
    reserved: dict[str, Document] = field(default_factory=dict, repr=False)
    away_since: datetime | None = None

    @property
    def is_known(self) -> bool:
        return bool(self.pages) or self.newest >= 0

    @cached_property
    def domains(self) -> frozenset[str]:
        """Hosts that are a page's own."""
        return frozenset(facts.profile.site for facts in self.pages.values()) - {""}

    @property
    def public_pages(self) -> tuple[PageFacts, ...]:
        return tuple(facts for facts in self.pages.values() if facts.profile.is_public)

    @property
    def has_other_languages(self) -> bool:
        return any(len(facts.profile.languages) > 1 for facts in self.pages.values())

    def has_expired(self, now: datetime) -> bool:
        """Whether a document reads differently by now. A list, since others may be drawn meanwhile."""
        return any(document.valid_until and document.valid_until <= now for document in list(self.documents.values()))

    def place(self, address: str, document: Document) -> Document:
        """Where it can be found, for everybody or not, as it goes out."""
        shelf = self.public if self.specs[address].profile.is_public else self.reserved
        shelf[address] = self._as_shown(address, document)
        return shelf[address]

    def _as_shown(self, address: str, document: Document) -> Document:
        if self.away_since is None:
            return document
        spec, body = self.specs[address], document.plain.body
        mark, note = (AS_OF, _moment) if spec.content_type == JSON else (AWAY_MARK, _away_notice)
        if mark not in body:
            return document
        body = body.replace(mark, note(spec.profile, self.away_since), 1)
        return finish(spec, body, valid_until=document.valid_until, changed_at=document.changed_at)

    def render(
        self, specs: Iterable[DocumentSpec], before: "Edition", now: datetime, *, are_lazy: bool = False
    ) -> None:
        """Take in these addresses. What reads as before is taken over from there; what is often read, or was drawn
        before, is drawn now, so that nobody waits for it; everything else when somebody asks, and so is all of it if
        they `are_lazy`."""
        refreshes_left = MOST_AGAIN
        for spec in specs:
            address, is_lazy = spec.address, are_lazy or spec.is_lazy
            self.specs[address] = spec
            document = before.documents.get(address)
            if document is None and is_lazy:
                continue
            if document is None or not document.is_current(spec.source, now):
                refreshes_left -= document is not None
                if is_lazy and refreshes_left < 0:
                    continue
                document = _rendered(spec, document, now)
                if document is None:
                    continue
            self.documents[address] = document
            self.place(address, document)

    def with_other_languages_of(self, before: "Edition") -> "Edition":
        """For the moment until they are drawn too: those of the last edition, of pages that have the same readers yet.
        Its number is the last one's: nobody has seen everything that is new."""
        readers = {(profile.site, language.root, profile.visibility) for profile, language in self._other_languages()}
        edition = replace(
            self,
            newest=before.newest,
            specs=dict(self.specs),
            documents=dict(self.documents),
            public=dict(self.public),
            reserved=dict(self.reserved),
        )
        for address, spec in before.specs.items():
            profile = spec.profile
            if (profile.site, profile.root, profile.visibility) in readers:
                edition.specs[address] = spec
                document = before.documents.get(address)
                if document is not None:
                    edition.documents[address] = document
                    edition.place(address, document)
        return edition

    def _other_languages(self) -> Iterator[tuple[PageProfile, PageLanguage]]:
        profiles = (facts.profile for facts in self.pages.values())
        return ((profile, language) for profile in profiles for language in profile.languages[1:])

    def away(self, since: datetime) -> "Edition":
        """The same, saying how old it is."""
        edition = replace(self, public={}, reserved={}, away_since=since)
        for address, document in list(edition.documents.items()):
            edition.place(address, document)
        return edition


def _rendered(spec: DocumentSpec, last: Document | None, now: datetime) -> Document | None:
    """One that cannot be drawn holds up no other, least of all a page that is not for everybody any more: its last text
    stays for a while."""
    try:
        return render(spec, now)
    except Exception:
        profile = spec.profile  # its root may be a secret link, which no log may hold
        path = spec.path.removeprefix(profile.root)
        log.exception("A document of the page %s cannot be drawn, and stays as it was: /%s", profile.slug, path)
        return replace(last, valid_until=now + TRIED_AGAIN) if last else None


@lru_cache(maxsize=64)
def _away_notice(profile: PageProfile, since: datetime) -> bytes:
    with translation.override(profile.language):
        return render_to_string("public/_away.html", {"since": since, "zone": profile.zone}).encode()


def _moment(_profile: PageProfile, since: datetime) -> bytes:
    return f'"as_of":"{since.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"'.encode()
