"""Our own code as the rules of test_architecture.py read it: modules, what they import, in which room they are."""

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from config.environment import BASE_DIR

PACKAGES = ("config", "incidents", "notifications", "portal")

# The rooms of each package, from the ground up: each may import those before it. A room is a folder, or a few modules
# at the package's root that belong together.
ROOMS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "config": {
        "ground": ("environment", "settings", "apps", "checks", "staticfiles", "mailfiles", "heartbeat", "accounts"),
        "web": ("wsgi", "middleware", "health", "exposition", "urls"),
        "server": (),
        "processes": (),
        "desk": (),
        "templatetags": (),
        "management": (),
    },
    "incidents": {
        "ground": (
            "ids", "errors", "money", "limits", "validation", "recurrence", "reminders", "colours", "triggers",
            "permissions",
        ),
        "models": (),
        "text": (),
        "record": ("actor", "events", "locks", "links", "addresses", "page_rules", "logos"),
        "queries": (),
        "actions": (),
        "imports": (),
        "clock": ("clock",),
        "admin": (),
        "demo": (),
        "management": (),
        "apps": ("apps",),
    },
    "notifications": {
        "models": (),
        "ground": ("topics", "reasons", "tokens", "pages", "wakeups"),
        "messages": (),
        "channels": (),
        "actions": (),
        "pipeline": (),
        "admin": (),
        "views": (),
        "templatetags": (),
        "apps": ("apps", "tasks", "urls"),
    },
    "portal": {
        "facts": (),
        "board": (),
        "html": (),
        "documents": (),
        "publishing": (),
        "personal": (),
        "templatetags": (),
        "views": (),
        "apps": ("apps", "urls", "urls_public", "urls_personal"),
    },
}  # fmt: skip


@dataclass(frozen=True)
class Module:
    """`path`: below the project's folder, like "portal/board/uptime.py"."""

    path: str
    text: str

    @property
    def name(self) -> str:
        return self.path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")

    @property
    def package(self) -> str:
        return self.path.partition("/")[0]

    @property
    def room(self) -> str:
        """The room's name; "" for a package's own `__init__`, "?" for a module that has none."""
        _package, _, rest = self.name.partition(".")
        first = rest.partition(".")[0]
        if not first:
            return ""
        rooms = ROOMS[self.package]
        loose = next((room for room, modules in rooms.items() if first in modules), "")
        return loose or (first if first in rooms else "?")

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text, filename=self.path)

    @property
    def length(self) -> int:
        return self.text.count("\n")

    @cached_property
    def imports(self) -> tuple[tuple[int, str], ...]:
        """Line and dotted name of everything that is imported anywhere in it, for type checking too."""
        return tuple(self._imports())

    def _imports(self) -> Iterator[tuple[int, str]]:
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from ((node.lineno, alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                dots = "." * node.level
                yield from ((node.lineno, f"{dots}{node.module or ''}.{alias.name}") for alias in node.names)


def modules(*folders: str) -> list[Module]:
    """Without migrations, which stay as they were written."""
    paths = (path for folder in folders or PACKAGES for path in sorted((BASE_DIR / folder).rglob("*.py")))
    return [_module(path) for path in paths if not {"__pycache__", "migrations"} & set(path.parts)]


def migrations() -> list[Module]:
    paths = (path for package in PACKAGES for path in sorted((BASE_DIR / package).glob("migrations/*.py")))
    return [_module(path) for path in paths]


def _module(path: Path) -> Module:
    return Module(path.relative_to(BASE_DIR).as_posix(), path.read_text(encoding="utf-8"))


def graph(code: Iterable[Module]) -> dict[str, set[str]]:
    """Which of these modules imports which others of them."""
    by_name = {module.name: module for module in code}
    return {name: set(_targets(module, by_name)) - {name} for name, module in by_name.items()}


def _targets(module: Module, by_name: Mapping[str, Module]) -> Iterator[str]:
    for _line, imported in module.imports:
        parent = imported.rpartition(".")[0]
        if imported in by_name:
            yield imported
        elif parent in by_name:
            yield parent


def cycles(code: Iterable[Module]) -> list[list[str]]:
    """The sets of modules that import each other, round about: the strongly connected components (Tarjan 1972)."""
    edges = graph(code)
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    rings: list[list[str]] = []

    def visit(name: str) -> None:
        index[name] = low[name] = len(index)
        stack.append(name)
        for target in edges[name]:
            if target not in index:
                visit(target)
                low[name] = min(low[name], low[target])
            elif target in stack:
                low[name] = min(low[name], index[target])
        if low[name] == index[name]:
            ring = stack[stack.index(name) :]
            del stack[stack.index(name) :]
            if len(ring) > 1:
                rings.append(sorted(ring))

    for name in edges:
        if name not in index:
            visit(name)
    return sorted(rings)
