"""What to do meanwhile, in the mails that tell how an incident stands."""

import pytest

from incidents.actions.publishing.incidents import change_incident, publish_incident, resolve_incident
from incidents.actions.publishing.updates import post_update
from tests.notifications.mails import html_of, sent_mails, text_of
from tests.notifications.scene import NOW, Scene, after, make_scene, tell

pytestmark = pytest.mark.django_db

ADVICE = "Keep your **card** ready.\n\n<b>x</b>"


def publish(scene: Scene) -> None:
    publish_incident(scene.incident, body="The gate is stuck.", by=scene.dara, now=NOW)


def newest_to_ana():
    return [mail for mail in sent_mails() if mail["To"] == "ana@example.org"][-1]


def test_both_parts_have_it_in_staff_s_own_words() -> None:
    scene = make_scene(published=False)
    change_incident(scene.incident, advice=ADVICE, by=scene.dara, now=NOW)
    publish(scene)

    tell()

    mail = newest_to_ana()
    assert "WHAT TO DO MEANWHILE\n  Keep your card ready.\n\n  <b>x</b>\n\nWHEN" in text_of(mail)
    assert "Keep your <strong>card</strong> ready." in html_of(mail)
    assert "&lt;b&gt;x&lt;/b&gt;" in html_of(mail)


def test_without_it_there_is_no_word_of_it() -> None:
    scene = make_scene(published=False)
    publish(scene)

    tell()

    assert "meanwhile" not in text_of(newest_to_ana()).lower()


def test_a_later_update_says_what_it_is_by_then() -> None:
    scene = make_scene(published=False)
    publish(scene)
    tell()
    change_incident(scene.incident, advice="Use the side gate.", by=scene.dara, now=after(minutes=5))
    post_update(scene.incident, body="A part is coming.", by=scene.dara, now=after(minutes=6))

    tell()

    assert "  Use the side gate." in text_of(newest_to_ana())


def test_when_it_is_over_nobody_is_told_what_to_do_meanwhile() -> None:
    scene = make_scene(published=False)
    change_incident(scene.incident, advice=ADVICE, by=scene.dara, now=NOW)
    publish(scene)
    tell()
    resolve_incident(scene.incident, body="The gate moves again.", by=scene.dara, now=after(hours=1))

    tell()

    assert "meanwhile" not in text_of(newest_to_ana()).lower()
