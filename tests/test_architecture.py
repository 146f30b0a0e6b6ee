"""The rules that the code keeps about itself. Each test lists every breach, so that one run shows them all."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pytest

from config.environment import BASE_DIR

OURS = ("config", "incidents", "notifications", "portal")
MAY_IMPORT = {
    "incidents": {"incidents"},
    "notifications": {"incidents", "notifications"},
    "portal": {"incidents", "portal"},
    "config": set(OURS),
}
OUTWARD = (
    "allauth", "config", "django.contrib.messages", "django.core.mail", "django.http", "django.shortcuts",
    "django.template", "django.views", "email", "notifications", "portal", "requests", "rest_framework", "smtplib",
    "urllib.request",
)  # fmt: skip
EMPTY_NAMES = {"utils", "util", "helpers", "helper", "common", "core", "services", "service", "managers", "misc"}
LONGEST_MODULE = 400
# Mails carry their styles with them: their clients read nothing else.
MAIL = "mail"


@dataclass(frozen=True)
class Module:
    path: Path

    @property
    def name(self) -> str:
        return self.path.relative_to(BASE_DIR).as_posix()

    @property
    def package(self) -> str:
        return self.name.partition("/")[0]

    @cached_property
    def text(self) -> str:
        return self.path.read_text(encoding="utf-8")

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text, filename=self.name)

    def imported(self) -> Iterator[tuple[int, str]]:
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from ((node.lineno, alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                yield from ((node.lineno, f"{'.' * node.level}{node.module or ''}.{a.name}") for a in node.names)


def _modules(*packages: str) -> list[Module]:
    found = (path for package in packages for path in (BASE_DIR / package).rglob("*.py"))
    return [Module(path) for path in sorted(found) if "__pycache__" not in path.parts]


def _written() -> list[Module]:
    return [module for module in _modules(*OURS) if "/migrations/" not in module.name]


def _is_in(name: str, package: str) -> bool:
    return name == package or name.startswith(f"{package}.")


def _breaches(folder: str, pattern: str, rule: re.Pattern[str], *, spare: str) -> list[str]:
    return [
        f"{path.relative_to(BASE_DIR)}:{number}: {line.strip()[:80]}"
        for path in sorted((BASE_DIR / folder).rglob(pattern))
        if spare not in path.relative_to(BASE_DIR / folder).as_posix()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if rule.search(line)
    ]


def test_imports_go_one_way() -> None:
    breaches = [
        f"{module.name}:{line}: {name}"
        for module in _modules(*OURS)
        for line, name in module.imported()
        for package in OURS
        if _is_in(name, package) and package not in MAY_IMPORT[module.package]
    ]

    assert breaches == []


def test_imports_are_absolute() -> None:
    assert [f"{m.name}:{line}" for m in _written() for line, name in m.imported() if name.startswith(".")] == []


def test_the_domain_knows_no_http_no_mail_and_no_templates() -> None:
    breaches = [
        f"{module.name}:{line}: {name}"
        for module in _modules("incidents")
        if not module.name.startswith("incidents/admin/")
        for line, name in module.imported()
        for package in OUTWARD
        if _is_in(name, package)
    ]

    assert breaches == []


def test_no_import_hides_in_a_function() -> None:
    breaches = [
        f"{module.name}:{node.lineno}"
        for module in _written()
        for function in ast.walk(module.tree)
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]

    assert breaches == []


def test_no_module_outgrows_a_reader() -> None:
    lengths = {module.name: module.text.count("\n") for module in [*_written(), *_modules("tests")]}

    assert {name: length for name, length in lengths.items() if length > LONGEST_MODULE} == {}


def test_every_module_has_a_name_with_a_purpose() -> None:
    assert [
        module.name for module in _modules(*OURS) if EMPTY_NAMES & set(Path(module.name).with_suffix("").parts)
    ] == []


def test_every_package_says_what_it_owns() -> None:
    openings = [Module(BASE_DIR / package / "__init__.py") for package in OURS]

    assert [module.name for module in openings if not ast.get_docstring(module.tree)] == []


def test_nothing_happens_behind_a_model() -> None:
    """No overridden save or delete: bulk writes would pass them by, and nobody would see it."""
    breaches = [
        f"{module.name}:{node.lineno}: {node.name}"
        for module in _written()
        if "/models/" in module.name
        for node in ast.walk(module.tree)
        if isinstance(node, ast.FunctionDef) and node.name in {"save", "delete", "asave", "adelete"}
    ]

    assert breaches == []


def test_no_model_signals() -> None:
    breaches = [
        f"{module.name}:{line}: {name}"
        for module in _written()
        for line, name in module.imported()
        if _is_in(name, "django.db.models.signals") or _is_in(name, "django.dispatch")
    ]

    assert breaches == []


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
