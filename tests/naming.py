"""Names that say nothing: pronouns, participles and all-purpose nouns. A variable is a noun of the product.

`python -m tests.naming [PATH …]` lists where such names are bound, as path:line: name. Every binding counts: variables,
parameters, fields, functions, classes and modules, with or without underscores around them.
"""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = ("benchmarks", "config", "incidents", "notifications", "portal", "tests")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


PRONOUNS = _words(
    """
    it one ones they them this that these those each every some any other others another both either neither
    mine ours yours theirs own what which who whom whose something anything everything nothing thing things same such
    again there here elsewhere together whole somebody nobody anybody everybody
    """
)
PARTICIPLES = _words(
    """
    asked began begun borrowed broken brought called carried changed chosen counted done drawn ended felt found fresh
    given gone got handled heard held hidden judged kept known left listed looked made meant moved named noted
    opened paid pulled reckoned refused ruled said seen sent served shown spent spoken standing stated stopped
    stored taken thought told touched tried typed unknown unsaid unseen waited wanted written
    """
)
# For whatever is at hand; the word for it is in product.md or in the trade.
ALL_PURPOSE = _words("item items entry entries obj data")
EMPTY = PRONOUNS | PARTICIPLES | ALL_PURPOSE

# Django calls these with the parameter by its name.
HOOKS = _words(
    """
    construct_change_message delete_model get_exclude get_fields get_fieldsets get_form get_formset
    get_formset_kwargs get_formsets_with_inlines get_inline_instances get_inlines get_object get_prepopulated_fields
    get_readonly_fields has_add_permission has_change_permission has_delete_permission has_view_permission
    has_module_permission log_addition log_change log_deletions render_change_form response_add response_change
    response_delete save_form save_formset save_model save_related view_on_site
    """
)


class Binding(NamedTuple):
    path: str
    line: int
    name: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.name}"


def python_files(*folders: str) -> Iterator[Path]:
    for folder in folders or FOLDERS:
        place = ROOT / folder
        paths = sorted(place.rglob("*.py")) if place.is_dir() else [place]
        yield from (path for path in paths if "migrations" not in path.parts)


def empty_bindings(path: Path) -> Iterator[Binding]:
    """The names that a file binds and that say nothing."""
    place = path.relative_to(ROOT).as_posix()
    tree = ast.parse(path.read_text(encoding="utf-8"), filename=place)
    return (Binding(place, line, name) for line, name in empty_names(tree, place))


def empty_names(tree: ast.Module, path: str) -> Iterator[tuple[int, str]]:
    """Line and name of each binding in a module, its own name among them, that says nothing."""
    names = ((1, Path(path).stem), *_bound(tree))
    return ((line, name) for line, name in names if name.strip("_") in EMPTY)


def _bound(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                yield node.lineno, node.name
                yield from _parameters(node.args, is_hook=node.name in HOOKS)
            case ast.Lambda():
                yield from _parameters(node.args, is_hook=False)
            case ast.ClassDef():
                yield node.lineno, node.name
            case ast.Name(ctx=ast.Store()):
                yield node.lineno, node.id
            case ast.Attribute(ctx=ast.Store()):
                yield node.lineno, node.attr
            case ast.alias(asname=str(name)) | ast.ExceptHandler(name=str(name)):
                yield node.lineno, name
            case ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)) | ast.MatchMapping(rest=str(name)):
                yield node.lineno, name


def _parameters(arguments: ast.arguments, *, is_hook: bool) -> Iterator[tuple[int, str]]:
    rest = [argument for argument in (arguments.vararg, arguments.kwarg) if argument]
    for argument in [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, *rest]:
        if not (is_hook and argument.arg == "obj"):
            yield argument.lineno, argument.arg


if __name__ == "__main__":
    for file in python_files(*sys.argv[1:]):
        for binding in empty_bindings(file):
            print(binding)
