"""What staff wrote, in the language of whoever reads the mail."""

import re

import pytest
from django.test import Client
from django.utils import translation

from incidents.actions.publishing.translations import Wording, translate
from incidents.actions.publishing.updates import post_update, publish_estimate
from incidents.models import Customer, Page
from incidents.text.fallback_language import fallback_words
from notifications.actions.account_mail import queue_ready_mail
from notifications.actions.subscriptions import subscribe
from notifications.models import Channel, Subscription
from notifications.pipeline import delivery
from notifications.tokens import Stop, sign_stop
from tests.make import make_offer, make_page, make_remedy
from tests.notifications.mails import html_of, sent_mails, text_of
from tests.notifications.scene import NOW, Scene, after, make_scene, make_subscription, tell

pytestmark = pytest.mark.django_db


def make_german_scene() -> Scene:
    """Ana reads German, Ben English."""
    Customer.objects.filter(name="Ana").update(language="de")
    scene = make_scene()
    Customer.objects.filter(name="Ana").update(language="de")
    Page.objects.update(languages=["de"])
    return scene


def translated(scene: Scene) -> None:
    update = scene.incident.updates.get()
    texts = [(scene.incident, "name", "Die Wagen stehen"), (update, "body", "Das *Tor* klemmt.")]
    wordings = [Wording(row, field, "de", text) for row, field, text in texts]
    translate(scene.incident, wordings, by=scene.dara, now=NOW)


def to(address: str):
    return next(mail for mail in sent_mails() if mail["To"] == address)


def test_each_reads_it_in_their_own_language():
    scene = make_german_scene()
    translated(scene)

    tell()

    german, english = to("ana@example.org"), to("ben@example.org")
    assert "Die Wagen stehen" in german["Subject"]
    assert "  Das Tor klemmt." in text_of(german)
    assert "<p>Das <em>Tor</em> klemmt.</p>" in html_of(german).replace(' style="', "").replace(
        'margin: 0 0 12px;"', ""
    )
    assert "The gate is stuck." not in text_of(german) + html_of(german)
    assert "Vans cannot leave" in english["Subject"]
    assert "  The gate is stuck." in text_of(english)


def test_what_is_not_translated_says_so_once_and_is_marked():
    make_german_scene()

    tell()

    german = to("ana@example.org")
    [note] = [line for line in text_of(german).splitlines() if line.endswith("Englisch:") or "; in " in line]
    assert note
    assert "  The gate is stuck." in text_of(german)
    assert html_of(german).count('<blockquote lang="en"') == 1
    assert "<blockquote lang=" not in html_of(to("ben@example.org"))


def test_nobody_is_told_again_because_of_a_translation():
    scene = make_german_scene()
    tell()
    before = len(sent_mails())

    translated(scene)

    assert tell(after(minutes=1)) == 0
    assert len(sent_mails()) == before


def test_a_translation_in_the_same_breath_is_in_the_first_mail():
    scene = make_german_scene()
    make_subscription(scene.page, "reader@example.org")
    Channel.objects.filter(address="reader@example.org").update(language="de")
    tell()

    texts = {"de": {"body": "Das Tor ist offen."}}
    post_update(scene.incident, body="The gate is open.", by=scene.dara, translations=texts, now=after(minutes=5))
    tell(after(minutes=5))

    mails = [mail for mail in sent_mails() if mail["To"] == "reader@example.org"]
    text, html = text_of(mails[-1]), html_of(mails[-1])
    assert "Das Tor ist offen." in text
    # What came before is not translated, and says so, too.
    with translation.override("de"):
        note = str(fallback_words("en"))
    assert f"{note}\n  The gate is stuck." in text
    assert (html.count(note), html.count('<blockquote lang="en"')) == (1, 1)


