"""What a public document is drawn from, and how it becomes bytes."""

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime

from django.template.loader import render_to_string
from django.utils import translation

from portal.documents.document import FRESH, HTML, Document, Policy, make_document
from portal.facts.profile import PageProfile

Context = dict[str, object]


@dataclass(frozen=True)
class RenderedDocument:
    """A document's text at a moment, of a picture its bytes. `changed_at`: when what it says last changed, for readers
    who ask by date."""

    text: str | bytes
    valid_until: datetime | None = None
    changed_at: datetime | None = None


@dataclass(frozen=True)
class DocumentSpec:
    """One address of a page. `source` is all that its text depends on, but for the hour; `render` writes it then.

    `is_open`: scripts of any web site may read it. `is_lazy`: seldom read, so it is drawn when it is asked for.
    `caching` and `policy`: headers of its own, see `portal.documents.document.make_document`.
    """

    path: str
    profile: PageProfile
    source: tuple[object, ...]
    render: Callable[[datetime], RenderedDocument]
    content_type: str = HTML
    is_open: bool = False
    is_lazy: bool = False
    caching: str = FRESH
    policy: Policy = ()

    @property
    def address(self) -> str:
        """What the documents are known by: the path, and before it the domain, if the page has one of its own."""
        return site_key(self.profile.site) + self.path


def site_key(site: str) -> str:
    """What the addresses of one site's documents begin with; nothing for the installation's own hosts."""
    return f"//{site}" if site else ""


def page_document(
    path: str,
    template: str,
    profile: PageProfile,
    source: tuple[object, ...],
    view: Callable[[datetime], tuple[Context, datetime | None]],
    *,
    is_lazy: bool = False,
    policy: Policy = (),
) -> DocumentSpec:
    """A page for people. `view` gives the template's context at a moment, and until when that holds."""

    def render(now: datetime) -> RenderedDocument:
        context, valid_until = view(now)
        common: Context = {"page": profile, "zone": profile.zone, "path": path, "valid_until": valid_until}
        return RenderedDocument(render_to_string(template, {**common, **context}), valid_until)

    return DocumentSpec(path, profile, source, render, is_lazy=is_lazy, policy=policy)


def render(spec: DocumentSpec, now: datetime) -> Document:
    """Write one document in its page's language and zone."""
    language = spec.profile.language
    is_spoken = translation.get_language() == language  # to change to the same takes as long as a small document
    with nullcontext() if is_spoken else translation.override(language):
        rendered = spec.render(now)
    body = rendered.text if isinstance(rendered.text, bytes) else rendered.text.encode()
    changed_at = min(rendered.changed_at, now) if rendered.changed_at else None
    return finish(spec, body, valid_until=rendered.valid_until, changed_at=changed_at)


def finish(
    spec: DocumentSpec, body: bytes, *, valid_until: datetime | None = None, changed_at: datetime | None = None
) -> Document:
    """The text of an address with the headers that are its own."""
    return make_document(
        body,
        path=spec.address,
        content_type=spec.content_type,
        valid_until=valid_until,
        source=spec.source,
        changed_at=changed_at,
        is_open=spec.is_open and spec.profile.is_public,
        caching=spec.caching,
        policy=spec.policy,
    )
