"""E-mail by the configured backend, over one connection that is kept for a whole drain.

What the server answers is sorted into four outcomes, which is all that the pipeline needs to know.
"""

import smtplib
from collections.abc import Sequence
from contextlib import suppress
from types import TracebackType
from typing import Self

from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage, get_connection
from django.core.validators import validate_email

PERMANENT = 500


class NotSent(Exception):
    """The message did not go out; the text is what the server said."""


class Refused(NotSent):
    """For good, because of the address."""


class Rejected(NotSent):
    """For good, because of the message."""


class Deferred(NotSent):
    """Not now; try this message again later."""


class Unreachable(NotSent):
    """Nothing goes out at present; try everything again later."""


class Transport:
    """A connection that opens with the first message and stays open until the end of the ``with`` block."""

    def __init__(self) -> None:
        self._connection = get_connection()
        self._is_open = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()

    def send(self, message: EmailMessage) -> None:
        """Hand one message over. Raises one of the kinds of NotSent.

        When the connection breaks before the server's answer, the message may have been taken all the same: it goes
        out again with the same Message-ID.
        """
        try:
            self._open()
            self._connection.send_messages([message])
        except smtplib.SMTPRecipientsRefused as error:
            raise _by_code(*next(iter(error.recipients.values())), Refused) from error
        except smtplib.SMTPSenderRefused as error:  # our own address is at fault, whoever the message is for
            self._close()
            raise Unreachable(_words(error.smtp_code, error.smtp_error)) from error
        except smtplib.SMTPDataError as error:
            raise _by_code(error.smtp_code, error.smtp_error, Rejected) from error
        except (smtplib.SMTPException, OSError) as error:
            self._close()
            raise Unreachable(str(error) or type(error).__name__) from error
        except ValueError as error:  # something that no header can carry
            raise Rejected(str(error)) from error

    def _open(self) -> None:
        if not self._is_open:
            self._connection.open()
            self._is_open = True

    def _close(self) -> None:
        self._is_open = False
        with suppress(smtplib.SMTPException, OSError):  # it may be broken already
            self._connection.close()


def check_address(address: str) -> None:
    """Raise Refused for what cannot be an address: no server needs to tell us."""
    try:
        validate_email(address)
    except ValidationError as error:
        raise Refused(f"{address!r} is not an e-mail address.") from error


def _by_code(code: int, reply: bytes | str, kind: type[NotSent]) -> NotSent:
    return kind(_words(code, reply)) if code >= PERMANENT else Deferred(_words(code, reply))


def _words(code: int, reply: bytes | str) -> str:
    text = reply.decode(errors="replace") if isinstance(reply, bytes) else reply
    return f"{code} {' '.join(text.split())}"


__all__: Sequence[str] = ("Deferred", "NotSent", "Refused", "Rejected", "Transport", "Unreachable", "check_address")
