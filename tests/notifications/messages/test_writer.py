"""What people read: every message in all its parts, for its reader, with the headers that mail programs need."""

import re
from collections.abc import Mapping
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest
from django.conf import settings

from incidents.actions.publishing.incidents import declare_incident, publish_incident, resolve_incident
from incidents.actions.publishing.updates import post_update, publish_estimate
from incidents.actions.recovery.choices import cancel_choice, choose_offer
from incidents.actions.recovery.promises import break_due_promises, complete_task
from incidents.actor import Actor
from incidents.links import ImpactLink, read_impact
from incidents.models import Choice, Customer, Holding, Impact, Page, Remedy, Task, User
from notifications.actions.account_mail import queue_ready_mail
from notifications.actions.subscriptions import ask_to_stop, subscribe
from notifications.models import Delivery
from notifications.pipeline.outbox import EVENT_MESSAGES
from notifications.tokens import Stop, read_stop
from notifications.topics import PERSONAL, PUBLIC
from tests.make import make_holding, make_membership, make_offer, make_pool, make_remedy, make_user
from tests.notifications.mails import html_of, sent_mails, text_of
from tests.notifications.planned import live_through_planned_work
from tests.notifications.scene import NOW, Scene, after, drain, make_scene, make_subscription, tell

pytestmark = pytest.mark.django_db


def newest(address: str) -> EmailMessage:
    return [mail for mail in sent_mails() if mail["To"] == address][-1]


def links(mail: EmailMessage) -> list[ImpactLink | None]:
    """What the signed links in a mail open, each once."""
    tokens = dict.fromkeys(re.findall(r"/i/([^/\s]+)/", text_of(mail)))
    return [read_impact(token) for token in tokens]


def choose(scene: Scene, customer: Customer, **offer: object) -> Choice:
    words = {"promise": "We refund the fee", "fulfil_within": timedelta(days=1)}
    remedy = Remedy.objects.filter(name="Refund of the fee").first() or make_remedy(name="Refund of the fee", **words)
    new_offer = make_offer(scene.incident, remedy=remedy, **{"choose_by": after(hours=4), **offer})
    impact = Impact.objects.filter(customer=customer).order_by("holding__label").first()
    by = Actor.link(customer.name)
    return choose_offer(impact, offer=new_offer, seen_version=1, replaces="", key="1", by=by, now=after(minutes=1))


def live_through_everything() -> None:
    """One scene in which every message is sent at least once."""
    scene = make_scene()
    make_subscription(scene.page, "reader@example.org")
    tell()
    publish_estimate(scene.incident, by=scene.dara, restored_by=after(hours=3), now=after(minutes=1))
    tell(after(minutes=1))
    post_update(scene.incident, body="Half are out.", by=scene.dara, now=after(minutes=2))
    tell(after(minutes=2))
    choose(scene, scene.ana)
    cancel_choice(choose(scene, scene.ben), by=Actor.link("Ben"), now=after(minutes=2))
    tell(after(minutes=3))
    break_due_promises(after(days=2))
    tell(after(days=2))
    complete_task(Task.objects.get(state=Task.State.OPEN), by=scene.dara, now=after(days=2, hours=1))
    tell(after(days=2, hours=1))
    resolve_incident(scene.incident, body="All out.", by=scene.dara, now=after(days=2, hours=2))
    tell(after(days=2, hours=2))
    subscribe(scene.page, address="new@example.org", now=NOW)
    ask_to_stop(scene.page, address="reader@example.org", now=NOW)
    queue_ready_mail("ana@example.org", message="sign_in_code", contents={"code": "K7F2QX"}, now=NOW)
    queue_ready_mail("zoe@example.org", message="no_account", contents={}, now=NOW)
    queue_ready_mail("zoe@example.org", message="ready", contents={"subject": "Hello", "text": "One\n\nTwo"}, now=NOW)
    drain(NOW)
    live_through_planned_work(scene)


def by_message() -> Mapping[str, EmailMessage]:
    return {mail["Feedback-ID"].partition(":")[0]: mail for mail in sent_mails()}


