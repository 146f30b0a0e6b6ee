"""Real SMTP to a server beside the test: what it accepts, refuses, puts off; and when it is away."""

from collections.abc import Iterator
from email.message import EmailMessage

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from pytest_django import Settings

from incidents.actions.publishing.incidents import publish_incident
from notifications.models import Channel, Delivery
from notifications.pipeline import outbox
from tests.installation import free_port
from tests.notifications.mails import parsed, text_of
from tests.notifications.scene import NOW, after, drain, make_scene, messages_told, tell

pytestmark = pytest.mark.django_db


class Server:
    """Keeps what it accepts; answers some addresses as it was told to."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.connections: set[tuple[str, int]] = set()
        self.to_recipient: dict[str, str] = {}
        self.to_content: dict[str, str] = {}

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self.connections.add(session.peer)
        if address in self.to_recipient:
            return self.to_recipient[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        answer = self.to_content.get(envelope.rcpt_tos[0])
        if answer:
            return answer
        self.mails.append(parsed(envelope.original_content))
        return "250 OK"


@pytest.fixture
def server(settings: Settings) -> Iterator[Server]:
    handler = Server()
    controller = Controller(handler, hostname="127.0.0.1", port=free_port())
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", controller.port
    yield handler
    controller.stop()


def test_a_whole_drain_goes_over_one_connection(server):
    make_scene()

    tell()

    assert sorted(mail["To"] for mail in server.mails) == ["ana@example.org", "ben@example.org"]
    assert len(server.connections) == 1


def test_an_address_that_the_server_refuses_is_switched_off(server):
    make_scene()
    server.to_recipient["ana@example.org"] = "550 5.1.1 No such mailbox"

    tell()

    assert messages_told() == [
        ("ana@example.org", "first_notice", "failed", "550 5.1.1 No such mailbox"),
        ("ben@example.org", "first_notice", "sent", ""),
    ]
    channel = Channel.objects.get(address="ana@example.org")
    assert (channel.off_at is not None, channel.off_reason) == (True, "550 5.1.1 No such mailbox")


def test_an_address_that_the_server_puts_off_is_tried_again(server):
    make_scene()
    server.to_recipient["ana@example.org"] = "451 4.2.1 Mailbox busy"
    tell()
    busy = messages_told()[0]
    server.to_recipient.clear()

    drain(after(minutes=1))

    assert busy == ("ana@example.org", "first_notice", "queued", "451 4.2.1 Mailbox busy")
    assert messages_told()[0] == ("ana@example.org", "first_notice", "sent", "")
    assert Channel.objects.filter(off_at=None).count() == 2


def test_a_text_that_the_server_refuses_does_not_cost_the_address(server):
    make_scene()
    server.to_content["ana@example.org"] = "554 5.7.1 Looks like spam"

    tell()

    assert messages_told()[0] == ("ana@example.org", "first_notice", "failed", "554 5.7.1 Looks like spam")
    assert Channel.objects.filter(off_at=None).count() == 2


def test_a_text_that_the_server_puts_off_is_tried_again(server):
    make_scene()
    server.to_content["ana@example.org"] = "452 4.3.1 Out of disk"

    tell()

    assert messages_told()[0] == ("ana@example.org", "first_notice", "queued", "452 4.3.1 Out of disk")


def test_a_server_that_is_away_loses_nothing(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()
    make_scene()

    tell()

    assert {row[2] for row in messages_told()} == {"queued"}
    assert sorted(Delivery.objects.values_list("attempts", flat=True)) == [0, 1]


def test_a_server_that_hangs_up_after_taking_a_message_gets_it_again_under_the_same_name(server):
    """The one window that no sender can close: taken, but the answer was lost. Message-ID tells the two apart."""
    make_scene()
    server.to_content["ana@example.org"] = "421 4.3.0 Restarting"
    tell()
    server.to_content.clear()
    outbox.collect(now=NOW)

    drain(after(minutes=1))

    assert [row[2] for row in messages_told()] == ["sent", "sent"]
    ids = {mail["To"]: mail["Message-ID"] for mail in server.mails}
    assert ids == {
        delivery.channel.address: f"<{delivery.key}@localhost>"
        for delivery in Delivery.objects.select_related("channel")
    }


def test_a_refused_sender_is_our_own_fault_and_costs_no_address(server, monkeypatch):
    make_scene()

    async def refuse(*args: object) -> str:
        return "553 5.7.1 Not your domain"

    monkeypatch.setattr(Server, "handle_MAIL", refuse, raising=False)

    tell()

    assert {row[2] for row in messages_told()} == {"queued"}
    assert Channel.objects.filter(off_at=None).count() == 2


def test_letters_of_every_language_arrive(server):
    scene = make_scene(published=False)
    scene.page.name = "Ångström & Söhne 🚚"
    scene.page.save(update_fields=["name"])
    publish_incident(scene.incident, body="Übergabe «nach» 18 Uhr — 你好", by=scene.dara, now=NOW)

    tell()

    mail = server.mails[0]
    assert mail["From"].addresses[0].display_name == "Ångström & Söhne 🚚"
    assert "Übergabe «nach» 18 Uhr — 你好" in text_of(mail)
