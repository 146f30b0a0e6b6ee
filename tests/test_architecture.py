"""The rules that the code keeps about itself. Each test lists every breach, so that one run shows them all.

Rules about Python are functions that take modules and give breaches; `planted` shows each of them one.
"""

import ast
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest

from config.environment import BASE_DIR
from tests.naming import empty_names
from tests.source import PACKAGES, ROOMS, Module, cycles, graph, migrations, modules

MAY_IMPORT = {
    "incidents": {"incidents"},
    "notifications": {"incidents", "notifications"},
    "portal": {"incidents", "portal"},
    "config": set(PACKAGES),
}
OUTWARD = (
    "allauth", "config", "django.contrib.messages", "django.core.mail", "django.http", "django.shortcuts",
    "django.template", "django.views", "email", "notifications", "portal", "requests", "rest_framework", "smtplib",
    "urllib.request",
)  # fmt: skip
EMPTY_NAMES = {"utils", "util", "helpers", "helper", "common", "core", "services", "service", "managers", "misc"}
LONGEST_MODULE = 400
MOST_MODULES = 30
WRITES = {
    "create", "bulk_create", "get_or_create", "update_or_create", "save", "delete", "update", "bulk_update",
    "create_user",
}  # fmt: skip
# Who else writes rows of the domain: the record of what happened, and the manager that Django's own commands call.
OTHER_WRITERS = {"incidents/events.py": {"create"}, "incidents/models/people.py": {"save", "create_user"}}
# Names that others gave: columns, attributes and parameters of frameworks. It only shrinks.
NAMED_BY_OTHERS = Path(__file__).with_name("naming_exceptions.txt")
# Mails carry their styles with them: their clients read nothing else.
MAIL = "mail"

Rule = Callable[[Iterable[Module]], Iterator[str]]


def imports_against_the_direction(code: Iterable[Module]) -> Iterator[str]:
    for module in code:
        for line, name in module.imports:
            package = name.partition(".")[0]
            if package in PACKAGES and package not in MAY_IMPORT[module.package]:
                yield f"{module.path}:{line}: {name}"


def imports_of_higher_rooms(code: Iterable[Module]) -> Iterator[str]:
    by_name = {module.name: module for module in code}
    for name, targets in graph(by_name.values()).items():
        module = by_name[name]
        if not module.room:
            continue
        if module.room not in ROOMS[module.package]:
            yield f"{module.path}: in no room"
            continue
        rooms = list(ROOMS[module.package])
        for target in sorted(targets):
            other = by_name[target]
            is_beside = other.package == module.package and other.room in rooms
            if is_beside and rooms.index(other.room) > rooms.index(module.room):
                yield f"{module.path}: {target}"


def imports_in_a_ring(code: Iterable[Module]) -> Iterator[str]:
    yield from (" → ".join(ring) for ring in cycles(code))


def relative_imports(code: Iterable[Module]) -> Iterator[str]:
    yield from (f"{m.path}:{line}" for m in code for line, name in m.imports if name.startswith("."))


def outward_imports_of_the_domain(code: Iterable[Module]) -> Iterator[str]:
    for module in code:
        if module.package == "incidents" and module.room != "admin":
            yield from (f"{module.path}:{n}: {name}" for n, name in module.imports for o in OUTWARD if _is_in(name, o))


def imports_in_functions(code: Iterable[Module]) -> Iterator[str]:
    for module in code:
        for function in ast.walk(module.tree):
            if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
                nodes = (node for node in ast.walk(function) if isinstance(node, ast.Import | ast.ImportFrom))
                yield from (f"{module.path}:{node.lineno}" for node in nodes)


def modules_too_long(code: Iterable[Module]) -> Iterator[str]:
    yield from (f"{module.path}: {module.length} lines" for module in code if module.length > LONGEST_MODULE)


def folders_too_full(code: Iterable[Module]) -> Iterator[str]:
    folders: dict[str, int] = {}
    for module in code:
        folder, _, file = module.path.rpartition("/")
        folders[folder] = folders.get(folder, 0) + (file != "__init__.py")
    yield from (f"{folder}: {number} modules" for folder, number in folders.items() if number > MOST_MODULES)


