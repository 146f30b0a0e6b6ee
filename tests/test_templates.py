"""Every template compiles: a typing mistake in one that no test draws would else wait for a customer."""

from pathlib import Path

import pytest
from django.template import engines
from django.template.loader import get_template

from config.environment import BASE_DIR

FOLDER = BASE_DIR / "templates"
NAMES = sorted(path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*.*") if path.suffix in {".html", ".txt"})


@pytest.mark.parametrize("name", NAMES)
def test_it_compiles(name: str) -> None:
    template = get_template(name)

    assert Path(template.origin.name) == FOLDER / name
    assert template.backend is engines["django"]
