"""Reading what was sent, as a mail program does."""

from email import message_from_bytes, policy
from email.message import EmailMessage

from django.core import mail


def sent_mails() -> list[EmailMessage]:
    """Every mail that was handed over in this test, parsed from its bytes."""
    return [parsed(message.message().as_bytes()) for message in mail.outbox]


def parsed(content: bytes) -> EmailMessage:
    return message_from_bytes(content, policy=policy.default)


def text_of(message: EmailMessage) -> str:
    return _part(message, "plain")


def html_of(message: EmailMessage) -> str:
    return _part(message, "html")


def _part(message: EmailMessage, kind: str) -> str:
    part = message.get_body(preferencelist=(kind,))
    assert part is not None
    return part.get_content().replace("\r\n", "\n")


def newest_to(address: str) -> EmailMessage:
    """The last mail that went to this address."""
    return [mail for mail in sent_mails() if mail["To"] == address][-1]