def test_every_message_folder_is_used_and_complete():
    live_through_everything()

    folders = [path for path in (Path(settings.BASE_DIR) / "templates" / "mail").iterdir() if path.is_dir()]
    assert set(by_message()) == {folder.name for folder in folders}
    assert {name for telling in EVENT_MESSAGES.values() for name in (row.message for row in telling)} <= set(
        by_message()
    )
    assert [sorted(path.name for path in folder.iterdir()) for folder in folders] == [
        ["body.html", "body.txt", "subject.txt"]
    ] * len(folders)


def test_every_message_has_both_parts_and_is_well_formed():
    live_through_everything()

    mails = sent_mails()
    assert {mail.get_content_type() for mail in mails} == {"multipart/alternative"}
    assert [part for mail in mails for part in mail.walk() if part.get_content_maintype() == "image"] == []
    texts = [text_of(mail) for mail in mails] + [html_of(mail) for mail in mails]
    assert [text for text in texts if re.search(r"\{\{|\{%|None|\bFalse\b|\n\n\n\n", text.replace("\n\n\n", ""))] == []
    assert [mail["Subject"] for mail in mails if not mail["Subject"] or "\n" in mail["Subject"]] == []


def test_every_message_says_that_a_machine_wrote_it_and_loads_nothing():
    live_through_everything()

    mails = sent_mails()
    assert {mail["Auto-Submitted"] for mail in mails} == {"auto-generated"}
    assert [
        html_of(mail) for mail in mails if re.search(r"<(img|script|link|iframe)|url\(|@import", html_of(mail))
    ] == []
    assert [html_of(mail) for mail in mails if "prefers-color-scheme: dark" not in html_of(mail)] == []


def test_everything_but_what_was_asked_for_can_be_stopped_with_one_click():
    live_through_everything()

    stoppable = {name for name, mail in by_message().items() if mail["List-Unsubscribe"]}
    assert set(by_message()) - stoppable == {"sign_in_code", "no_account", "ready"}
    assert {mail["List-Unsubscribe-Post"] for mail in by_message().values()} == {"List-Unsubscribe=One-Click", None}


def test_the_links_that_stop_name_the_topic_and_the_page():
    scene = make_scene()
    make_subscription(scene.page, "reader@example.org")

    tell()

    tokens = {mail["To"]: mail["List-Unsubscribe"].split("/")[-2] for mail in sent_mails()}
    stops = {address: read_stop(token) for address, token in tokens.items()}
    channels = dict(Delivery.objects.values_list("channel__address", "channel"))
    assert stops == {
        "ana@example.org": Stop(channels["ana@example.org"], PERSONAL),
        "ben@example.org": Stop(channels["ben@example.org"], PERSONAL),
        "reader@example.org": Stop(channels["reader@example.org"], PUBLIC, scene.page.pk),
    }


def test_a_mail_program_puts_one_incident_into_one_thread():
    scene = make_scene()
    tell()
    post_update(scene.incident, body="Half are out.", by=scene.dara, now=after(minutes=2))
    tell(after(minutes=2))

    mails = [mail for mail in sent_mails() if mail["To"] == "ben@example.org"]
    threads = {(mail["In-Reply-To"], mail["References"]) for mail in mails}
    ids = {mail["Message-ID"] for mail in mails}
    assert len(threads) == 1
    assert ids == {
        f"<{key}@localhost>" for key in Delivery.objects.filter(customer=scene.ben).values_list("key", flat=True)
    }


def test_the_first_notice_answers_every_question():
    scene = make_scene(published=False)
    pool = make_pool(scene.page, capacity=0)
    make_offer(
        scene.incident,
        name="Refund",
        what_you_get="We pay back the fee.",
        choose_by=after(hours=4),
        value=6.5,
        currency="GBP",
    )
    make_offer(scene.incident, name="Courier", what_you_get="Today.", choose_by=after(hours=2), pool=pool)
    publish_incident(
        scene.incident, body="The gate is stuck.", by=scene.dara, next_update_due_at=after(hours=1), now=NOW
    )

    tell()

    mail = newest("ana@example.org")
    assert mail["Subject"] == "2 of your things are affected: Vans cannot leave"
    assert mail["From"] == "Riverside Parcels <makegood@localhost>"
    expected = (
        "at Riverside Parcels",
        "Parcel 8841 (Order",
        "Parcel 8842 (Order",
        "The gate is stuck.",
        "Monday 2 March, 14:02 UTC",
        "We do not know yet",
        "- Refund (£6.50): We pay back the fee.",
        "- Courier – sold out: Today.",
        "Choose or change until Monday 2 March, 18:02 UTC.",
        "If you do nothing: nothing is chosen for you.",
        "By Monday 2 March, 15:02 UTC, even if there is nothing new.",
        "Call +44 20 7946 0123.",
        "Stop these messages:",
    )
    assert [words for words in expected if words not in text_of(mail)] == []
    assert [link.may_choose for link in links(mail)] == [True, True]


