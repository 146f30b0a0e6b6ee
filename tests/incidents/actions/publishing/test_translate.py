"""Translating: staff's own texts in the other languages of a page."""

from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from incidents.actions.publishing.catalogue import remove_component
from incidents.actions.publishing.incidents import change_incident, publish_incident, resolve_incident
from incidents.actions.publishing.translations import Subject, Wording, translate
from incidents.actions.publishing.updates import post_update, publish_estimate
from incidents.errors import InvalidInput, WrongState
from incidents.models import Event, Incident, Translation
from incidents.models.translation import SUBJECTS
from incidents.queries.translations import texts_about, texts_of_page
from tests.incidents.actions.publishing.test_series import plan
from tests.incidents.outage import LATER, NOW, Company, declare, event_kinds, make_company, newest_event, publish
from tests.make import make_component, make_offer, make_page, make_remedy

pytestmark = pytest.mark.django_db


def in_german(company: Company, subject: Subject, owner: Any, text: str, **columns: Any) -> list[Translation]:
    field = "body" if type(subject).__name__ == "Update" else "name"
    return translate(owner, [Wording(subject, field, "de", text, **columns)], by=company.dara, now=LATER)


def test_a_component_gets_a_name_in_another_language() -> None:
    company = make_company()

    [row] = in_german(company, company.trains, company.page, " Züge ")

    assert (row.subject_column, row.component, row.page, row.field, row.language) == (
        "component",
        company.trains,
        company.page,
        "name",
        "de",
    )
    assert (row.text, row.html, row.revision, row.author) == ("Züge", "", 1, company.dara.user)
    assert texts_of_page(company.page).in_language(company.trains, "de")["name"].text == "Züge"


def test_is_recorded_in_public_without_a_word_of_it() -> None:
    company = make_company()

    [row] = in_german(company, company.trains, company.page, "Züge")

    event = newest_event()
    assert (event.kind, event.page, event.incident, event.is_public) == ("text.translated", company.page, None, True)
    assert event.data == {"languages": ["de"], "translations": [row.pk]}


def test_what_is_said_of_a_draft_is_not_public() -> None:
    company = make_company()
    draft = declare(company)

    in_german(company, draft, draft, "Züge stehen still")

    assert (newest_event().kind, newest_event().is_public) == ("text.translated", False)


def test_an_update_is_translated_later_and_sanitised() -> None:
    company = make_company()
    incident = publish(company)
    update = incident.updates.get()

    [row] = in_german(company, update, incident, "Wir *prüfen* es. <script>alert(1)</script>")

    assert row.html == "<p>Wir <em>prüfen</em> es. &lt;script&gt;alert(1)&lt;/script&gt;</p>"
    assert newest_event().incident == incident


def test_the_same_again_writes_and_records_nothing() -> None:
    company = make_company()
    in_german(company, company.trains, company.page, "Züge")
    before = newest_event()

    assert in_german(company, company.trains, company.page, "Züge") == []

    assert (Translation.objects.count(), newest_event()) == (1, before)


def test_a_better_wording_keeps_the_former_one() -> None:
    company = make_company()
    incident = publish(company)
    update = incident.updates.get()
    in_german(company, update, incident, "Wir prufen es.")

    in_german(company, update, incident, "Wir prüfen es.")

    assert list(Translation.objects.values_list("revision", "text")) == [(1, "Wir prufen es."), (2, "Wir prüfen es.")]
    word = texts_of_page(company.page).in_language(update, "de")["body"]
    assert (word.text, word.amended_at) == ("Wir prüfen es.", LATER)


def test_an_empty_text_takes_a_translation_back() -> None:
    company = make_company()
    in_german(company, company.trains, company.page, "Züge")

    in_german(company, company.trains, company.page, "")

    assert texts_of_page(company.page).of(company.trains) == ()
    assert Translation.objects.count() == 2


