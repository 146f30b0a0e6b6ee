"""Mail as files, for installations that have no mail server yet: one complete message per file in DATA_DIR/mail."""

import os
import re
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.message import EmailMessage


class EmailBackend(BaseEmailBackend):
    """Writes each message to `<Message-ID>.eml`; a reader never sees half a file.

    A message that comes a second time with the same Message-ID leaves the first file as it is, the way a provider
    with an idempotency key would.
    """

    def __init__(self, fail_silently: bool = False, file_path: str | Path | None = None, **kwargs: Any) -> None:
        super().__init__(fail_silently=fail_silently)
        self.folder = Path(file_path or settings.EMAIL_FILE_PATH)

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        self.folder.mkdir(parents=True, exist_ok=True)
        for message in email_messages:
            mime = message.message()
            self._write(file_name(str(mime["Message-ID"])), mime.as_bytes())
        return len(email_messages)

    def _write(self, name: str, content: bytes) -> None:
        draft = self.folder / f".{secrets.token_hex(8)}.part"
        draft.write_bytes(content)
        try:
            os.link(draft, self.folder / name)  # a link never replaces what is there
        except FileExistsError:
            pass
        finally:
            draft.unlink()


def file_name(message_id: str) -> str:
    """The Message-ID with everything that a file system might mind replaced."""
    return re.sub(r"[^\w.@+=-]+", "_", message_id.strip("<> "))[:200].lstrip(".") + ".eml"