def test_one_holding_is_named_in_the_subject():
    make_scene()

    tell()

    assert newest("ben@example.org")["Subject"] == "Parcel 9001 is affected: Vans cannot leave"


def test_planned_work_is_told_as_planned():
    scene = make_scene(published=False)
    work = declare_incident(
        scene.page,
        name="New belt",
        kind="maintenance",
        impact="maintenance",
        by=scene.dara,
        components={scene.vans: "under_maintenance"},
        scheduled_for=after(days=2),
        scheduled_until=after(days=2, hours=3),
        now=NOW,
    )
    publish_incident(work, body="We replace the belt.", by=scene.dara, now=NOW)

    tell()

    mail = newest("ben@example.org")
    assert mail["Subject"] == "Planned work touches Parcel 9001: New belt"
    assert "From Wednesday 4 March, 14:02 UTC until Wednesday 4 March, 17:02 UTC." in text_of(mail)


def test_a_past_estimate_is_called_missed():
    scene = make_scene()
    publish_estimate(scene.incident, by=scene.dara, restored_by=after(hours=1), now=after(minutes=1))
    post_update(scene.incident, body="Still stuck.", by=scene.dara, now=after(hours=2))

    tell(after(hours=2))

    text = text_of(newest("ben@example.org"))
    assert "We said Monday 2 March, 15:02 UTC, and we missed it. We have no new time yet." in text
    assert "We expect it to work again" not in text


def test_times_are_in_the_readers_zone():
    scene = make_scene()
    Page.objects.update(time_zone="Europe/London")
    Customer.objects.filter(pk=scene.ana.pk).update(time_zone="America/Sao_Paulo")

    tell()

    assert "Monday 2 March, 11:02 UTC-03" in text_of(newest("ana@example.org"))
    assert "Times are in the time zone America/Sao_Paulo." in text_of(newest("ana@example.org"))
    assert "Monday 2 March, 14:02 GMT" in text_of(newest("ben@example.org"))


def test_what_an_import_calls_a_zone_or_a_language_cannot_stop_a_mail():
    scene = make_scene()
    Customer.objects.filter(pk=scene.ana.pk).update(time_zone="Atlantis/Capital", language="tlh")

    tell()

    assert "14:02 UTC" in text_of(newest("ana@example.org"))
    assert '<html lang="en"' in html_of(newest("ana@example.org"))


def test_the_language_is_the_readers():
    scene = make_scene()
    Customer.objects.filter(pk=scene.ana.pk).update(language="de")

    tell()

    assert '<html lang="de"' in html_of(newest("ana@example.org"))


def test_a_viewer_may_look_and_is_not_told_to_choose():
    scene = make_scene()
    make_offer(scene.incident, choose_by=after(hours=4))
    vera = make_user("Vera")
    make_membership(vera, scene.ana, "viewer")

    tell()

    mail = newest("vera@example.org")
    assert [(link.may_choose, link.user) for link in links(mail)] == [(False, vera.pk)] * 2
    assert "Choosing is up to the owner." in text_of(mail)


def test_a_member_with_the_customers_own_address_keeps_the_customers_right():
    scene = make_scene()
    make_membership(make_user("Ana Small", email="ana@example.org"), scene.ana, "viewer")

    tell()

    assert [(link.may_choose, link.user) for link in links(newest("ana@example.org"))] == [(True, None)] * 2


