"""Django's `makemessages`: the same sources always give the same catalogues, with no dates, places or guesses."""

import re
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser
from django.core.management.commands import makemessages

HEADER = """msgid ""
msgstr ""
"Project-Id-Version: Makegood\\n"
"Language: {language}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: {plural}\\n"
"""
IGNORED = (".venv", ".clients", "node_modules", "var", "tests", "benchmarks", "docs")


class Command(makemessages.Command):
    help = "Bring the catalogues in locale/ up to date with the sources. What is translated stays."
    msgmerge_options = [*makemessages.Command.msgmerge_options, "--no-fuzzy-matching"]

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.set_defaults(
            locale=[code for code, _name in settings.LANGUAGES if code != settings.LANGUAGE_CODE],
            extensions=["html", "txt", "py"],
            ignore_patterns=list(IGNORED),
            add_location="never",
            no_obsolete=True,
            no_wrap=True,
        )

    def write_po_file(self, potfile: str, locale: str) -> None:
        super().write_po_file(potfile, locale)
        path = Path(potfile).parent / locale / "LC_MESSAGES" / f"{self.domain}.po"
        path.write_text(_settled(path.read_text(encoding="utf-8"), locale), encoding="utf-8")


def _settled(text: str, language: str) -> str:
    """The catalogue below a head that holds nothing of the day or the machine."""
    head, _blank, body = text.partition("\n\n")
    plural_forms: Any = re.search(r"Plural-Forms: ((?:[^\"]|\"\n\")*?)\\n", head)
    plural = re.sub(r'"\n"', "", plural_forms.group(1))
    return f"{HEADER.format(language=language, plural=plural)}\n{body}"
