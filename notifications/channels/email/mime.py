"""A mail with two readings, text and HTML, put on the wire in a tenth of the standard library's time.

The standard generator looks at every line and folds every header in Python; for a fan-out that was half of the work.
These mails are of one simple kind, and ``quoted-printable`` is made in C. Whatever is not of that kind (an address
outside ASCII) goes the standard way.
"""

from binascii import b2a_qp
from collections.abc import Mapping
from email.header import Header
from email.utils import formatdate
from typing import Any

from django.core.mail import BadHeaderError, EmailMultiAlternatives

LONGEST_LINE = 76
# Quoted-printable never holds "=_", so no text can hold the line between the parts (RFC 2045, 6.7).
_BOUNDARY = "=_makegood"


class TwoPartMail(EmailMultiAlternatives):
    """Django's mail with one HTML alternative; every backend can send it."""

    def message(self, **options: Any) -> Any:
        """The finished mail, ready for ``as_bytes``. Raises BadHeaderError for a value that would begin a new line."""
        addresses = [self.from_email, *self.to, *self.reply_to]
        if self.cc or self.bcc or self.attachments or not all(address.isascii() for address in addresses):
            return super().message(**options)
        headers = {"Subject": str(self.subject), "From": self.from_email, "To": ", ".join(self.to)}
        if self.reply_to:
            headers["Reply-To"] = ", ".join(self.reply_to)
        html = str(self.alternatives[0][0])
        return Finished(headers | {"Date": formatdate()} | self.extra_headers, str(self.body), html)


class Finished:
    """What a backend asks of a finished mail: its bytes and its headers."""

    def __init__(self, headers: Mapping[str, str], text: str, html: str) -> None:
        self._headers = {name: _encoded(name, value) for name, value in headers.items()}
        self._parts = (("plain", text), ("html", html))

    def __getitem__(self, name: str) -> str | None:
        return self._headers.get(name)

    def as_bytes(self, *, linesep: str = "\n") -> bytes:
        lines = [f"{name}: {value}" for name, value in self._headers.items()]
        lines += ["MIME-Version: 1.0", f'Content-Type: multipart/alternative; boundary="{_BOUNDARY}"', ""]
        message = "\n".join(lines).encode("ascii") + b"".join(_part(kind, text) for kind, text in self._parts)
        return (message + f"\n--{_BOUNDARY}--\n".encode()).replace(b"\n", linesep.encode())


def _part(kind: str, text: str) -> bytes:
    head = (
        f'\n--{_BOUNDARY}\nContent-Type: text/{kind}; charset="utf-8"\nContent-Transfer-Encoding: quoted-printable\n\n'
    )
    lines = "\n".join(text.splitlines())
    return head.encode() + b2a_qp(lines.encode("utf-8", "replace"), istext=True)


def _encoded(name: str, value: str) -> str:
    """A header's value as it stands on the wire; only a subject may be folded, others are tokens."""
    if "\n" in value or "\r" in value:
        raise BadHeaderError(f"{name} would begin another line.")
    if name == "Subject" and not (value.isascii() and len(value) < LONGEST_LINE - len(name)):
        return Header(value, "us-ascii" if value.isascii() else "utf-8", header_name=name).encode()
    if not value.isascii():
        raise BadHeaderError(f"{name} cannot be written in ASCII.")
    return value
