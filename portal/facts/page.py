"""What one page says in public, as plain values: no hidden component, no draft, nothing that depends on the hour.

Everything that visitors see is derived from these facts (see portal.board).
They are read in the page's default language. `texts` are the same texts in other languages, `translated` the fields
that are not in the default one (see portal.facts.translated).
"""

from dataclasses import dataclass, field
from datetime import date, datetime

from incidents.queries.translations import TranslatedText
from portal.facts.planning import UNPLANNED, IncidentTimes, Planning
from portal.facts.profile import PageProfile
from portal.facts.records import Record
from portal.facts.scopes import ScopeFacts


@dataclass(frozen=True)
class ComponentFacts:
    """One visible component."""

    public_id: str
    name: str
    description: str
    status: str
    group_id: str
    only_if_degraded: bool
    position: int
    showcase: bool
    start_date: date | None
    created_at: datetime
    updated_at: datetime
    texts: tuple[TranslatedText, ...] = ()
    translated: tuple[str, ...] = ()


@dataclass(frozen=True)
class GroupFacts:
    public_id: str
    name: str
    description: str
    position: int
    created_at: datetime
    updated_at: datetime
    texts: tuple[TranslatedText, ...] = ()
    translated: tuple[str, ...] = ()


@dataclass(frozen=True)
class AffectedFacts:
    """A visible component that an incident affects, and the status it is in because of it."""

    public_id: str
    name: str
    status: str
    translated: tuple[str, ...] = ()


@dataclass(frozen=True)
class ComponentChange:
    """What an update said of one component, in the words that it had then; a status is empty where none was named."""

    code: str
    name: str
    before: str
    after: str


@dataclass(frozen=True)
class UpdateFacts:
    """One update as it was published. `affected` and `changes` are None where the update does not speak of components.

    `amended_at`: when this translation took the place of an earlier one.
    """

    key: int
    public_id: str
    status: str
    body: str
    html: str
    at: datetime
    affected: tuple[AffectedFacts, ...] | None
    changes: tuple[ComponentChange, ...] | None
    corrects: int | None
    is_sent: bool
    created_at: datetime
    updated_at: datetime
    texts: tuple[TranslatedText, ...] = ()
    translated: tuple[str, ...] = ()
    amended_at: datetime | None = None


@dataclass(frozen=True)
class EstimateFacts:
    """One published estimate; `restored_by` is None for "we do not know yet"."""

    stage: str
    restored_by: datetime | None
    reason: str
    source: str
    at: datetime
    texts: tuple[TranslatedText, ...] = ()
    translated: tuple[str, ...] = ()


@dataclass(frozen=True)
class IncidentFacts(IncidentTimes):
    """One published incident or maintenance; updates and estimates newest first."""

    key: int
    public_id: str
    name: str
    kind: str
    status: str
    impact: str
    shortlink: str
    started_at: datetime
    published_at: datetime
    monitoring_at: datetime | None
    resolved_at: datetime | None
    scheduled_for: datetime | None
    scheduled_until: datetime | None
    next_update_due_at: datetime | None
    updated_at: datetime
    affected: tuple[AffectedFacts, ...]
    updates: tuple[UpdateFacts, ...]
    estimates: tuple[EstimateFacts, ...]
    texts: tuple[TranslatedText, ...] = ()
    translated: tuple[str, ...] = ()
    # What to do meanwhile, in Markdown.
    advice: str = ""
    # Without a rule: everybody who uses what is touched.
    scopes: tuple[ScopeFacts, ...] = ()
    planning: Planning = UNPLANNED


@dataclass(frozen=True)
class PageFacts:
    """All that is public about one page; incidents newest first.

    `records`: how each component fared, in their order. `changed_at`: when the page's own particulars changed.
    `updated_at`: when anything on it did, imports aside.
    """

    public_id: str
    profile: PageProfile
    created_at: datetime
    changed_at: datetime
    updated_at: datetime
    groups: tuple[GroupFacts, ...]
    components: tuple[ComponentFacts, ...]
    incidents: tuple[IncidentFacts, ...] = field(repr=False)
    # Web sites that may frame its widget.
    embed_origins: tuple[str, ...] = ()
    texts: tuple[TranslatedText, ...] = ()
    records: tuple[Record, ...] = field(default=(), repr=False)
    logo: str = field(default="", repr=False)  # in base64
    hosts: tuple[int, ...] = ()  # pages whose components stand here too
