"""What to do meanwhile stands in feeds too, as long as it helps, and nowhere where others would not expect it."""

import re

import pytest

from portal.facts.page import AffectedFacts
from tests.portal.documents.test_feeds import ATOM, parse, root_of
from tests.portal.make_facts import (
    make_component_facts,
    make_incident_facts,
    make_maintenance,
    make_page_facts,
    make_resolved,
    make_update_facts,
)
from tests.portal.rendered import text_of

ADVICE = "Take the **stairs**.\n\n* [More](https://example.org/)\n\n<b>x</b>"
ADVISED = (
    "<p><strong>What to do meanwhile</strong></p><p>Take the <strong>stairs</strong>.</p>\n<ul>\n"
    '<li><a href="https://example.org/" rel="nofollow noopener">More</a></li>\n</ul>\n<p>&lt;b&gt;x&lt;/b&gt;</p>'
)


@pytest.mark.parametrize("path", ["/history.atom", "/history.rss", "/components/web/history.atom"])
def test_the_story_of_what_goes_on_begins_with_what_to_do_meanwhile(path):
    touched = (AffectedFacts("web", "Web", "major_outage"),)
    one = make_incident_facts(advice=ADVICE, updates=(make_update_facts(-1, body="We look"),), affected=touched)
    root = root_of(make_page_facts(incidents=(one,), components=(make_component_facts(public_id="web"),)), path)
    [content] = [*root.iter(f"{ATOM}content"), *root.findall("channel/item/description")]

    assert content.text.startswith(ADVISED)
    assert content.text.index("stairs") < content.text.index("We look")


def test_planned_work_says_it_after_its_window():
    ahead = make_maintenance(20, 22, advice="Fill a bath.")
    [entry] = parse(make_page_facts(incidents=(ahead,)), "/history.atom").entries

    assert re.match(
        r"<p>Planned from .*</p><p><strong>What to do meanwhile</strong></p><p>Fill", entry.content[0].value
    )


def test_what_is_over_needs_no_advice_any_more():
    facts = make_page_facts(incidents=(make_resolved(advice=ADVICE, updates=(make_update_facts(-1),)),))

    assert "meanwhile" not in text_of(facts, "/history.atom") + text_of(facts, "/history.rss")


def test_updates_and_the_statuspage_api_stay_what_they_are():
    one = make_incident_facts(advice=ADVICE, updates=(make_update_facts(-1, body="We look"),))
    facts = make_page_facts(incidents=(one,))

    assert "stairs" not in text_of(facts, "/updates.atom") + text_of(facts, "/api/v2/incidents.json")