def test_an_owners_link_carries_their_name():
    scene = make_scene()
    owner = make_user("Olga")
    make_membership(owner, scene.ben, "owner")

    tell()

    assert [(link.may_choose, link.user) for link in links(newest("olga@example.org"))] == [(True, owner.pk)]
    assert text_of(newest("olga@example.org")).startswith("Hello Olga,")


def test_a_choice_is_confirmed_with_its_promise():
    scene = make_scene()
    tell()
    choose(scene, scene.ana)

    tell(after(minutes=2))

    mail = newest("ana@example.org")
    assert mail["Subject"] == "Chosen: Refund of the fee (Parcel 8841)"
    assert "We refund the fee: by Tuesday 3 March, 14:03 UTC." in text_of(mail)
    assert "You can change it until Monday 2 March, 18:02 UTC" in text_of(mail)
    assert len(links(mail)) == 1


def test_who_has_chosen_is_not_asked_to_choose_again():
    scene = make_scene()
    tell()
    choose(scene, scene.ben)
    post_update(scene.incident, body="Half are out.", by=scene.dara, now=after(minutes=2))

    tell(after(minutes=2))

    text = text_of(newest("ben@example.org"))
    assert "Chosen: Refund of the fee" in text
    assert "Your choice stands" in text
    assert "If you do nothing" not in text


def test_the_check_in_asks_only_about_what_is_restored():
    scene = make_scene()
    tell()
    resolve_incident(scene.incident, body="All out.", by=scene.dara, now=after(hours=2))
    confirmed = Impact.objects.filter(holding__label="Parcel 8841")
    confirmed.update(state=Impact.State.CONFIRMED, confirmed_at=after(hours=2))

    tell(after(hours=2))

    mail = newest("ana@example.org")
    assert mail["Subject"] == "Is it fixed for you? Parcel 8842"
    assert "/check-in/?answer=no" in html_of(mail)
    assert "If you do not answer, we do not take that for a yes." in text_of(mail)


def test_names_cannot_add_headers():
    scene = make_scene(published=False)
    evil = "Ana\r\nBcc: everybody@example.org\r\n\r\nBuy now"
    Page.objects.update(name=f"Riverside{evil}", support_email="help@example.org")
    Holding.objects.filter(label="Parcel 9001").update(label=f"Parcel{evil}")
    scene.incident.name = f"Vans{evil}"
    scene.incident.save(update_fields=["name"])
    publish_incident(scene.incident, body="The gate is stuck.", by=scene.dara, now=NOW)

    tell()

    mail = newest("ben@example.org")
    assert (mail["Bcc"], mail["Cc"]) == (None, None)
    assert mail["Subject"].startswith("Parcel")
    assert mail["Reply-To"] == "help@example.org"


def test_what_people_typed_is_text_and_never_markup():
    scene = make_scene(published=False)
    Customer.objects.filter(pk=scene.ben.pk).update(name="<script>alert(1)</script>")
    make_holding(scene.ben, scene.vans, label="<b>bold</b> & co")
    scene.incident.refresh_from_db()
    publish_incident(scene.incident, body="<img src=x onerror=alert(1)> **now**", by=scene.dara, now=NOW)

    tell()

    html = html_of(newest("ben@example.org"))
    assert re.findall(r"<(script|img|b)\b", html) == []
    assert "&lt;b&gt;bold&lt;/b&gt; &amp; co" in html
    assert "<b>bold</b> & co" in text_of(newest("ben@example.org"))


def test_nobody_reads_of_somebody_elses_things():
    make_scene()

    tell()

    assert "9001" not in text_of(newest("ana@example.org")) + html_of(newest("ana@example.org"))
    assert "884" not in text_of(newest("ben@example.org")).split("/i/")[0]


def test_the_staff_who_chose_is_named():
    scene = make_scene()
    tell()
    offer = make_offer(scene.incident, choose_by=after(hours=4))
    impact = Impact.objects.filter(customer=scene.ben).first()
    rita = Actor.staff(User.objects.create_user("rita@example.org", first_name="Rita"))
    choose_offer(impact, offer=offer, seen_version=1, replaces="", key="1", by=rita, now=after(minutes=1))

    tell(after(minutes=1))

    assert "Rita from our team chose it on your behalf." in text_of(newest("ben@example.org"))
