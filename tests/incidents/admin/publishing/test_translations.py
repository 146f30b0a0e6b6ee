"""Translating at the desk: beside the original, later, never required."""

import pytest
from django.utils import timezone

from config.desk.board import storm_board
from incidents.actions.publishing.translations import Wording, translate
from incidents.models import Incident, Page, Translation
from incidents.queries.translations import texts_of_page
from tests.incidents.admin.publishing.test_incident_actions import at, update_of
from tests.incidents.admin.publishing.test_maintenances import make_series
from tests.incidents.admin.scene import Scene, dara, eli, make_scene, messages_of, rosa
from tests.make import make_component, make_remedy

pytestmark = pytest.mark.django_db


def make_german_scene() -> Scene:
    scene = make_scene()
    Page.objects.update(languages=["de", "ar"])
    scene.page.refresh_from_db()
    return scene


def texts(incident: Incident, language: str = "de") -> list[str]:
    rows = Translation.objects.filter(page=incident.page, language=language).order_by("pk")
    return list(rows.values_list("text", flat=True))


def test_a_page_in_one_language_is_asked_for_none() -> None:
    incident = make_scene().published()

    page = dara().get(at(incident, "update"))

    assert "In other languages" not in page.content.decode()


def test_every_language_of_the_page_has_a_field_and_none_is_required() -> None:
    incident = make_german_scene().draft()
    client = dara()

    form = client.get(at(incident, "publish")).context["form"]
    client.post(at(incident, "publish"), {"body": "We look.", "status": "investigating"})

    assert form.beside == ["name_de", "body_de", "name_ar", "body_ar"]
    assert [form.fields[name].widget.attrs["dir"] for name in form.beside] == ["ltr", "ltr", "rtl", "rtl"]
    incident.refresh_from_db()
    assert incident.is_published
    assert texts(incident) == []


def test_publishing_with_a_translation() -> None:
    incident = make_german_scene().draft()
    fields = {"body": "We look.", "status": "investigating", "name_de": "Züge stehen", "body_de": "Wir *prüfen* es."}

    dara().post(at(incident, "publish"), fields)

    assert texts(incident) == ["Züge stehen", "Wir *prüfen* es."]


def test_posting_resolving_and_estimating_with_one() -> None:
    incident = make_german_scene().published()
    client = dara()

    client.post(at(incident, "update"), update_of(incident, body_de="Neues."))
    client.post(at(incident, "estimate"), {"restored_by": "", "reason": "Fire", "reason_de": "Brand"})
    client.post(at(incident, "resolve"), {"body": "Over.", "body_ar": "انتهى"})

    assert (texts(incident), texts(incident, "ar")) == (["Neues.", "Brand"], ["انتهى"])


def test_a_translation_that_is_too_long_keeps_everything_typed() -> None:
    incident = make_german_scene().published()

    page = dara().post(at(incident, "update"), update_of(incident, body_de="x" * 20_001))

    assert "body_de" in page.context["form"].errors
    assert page.context["form"]["body"].value() == "**Crews** are out."
    assert incident.updates.count() == 1


def test_translating_later() -> None:
    incident = make_german_scene().published()
    update = incident.updates.get()
    client = dara()
    page = client.get(at(incident, "translations"), {"language": "de"})

    response = client.post(
        f"{at(incident, 'translations')}?language=de",
        {f"incident-{incident.pk}-name": "Züge stehen", f"update-{update.pk}-body": "Wir *prüfen* es."},
    )

    assert page.context["languages"] == [("de", "German", 2), ("ar", "Arabic", 2)]
    assert messages_of(response) == ["2 texts are translated."]
    words = texts_of_page(incident.page)
    assert words.in_language(update, "de")["body"].html == "<p>Wir <em>prüfen</em> es.</p>"
    assert client.get(at(incident, "translations")).context["languages"][0] == ("de", "German", 0)


def test_a_better_wording_says_who_wrote_the_last_one() -> None:
    scene = make_german_scene()
    incident = scene.published()
    client = dara()
    translate(incident, [Wording(incident, "name", "de", "Zuge stehen")], by=scene.by)
    field = f"incident-{incident.pk}-name"

    client.post(f"{at(incident, 'translations')}?language=de", {field: "Züge stehen", f"{field}-seen": "1"})

    assert texts(incident) == ["Zuge stehen", "Züge stehen"]
    assert "Dara" in client.get(at(incident, "translations")).content.decode()


