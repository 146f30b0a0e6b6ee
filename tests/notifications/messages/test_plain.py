"""The text part of a mail says what the HTML part says, without the marks in which staff wrote it."""

import pytest

from incidents.actions.publishing.updates import post_update
from incidents.models import Page
from notifications.models import Channel
from tests.notifications.mails import html_of, newest_to, text_of
from tests.notifications.scene import after, make_scene, make_subscription, tell

pytestmark = pytest.mark.django_db

SAID = "The gate is **stuck**. You can:\n\n* wait\n* [rebook](https://example.org/r)\n\n> Sorry\n\n<b>x</b>"
PLAIN = "  The gate is stuck. You can:\n\n  - wait\n  - rebook (https://example.org/r)\n\n  > Sorry\n\n  <b>x</b>\n"


def test_those_whose_things_are_touched_read_it_without_marks() -> None:
    scene = make_scene()
    tell()
    post_update(scene.incident, body=SAID, by=scene.dara, now=after(minutes=5))

    tell(after(minutes=6))

    mail = newest_to("ana@example.org")
    assert PLAIN in text_of(mail)
    assert "<strong>stuck</strong>" in html_of(mail)


def test_subscribers_do_too_also_of_what_was_said_before() -> None:
    scene = make_scene()
    make_subscription(scene.page, "reader@example.org")
    post_update(scene.incident, body=SAID, by=scene.dara, now=after(minutes=5))
    post_update(scene.incident, body="It *moves*.", by=scene.dara, now=after(minutes=9))

    tell(after(minutes=10))

    text = text_of(newest_to("reader@example.org"))
    assert "\n  It moves.\n" in text
    assert PLAIN in text.partition("BEFORE THAT")[2]


def test_a_translation_is_written_the_same_way() -> None:
    scene = make_scene()
    Page.objects.update(languages=["de"])
    make_subscription(scene.page, "reader@example.org")
    Channel.objects.filter(address="reader@example.org").update(language="de")
    tell()
    translations = {"de": {"body": "Das **Tor** klemmt."}}
    post_update(scene.incident, body=SAID, by=scene.dara, now=after(minutes=5), translations=translations)

    tell(after(minutes=6))

    assert "\n  Das Tor klemmt.\n" in text_of(newest_to("reader@example.org"))