def modules_without_a_purpose(code: Iterable[Module]) -> Iterator[str]:
    yield from (m.path for m in code if EMPTY_NAMES & set(Path(m.path).with_suffix("").parts))


def writers_out_of_place(code: Iterable[Module]) -> Iterator[str]:
    """Rows of the domain are written by actions. The demonstration makes the rows of its invented company itself."""
    for module in code:
        if module.package != "incidents" or module.room in {"actions", "demo"}:
            continue
        allowed = OTHER_WRITERS.get(module.path, set())
        calls = (node for node in ast.walk(module.tree) if isinstance(node, ast.Call))
        for function in (call.func for call in calls if isinstance(call.func, ast.Attribute)):
            if _writes_rows(function) and function.attr not in allowed:
                yield f"{module.path}:{function.lineno}: {ast.unparse(function)[-60:]}"


def _writes_rows(function: ast.Attribute) -> bool:
    """`x.update(…)` may be a dictionary's: a queryset's is called on `objects` or on what a filter gave."""
    if function.attr not in WRITES:
        return False
    owner = ast.unparse(function.value)
    return function.attr != "update" or any(part in owner for part in ("objects", ".filter(", ".exclude(", ".all("))


def overridden_saves(code: Iterable[Module]) -> Iterator[str]:
    """Bulk writes would pass them by, and nobody would see it."""
    for module in code:
        if module.room == "models":
            for node in ast.walk(module.tree):
                if isinstance(node, ast.FunctionDef) and node.name in {"save", "delete", "asave", "adelete"}:
                    yield f"{module.path}:{node.lineno}: {node.name}"


def model_signals(code: Iterable[Module]) -> Iterator[str]:
    signals = ("django.db.models.signals", "django.dispatch")
    yield from (f"{m.path}:{n}: {name}" for m in code for n, name in m.imports for s in signals if _is_in(name, s))


def names_that_say_nothing(code: Iterable[Module]) -> Iterator[str]:
    yield from (f"{module.path}: {name}" for module in code for _line, name in empty_names(module.tree, module.path))


def _is_in(name: str, package: str) -> bool:
    return name == package or name.startswith(f"{package}.")


PLANTED: list[tuple[Rule, dict[str, str]]] = [
    (imports_against_the_direction, {"incidents/money.py": "from portal.board import board"}),
    (imports_against_the_direction, {"notifications/pages.py": "import portal"}),
    (imports_of_higher_rooms, {"portal/facts/page.py": "import portal.board.board", "portal/board/board.py": ""}),
    (imports_of_higher_rooms, {"incidents/shed.py": ""}),
    (
        imports_in_a_ring,
        {
            "portal/board/a.py": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from portal.board import b",
            "portal/board/b.py": "from portal.board.a import x",
        },
    ),
    (relative_imports, {"portal/board/a.py": "from . import b"}),
    (outward_imports_of_the_domain, {"incidents/queries/offers.py": "from django.http import HttpRequest"}),
    (imports_in_functions, {"portal/board/a.py": "def f():\n    import os"}),
    (modules_too_long, {"portal/board/a.py": "\n" * (LONGEST_MODULE + 1)}),
    (folders_too_full, {f"portal/board/a{number}.py": "" for number in range(MOST_MODULES + 1)}),
    (modules_without_a_purpose, {"portal/helpers.py": ""}),
    (writers_out_of_place, {"incidents/queries/offers.py": "Offer.objects.filter(pk=1).update(name='x')"}),
    (writers_out_of_place, {"incidents/admin/base.py": "row.save()"}),
    (overridden_saves, {"incidents/models/update.py": "class Update:\n    def save(self): ..."}),
    (model_signals, {"incidents/models/update.py": "from django.db.models.signals import post_save"}),
    (names_that_say_nothing, {"portal/board/a.py": "for one in ():\n    said = one"}),
]


@pytest.mark.parametrize(("rule", "code"), PLANTED, ids=lambda value: getattr(value, "__name__", None))
def test_a_planted_breach_is_found(rule: Rule, code: dict[str, str]) -> None:
    assert list(rule([Module(path, text) for path, text in code.items()])) != []


