"""What is drawn when an edition is printed, what is taken over, and what waits until somebody asks."""

from dataclasses import replace

import pytest

from portal.documents.registry import default_documents_of, translated_documents_of
from portal.documents.spec import render
from portal.facts.page import PageFacts
from portal.facts.profile import PageLanguage
from portal.publishing import edition as module
from portal.publishing.edition import Edition
from portal.publishing.store import Published
from tests.portal.make_facts import (
    NOON,
    NORTHWIND,
    at,
    make_component_facts,
    make_incident_facts,
    make_page_facts,
    make_update_facts,
)

LANGUAGES = (PageLanguage("en", "English", "/"), PageLanguage("de", "Deutsch", "/de/"))
PROFILE = replace(NORTHWIND, languages=LANGUAGES)
CUT = make_incident_facts(public_id="cut", updates=(make_update_facts(-1),))
FACTS = make_page_facts(profile=PROFILE, components=(make_component_facts(), make_component_facts()), incidents=(CUT,))


def after_an_update(facts: PageFacts, words: str) -> PageFacts:
    [cut] = facts.incidents
    return replace(facts, incidents=(replace(cut, updates=(make_update_facts(0, body=words), *cut.updates)),))


@pytest.fixture
def store() -> Published:
    made = Published()
    made.publish_edition({1: FACTS}, 1, NOON)
    return made


def text(edition: Edition, address: str) -> str:
    return edition.public[address].plain.body.decode()


def test_other_languages_wait_until_somebody_asks(store: Published) -> None:
    assert "/" in store.edition.documents
    assert "/de/" not in store.edition.documents
    assert store.find("/de/")


def test_what_was_drawn_before_is_drawn_again_so_that_nobody_waits(store: Published) -> None:
    store.find("/de/")

    store.publish_edition({1: after_an_update(FACTS, "It works again")}, 2, NOON)

    assert "It works again" in text(store.edition, "/de/")
    assert "/de/maintenance" not in store.edition.documents


def test_but_not_without_end(store: Published, monkeypatch: pytest.MonkeyPatch) -> None:
    store.render_everything()
    monkeypatch.setattr(module, "MOST_AGAIN", 0)

    store.publish_edition({1: after_an_update(FACTS, "It works again")}, 2, NOON)

    assert "It works again" in text(store.edition, "/")
    assert "/de/" not in store.edition.documents
    assert store.find("/de/")


def test_what_reads_as_before_is_the_very_same_document(store: Published) -> None:
    store.render_everything()
    before = store.edition

    store.publish_edition({1: after_an_update(FACTS, "It works again")}, 2, NOON)

    for address in ("/maintenance", "/de/maintenance", "/badge.svg"):
        assert store.edition.documents[address] is before.documents[address]
    assert store.edition.documents["/"] is not before.documents["/"]


def test_the_default_language_is_shown_before_the_others_are_drawn(
    store: Published, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.find("/de/")
    seen = []

    def looking(spec, now):
        seen.append((spec.path, store.edition))
        return render(spec, now)

    monkeypatch.setattr(module, "render", looking)
    store.publish_edition({1: after_an_update(FACTS, "It works again")}, 2, NOON)

    between = next(edition for path, edition in seen if path == "/de/")
    assert "It works again" in text(between, "/")
    assert "It works again" not in text(between, "/de/")
    assert between.newest == 1
    assert store.edition.newest == 2


def test_one_that_cannot_be_drawn_holds_up_no_other(
    store: Published, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    refused = {"/incidents/cut", "/updates.atom"}
    before = text(store.edition, "/incidents/cut")

    def refusing(spec, now):
        if spec.path in refused:
            raise ZeroDivisionError
        return render(spec, now)

    monkeypatch.setattr(module, "render", refusing)
    news = after_an_update(FACTS, "It works again")
    store.publish_edition({1: news}, 2, NOON)

    assert "It works again" in text(store.edition, "/")
    assert text(store.edition, "/incidents/cut") == before
    assert "/incidents/cut" in caplog.text

    refused.clear()
    assert not store.edition.has_expired(at(0))
    assert store.edition.has_expired(at(1))
    store.publish_edition({1: news}, 2, at(1))
    assert "It works again" in text(store.edition, "/incidents/cut")


def test_a_page_leaves_the_public_even_when_it_cannot_be_drawn(
    store: Published, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refusing(spec, now):
        raise ZeroDivisionError

    monkeypatch.setattr(module, "render", refusing)
    hidden = replace(PROFILE, visibility="link", root="/s/0f0f/", home="/s/0f0f/", languages=())
    for profile in (replace(PROFILE, visibility="signed_in"), hidden):
        store.publish_edition({1: replace(FACTS, profile=profile)}, 2, NOON)

        assert store.edition.public == {}
        assert store.find("/") is None

    assert "0f0f" not in caplog.text


@pytest.mark.parametrize("visibility", ["signed_in", "groups", "link"])
def test_other_languages_of_a_page_that_is_no_longer_public_do_not_stay_for_that_moment(
    store: Published, visibility: str
) -> None:
    store.render_everything()
    hidden = replace(FACTS, profile=replace(PROFILE, visibility=visibility))
    edition = Edition(2, {1: hidden})
    edition.render(default_documents_of([hidden], NOON), store.edition, NOON)

    between = edition.with_other_languages_of(store.edition)

    assert between.public == {}
    assert not [address for address in between.specs if address.startswith("/de/")]


def test_both_ways_together_know_every_address() -> None:
    specs = [*default_documents_of([FACTS], NOON), *translated_documents_of([FACTS], NOON)]

    addresses = [spec.address for spec in specs]
    assert len(addresses) == len(set(addresses))
    assert {"/", "/de/", "/api/v2/summary.json", "/de/history.atom"} <= set(addresses)
    assert "/de/api/v2/summary.json" not in addresses


def test_a_later_hour_draws_only_what_turned() -> None:
    store = Published()
    facts = replace(FACTS, incidents=(replace(CUT, next_update_due_at=at(1)),))
    store.publish_edition({1: facts}, 1, NOON)
    before = store.edition

    store.publish_edition({1: facts}, 1, at(2))

    assert store.edition.documents["/"] is not before.documents["/"]
    assert store.edition.documents["/history.atom"] is before.documents["/history.atom"]