def test_estimates_and_offers_too():
    scene = make_german_scene()
    make_offer(scene.incident, remedy=make_remedy(name="Refund", what_you_get="Money."), choose_by=after(days=1))
    offer = scene.incident.offers.get()
    reasons = {"de": {"reason": "Ersatzteil fehlt"}}
    publish_estimate(
        scene.incident, restored_by=after(hours=2), reason="No spare part", by=scene.dara, translations=reasons, now=NOW
    )
    texts = {"name": "Erstattung", "what_you_get": "Geld zurück."}
    wordings = [Wording(offer.remedy, field, "de", text) for field, text in texts.items()]
    translate(offer.remedy, wordings, by=scene.dara, now=NOW)

    tell()

    german = text_of(to("ana@example.org"))
    assert "Ersatzteil fehlt" in german
    assert "- Erstattung: Geld zurück." in german


def test_a_mail_in_arabic_is_read_from_right_to_left():
    make_german_scene()
    Customer.objects.filter(name="Ana").update(language="ar")

    tell()

    arabic = to("ana@example.org")
    assert '<html lang="ar" dir="rtl">' in html_of(arabic)
    assert "border-right:3px solid #dfdbd2" in html_of(arabic).replace(": ", ":")
    assert '<a href="tel:+44 20 7946 0123" dir="ltr"' in html_of(arabic)
    assert "\u2068+44 20 7946 0123\u2069" in text_of(arabic)
    assert "* \u2068Parcel 8841\u2069" in text_of(arabic)
    assert "\u2068" not in text_of(to("ben@example.org"))


def test_a_code_comes_in_the_language_of_the_page_where_it_was_asked_for():
    Channel.objects.create(kind="email", address="ana@example.org", language="en", created_at=NOW)

    queue_ready_mail("ana@example.org", message="sign_in_code", contents={"code": "K7F2QX"}, language="de", now=NOW)
    delivery.drain("urgent", clock=lambda: NOW)

    (mail,) = sent_mails()
    assert mail["Subject"] == "K7F2QX ist Ihr Anmeldecode"


def test_a_confirmation_is_asked_for_in_the_language_of_the_page_too():
    Channel.objects.create(kind="email", address="ana@example.org", language="en", created_at=NOW)

    subscribe(make_page(name="Northwind"), address="ana@example.org", language="de", now=NOW)
    delivery.drain("urgent", clock=lambda: NOW)

    (mail,) = sent_mails()
    assert mail["Subject"] == "Bitte bestätigen: Meldungen von Northwind"


# -- pages that mails lead to -----------------------------------------------------------------------------------------


def followed(kind: str, browser: str) -> str:
    """The page behind the link of the newest mail, in a browser that speaks this language."""
    [address] = set(re.findall(rf"http://[^/]+(/{kind}/\S+)", text_of(sent_mails()[-1])))
    return Client(headers={"Accept-Language": browser}).get(address).content.decode()


def test_whoever_subscribed_in_german_confirms_in_german(client):
    page = make_page(slug="p")
    client.post("/subscribe?page=p&in=de", {"email": "fay@example.org"})
    delivery.drain("urgent")

    html = followed("subscribe/confirm", "fr")

    assert '<html lang="de"' in html
    assert Subscription.objects.get().page == page


def test_a_german_mail_is_stopped_in_german():
    scene = make_german_scene()
    make_subscription(scene.page, "fay@example.org")
    Channel.objects.filter(address="fay@example.org").update(language="de")
    tell()
    mail = to("fay@example.org")

    [address] = re.findall(r"<http://[^/]+(/unsubscribe/[^>]+)>", mail["List-Unsubscribe"])
    html = Client(headers={"Accept-Language": "en"}).get(address).content.decode()
    confirmation = Client(headers={"Accept-Language": "en"}).post(address, {"List-Unsubscribe": "One-Click"})

    assert '<html lang="de"' in html
    assert '<html lang="de"' in confirmation.content.decode()
    assert address in text_of(mail).replace("=\n", "")


def test_a_link_of_an_older_mail_follows_the_browser():
    make_german_scene()
    channel = Channel.objects.create(address="fay@example.org", language="de")
    token = sign_stop(Stop(channel.pk, "public"))

    html = Client(headers={"Accept-Language": "fr"}).get(f"/unsubscribe/{token}/").content.decode()

    assert '<html lang="fr"' in html
