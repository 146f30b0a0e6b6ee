"""The documents in memory: true to the database, to the clock, and to what is known without a database."""

import gc
import os
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import OperationalError
from django.utils import timezone

from incidents.models import Component, Estimate, Incident
from portal.facts.page import PageFacts
from portal.facts.profile import PageProfile
from portal.publishing import disk_copy
from portal.publishing import store as module
from portal.publishing.store import Published, profile_at
from tests import make
from tests.portal.page_documents import add_update, pages_of, publish, say_page_changed, say_updated, text_at

pytestmark = pytest.mark.django_db


@pytest.fixture
def page():
    return make.make_page(is_default=True, name="Northwind")


def make_old_incident(page):
    then = timezone.now() - timedelta(days=90)
    old = make.make_incident(page, status="resolved", started_at=then, resolved_at=then)
    Incident.objects.filter(pk=old.pk).update(updated_at=then)
    say_page_changed(page)
    return old


def cut_off(monkeypatch):
    """From here on the database answers nobody."""

    def refuse():
        raise OperationalError("no connection")

    monkeypatch.setattr(module, "newest_public_id", refuse)


def test_everything_public_has_its_document(page):
    incident = make.make_incident(page)
    other = make.make_page(slug="other")
    elsewhere = make.make_incident(other)
    month = f"{timezone.now():%Y/%m}"

    store = publish(page)

    own = {"/", "/history", "/maintenance", "/uptime", f"/history/{month}", f"/incidents/{incident.public_id}"}
    others = {"/p/other/", "/p/other/history", "/p/other/maintenance", "/p/other/uptime", f"/p/other/history/{month}"}
    assert set(pages_of(store)) == own | others | {f"/p/other/incidents/{elsewhere.public_id}"}


def test_without_news_nothing_is_drawn_and_one_query_is_made(page, django_assert_num_queries):
    store = publish(page)
    before = store.edition

    with django_assert_num_queries(1):
        swapped = store.refresh()

    assert (swapped, store.edition) == (False, before)


def test_news_draws_only_what_reads_differently(page):
    quiet, incident = make.make_incident(page), make.make_incident(page)
    last_year = make.make_incident(page, started_at=timezone.now() - timedelta(days=400))
    store = publish(page)
    before = store.edition.documents

    add_update(incident, "The cause is found.")
    say_updated(incident)
    store.refresh()

    rendered = {path for path, document in pages_of(store).items() if document is not before[path]}
    month = f"/history/{timezone.now():%Y/%m}"
    assert rendered == {"/", month, f"/incidents/{incident.public_id}"}
    assert "The cause is found." in text_at(store, "/")
    assert {quiet.public_id, last_year.public_id}.isdisjoint("".join(rendered))


@pytest.mark.parametrize("number", [1, 3])
def test_news_is_read_in_twelve_queries(page, number, django_assert_num_queries):
    incidents = [make.make_incident(page) for _ in range(number)]
    store = publish(page)
    say_updated(incidents[0])

    with django_assert_num_queries(12):
        store.refresh()


def test_a_renamed_component_changes_every_document_that_names_it(page):
    component = make.make_component(page, name="Old name")
    incident = make.make_incident(page, components=(component,))
    store = publish(page)

    Component.objects.filter(pk=component.pk).update(name="New name")
    say_page_changed(page)
    store.refresh()

    assert "New name" in text_at(store, f"/incidents/{incident.public_id}")


def test_an_estimate_turns_past_without_any_event(page):
    incident = make.make_incident(page)
    now = timezone.now()
    Estimate.objects.create(incident=incident, stage="initial", restored_by=now + timedelta(minutes=10))
    store = publish(page, now)
    assert "We expect it to work again by" in text_at(store, "/")

    store.refresh(now + timedelta(minutes=10))

    front, own = text_at(store, "/"), text_at(store, f"/incidents/{incident.public_id}")
    assert "We missed our estimate of" in front
    assert "We missed our estimate of" in own
    assert "We expect it to work again by" not in front + own


def test_a_document_says_until_when_others_may_keep_it(page):
    now = timezone.now()
    incident = make.make_incident(page, next_update_due_at=now + timedelta(minutes=5))

    store = publish(page, now)

    assert store.find(f"/incidents/{incident.public_id}").valid_until == now + timedelta(minutes=5)


def test_a_database_that_was_set_back_is_read_from_the_start(page):
    store = publish(page)
    store.edition = replace(store.edition, newest=10**9)
    make.make_incident(page, name="Seen again")

    store.refresh()

    assert "Seen again" in text_at(store, "/")


def test_a_short_absence_of_the_database_changes_nothing(page, monkeypatch):
    store = publish(page)
    before = store.edition
    cut_off(monkeypatch)

    store.refresh(timezone.now() + timedelta(seconds=10))

    assert store.edition is before


def test_after_a_longer_absence_every_document_says_how_old_it_is(page, monkeypatch):
    store = publish(page)
    cut_off(monkeypatch)

    store.refresh(timezone.now() + timedelta(seconds=20))

    assert all("This page is as of" in text_at(store, path) for path in pages_of(store))


def test_it_stops_saying_so_when_the_database_is_back(page, monkeypatch):
    store = publish(page)
    with monkeypatch.context() as away:
        cut_off(away)
        store.refresh(timezone.now() + timedelta(seconds=20))

    store.refresh(timezone.now() + timedelta(seconds=30))

    assert "This page is as of" not in text_at(store, "/")


