"""A page in another language: what is translated, what falls back, and that what stays the same costs nothing."""

import re
from dataclasses import replace

import pytest
from django.utils import translation

from incidents.queries.translations import TranslatedText
from portal.documents.oembed import Target, describe
from portal.documents.registry import documents_of
from portal.facts.page import AffectedFacts, PageFacts
from portal.facts.profile import PageLanguage
from portal.facts.translated import translated
from tests.portal.make_facts import (
    NOON,
    NORTHWIND,
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

PROFILE = replace(
    NORTHWIND,
    description="Power for the north",
    languages=(
        PageLanguage("en", "English", "/"),
        PageLanguage("de", "Deutsch", "/de/"),
        PageLanguage("ar", "العربية", "/ar/"),
    ),
)


def say(field: str, text: str, html: str = "", **fields: object) -> TranslatedText:
    return TranslatedText(
        **{"language": "de", "field": field, "text": text, "html": html, "made_from": "", "said_at": at(-1), **fields}
    )


def facts_of(**fields: object) -> PageFacts:
    return replace(make_page_facts(), profile=PROFILE, **fields)


def rendered(facts: PageFacts, path: str) -> str:
    spec = next(one for one in documents_of(facts, NOON) if one.path == path)
    with translation.override(facts.profile.language):
        return spec.render(NOON).text


def test_the_default_language_is_the_facts_themselves():
    facts = facts_of()

    assert translated(facts, "en") is facts


def test_a_page_without_translations_shares_everything_with_its_original():
    component = make_component_facts()
    said = make_update_facts(affected=(AffectedFacts(component.public_id, component.name, "major_outage"),))
    one = make_incident_facts(updates=(said,), estimates=(make_estimate_facts(0, 1),), affected=said.affected)
    facts = facts_of(groups=(make_group("g"),), components=(component,), incidents=(one,))

    german = translated(facts, "de")

    assert (german.profile.language, german.profile.root) == ("de", "/de/")
    assert german.groups is facts.groups
    assert german.components is facts.components
    assert german.incidents is facts.incidents


def test_a_letterhead_is_the_same_object_in_every_edition():
    facts = facts_of(texts=(say("description", "Strom für Euskirchen"),))

    again = translated(replace(facts, updated_at=NOON), "de")

    assert again.profile is translated(facts, "de").profile
    assert again.profile.description == "Strom für Euskirchen"


def test_what_is_not_translated_stays_the_same_object_beside_what_is():
    known = make_incident_facts(texts=(say("name", "Stromausfall"),))
    other = make_incident_facts()

    german = translated(facts_of(incidents=(known, other)), "de")

    assert (german.incidents[0].name, german.incidents[0].translated) == ("Stromausfall", ("name",))
    assert german.incidents[1] is other


def test_every_text_of_staff_is_translated():
    component = make_component_facts(
        texts=(say("name", "Strom"), say("description", "Im Norden")), description="In the north"
    )
    group = make_group("g", texts=(say("name", "Netz"),))
    said = make_update_facts(
        texts=(say("body", "Wir prüfen.", "<p>Wir prüfen.</p>", amended_at=at(1)),),
        affected=(AffectedFacts(component.public_id, component.name, "major_outage"),),
    )
    estimate = make_estimate_facts(0, 1, reason="Fire", texts=(say("reason", "Brand"),))
    one = make_incident_facts(
        updates=(said,), estimates=(estimate,), affected=said.affected, texts=(say("name", "Ausfall"),)
    )
    texts = (say("name", "Nordwind"), say("description", "Strom für den Norden"))

    german = translated(facts_of(groups=(group,), components=(component,), incidents=(one,), texts=texts), "de")

    assert (german.profile.name, german.profile.description) == ("Nordwind", "Strom für den Norden")
    assert [(one.name, one.description) for one in german.components] == [("Strom", "Im Norden")]
    assert german.groups[0].name == "Netz"
    [told] = german.incidents
    assert (told.name, told.affected[0].name, told.estimates[0].reason) == ("Ausfall", "Strom", "Brand")
    assert (told.updates[0].html, told.updates[0].amended_at) == ("<p>Wir prüfen.</p>", at(1))
    assert told.updates[0].affected is not None
    assert told.updates[0].affected[0].name == "Strom"


def test_a_third_language_does_not_borrow_the_second():
    facts = facts_of(incidents=(make_incident_facts(texts=(say("name", "Ausfall"),)),))

    assert translated(facts, "ar").incidents is facts.incidents


def test_a_fallback_is_seen_and_heard():
    one = make_incident_facts(name="Power cut", updates=(make_update_facts(body="We look."),))
    facts = translated(facts_of(incidents=(one,)), "de")

    html = rendered(facts, f"/de/incidents/{one.public_id}")

    assert '<h1><bdi lang="en">Power cut</bdi></h1>' in html
    assert html.count("Not yet in") + html.count("Noch nicht auf") == 1
    assert '<div class="prose" lang="en"><p>We look.</p></div>' in html


def test_a_fallback_keeps_its_own_direction():
    one = make_incident_facts(name="Power cut", updates=(make_update_facts(body="We look."),))
    facts = translated(facts_of(incidents=(one,)), "ar")

    html = rendered(facts, f"/ar/incidents/{one.public_id}")

    assert '<html lang="ar" dir="rtl"' in html
    assert '<h1><bdi lang="en" dir="ltr">Power cut</bdi></h1>' in html
    assert '<div class="prose" lang="en" dir="ltr"><p>We look.</p></div>' in html


def test_what_is_translated_carries_no_mark_and_says_when_it_was_corrected():
    texts = (say("body", "Wir prüfen.", "<p>Wir prüfen.</p>", amended_at=at(-1)),)
    one = make_incident_facts(
        name="Power cut", texts=(say("name", "Ausfall"),), updates=(make_update_facts(texts=texts),)
    )
    facts = translated(facts_of(incidents=(one,)), "de")

    html = rendered(facts, f"/de/incidents/{one.public_id}")

    assert "<h1>Ausfall</h1>" in html
    assert '<div class="prose"><p>Wir prüfen.</p></div>' in html
    assert html.count("2026-11-22T11:00:00Z") == 1


def test_the_original_carries_no_mark():
    one = make_incident_facts(updates=(make_update_facts(),), texts=(say("name", "Ausfall"),))

    html = rendered(facts_of(incidents=(one,)), f"/incidents/{one.public_id}")

    assert "<bdi" not in html
    assert '<div class="prose"><p>' in html


@pytest.mark.parametrize("path", ["history.atom", "history.rss", "updates.atom"])
def test_feeds_say_it_too(path: str):
    one = make_incident_facts(updates=(make_update_facts(body="We look."),))
    facts = translated(facts_of(incidents=(one,)), "de")

    text = rendered(facts, f"/de/{path}")

    assert '&lt;div lang="en"&gt;&lt;p&gt;We look.&lt;/p&gt;&lt;/div&gt;' in text


@pytest.mark.parametrize("path", ["history.atom", "history.rss", "maintenance.ics"])
def test_advice_that_is_not_translated_is_marked_in_feeds_and_in_the_calendar(path: str):
    ahead = make_maintenance(2, 3, advice="Fill a bath.")
    told = make_maintenance(4, 5, advice="Fill a tub.", texts=(say("advice", "Wanne füllen."),))
    facts = translated(facts_of(incidents=(ahead, told)), "de")

    text = rendered(facts, f"/de/{path}").replace("\r\n ", "")

    assert "Wanne füllen." in text
    assert "tub" not in text
    assert re.search(r"Noch nicht auf Deutsch.{1,99}Fill a bath", text)


def test_a_name_in_another_language_can_do_no_harm():
    one = make_incident_facts(name="<script>alert(1)</script>")
    facts = translated(facts_of(incidents=(one,)), "de")

    html = rendered(facts, f"/de/incidents/{one.public_id}")

    assert '<bdi lang="en">&lt;script&gt;alert(1)&lt;/script&gt;</bdi>' in html


def test_a_translation_that_comes_later_is_news_for_those_who_ask_by_date():
    later = say("body", "Wir prüfen.", "<p>Wir prüfen.</p>", said_at=at(5))
    one = make_incident_facts(updates=(make_update_facts(texts=(later,)),), updated_at=at(-2))
    facts = facts_of(incidents=(one,), texts=(say("name", "Nordwind", said_at=at(6)),))

    german = translated(facts, "de")

    assert (german.incidents[0].updated_at, german.changed_at) == (at(5), at(6))
    assert facts.incidents[0].updated_at == at(-2)
    assert translated(facts, "ar").changed_at == facts.changed_at


def test_what_was_translated_once_stays_the_same_object_until_it_or_a_name_changes():
    component = make_component_facts()
    touched = (AffectedFacts(component.public_id, component.name, "major_outage"),)
    one = make_incident_facts(texts=(say("name", "Ausfall"),), affected=touched)
    facts = facts_of(incidents=(one,), components=(component,))
    first = translated(facts, "de").incidents[0]

    again = translated(replace(facts, updated_at=at(9)), "de").incidents[0]
    named = translated(replace(facts, components=(replace(component, texts=(say("name", "Strom"),)),)), "de").incidents[
        0
    ]

    assert again is first
    assert (named.name, named.affected[0].name) == ("Ausfall", "Strom")
    assert translated(replace(facts, incidents=(replace(one, texts=()),)), "de").incidents[0].name == one.name


@pytest.mark.parametrize(
    ("language", "marked"),
    [
        ("de", '<bdi lang="en">Power cut</bdi></a> <small class="soft">(auf Englisch)</small>'),
        ("ar", '<bdi lang="en" dir="ltr">Power cut</bdi></a> <small class="soft">(باللغة الإنجليزية)</small>'),
    ],
)
def test_a_title_that_stands_alone_says_its_language_beside_it(language: str, marked: str):
    long_ago = make_resolved(-24 * 60, name="Power cut", started_at=at(-24 * 61), published_at=at(-24 * 61))
    front = rendered(translated(facts_of(incidents=(long_ago,)), language), f"/{language}/")

    assert f'incidents/{long_ago.public_id}">{marked}, <time' in front


def test_what_comes_next_says_its_language_too():
    ahead = make_maintenance(2, 3, name="New cables")
    front = rendered(translated(facts_of(incidents=(ahead,)), "de"), "/de/")

    assert '<bdi lang="en">New cables</bdi></a> <small class="soft">(auf Englisch)</small>, <time' in front


@pytest.mark.parametrize("path", ["", "history/2026/11"])
def test_an_entry_of_a_list_says_it_once_for_its_title_and_its_text(path: str):
    said = make_update_facts(-1, body="We look.")
    foreign = make_resolved(-1, name="Power cut", updates=(said,))
    named = make_resolved(-1, name="Flood", texts=(say("name", "Flut"),), updates=(said,))
    own = make_resolved(-1, name="Fire", texts=(say("name", "Feuer"),))

    text = rendered(translated(facts_of(incidents=(foreign, named, own)), "de"), f"/de/{path}")

    assert re.findall(r'<a class="entry"[^>]*>(.*)', text) == [
        '<bdi lang="en">Power cut</bdi></a> <small class="soft">(auf Englisch)</small>',
        'Flut</a> <small class="soft">(auf Englisch)</small>',
        "Feuer</a>",
    ]
    assert text.count('<p class="soft" lang="en">We look.</p>') == 2


def test_in_the_language_of_the_page_nothing_is_marked():
    long_ago = make_resolved(-24 * 60, name="Power cut", started_at=at(-24 * 61), published_at=at(-24 * 61))

    assert ">Power cut</a>, <time" in rendered(facts_of(incidents=(long_ago,)), "/")


def test_other_sites_are_told_the_language_of_what_they_show():
    one = make_incident_facts(name="Power cut", updates=(make_update_facts(body="We look."),))
    shown = describe(Target(translated(facts_of(incidents=(one,)), "de"), one))["html"]

    assert '<bdi lang="en">Power cut</bdi>' in shown
    assert '<p lang="en">We look.</p>' in shown
