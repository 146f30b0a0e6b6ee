"""Mail as files, for installations that have no mail server yet: one complete message per file in DATA_DIR/mail."""

import os
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.message import EmailMessage
from django.utils import timezone


class EmailBackend(BaseEmailBackend):
    """Writes each message to `<UTC time>-<random>.eml`, so that names sort by time; a reader never sees half a file."""

    def __init__(self, fail_silently: bool = False, file_path: str | Path | None = None, **kwargs: Any) -> None:
        super().__init__(fail_silently=fail_silently)
        self.folder = Path(file_path or settings.EMAIL_FILE_PATH)

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        self.folder.mkdir(parents=True, exist_ok=True)
        for message in email_messages:
            self._write(message.message().as_bytes(linesep="\r\n"))
        return len(email_messages)

    def _write(self, content: bytes) -> None:
        name = f"{timezone.now():%Y%m%dT%H%M%S.%fZ}-{secrets.token_hex(4)}"
        draft = self.folder / f".{name}.part"
        draft.write_bytes(content)
        os.replace(draft, self.folder / f"{name}.eml")