def test_nothing_typed_where_nothing_was_is_nothing() -> None:
    company = make_company()

    assert in_german(company, company.trains, company.page, "  ") == []


def test_a_translation_ends_when_its_original_changes_and_can_be_confirmed() -> None:
    company = make_company()
    incident = publish(company)
    in_german(company, incident, incident, "Züge stehen still")
    change_incident(incident, by=company.dara, name="Some trains run again")
    assert texts_of_page(company.page).of(incident) == ()

    in_german(company, incident, incident, "Züge stehen still")

    assert [word.text for word in texts_of_page(company.page).of(incident)] == ["Züge stehen still"]


@pytest.mark.parametrize("language", ["en", "xx", ""])
def test_a_language_that_needs_no_translation_is_refused(language: str) -> None:
    company = make_company()

    with pytest.raises(InvalidInput, match="other languages") as refusal:
        translate(company.page, [Wording(company.trains, "name", language, "Trains")], by=company.dara)

    assert refusal.value.field == f"name_{language}"


def test_a_text_that_is_too_long_is_refused_in_words() -> None:
    company = make_company()

    with pytest.raises(InvalidInput, match="at most 200 characters fit, and it has 201") as refusal:
        in_german(company, company.trains, company.page, "x" * 201)

    assert (refusal.value.field, Translation.objects.count()) == ("name_de", 0)


def test_a_field_that_readers_do_not_read_is_refused() -> None:
    company = make_company()

    with pytest.raises(InvalidInput, match="cannot be translated"):
        translate(company.page, [Wording(company.page, "slug", "de", "haupt")], by=company.dara)


def test_what_belongs_elsewhere_is_refused() -> None:
    company = make_company()

    with pytest.raises(InvalidInput, match="do not belong together"):
        in_german(company, make_component(make_page()), company.page, "Züge")


def test_two_people_never_overwrite_each_other() -> None:
    company = make_company()
    in_german(company, company.trains, company.page, "Züge", seen_revision=0)

    with pytest.raises(WrongState, match="Dara translated this meanwhile") as refusal:
        in_german(company, company.trains, company.page, "Bahnen", seen_revision=0)

    assert refusal.value.field == "name_de"
    assert Translation.objects.get().text == "Züge"


# -- beside the original ----------------------------------------------------------------------------------------------


def test_publishing_says_it_in_several_languages_at_once() -> None:
    company = make_company()
    incident = declare(company)
    texts = {"de": {"name": "Züge stehen still", "body": "Wir *prüfen* es."}, "fr": {"name": "", "body": " "}}

    update = publish_incident(incident, body="We look.", by=company.dara, translations=texts, now=NOW)

    words = texts_of_page(company.page)
    assert words.in_language(incident, "de")["name"].text == "Züge stehen still"
    assert words.in_language(update, "de")["body"].html == "<p>Wir <em>prüfen</em> es.</p>"
    assert (words.in_language(update, "fr"), words.in_language(incident, "fr")) == ({}, {})
    assert event_kinds(incident) == ["incident.declared", "incident.published", "impacts.opened"]


def test_updates_estimates_and_the_last_word_too() -> None:
    company = make_company()
    incident = publish(company)

    update = post_update(incident, body="News.", by=company.dara, translations={"de": {"body": "Neues."}}, now=LATER)
    reasons = {"de": {"reason": "Signalbrand", "source": "Leitstelle"}}
    estimate = publish_estimate(
        incident, restored_by=None, reason="Fire", source="Control", by=company.dara, translations=reasons, now=LATER
    )
    last = resolve_incident(
        incident, body="Over.", by=company.dara, translations={"de": {"body": "Vorbei."}}, now=LATER
    )

    words = texts_of_page(company.page)
    assert [words.in_language(subject, "de")["body"].text for subject in (update, last)] == ["Neues.", "Vorbei."]
    assert {field: word.text for field, word in words.in_language(estimate, "de").items()} == reasons["de"]


