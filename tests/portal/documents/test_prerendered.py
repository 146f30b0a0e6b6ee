"""A page that is drawn once for many documents reads as if it had been drawn for each."""

from html import escape
from typing import NamedTuple
from urllib.parse import urlencode

import pytest
from django.template import Context, Template

from portal.documents.prerendered import Prerendered, placeholder, prerendered
from portal.facts.page import AffectedFacts
from portal.facts.records import Record
from portal.html.markup import excerpt
from tests.portal.make_facts import (
    NORTHWIND,
    at,
    make_component_facts,
    make_estimate_facts,
    make_incident_facts,
    make_page_facts,
    make_resolved,
    make_update_facts,
)
from tests.portal.rendered import text_of

HOSTILE = """<b>&amp; "q" 'a' {{ x }} {% y %} %(n)s \\1 xnamex"""


class NoShape(NamedTuple):
    pass


def test_words_stand_where_the_gaps_were() -> None:
    stencil = Prerendered(("a", "name", "b", "name", "c", "day", ""))

    assert stencil.fill({"name": "Ana", "day": "today", "unused": "x"}) == "aAnabAnactoday"


def test_a_gap_that_nobody_fills_is_an_error() -> None:
    with pytest.raises(KeyError, match="day"):
        Prerendered(("a", "day", "b")).fill({"name": "Ana"})


@pytest.mark.parametrize("text", ["{% if name %}x{% endif %}", "{{ name|default:'x' }}", "{{ name|yesno }}"])
def test_a_template_may_not_ask_about_a_gap(text: str) -> None:
    with pytest.raises(TypeError, match="name"):
        Template(text).render(Context({"name": placeholder("name")}))


def test_escaping_and_quoting_leave_a_gap_as_it_is() -> None:
    address = f"/incidents/{placeholder('name')}"

    assert (escape(address), urlencode({"url": address})) == (address, f"url=%2Fincidents%2F{placeholder('name')}")


def test_documents_of_the_same_shape_share_a_stencil() -> None:
    again = prerendered("public/month.html", NORTHWIND, placeholder("address"), (), NoShape())

    assert prerendered("public/month.html", NORTHWIND, placeholder("address"), (), NoShape()) is again


@pytest.mark.parametrize("path", ["/incidents/{}", "/components/{}"])
def test_what_people_typed_is_text_wherever_it_stands(path: str) -> None:
    """In the title, in headings, in attributes and in what is said of it: all else is as on a page with plain words."""
    plain, hostile = (
        make_page_facts(
            incidents=(
                make_incident_facts(
                    public_id="one",
                    name=words,
                    affected=(AffectedFacts("one", words, "major_outage"),),
                    updates=(make_update_facts(key=1, public_id="s", html=f"<p>{escape(words)}</p>"),),
                    estimates=(make_estimate_facts(-1, 1, reason=words, source=words),),
                ),
            ),
            components=(make_component_facts(public_id="one", name=words, description=words, position=1),),
            records=(Record("one", at(-9)),),
        )
        for words in ("Zebra", HOSTILE)
    )

    assert text_of(hostile, path.format("one")) == text_of(plain, path.format("one")).replace("Zebra", escape(HOSTILE))


def test_one_page_keeps_nothing_of_another() -> None:
    first, second = (
        make_resolved(name=name, updates=(make_update_facts(html=f"<p>{name}!</p>"),)) for name in ("One", "Two")
    )
    facts = make_page_facts(incidents=(first, second))

    texts = [text_of(facts, f"/incidents/{one.public_id}") for one in (first, second, first)]

    assert texts[0] == texts[2]
    assert ("Two" in texts[0], "One" in texts[1]) == (False, False)
    assert excerpt(second.updates[0].html) in texts[1]
