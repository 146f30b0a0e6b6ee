"""Reading the sources' texts and the catalogues that translate them, without any tool but Python."""

import ast
import gettext
import io
import re
import tokenize
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.utils.translation.template import templatize

from config.management.commands.makemessages import IGNORED

ROOT = Path(settings.BASE_DIR)
# Which argument of each function is its context, its text, its plural.
PLAIN, PLURAL, CONTEXT, BOTH = (None, 0, None), (None, 0, 1), (0, 1, None), (0, 1, 2)
KEYWORDS: Mapping[str, tuple[int | None, int, int | None]] = {
    **dict.fromkeys(("_", "gettext", "gettext_lazy", "gettext_noop"), PLAIN),
    **dict.fromkeys(("ngettext", "ngettext_lazy"), PLURAL),
    **dict.fromkeys(("pgettext", "pgettext_lazy"), CONTEXT),
    **dict.fromkeys(("npgettext", "npgettext_lazy"), BOTH),
}
PLACEHOLDER = re.compile(r"%\(\w+\)[#0\- +]*[\d.]*[a-zA-Z]|%[sd]|\{\w*\}")
TAG = re.compile(r"</?\w+")
Key = tuple[str, str]  # context, text


@dataclass(frozen=True)
class Entry:
    """One text with its translations; `plural` is empty where there is but one form."""

    context: str
    text: str
    plural: str
    said: tuple[str, ...]
    is_fuzzy: bool = False

    @property
    def key(self) -> Key:
        return self.context, self.text


# -- sources ----------------------------------------------------------------------------------------------------------


def texts_of_sources() -> dict[Key, str]:
    """Every text that the program says, with its plural or an empty string."""
    found: dict[Key, str] = {}
    for path in sorted(sources()):
        source = path.read_text(encoding="utf-8")
        texts = texts_of_python(source) if path.suffix == ".py" else texts_of_template(source)
        for key, plural in texts:
            found[key] = found.get(key) or plural
    return found


def sources() -> Iterator[Path]:
    for folder in ROOT.iterdir():
        if folder.is_dir() and not folder.name.startswith(".") and folder.name not in IGNORED:
            yield from (path for path in folder.rglob("*.*") if path.suffix in {".py", ".html", ".txt"})
    yield from ROOT.glob("*.py")


def texts_of_python(source: str) -> Iterator[tuple[Key, str]]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            arguments = [one.value if isinstance(one, ast.Constant) else None for one in node.args]
            yield from _text(name, arguments)


def hidden_texts(source: str) -> list[int]:
    """The lines on which a text stands inside the braces of an f-string, where no tool finds it."""
    strings = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.JoinedStr)]
    calls = [node for string in strings for node in ast.walk(string) if isinstance(node, ast.Call)]
    return sorted({call.lineno for call in calls if getattr(call.func, "id", "") in KEYWORDS})


def texts_of_template(source: str) -> Iterator[tuple[Key, str]]:
    """Django turns a template into something like Python for the tools; its calls are read from that."""
    plain = "\n".join(line.lstrip() for line in templatize(source).splitlines())
    tokens = [one for one in tokenize.generate_tokens(io.StringIO(plain).readline) if one.string.strip()]
    for number, token in enumerate(tokens):
        if token.type == tokenize.NAME and token.string in KEYWORDS:
            yield from _text(token.string, _arguments(tokens[number + 1 :]))


def _arguments(tokens: list[tokenize.TokenInfo]) -> list[str | None]:
    """The literals between this bracket and its end."""
    arguments: list[str | None] = []
    if not tokens or tokens[0].string != "(":
        return arguments
    for token in tokens[1:]:
        if token.string == ")":
            break
        if token.string != ",":
            arguments.append(ast.literal_eval(token.string) if token.type == tokenize.STRING else None)
    return arguments


def _text(name: str, arguments: list[str | None]) -> Iterator[tuple[Key, str]]:
    if name not in KEYWORDS:
        return
    context, text, plural = (None if at is None else _at(arguments, at) for at in KEYWORDS[name])
    if isinstance(text, str) and text:
        yield (context or "", text), plural or ""


def _at(arguments: list[str | None], number: int) -> str | None:
    return arguments[number] if number < len(arguments) else None


# -- catalogues -------------------------------------------------------------------------------------------------------


def catalogue(language: str) -> Path:
    return ROOT / "locale" / language / "LC_MESSAGES" / "django.po"


def read(text: str) -> tuple[str, list[Entry]]:
    """The head of a catalogue and its entries."""
    head, *entries = [_entry(block) for block in text.split("\n\n") if "msgid" in block]
    return head.said[0], entries


def _entry(block: str) -> Entry:
    parts: dict[str, str] = {}
    name = ""
    lines = [line for line in block.splitlines() if line and not line.startswith("#")]
    for line in lines:
        word, _quote, _rest = line.partition('"')
        if word:
            name = word.strip()
            parts[name] = ""
        parts[name] += ast.literal_eval(line.removeprefix(word))
    said = tuple(text for name, text in parts.items() if name.startswith("msgstr"))
    is_fuzzy = any(line.startswith("#,") and "fuzzy" in line for line in block.splitlines())
    return Entry(parts.get("msgctxt", ""), parts["msgid"], parts.get("msgid_plural", ""), said, is_fuzzy)


def forms(head: str) -> int:
    """How many plural forms a language has."""
    return int(re.search(r"nplurals\s*=\s*(\d+)", head).group(1))


def faults(entry: Entry, count: int) -> list[str]:
    """What is wrong with one translation; `count`: the forms that a plural has in the language."""
    found = ["guessed"] if entry.is_fuzzy else []
    if not all(entry.said):
        return [*found, "not translated"]
    if entry.plural and len(entry.said) != count:
        found.append(f"{len(entry.said)} forms instead of {count}")
    for number, said in enumerate(entry.said):
        found += _faults(entry, said, is_general=not entry.plural or number == len(entry.said) - 1)
    return found


def _faults(entry: Entry, said: str, *, is_general: bool) -> list[str]:
    """A form for one or two things may leave the number out, and then nothing else."""
    original = entry.plural or entry.text
    found = []
    lacking = set(PLACEHOLDER.findall(original)) - set(PLACEHOLDER.findall(said))
    if len(lacking) > (0 if is_general else 1):
        found.append(f"lacks {', '.join(sorted(lacking))}")
    if invented := set(PLACEHOLDER.findall(said)) - set(PLACEHOLDER.findall(f"{entry.text} {entry.plural}")):
        found.append(f"invents {', '.join(sorted(invented))}")
    if sorted(TAG.findall(said)) != sorted(TAG.findall(original if is_general else entry.text)):
        found.append("has other tags")
    if (said[:1] == "\n", said[-1:] == "\n") != (original[:1] == "\n", original[-1:] == "\n"):
        found.append("begins or ends with another line")
    return found


def compiled(path: Path) -> dict[Key, tuple[str, ...]]:
    """What the program reads: by context and text, the forms."""
    with path.open("rb") as file:
        entries = gettext.GNUTranslations(file)._catalog  # type: ignore[attr-defined]
    found: dict[Key, dict[int, str]] = {}
    for key, said in entries.items():
        text, number = key if isinstance(key, tuple) else (key, 0)
        context, mark, rest = text.rpartition("\x04")
        if text:
            found.setdefault((context, rest if mark else text), {})[number] = said
    return {key: tuple(said for _number, said in sorted(forms.items())) for key, forms in found.items()}
