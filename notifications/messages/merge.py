"""A message is rendered once for all who get the same, with placeholders where a reader's own words go.

Merging costs a hundredth of rendering, which is what makes a fan-out to thousands quick. It also sets a rule for the
templates: what is a reader's own (``person.name``, ``stop``, ``confirm_link``, all that ``affected_holdings`` hold) may
be printed, and asked whether it is there; filters and comparisons would see the placeholder instead of the words.
(``isolated`` may stand: it puts its marks around a placeholder as it would around the words.)
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import css_inline
from django.conf import settings
from django.template import Context
from django.template.loader import get_template
from django.utils.html import escape

from incidents.text.placeholders import fill, placeholder, split

_STYLE = (Path(settings.BASE_DIR) / "templates" / "mail" / "letter.css").read_text(encoding="utf-8")


@dataclass(frozen=True, slots=True)
class AffectedHolding:
    """One holding of the reader's that is touched, with the links that open it and that ask about it."""

    label: str
    kind: str
    ref: str
    link: str
    ask: str
    offer_name: str


@dataclass(frozen=True, slots=True)
class Personalisation:
    """What is a reader's own in a message."""

    name: str = ""
    stop: str = ""
    confirm_link: str = ""
    affected_holdings: tuple[AffectedHolding, ...] = ()

    def values(self) -> list[str]:
        fields = [self.name, self.stop, self.confirm_link]
        for holding in self.affected_holdings:
            fields += [holding.label, holding.kind, holding.ref, holding.link, holding.ask, holding.offer_name]
        return [one_line(value) for value in fields]

    def shape(self) -> tuple[bool, ...]:
        """Which words are there: readers with the same shape share a template."""
        return tuple(bool(value) for value in self.values())

    def placeholders(self) -> "Personalisation":
        """The same shape with a placeholder in the place of each word."""
        placeholders = [placeholder(str(number)) if value else "" for number, value in enumerate(self.values())]
        affected_holdings = [AffectedHolding(*placeholders[at : at + 6]) for at in range(3, len(placeholders), 6)]
        return Personalisation(placeholders[0], placeholders[1], placeholders[2], tuple(affected_holdings))


@dataclass(frozen=True, slots=True)
class RenderedMessage:
    """A message as its reader gets it. ``stop``: the address that ends messages of its kind, empty without one."""

    subject: str
    text: str
    html: str
    stop: str = ""


@dataclass(frozen=True, slots=True)
class MergeTemplate:
    """The three parts, each split at its placeholders, which are called by the number of the word."""

    subject: Sequence[str]
    text: Sequence[str]
    html: Sequence[str]

    def merge(self, personalisation: Personalisation) -> RenderedMessage:
        """What people typed is text: it is escaped in the HTML and cannot begin a new line or header."""
        values = {str(number): value for number, value in enumerate(personalisation.values())}
        return RenderedMessage(
            subject=one_line(fill(self.subject, values)),
            text=fill(self.text, values),
            html=fill(self.html, {number: escape(value) for number, value in values.items()}),
            stop=personalisation.stop,
        )


def message_names() -> list[str]:
    """Every message that has templates, by name."""
    return sorted(path.name for path in (Path(settings.BASE_DIR) / "templates" / "mail").iterdir() if path.is_dir())


def merge_template(message: str, context: Mapping[str, Any], style: str = "") -> MergeTemplate:
    """Render the three templates of a message with a context that holds placeholders. ``style``: a page's own rules."""
    folder = f"mail/{message}"
    return MergeTemplate(
        subject=split(_render(f"{folder}/subject.txt", context, autoescape=False)),
        text=split(_tidy(_render(f"{folder}/body.txt", context, autoescape=False))),
        html=split(_inliner(style).inline(_render(f"{folder}/body.html", context, autoescape=True))),
    )


@lru_cache(maxsize=100)
def _inliner(style: str) -> css_inline.CSSInliner:
    return css_inline.CSSInliner(keep_at_rules=True, load_remote_stylesheets=False, extra_css=_STYLE + style)


def one_line(text: str) -> str:
    return " ".join(text.split())


def _render(name: str, context: Mapping[str, Any], *, autoescape: bool) -> str:
    template: Any = get_template(name)
    return str(template.template.render(Context(dict(context), autoescape=autoescape)))


def _tidy(text: str) -> str:
    """Templates are written for people to read; their blank lines become at most one."""
    lines = "\n".join(line.rstrip() for line in text.strip().splitlines())
    return re.sub(r"\n{3,}", "\n\n", lines) + "\n"