def test_a_bad_translation_undoes_the_whole_update() -> None:
    company = make_company()
    incident = publish(company)

    with pytest.raises(InvalidInput) as refusal:
        post_update(incident, body="News.", by=company.dara, translations={"de": {"body": "x" * 20_001}})

    assert refusal.value.field == "body_de"
    assert Incident.objects.get().updates.count() == 1


def test_publishing_needs_no_translation() -> None:
    company = make_company(languages=["de", "fr"])

    assert publish(company).updates.count() == 1
    assert Translation.objects.count() == 0


# -- offers and the library -------------------------------------------------------------------------------------------


def test_an_offer_repeats_its_remedy_in_every_language_until_it_says_something_else() -> None:
    company = make_company()
    incident = publish(company)
    remedy = make_remedy(name="Refund", what_you_get="Your money back.")
    repeating, reworded = make_offer(incident, remedy=remedy), make_offer(incident, remedy=remedy, name="Half a refund")
    translate(remedy, [Wording(remedy, "name", "de", "Erstattung")], by=company.dara)

    words = texts_about(Incident.objects.filter(pk=incident.pk), "de")

    assert words.of_offer(repeating, "de") == {"name": "Erstattung"}
    assert words.of_offer(reworded, "de") == {}


def test_an_offer_s_own_translation_comes_first() -> None:
    company = make_company()
    incident = publish(company)
    offer = make_offer(incident, remedy=make_remedy(name="Refund"))
    translate(offer.remedy, [Wording(offer.remedy, "name", "de", "Erstattung")], by=company.dara)
    translate(incident, [Wording(offer, "name", "de", "Geld zurück")], by=company.dara)

    words = texts_about(Incident.objects.filter(pk=incident.pk), "de")

    assert words.of_offer(offer, "de")["name"] == "Geld zurück"


def test_the_library_s_event_belongs_to_no_page() -> None:
    company = make_company()
    remedy = make_remedy()

    translate(remedy, [Wording(remedy, "name", "de", "Gutschrift")], by=company.dara)

    assert (newest_event().kind, newest_event().page) == (Event.Kind.TRANSLATED, None)


# -- what the database holds ------------------------------------------------------------------------------------------


def test_what_was_said_in_another_language_cannot_be_rewritten_or_deleted() -> None:
    company = make_company()
    incident = publish(company)
    in_german(company, incident.updates.get(), incident, "Wir prüfen es.")

    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        Translation.objects.update(text="Nichts.")
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        Translation.objects.all().delete()

    assert Translation.objects.get().text == "Wir prüfen es."


def test_a_component_goes_with_its_translations() -> None:
    company = make_company()
    unused = make_component(company.page)
    in_german(company, unused, company.page, "Ungenutzt")

    remove_component(unused, by=company.dara)

    assert Translation.objects.count() == 0


@pytest.mark.parametrize("column", [*SUBJECTS, "page"])
def test_each_subject_has_each_revision_of_a_text_once(column: str) -> None:
    company = make_company()
    incident = publish(company)
    estimate = publish_estimate(incident, restored_by=None, reason="Fire", by=company.dara, now=LATER)
    offer = make_offer(incident)
    subjects: dict[str, Any] = {
        "page": company.page,
        "group": company.trains.group,
        "component": company.trains,
        "incident": incident,
    }
    subjects |= {"update": incident.updates.get(), "estimate": estimate, "offer": offer, "remedy": offer.remedy}
    subjects["series"] = plan(company)
    field = {"update": "body", "estimate": "reason"}.get(column, "name")
    row = {
        column: subjects[column],
        "page": None if column == "remedy" else company.page,
        "field": field,
        "language": "de",
    }
    Translation.objects.create(**row, text="a")

    with pytest.raises(IntegrityError), transaction.atomic():
        Translation.objects.create(**row, text="b")

    Translation.objects.create(**row, text="b", revision=2)
    assert Translation.objects.count() == 2