def test_estimates_turn_past_without_a_database_too(page, monkeypatch):
    incident = make.make_incident(page)
    now = timezone.now()
    Estimate.objects.create(incident=incident, stage="initial", restored_by=now + timedelta(minutes=10))
    store = publish(page, now)
    cut_off(monkeypatch)
    store.refresh(now + timedelta(minutes=5))

    store.refresh(now + timedelta(minutes=10))

    assert "We missed our estimate of" in text_at(store, "/")
    assert "This page is as of" in text_at(store, "/")


def test_a_start_without_a_database_serves_the_copy_and_says_how_old_it_is(page, monkeypatch, tmp_path):
    now = timezone.now()
    incident = make.make_incident(page, name="Power cut")
    Estimate.objects.create(incident=incident, stage="initial", restored_by=now + timedelta(minutes=10))
    before = publish(page, now)
    disk_copy.save(tuple(before.edition.pages.values()), now, tmp_path)
    cut_off(monkeypatch)
    store = Published(tmp_path)

    store.refresh(now + timedelta(hours=1))

    assert "Power cut" in text_at(store, "/")
    assert "We missed our estimate of" in text_at(store, "/")
    assert "This page is as of" in text_at(store, f"/incidents/{incident.public_id}")


def test_while_the_first_look_takes_long_visitors_get_the_copy_with_its_age(page, monkeypatch, tmp_path):
    now = timezone.now()
    disk_copy.save(tuple(publish(page, now).edition.pages.values()), now, tmp_path)
    monkeypatch.setattr(module, "FIRST_LOOK", 0.0)
    store = Published(tmp_path)
    store._watcher = os.getpid()  # which hangs

    store.look_first()

    assert "This page is as of" in text_at(store, "/")


def test_when_the_database_answers_after_all_the_copy_is_replaced(page, monkeypatch, tmp_path):
    now = timezone.now()
    disk_copy.save(tuple(publish(page, now).edition.pages.values()), now, tmp_path)
    monkeypatch.setattr(module, "FIRST_LOOK", 0.0)
    store = Published(tmp_path)
    store._watcher = os.getpid()
    store.look_first()

    store.refresh()

    assert "This page is as of" not in text_at(store, "/")
    assert not store.is_cut_off


def test_an_old_incident_is_drawn_when_it_is_asked_for_and_only_once(page):
    old = make_old_incident(page)
    store = Published()
    store.refresh()
    path = f"/incidents/{old.public_id}"
    assert path not in store.edition.documents

    first = store.find(path)

    assert store.find(path) is first is store.edition.documents[path]
    assert old.name in text_at(store, path)


def test_an_old_incident_too_says_how_old_it_is_while_the_database_is_away(page, monkeypatch):
    old = make_old_incident(page)
    store = Published()
    store.refresh()
    cut_off(monkeypatch)

    store.refresh(timezone.now() + timedelta(seconds=20))

    assert store.is_cut_off
    assert "This page is as of" in text_at(store, f"/incidents/{old.public_id}")


def test_a_first_start_without_a_database_knows_nothing(monkeypatch, tmp_path):
    cut_off(monkeypatch)
    store = Published(tmp_path)

    store.refresh()

    assert not store.edition.is_known


def test_the_copy_is_written_when_the_facts_changed_and_not_again_at_once(page, tmp_path):
    say_page_changed(page)
    store = Published(tmp_path)
    store.refresh()

    store.save_copy()
    (tmp_path / disk_copy.NAME).unlink()
    store.save_copy()

    assert list(tmp_path.iterdir()) == []


def test_the_copy_holds_every_page(page, tmp_path):
    say_page_changed(page)
    store = Published(tmp_path)
    store.refresh()

    store.save_copy()

    pages, _checked_at = disk_copy.load(tmp_path)
    assert [type(facts) for facts in pages] == [PageFacts]
    assert pages == tuple(store.edition.pages.values())


def test_a_page_is_written_in_its_own_language(page):
    german = make.make_page(slug="de", language="de")

    store = publish(german)

    assert '<html lang="de"' in text_at(store, "/p/de/")
    assert '<html lang="en"' in text_at(store, "/")


def test_the_default_page_s_letterhead_is_known_without_a_query(page, django_assert_num_queries):
    publish(page)

    with django_assert_num_queries(0):
        profile = profile_at()

    assert (profile.name, profile.root) == ("Northwind", "/")


def test_before_anything_is_published_the_letterhead_is_the_product_s():
    assert profile_at() == PageProfile()


def test_many_events_at_once_are_read_as_a_whole(page, monkeypatch):
    monkeypatch.setattr(module, "MANY", 2)
    store = publish(page)
    incidents = [make.make_incident(page, name=f"Imported {number}") for number in range(4)]
    for incident in incidents:
        say_updated(incident)

    store.refresh()

    assert all(incident.name in text_at(store, "/") for incident in incidents)
    assert Incident.objects.count() == len(store.edition.pages[page.pk].incidents)


def test_collecting_goes_on_after_an_edition_and_after_one_that_failed(page, monkeypatch):
    publish(page)
    assert gc.isenabled()
    monkeypatch.setattr(module, "read_page", refuse_to_read)

    say_page_changed(page)
    with pytest.raises(ZeroDivisionError):
        module.published().refresh()

    assert gc.isenabled()


def refuse_to_read(*_args):
    assert not gc.isenabled()
    raise ZeroDivisionError


def test_nobody_waits_for_a_look_that_takes_long(client, page, monkeypatch):
    store = publish(page)
    monkeypatch.setattr(type(store), "is_watching", True)

    with store._refreshing:  # as the thread holds it while the database does not answer
        status = client.get("/incidents/unknown").status_code

    assert status == 404
