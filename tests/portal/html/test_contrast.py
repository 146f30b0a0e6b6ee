"""Every pair of colours can be read: at least 4.5 : 1 in light and in dark, computed from tokens.css."""

import re
from pathlib import Path

import pytest
from django.conf import settings

STATIC = Path(settings.BASE_DIR) / "static"
TOKENS = {
    name: pair
    for name, *pair in re.findall(
        r"--([\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\);", (STATIC / "css/tokens.css").read_text()
    )
}
COLOUR = re.compile(r"#[0-9a-fA-F]{3,8}\b|\b(?:rgb|hsl|oklch|oklab|lab|lch)\(")
GROUNDS = ["paper", "sheet", "well"]
TONES = ["good", "warn", "bad", "worst", "plan", "calm"]
WASHES = {tone: f"{tone}-wash" for tone in TONES} | {"worst": "bad-wash"}
PAIRS = [
    *((ink, ground) for ink in ("ink", "soft", "link", *TONES) for ground in GROUNDS),
    *((ink, wash) for wash in sorted(set(WASHES.values())) for ink in ("ink", "soft", "link")),
    *WASHES.items(),
    ("on-action", "action"),
    ("paper", "ink"),
    ("on-worst", "worst"),
]


def luminance(colour):
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("ink", "ground"), PAIRS)
def test_words_can_be_read(ink, ground, scheme):
    assert contrast(TOKENS[ink][scheme], TOKENS[ground][scheme]) >= 4.5


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("edge", "ground"), [(edge, ground) for edge in ("edge", "focus") for ground in GROUNDS])
def test_edges_of_fields_and_the_focus_can_be_seen(edge, ground, scheme):
    assert contrast(TOKENS[edge][scheme], TOKENS[ground][scheme]) >= 3


def test_colours_live_in_one_file_only():
    others = [path for path in (STATIC / "css").glob("*.css") if path.name != "tokens.css"]

    found = [colour for path in others for colour in COLOUR.findall(path.read_text())]

    assert found == []
