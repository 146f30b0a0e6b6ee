"""A page's own look, as far as it may differ: its logo, its accent, the ground of its masthead. Never a state's colour.

Colours reach a page as custom properties in a style sheet of its own, which the strict Content-Security-Policy allows;
that they can be read is checked when they are saved (`incidents.page_rules`).
"""

from base64 import b64decode
from collections.abc import Iterator
from datetime import datetime

from incidents.colours import DARK_GROUNDS, readable, words_on
from portal.documents.document import Policy
from portal.documents.spec import DocumentSpec, RenderedDocument
from portal.facts.page import PageFacts
from portal.facts.profile import Brand

CSS = "text/css; charset=utf-8"
KINDS = {"svg": "image/svg+xml", "png": "image/png", "webp": "image/webp"}
# Opened by itself, a drawing is a document: it may style itself, and nothing else.
ALONE: Policy = (
    ("default-src", ("'none'",)),
    ("script-src", ("'none'",)),
    ("style-src", ("'unsafe-inline'",)),
    ("img-src", ("data:",)),
    ("font-src", ("'none'",)),
    ("connect-src", ("'none'",)),
    ("form-action", ("'none'",)),
    ("sandbox", ()),
)


def brand_documents(facts: PageFacts) -> Iterator[DocumentSpec]:
    """The same in all languages, so they stand at the page's home only."""
    profile = facts.profile
    if profile.brand.has_colours:
        yield _document(facts, "brand.css", CSS, style_of(profile.brand).encode())
    if profile.brand.logo:
        yield _document(facts, profile.brand.logo, KINDS[profile.brand.kind], b64decode(facts.logo), policy=ALONE)


def _document(facts: PageFacts, name: str, content_type: str, body: bytes, policy: Policy = ()) -> DocumentSpec:
    profile = facts.profile

    def render(_now: datetime) -> RenderedDocument:
        return RenderedDocument(body)

    return DocumentSpec(profile.home + name, profile, (name, body), render, content_type, policy=policy)


def style_of(brand: Brand) -> str:
    """Custom properties in place of those of tokens.css; in the dark, where nothing was chosen, a tone that is readable
    there."""
    properties: dict[str, tuple[str, str]] = {}
    if brand.accent_light:
        dark = brand.accent_dark or readable(brand.accent_light, DARK_GROUNDS)
        properties |= dict.fromkeys(("link", "action"), (brand.accent_light, dark))
    if brand.masthead_light:
        light, dark = brand.masthead_light, brand.masthead_dark or brand.masthead_light
        properties |= {"masthead": (light, dark), "on-masthead": (words_on(light), words_on(dark))}
    rules = "".join(f"  --{name}: light-dark({light}, {dark});\n" for name, (light, dark) in properties.items())
    return f":root {{\n{rules}}}\n"
