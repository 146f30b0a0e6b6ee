"""Texts of work that comes back are translated once: every window has them, unless somebody said otherwise there."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction

from incidents.actions.publishing.maintenances import reschedule_maintenance
from incidents.actions.publishing.series import announce_occurrences, change_series, translate_series
from incidents.actions.publishing.translations import Wording, translate
from incidents.clock import tick
from incidents.errors import InvalidInput
from incidents.models import Event, Incident, MaintenanceSeries, Translation
from incidents.queries.translations import texts_of_page
from tests.incidents.actions.publishing.test_series import FIRST, NOW, WEEK, plan
from tests.incidents.outage import Company, make_company

pytestmark = pytest.mark.django_db

GERMAN = {"name": "Schienen werden geschliffen", "body": "Wir **schleifen**. Nachts pausieren die Züge."}


@pytest.fixture
def company() -> Company:
    company = make_company()
    company.page.languages = ["de", "fr"]
    company.page.save()
    return company


def say(company: Company, series: MaintenanceSeries, language: str = "de", now: Any = NOW, **texts: str) -> None:
    wordings = [Wording(series, field, language, text) for field, text in (texts or GERMAN).items()]
    translate_series(series, wordings, by=company.dara, now=now)


def windows() -> list[Incident]:
    return list(Incident.objects.filter(series__isnull=False).order_by("scheduled_for"))


def read(window: Incident, language: str = "de") -> tuple[str, str]:
    """Title and first text of a window, as readers of this language get them."""
    words = texts_of_page(window.page)
    name, update = words.in_language(window, language), words.in_language(window.updates.earliest("id"), language)
    return name["name"].text if name else "", update["body"].html if update else ""


SPOKEN = (GERMAN["name"], "<p>Wir <strong>schleifen</strong>. Nachts pausieren die Züge.</p>")


def test_each_window_is_announced_with_what_was_translated(company: Company) -> None:
    series = plan(company)
    say(company, series)

    tick(NOW)

    assert [read(window) for window in windows()] == [SPOKEN] * 3
    assert [read(window, "fr") for window in windows()] == [("", "")] * 3


def test_what_is_translated_later_reaches_the_windows_that_are_announced(company: Company) -> None:
    series = plan(company)
    tick(NOW)
    say(company, series)

    assert [read(window) for window in windows()] == [SPOKEN] * 3
    assert not Event.objects.filter(incident__in=windows()).exclude(via="clock").exists()


def test_a_better_wording_and_one_taken_back_are_carried_too(company: Company) -> None:
    series = plan(company)
    say(company, series)
    tick(NOW)

    say(company, series, name="Schleifen")
    say(company, series, body="")

    assert [read(window) for window in windows()] == [("Schleifen", "")] * 3


def test_what_somebody_translated_on_a_window_stays(company: Company) -> None:
    series = plan(company)
    say(company, series)
    tick(NOW)
    first, second, _third = windows()
    translate(first, [Wording(first, "name", "de", "Nur heute")], by=company.dara, now=NOW)
    translate(second, [Wording(second, "name", "de", "")], by=company.dara, now=NOW)

    say(company, series, name="Schleifen")

    assert [read(window)[0] for window in windows()] == ["Nur heute", "", "Schleifen"]


def test_a_window_that_reads_otherwise_is_left_alone(company: Company) -> None:
    series = plan(company)
    tick(NOW)
    Incident.objects.filter(pk=windows()[0].pk).update(name="Only this night")

    say(company, series)

    assert [read(window)[0] for window in windows()] == ["", GERMAN["name"], GERMAN["name"]]


def test_a_window_that_was_moved_reads_the_same_and_follows(company: Company) -> None:
    series = plan(company)
    tick(NOW)
    window = windows()[0]
    until = window.scheduled_until + WEEK / 7
    reschedule_maintenance(
        window, scheduled_for=window.scheduled_for + WEEK / 7, scheduled_until=until, body="", by=company.dara, now=NOW
    )

    say(company, series)

    assert read(windows()[0])[0] == GERMAN["name"]


def test_another_title_waits_for_its_translation_and_windows_follow_both(company: Company) -> None:
    series = plan(company)
    say(company, series)
    tick(NOW)

    change_series(series, name="Rails are polished", by=company.dara, now=NOW)
    assert {(window.name, read(window)[0]) for window in windows()} == {("Rails are polished", "")}

    series.refresh_from_db()
    say(company, series, name="Schienen werden poliert")
    assert {read(window)[0] for window in windows()} == {"Schienen werden poliert"}


def test_a_title_that_is_what_it_was_has_its_translation_again(company: Company) -> None:
    series = plan(company, name="Rails are polished")
    tick(NOW)
    say(company, series, name="Poliert")
    change_series(series, name="Else", by=company.dara, now=NOW)

    change_series(series, name="Rails are polished", by=company.dara, now=NOW)

    assert {read(window)[0] for window in windows()} == {"Poliert"}


def test_what_has_begun_is_not_reworded(company: Company) -> None:
    series = plan(company)
    tick(NOW)
    tick(FIRST)

    say(company, series, now=FIRST)

    running, *coming = windows()
    assert (running.status, read(running)) == ("in_progress", ("", ""))
    assert {read(window) for window in coming} == {SPOKEN}


def test_the_same_again_writes_nothing(company: Company) -> None:
    series = plan(company)
    say(company, series)
    tick(NOW)
    before = (Translation.objects.count(), Event.objects.count())

    say(company, series)
    announce_occurrences(series, now=NOW)

    assert (Translation.objects.count(), Event.objects.count()) == before


def test_a_language_that_the_page_no_longer_speaks_is_not_carried(company: Company) -> None:
    series = plan(company)
    say(company, series)
    company.page.languages = ["fr"]
    company.page.save()

    tick(NOW)

    assert {read(window) for window in windows()} == {("", "")}


def test_the_rules_of_translations_hold_for_it(company: Company) -> None:
    series = plan(company)

    for field, language in (("rule", "de"), ("name", "en")):
        with pytest.raises(InvalidInput):
            translate_series(series, [Wording(series, field, language, "x")], by=company.dara, now=NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        Translation.objects.create(series=series, page=company.page, field="rule", language="de", text="x")
    with pytest.raises(IntegrityError), transaction.atomic():
        Translation.objects.create(series=series, field="name", language="de", text="x")


def test_it_stands_on_no_page_by_itself(company: Company) -> None:
    series = plan(company)
    say(company, series)

    assert texts_of_page(company.page).of(company.page) == ()
