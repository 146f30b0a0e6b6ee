"""Contrast as WCAG defines it, and tones that can be read."""

import re

import pytest

from config.environment import BASE_DIR
from incidents.colours import DARK_GROUNDS, LEAST, LIGHT_GROUNDS, contrast, judge, luminance, readable, words_on

CSS = (BASE_DIR / "static/css/tokens.css").read_text()
TOKENS = dict(re.findall(r"--([\w-]+): (light-dark\(#[0-9a-f]{6}, #[0-9a-f]{6}\));", CSS))
# What stands under words in the accent's colour, and the words on a button of that colour.
SHOWN_WITH_IT = ("sheet", "paper", "well", "good-wash", "warn-wash", "bad-wash", "plan-wash", "calm-wash", "on-action")


@pytest.mark.parametrize(
    ("colour", "ground", "ratio"),
    [
        ("#000000", "#ffffff", 21.0),
        ("#ffffff", "#ffffff", 1.0),
        ("#777777", "#ffffff", 4.48),  # the well-known grey that just fails
        ("#767676", "#ffffff", 4.54),  # and the one that just passes
        ("#ff0000", "#ffffff", 4.0),
        ("#0000ff", "#ffffff", 8.59),
        ("#ffcc00", "#ffffff", 1.51),
    ],
)
def test_contrast_is_that_of_wcag(colour: str, ground: str, ratio: float) -> None:
    assert (round(contrast(colour, ground), 2), contrast(colour, ground)) == (ratio, contrast(ground, colour))


def test_luminance_goes_from_nothing_to_one() -> None:
    assert (luminance("#000000"), round(luminance("#ffffff"), 6)) == (0.0, 1.0)


def test_the_grounds_are_those_of_the_pages() -> None:
    pairs = [re.findall(r"#[0-9a-f]{6}", TOKENS[name]) for name in SHOWN_WITH_IT]

    assert {light for light, _dark in pairs} == set(LIGHT_GROUNDS)
    assert {dark for _light, dark in pairs} == set(DARK_GROUNDS)


def test_a_colour_that_can_be_read_is_left_alone() -> None:
    assert judge("#1d3f72", LIGHT_GROUNDS) is None
    assert readable("#1d3f72", LIGHT_GROUNDS) == "#1d3f72"


def test_a_bright_one_gets_the_nearest_darker_tone() -> None:
    unreadable = judge("#ffcc00", LIGHT_GROUNDS)

    assert unreadable is not None
    assert (unreadable.is_darker, min(contrast(unreadable.instead, ground) for ground in LIGHT_GROUNDS) >= LEAST) == (
        True,
        True,
    )
    assert min(contrast(unreadable.instead, ground) for ground in LIGHT_GROUNDS) < LEAST + 0.2


def test_a_dark_one_gets_a_lighter_tone_in_the_dark() -> None:
    unreadable = judge("#1d3f72", DARK_GROUNDS)

    assert unreadable is not None
    assert (unreadable.is_darker, min(contrast(unreadable.instead, ground) for ground in DARK_GROUNDS) >= LEAST) == (
        False,
        True,
    )


@pytest.mark.parametrize("ground", ["#000000", "#ffffff", "#757575", "#767676", "#777777", "#ff0000", "#00a0ff"])
def test_on_any_masthead_words_can_be_read(ground: str) -> None:
    assert contrast(words_on(ground), ground) >= LEAST
