"""A page's own look in its mails: its accent, the ground of its masthead, its logo. What says how things stand keeps
the colours of all pages.

Colours were checked when they were saved (`incidents.page_rules`); whatever else came by stands in the nearest tone
that can be read.
"""

from dataclasses import dataclass

from incidents.addresses import home_of, origin_of
from incidents.colours import DARK_GROUNDS, LIGHT_GROUNDS, readable, words_on
from incidents.logos import shown_size
from incidents.models import Page

# Hardly any mail program shows drawings, and some show no newer kind: there the name stands.
SHOWN_KIND = "png"


@dataclass(frozen=True, slots=True)
class Brand:
    """`style`: rules that come after those of letter.css. `logo`: the picture's address, if there is one."""

    style: str = ""
    logo: str = ""
    width: int = 0
    height: int = 0


def brand_of(page: Page | None) -> Brand:
    """How mails about a page look. A picture only where everybody may fetch it: mail programs sign in nowhere, and an
    address below a secret link would tell it."""
    if page is None:
        return Brand()
    style = _accent(page) + _masthead(page)
    if page.logo_kind != SHOWN_KIND or not page.is_public:
        return Brand(style)
    width, height = shown_size(page.logo_width, page.logo_height)
    return Brand(style, f"{origin_of(page.domain)}{home_of(page)}logo.{page.logo_kind}", width, height)


def _accent(page: Page) -> str:
    if not page.accent_light:
        return ""
    light = readable(page.accent_light, LIGHT_GROUNDS)
    dark = readable(page.accent_dark or page.accent_light, DARK_GROUNDS)
    return (
        f"a {{ color: {light}; }}\n.button {{ background: {light}; color: #ffffff; }}\n"
        f".other {{ background: #ffffff; color: {light}; border-color: {light}; }}\n.foot a {{ color: #565c64; }}\n"
        f"@media (prefers-color-scheme: dark) {{\n  a {{ color: {dark} !important; }}\n"
        f"  .button {{ background: {dark} !important; color: #10151c !important; }}\n"
        f"  .other {{ background: #1b1f24 !important; color: {dark} !important; border-color: {dark} !important; }}\n"
        "  .foot a { color: #a8afb8 !important; }\n}\n"
    )


def _masthead(page: Page) -> str:
    if not page.masthead_light:
        return ""
    light, dark = page.masthead_light, page.masthead_dark or page.masthead_light
    return (
        f".from {{ padding: 12px 16px; border-bottom: 0; border-radius: 8px; background: {light};"
        f" color: {words_on(light)}; }}\n"
        "@media (prefers-color-scheme: dark) {\n"
        f"  .from {{ background: {dark} !important; color: {words_on(dark)} !important; }}\n}}\n"
    )
