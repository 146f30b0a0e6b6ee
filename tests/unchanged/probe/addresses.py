"""Every address of a site: the URL resolver's patterns filled from rows of the database, and the links in texts."""

import hashlib
import html
import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice, product
from re import _constants as parts
from re import _parser as parser
from urllib.parse import urldefrag, urljoin, urlsplit

from django.apps import apps
from django.conf import settings
from django.contrib import admin
from django.core.exceptions import FieldDoesNotExist
from django.urls import URLResolver, get_resolver
from django.urls.resolvers import RegexPattern

# Rows of each model, from the first on and from the last on; spellings of one pattern.
ROWS = 3
SPELLINGS = 40
LINK = re.compile(r"""(?:href|src|action)=["']([^"']+)["']""")
CONVERTER = re.compile(r"<(?:\w+:)?(\w+)>")
# Arguments of regular expressions that are filled from rows; what else is in a group is spelled out.
ARGUMENTS = ("slug", "public_id", "secret", "component", "language", "year", "month")
COLUMNS = ("slug", "public_id", "ref", "secret")
# Fields by which the arguments of the addresses are known; other arguments are fields of their own names.
FIELDS = {"component": "public_id"}


class Unfillable(Exception):
    """A part of a pattern for which no row has a value; links may lead there."""


def links(text: str, page: str, site: str) -> Iterator[str]:
    """The addresses of this site in a text, as paths, in the order of the text."""
    marked = [html.unescape(link) for link in LINK.findall(text)]
    plain = re.findall(rf"{re.escape(site)}[^\s\"'<>\\)\]]*", text)
    for link in [*marked, *plain]:
        address = urldefrag(urljoin(site + page, link.strip()))[0]
        if f"{address}/".startswith(f"{site}/"):
            parsed = urlsplit(address)
            yield (parsed.path or "/") + (f"?{parsed.query}" if parsed.query else "")


def pattern_addresses() -> tuple[list[str], list[str]]:
    """Addresses made from patterns, and the patterns for whose arguments there are no values."""
    addresses: list[str] = []
    lacking: list[str] = []
    for route in dict.fromkeys(_routes(get_resolver(), ())):
        name = "".join(str(part) for part in route)
        try:
            addresses += spell(route)
        except Unfillable:
            lacking.append(name)
    return sorted({*addresses, *_admin_addresses()}, key=_shuffled), sorted(lacking)


def _shuffled(address: str) -> bytes:
    """An order in which no kind comes first, and that says nothing of the order in which code registers itself."""
    return hashlib.sha256(address.encode()).digest()


def _routes(resolver: URLResolver, before: tuple[object, ...]) -> Iterator[tuple[object, ...]]:
    for entry in resolver.url_patterns:
        route = (*before, entry.pattern)
        if isinstance(entry, URLResolver):
            yield from _routes(entry, route)
        else:
            yield route


def spell(route: Iterable[object]) -> list[str]:
    """Addresses that a row of patterns matches."""
    pieces: list[list[str]] = []
    prefix = ""
    for pattern in route:
        text = str(pattern)
        is_regular = isinstance(pattern, RegexPattern)
        spelled = list(
            islice(_of_regex(parser.parse(text), prefix) if is_regular else _of_path(text, prefix), SPELLINGS)
        )
        pieces.append(spelled)
        prefix += text
    return ["/" + "".join(chosen) for chosen in islice(product(*pieces), SPELLINGS)]


def _of_path(text: str, prefix: str) -> Iterator[str]:
    names = CONVERTER.findall(text)
    for chosen in product(*(_values(name, prefix + text) for name in names)):
        rest = iter(chosen)
        yield CONVERTER.sub(lambda _match, rest=rest: next(rest), text)


def _of_regex(parsed: parser.SubPattern, prefix: str) -> Iterator[str]:
    names = {number: name for name, number in parsed.state.groupdict.items()}
    pieces = [list(islice(_of_part(kind, detail, names, prefix), SPELLINGS)) for kind, detail in parsed]
    for chosen in product(*pieces):
        yield "".join(chosen)


def _of_part(kind: object, detail: object, names: Mapping[int, str], prefix: str) -> Iterator[str]:
    if kind is parts.LITERAL:
        yield chr(detail)
    elif kind is parts.AT:
        yield ""
    elif kind is parts.SUBPATTERN:
        number, _on, _off, inner = detail
        if names.get(number) in ARGUMENTS:
            yield from _values(names[number], prefix)
        else:
            yield from _of_regex(inner, prefix)
    elif kind is parts.BRANCH:
        for branch in detail[1]:
            yield from _of_regex(branch, prefix)
    elif kind in {parts.MAX_REPEAT, parts.MIN_REPEAT}:
        least, _most, inner = detail
        if least == 0:
            yield ""
        if not (least == 0 and inner[0][0] is parts.ANY):
            yield from _of_regex(inner, prefix)
    else:
        raise Unfillable(str(kind))


def _values(name: str, route: str) -> list[str]:
    """What may stand for an argument: of rows that have a field of this name; in the admin the model's own rows."""
    of_model = re.match(r"admin/(\w+)/(\w+)/", route)
    if of_model and name != "content_type_id":
        values = _keys(*of_model.groups())
    elif name == "language":
        values = [code for code, _label in settings.LANGUAGES]
    elif name == "app_label":
        values = list(dict.fromkeys(model._meta.app_label for model in admin.site._registry))
    elif name == "year":
        values = ["2026"]
    elif name == "month":
        values = ["05", "06"]
    else:
        values = [value for model in apps.get_models() for value in _column(model, FIELDS.get(name, name))]
    if not values:
        raise Unfillable(name)
    return list(dict.fromkeys(values))


def _column(model: type, field: str) -> list[str]:
    if field not in COLUMNS:
        return []
    try:
        model._meta.get_field(field)
    except FieldDoesNotExist:
        return []
    rows = model._default_manager.order_by("pk").values_list(field, flat=True)
    return [str(value) for value in rows[:ROWS]]


def _keys(app: str, model: str) -> list[str]:
    try:
        rows = apps.get_model(app, model)._default_manager.values_list("pk", flat=True)
    except LookupError:
        return []
    return [str(key) for key in [*rows.order_by("pk")[:ROWS], *rows.order_by("-pk")[:ROWS]]]


def _admin_addresses() -> Iterator[str]:
    """The desk's pages for each model, which the resolver names by the model's."""
    for model in admin.site._registry:
        root = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
        yield root
        yield f"{root}add/"
        for key in _keys(model._meta.app_label, model._meta.model_name):
            yield from (f"{root}{key}/{page}/" for page in ("change", "history", "delete"))
