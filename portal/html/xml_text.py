"""What other programs must not be given."""

import re

# What XML 1.0 has no place for, not even escaped; calendars do not want it either.
_UNSPEAKABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def without_controls(text: str) -> str:
    return _UNSPEAKABLE.sub("", text)