def test_two_people_translate_at_once() -> None:
    scene = make_german_scene()
    incident = scene.published()
    update = incident.updates.get()
    translate(incident, [Wording(incident, "name", "de", "Züge stehen")], by=scene.by)
    fields = {f"incident-{incident.pk}-name": "Bahnen stehen", f"incident-{incident.pk}-name-seen": "0"}
    fields |= {f"update-{update.pk}-body": "Wir prüfen es.", f"update-{update.pk}-body-seen": "0"}

    page = dara().post(f"{at(incident, 'translations')}?language=de", fields)

    [refusal] = page.context["form"].non_field_errors()
    assert refusal.startswith("Olga translated this meanwhile")
    assert page.context["form"][f"incident-{incident.pk}-name"].value() == "Bahnen stehen"
    assert page.context["form"][f"incident-{incident.pk}-name-seen"].value() == "1"
    assert texts(incident) == ["Züge stehen"]


def test_what_was_left_alone_is_not_in_the_way_of_others() -> None:
    scene = make_german_scene()
    incident = scene.published()
    update = incident.updates.get()
    translate(incident, [Wording(incident, "name", "de", "Züge stehen")], by=scene.by)
    fields = {f"incident-{incident.pk}-name": "", f"incident-{incident.pk}-name-seen": "0"}
    fields |= {f"update-{update.pk}-body": "Wir prüfen es.", f"update-{update.pk}-body-seen": "0"}

    dara().post(f"{at(incident, 'translations')}?language=de", fields)

    assert texts(incident) == ["Züge stehen", "Wir prüfen es."]


def test_an_original_that_changed_is_marked() -> None:
    scene = make_german_scene()
    translate(scene.page, [Wording(scene.trains, "name", "de", "Züge")], by=scene.by)
    scene.trains.name = "Railways"
    scene.trains.save()

    page = eli().get(f"/admin/incidents/component/{scene.trains.pk}/translations/")

    assert "the original has changed since" in page.content.decode()
    assert page.context["languages"][0] == ("de", "German", 1)


def test_a_page_is_translated_with_its_catalogue_sheet_by_sheet() -> None:
    scene = make_german_scene()
    last = [make_component(scene.page) for _number in range(40)][-1]
    client, address = eli(), f"/admin/incidents/page/{scene.page.pk}/translations/"

    first = client.get(address)
    response = client.post(f"{address}?language=ar&sheet=2", {f"component-{last.pk}-name": "قطارات"})

    assert [subject for subject, _lines in first.context["chapters"]][:3] == [scene.page, scene.trains, scene.buses]
    assert messages_of(response) == ["1 text is translated."]
    assert texts_of_page(scene.page).in_language(last, "ar")["name"].text == "قطارات"


def test_the_library_is_translated_into_the_languages_of_all_pages() -> None:
    make_german_scene()
    remedy = make_remedy(name="Refund")

    eli().post(
        f"/admin/incidents/remedy/{remedy.pk}/translations/?language=de", {f"remedy-{remedy.pk}-name": "Erstattung"}
    )

    assert Translation.objects.get().remedy == remedy


def test_those_who_may_not_post_may_not_translate() -> None:
    incident = make_german_scene().published()

    assert rosa().get(at(incident, "translations")).status_code == 403
    assert dara().get(f"/admin/incidents/page/{incident.page_id}/translations/").status_code == 403


def test_the_desk_lists_what_is_not_translated_yet() -> None:
    scene = make_german_scene()
    incident = scene.published()
    translate(incident, [Wording(incident, "name", "de", "Züge stehen")], by=scene.by)

    board = storm_board(now=timezone.now())

    assert board.untranslated == [(incident, [("de", "German", 1), ("ar", "Arabic", 2)])]
    assert (
        f"/admin/incidents/incident/{incident.pk}/translations/?language=ar" in dara().get("/admin/").content.decode()
    )


def test_the_desk_is_silent_about_pages_in_one_language() -> None:
    make_scene().published()

    assert storm_board(now=timezone.now()).untranslated == []


def test_the_incident_s_page_says_what_lacks() -> None:
    incident = make_german_scene().published()

    page = dara().get(f"/admin/incidents/incident/{incident.pk}/change/")

    assert page.context["languages"] == [("de", "German", 2), ("ar", "Arabic", 2)]


def test_work_that_comes_back_is_translated_once_for_all_its_windows() -> None:
    series = make_series(make_german_scene())
    address = f"/admin/incidents/maintenanceseries/{series.pk}"
    client = dara()

    page = client.get(f"{address}/change/")
    form = client.get(f"{address}/translations/?language=de").context["form"]
    fields = {name: field.initial for name, field in form.fields.items()}
    texts_sent = {f"series-{series.pk}-name": "Schleifen", f"series-{series.pk}-body": "Nachts."}
    client.post(f"{address}/translations/?language=de", fields | texts_sent)

    assert f"{address}/translations/?language=de" in page.content.decode()
    assert [row.text for row in Translation.objects.filter(series=series)] == ["Schleifen", "Nachts."]
    for window in series.occurrences.all():
        assert texts_of_page(window.page).in_language(window, "de")["name"].text == "Schleifen"
    assert series.occurrences.count() > 0
    assert rosa().get(f"{address}/translations/").status_code == 403
