"""A message as an e-mail: whom it is from, and the headers that mail programs need."""

import re
from email.utils import formataddr
from urllib.parse import urlsplit

from django.conf import settings

from incidents.models import Page
from notifications.channels.email.mime import TwoPartMail
from notifications.messages.merge import RenderedMessage, one_line
from notifications.models import Delivery


def mail_of(delivery: Delivery, message: RenderedMessage) -> TwoPartMail:
    mail = TwoPartMail(
        subject=message.subject,
        body=message.text,
        from_email=_sender(delivery.page),
        to=[delivery.channel.address],
        reply_to=[delivery.page.support_email] if delivery.page and delivery.page.support_email else None,
        headers=_headers(delivery, message.stop),
    )
    mail.attach_alternative(message.html, "text/html")
    return mail


def _headers(delivery: Delivery, stop: str) -> dict[str, str]:
    domain = _mail_domain()
    headers = {
        "Message-ID": f"<{delivery.key}@{domain}>",
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
        "Feedback-ID": f"{delivery.message}:{delivery.page.slug if delivery.page else ''}:{delivery.topic}:makegood",
    }
    if delivery.incident:
        # Never sent itself: the name under which mail programs gather all that we say about one incident.
        thread = f"<incident-{delivery.incident.public_id}.{delivery.incident_id}@{domain}>"
        headers |= {"In-Reply-To": thread, "References": thread}
    if stop:
        headers |= {"List-Unsubscribe": f"<{stop}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    return headers


def _sender(page: Page | None) -> str:
    """The page's name before our own address; whatever a name holds, it cannot begin another header."""
    if page is None:
        return settings.DEFAULT_FROM_EMAIL
    return formataddr((one_line(page.name), _own_address()))


def _own_address() -> str:
    match = re.search(r"<([^<>]+)>\s*$", settings.DEFAULT_FROM_EMAIL)
    return match.group(1) if match else settings.DEFAULT_FROM_EMAIL


def _mail_domain() -> str:
    return _own_address().rpartition("@")[2] or urlsplit(settings.BASE_URL).hostname or "localhost"