@pytest.mark.parametrize(
    "rule",
    [
        imports_of_higher_rooms, imports_in_a_ring, relative_imports, outward_imports_of_the_domain,
        imports_in_functions, modules_without_a_purpose, writers_out_of_place, overridden_saves, model_signals,
    ],
)  # fmt: skip
def test_the_packages_keep(rule: Rule) -> None:
    assert list(rule(modules())) == []


def test_migrations_import_one_way_too() -> None:
    assert list(imports_against_the_direction([*modules(), *migrations()])) == []


@pytest.mark.parametrize("rule", [modules_too_long, folders_too_full])
def test_no_module_and_no_folder_outgrows_a_reader(rule: Rule) -> None:
    assert list(rule(modules(*PACKAGES, "tests", "benchmarks"))) == []


@pytest.mark.slow
def test_names_say_what_they_hold() -> None:
    """What is bound by a name from the list of tests/naming.py is an exception that others force on us, or a breach."""
    allowed = set(NAMED_BY_OTHERS.read_text(encoding="utf-8").split("\n")) - {""}

    assert set(names_that_say_nothing(modules(*PACKAGES, "tests", "benchmarks"))) == allowed


def _breaches(folder: str, pattern: str, rule: re.Pattern[str], *, spare: str) -> list[str]:
    return [
        f"{path.relative_to(BASE_DIR)}:{number}: {line.strip()[:80]}"
        for path in sorted((BASE_DIR / folder).rglob(pattern))
        if spare not in path.relative_to(BASE_DIR / folder).as_posix()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if rule.search(line)
    ]


def test_every_package_says_what_it_owns() -> None:
    """Each room too."""
    openings = [module for module in modules() if module.path.endswith("__init__.py")]
    spare = ("templatetags", "management", "commands")

    assert [m.path for m in openings if not ast.get_docstring(m.tree) and m.path.split("/")[-2] not in spare] == []


def test_pages_carry_no_inline_script_or_style() -> None:
    """The policy would stop it in the browser, silently."""
    rule = re.compile(r"""<style|\sstyle=|<script(?![^>]*\ssrc=)|\son[a-z]+=["']|javascript:""", re.IGNORECASE)

    assert _breaches("templates", "*.html", rule, spare=MAIL) == []


def test_colours_live_in_one_place() -> None:
    rule = re.compile(r"#[0-9a-f]{3,8}\b(?=\s*[;,)\"'}]|$)|\b(?:rgba?|hsla?|oklch|oklab|lab|lch|hwb)\(", re.IGNORECASE)

    assert _breaches("static/css", "*.css", rule, spare="tokens.css") == []
    assert _breaches("static/js", "*.js", rule, spare="\0") == []
    assert _breaches("templates", "*.html", rule, spare=MAIL) == []


def test_fragments_list_their_variables() -> None:
    fragments = [path for path in (BASE_DIR / "templates").rglob("_*.html") if MAIL not in path.as_posix()]
    openings = {path.relative_to(BASE_DIR).as_posix(): path.read_text(encoding="utf-8") for path in fragments}

    assert [name for name, text in sorted(openings.items()) if not text.lstrip().startswith(("{#", "{% comment"))] == []


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock"])
def test_lock_files_pin_by_content_and_name_no_host(name: str) -> None:
    text = (BASE_DIR / name).read_text(encoding="utf-8")
    entries = re.split(r"\n(?=[a-z0-9])", text)

    assert [entry for entry in entries if "==" not in entry or "--hash=sha256:" not in entry] == []
    assert re.findall(r"https?://|--(?:extra-)?index-url|--find-links|\s@\s", text) == []


def test_the_two_locks_agree() -> None:
    runtime, dev = (
        set(re.findall(r"^[a-z0-9][^ ]+==[^ ]+", (BASE_DIR / name).read_text(encoding="utf-8"), re.MULTILINE))
        for name in ("requirements.lock", "requirements-dev.lock")
    )

    assert runtime - dev == set()
