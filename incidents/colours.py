"""Whether a colour can be read where it stands, by the formulas of WCAG 2.2, and which tone of it could be."""

import colorsys
import re
from collections.abc import Iterable
from dataclasses import dataclass

LEAST = 4.5
HEX = re.compile(r"#[0-9a-f]{6}")
STEPS = 255
LINEAR_UP_TO = 0.04045

# What links stand on and the words on buttons, as in static/css/tokens.css (a test compares them).
LIGHT_GROUNDS = ("#ffffff", "#fbfaf7", "#f2f0ea", "#e6f3f0", "#fcf1d8", "#fdebe4", "#eeedfb", "#eef0f2")
DARK_GROUNDS = ("#14171a", "#1b1f24", "#22272d", "#12302d", "#362a10", "#3b1d13", "#25234a", "#262c33", "#10151c")
WHITE, BLACK = "#ffffff", "#000000"


@dataclass(frozen=True, slots=True)
class Unreadable:
    """On which ground a colour is worst, how much it stands out there (21 at most), and its nearest tone that does."""

    colour: str
    ground: str
    ratio: float
    instead: str
    is_darker: bool


def luminance(colour: str) -> float:
    """Relative luminance, 0 to 1 (WCAG 2.2, "relative luminance")."""
    red, green, blue = (_linear(value) for value in _channels(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(colour: str, ground: str) -> float:
    """1 to 21 (WCAG 2.2, "contrast ratio")."""
    dark, light = sorted((luminance(colour), luminance(ground)))
    return (light + 0.05) / (dark + 0.05)


def judge(colour: str, grounds: Iterable[str]) -> Unreadable | None:
    """None when words in this colour can be read on all of these grounds."""
    grounds = tuple(grounds)
    worst = min(grounds, key=lambda ground: contrast(colour, ground))
    ratio = contrast(colour, worst)
    if ratio >= LEAST:
        return None
    instead = readable(colour, grounds)
    return Unreadable(colour, worst, ratio, instead, luminance(instead) < luminance(colour))


def readable(colour: str, grounds: Iterable[str]) -> str:
    """The nearest tone of a colour that can be read on all of these grounds: as it is when it can be, else darker on
    light grounds and lighter on dark ones."""
    grounds = tuple(grounds)
    hue, lightness, saturation = colorsys.rgb_to_hls(*_channels(colour))
    is_dark = all(words_on(ground) == WHITE for ground in grounds)
    step = 1 if is_dark else -1
    tones = (_hex(hue, at / STEPS, saturation) for at in _from(round(lightness * STEPS), step))
    fits = (tone for tone in (colour, *tones) if all(contrast(tone, ground) >= LEAST for ground in grounds))
    return next(fits, WHITE if is_dark else BLACK)


def words_on(ground: str) -> str:
    """Black or white, whichever can be read better; of any colour one can."""
    return max((WHITE, BLACK), key=lambda ink: contrast(ink, ground))


def _from(start: int, step: int) -> range:
    return range(start, STEPS + 1) if step > 0 else range(start, -1, -1)


def _channels(colour: str) -> tuple[float, float, float]:
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return red, green, blue


def _linear(value: float) -> float:
    return value / 12.92 if value <= LINEAR_UP_TO else ((value + 0.055) / 1.055) ** 2.4


def _hex(hue: float, lightness: float, saturation: float) -> str:
    return "#" + "".join(f"{round(value * 255):02x}" for value in colorsys.hls_to_rgb(hue, lightness, saturation))
