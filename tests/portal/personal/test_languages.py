"""My page and its neighbours in the reader's language, with what staff wrote in it as far as it is translated."""

from collections.abc import Iterator

import pytest
from django.test import Client
from django.utils import translation

from incidents.actions.publishing.incidents import publish_incident
from incidents.actions.publishing.translations import Wording, translate
from incidents.actions.recovery.choices import choose_offer
from incidents.models import Choice, Impact, Page
from tests.incidents.outage import Company, declare, make_company
from tests.make import make_membership, make_offer, make_remedy, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _language() -> Iterator[None]:
    """Requests leave their language behind in the thread."""
    with translation.override("en"):
        yield


def make_german_company() -> tuple[Company, Impact, Client]:
    """Ana, who reads German, holds a ticket for trains that stand still; a refund is offered."""
    it = make_company(slug="main", is_default=True, languages=["de"])
    ana = make_user("Ana Reader", language="de")
    make_membership(ana, it.ticket.customer)
    incident = declare(it)
    publish_incident(incident, body="We look.", by=it.dara)
    make_offer(incident, remedy=make_remedy(name="Refund", what_you_get="Money back.", promise="We pay you back"))
    client = Client(headers={"Accept-Language": "de"})
    client.force_login(ana)
    return it, Impact.objects.get(holding=it.ticket), client


def say(it: Company, owner: object, thing: object, **texts: str) -> None:
    translate(owner, [Wording(thing, field, "de", text) for field, text in texts.items()], by=it.dara)


def test_everything_that_is_translated_is_shown_in_it():
    it, impact, client = make_german_company()
    incident, offer = impact.incident, impact.incident.offers.get()
    say(it, incident, incident, name="Züge stehen still")
    say(it, incident, incident.updates.get(), body="Wir prüfen es.")
    say(it, it.page, it.trains, name="Züge")
    say(it, offer.remedy, offer.remedy, name="Erstattung", what_you_get="Geld zurück.")

    my, one = (client.get(path).content.decode() for path in ("/my/", f"/my/impacts/{impact.public_id}/"))

    assert "Züge stehen still</h2>" in my
    assert "<p>Wir prüfen es.</p>" in my
    assert ">Erstattung</h3>" in one
    assert "<dd>Geld zurück.</dd>" in one
    assert "We look." not in my + one


def test_what_is_not_translated_is_marked_and_said():
    _it, impact, client = make_german_company()

    one = client.get(f"/my/impacts/{impact.public_id}/").content.decode()

    assert '<bdi lang="en">Trains stand still</bdi></a>' in one
    assert '<div class="prose" lang="en"><p>We look.</p></div>' in one
    assert '<h3 id="o-' in one
    assert '<bdi lang="en">Refund</bdi></h3>' in one


def test_what_was_agreed_is_kept_as_it_was_written_and_read_in_the_reader_s_language():
    it, impact, client = make_german_company()
    offer = impact.incident.offers.get()
    say(it, offer.remedy, offer.remedy, name="Erstattung", promise="Wir zahlen zurück")
    choose_offer(impact, offer=offer, seen_version=1, replaces="", key="k", by=it.dara)

    one = client.get(f"/my/impacts/{impact.public_id}/").content.decode()

    assert "<h3>Erstattung</h3>" in one
    assert "<strong>Wir zahlen zurück</strong>" in one
    assert Choice.objects.get().terms["name"] == "Refund"


def test_choosing_by_its_translated_page_keeps_the_original_terms():
    it, impact, client = make_german_company()
    offer = impact.incident.offers.get()
    say(it, impact.incident, offer, name="Geld zurück")
    asked = client.get(f"/my/impacts/{impact.public_id}/choose/", {"offer": offer.public_id, "version": 1})

    client.post(f"/my/impacts/{impact.public_id}/choose/", asked.context["form"].initial)

    assert Choice.objects.get().terms["name"] == "Refund"
    offer.refresh_from_db()
    assert offer.name == "Refund"


def test_readers_of_the_page_s_own_language_see_no_mark():
    it, impact, client = make_german_company()
    Page.objects.update(language="de")
    say_nothing = client.get(f"/my/impacts/{impact.public_id}/").content.decode()

    assert "<bdi lang=" not in say_nothing
    assert it.page.language == "en"
