"""What is drawn once for all documents of a page must be the same as if it had been drawn for each."""

from dataclasses import replace
from datetime import datetime

import pytest
from django.template import Context, Template, TemplateSyntaxError
from django.utils import translation

from portal.documents import component, incident, month
from portal.documents.prerendered import prerendered
from portal.documents.registry import documents_of
from portal.documents.spec import render
from portal.facts.page import PageFacts
from portal.facts.profile import PageProfile
from portal.html import writer
from portal.html.states import state_in
from portal.templatetags import look
from portal.templatetags.reuse import MOST, Reused
from tests.portal.make_facts import (
    NOON,
    at,
    make_component_facts,
    make_estimate_facts,
    make_group,
    make_incident_facts,
    make_maintenance,
    make_page_facts,
    make_resolved,
    make_update_facts,
)


def rendered(text: str, **values: object) -> str:
    return Template("{% load reuse %}" + text).render(Context(values))


def rich_facts() -> PageFacts:
    """Something of each kind."""
    group = make_group("g1", "Region")
    components = (
        make_component_facts("major_outage", group_id="g1"),
        make_component_facts(),
        make_component_facts(description="With words"),
    )
    said = (make_update_facts(-1, "identified"), make_update_facts(-2))
    return make_page_facts(
        groups=(group,),
        components=components,
        incidents=(
            make_maintenance(24, 26),
            make_incident_facts(
                updates=said,
                estimates=(make_estimate_facts(-2, 1), make_estimate_facts(-3, -2)),
                next_update_due_at=at(1),
            ),
            make_incident_facts(
                updates=(make_update_facts(-1, corrects=said[1].key), said[1]), estimates=(make_estimate_facts(-1),)
            ),
            make_resolved(-2, updates=(make_update_facts(-2, "resolved"), make_update_facts(-4)), started_at=at(-5)),
            make_resolved(-2000, started_at=at(-2002)),
        ),
    )


def texts(facts: PageFacts, now: datetime = NOON) -> dict[str, str]:
    return {spec.path: render(spec, now).plain.body.decode() for spec in documents_of(facts, now)}


def test_the_inside_is_drawn_once_for_the_same_values() -> None:
    template = Template("{% load reuse %}{% reuse who %}{{ who }}{{ other }}{% endreuse %}")

    first = template.render(Context({"who": "Ana", "other": 1}))

    assert template.render(Context({"who": "Ana", "other": 2})) == first == "Ana1"
    assert template.render(Context({"who": "Ben", "other": 3})) == "Ben3"


def test_each_language_has_its_own() -> None:
    template = Template("{% load i18n reuse %}{% reuse %}{% get_current_language as now %}{{ now }}{% endreuse %}")

    seen = []
    for language in ("en", "de", "en"):
        with translation.override(language):
            seen.append(template.render(Context()))

    assert seen == ["en", "de", "en"]


def test_it_does_not_grow_without_end() -> None:
    template = Template("{% load reuse %}{% reuse n %}{{ n }}{% endreuse %}")
    for number in range(MOST + 10):
        template.render(Context({"n": number}))

    [node] = template.nodelist.get_nodes_by_type(Reused)
    assert len(node._texts) <= MOST


def test_a_block_inside_is_refused() -> None:
    with pytest.raises(TemplateSyntaxError, match="No block"):
        rendered("{% reuse %}{% block main %}{% endblock %}{% endreuse %}")


@pytest.mark.parametrize("language", ["en", "de"])
def test_documents_read_as_if_nothing_had_been_kept(language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two pages in turn, so that something that is kept for one of them would show on the other."""
    first = rich_facts()
    first = replace(first, profile=replace(first.profile, language=language))
    other = PageProfile(name="Other & Sons", root="/p/other/", slug="other", zone="Asia/Tokyo", language=language)
    second = replace(first, profile=replace(other, support_email="a@example.org", url="https://example.org"))
    kept = texts(first), texts(second), texts(first)

    monkeypatch.setattr(Reused, "render", lambda node, context: node._inside.render(context))
    monkeypatch.setattr(look, "state_in", state_in.__wrapped__)
    monkeypatch.setattr(writer, "state_in", state_in.__wrapped__)
    for page in (component, incident, month):
        monkeypatch.setattr(page, "prerendered", prerendered.__wrapped__)

    plain = texts(first), texts(second)
    assert (kept[0], kept[1]) == plain
    assert kept[2] == kept[0]
