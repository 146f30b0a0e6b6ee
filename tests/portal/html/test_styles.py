"""Style sheets know no left and right, so that pages read from right to left without rules of their own."""

import re
from pathlib import Path

import pytest
from django.conf import settings

SHEETS = sorted((Path(settings.BASE_DIR) / "static" / "css").glob("*.css"))
PHYSICAL = re.compile(
    r"(?:margin|padding|border|inset|scroll-margin|scroll-padding)-(?:left|right)\b"
    r"|border-(?:top|bottom)-(?:left|right)-radius|(?<![-\w])(?:left|right)\s*:"
    r"|(?:text-align|float|clear)\s*:\s*(?:left|right)\b"
)


SIDE = r"\s+([^\s;}(]+)"
FOUR_SIDES = re.compile(rf"(?<![-\w])(?:margin|padding|inset)\s*:{SIDE}{SIDE}{SIDE}{SIDE}\s*[;}}]")


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.name)
def test_what_differs_on_both_sides_says_start_and_end(sheet: Path):
    sides = FOUR_SIDES.findall(sheet.read_text(encoding="utf-8"))

    assert [side for side in sides if side[1] != side[3]] == []


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.name)
def test_a_style_sheet_has_no_left_and_right(sheet: Path):
    assert PHYSICAL.findall(sheet.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("rule", ["margin-left: 1px", "float: right", "a { left: 0 }", "border-top-left-radius: 1px"])
def test_the_rule_finds_what_it_is_for(rule: str):
    assert PHYSICAL.search(rule)
