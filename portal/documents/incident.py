"""One incident or maintenance: what, since when, whom, what to do meanwhile, when we speak next, and what we said."""

from datetime import datetime
from html import escape
from typing import NamedTuple

from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from portal.board.timeline import EstimateView, IncidentView, incident_at
from portal.documents.prerendered import placeholder, prerendered
from portal.documents.spec import DocumentSpec, RenderedDocument
from portal.facts.page import IncidentFacts
from portal.facts.profile import PageProfile
from portal.html.durations import lasting
from portal.html.markup import excerpt
from portal.html.states import estimate_words, icon, shape, tone
from portal.html.writer import Writer, writer_for

TEMPLATE = "public/incident.html"
PATH = f"incidents/{placeholder('public_id')}"
PLACEHOLDERS = (
    "name", "title", "description", "until", "words", "latest", "latest_marks", "turned", "started_at",
    "scheduled_for", "scheduled_until", "former", "resolved_at", "duration", "rules", "affected", "meanwhile",
    "outlook", "updates", "estimates",
)  # fmt: skip


class Shape(NamedTuple):
    """What the template asks about."""

    status_word: str
    impact: str
    is_over: bool
    is_planned: bool
    is_ahead: bool
    is_withdrawn: bool
    has_updates: bool
    has_estimates: bool
    has_duration: bool
    has_rules: bool
    has_affected: bool
    has_former: bool
    rule: str
    reminders: tuple[int, ...]


def incident_document(profile: PageProfile, incident: IncidentFacts, *, is_lazy: bool) -> DocumentSpec:
    def render(now: datetime) -> RenderedDocument:
        view = incident_at(incident, now)
        return RenderedDocument(text_of(view, profile), view.valid_until)

    return DocumentSpec(
        f"{profile.root}incidents/{incident.public_id}", profile, (profile, incident), render, is_lazy=is_lazy
    )


def text_of(view: IncidentView, profile: PageProfile) -> str:
    facts, pen = view.facts, writer_for(profile)
    template = prerendered(TEMPLATE, profile, PATH, PLACEHOLDERS, _shape(view))
    title, latest = escape(facts.name), escape(excerpt(view.latest.html)) if view.latest else ""
    is_planned, is_over = facts.is_planned, facts.is_over
    return template.fill(
        {
            "public_id": escape(facts.public_id),
            "title": title,
            "name": pen.text(facts),
            "description": latest or title,
            "words": f"{title}: {latest}" if view.latest else title,
            "until": view.valid_until.isoformat() if view.valid_until else "",
            "latest": latest,
            "latest_marks": pen.marks(view.latest, "html") if view.latest else "",
            "turned": "" if is_over or facts.is_ahead else pen.turned(facts.affected),
            "started_at": "" if is_planned else pen.moment(facts.started_at, is_relative=not is_over),
            "scheduled_for": _moment(facts.scheduled_for, pen) if is_planned else "",
            "scheduled_until": _moment(facts.scheduled_until, pen) if is_planned else "",
            "former": "<br>".join(_past(pen.moment(start)) for start, _until in facts.planning.former),
            "resolved_at": _moment(facts.resolved_at, pen) if is_over else "",
            "duration": lasting(view.duration) if view.duration else "",
            "rules": _fragment("_rules", view, profile) if facts.scopes else "",
            "affected": ", ".join(pen.text(component) for component in facts.affected),
            "meanwhile": "" if is_over else _fragment("_meanwhile", view, profile),
            "outlook": "" if is_over or facts.is_ahead else _fragment("_outlook", view, profile),
            "updates": "".join(pen.update_row(update, level=2) for update in view.updates),
            "estimates": "".join(_estimate(estimate, pen) for estimate in view.estimates),
        }
    )


def _shape(view: IncidentView) -> Shape:
    facts = view.facts
    return Shape(
        status_word=facts.status_word,
        impact=facts.impact,
        is_over=facts.is_over,
        is_planned=facts.is_planned,
        is_ahead=facts.is_ahead,
        is_withdrawn=facts.is_withdrawn,
        has_updates=bool(view.updates),
        has_estimates=bool(view.estimates),
        has_duration=bool(view.duration) and not facts.is_planned,
        has_rules=bool(facts.scopes),
        has_affected=bool(facts.affected),
        has_former=bool(facts.planning.former),
        rule=facts.planning.rule,
        reminders=facts.planning.reminders if facts.is_ahead else (),
    )


def _fragment(name: str, view: IncidentView, profile: PageProfile) -> str:
    """What few incidents have, as the status page draws it too."""
    return render_to_string(f"public/{name}.html", {"view": view, "page": profile, "zone": profile.zone})


def _moment(when: datetime | None, pen: Writer) -> str:
    return pen.moment(when) if when else ""


def _past(moment: str) -> str:
    return f'<s class="past">{moment}</s>'


def _estimate(estimate: EstimateView, pen: Writer) -> str:
    when = ""
    if estimate.restored_by:
        moment = pen.moment(estimate.restored_by)
        when = f"<span>{moment if estimate.state == 'current' else _past(moment)}</span>"
    sentences = [_("Said %(said)s.") % {"said": pen.moment(estimate.said_at)}]
    if estimate.reason:
        sentences.append(pen.text(estimate, "reason"))
    if estimate.source:
        sentences.append(_("Source: %(source)s.") % {"source": pen.text(estimate, "source")})
    return (
        f'<li class="{tone(estimate.state)}">{icon(shape(estimate.state))}'
        f'<div class="row"><strong>{escape(estimate_words(estimate))}</strong>{when}</div>\n'
        f'<p class="soft">{" ".join(sentences)}</p></li>'
    )
