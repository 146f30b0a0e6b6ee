"""What a logo is: a picture known by its content, never by its name; a drawing that holds nothing but a drawing."""

import re
import zlib
from base64 import b64encode
from collections.abc import Iterator
from typing import NamedTuple
from xml.etree import ElementTree as ET

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from incidents.errors import InvalidInput
from incidents.models import Logo, Page

LARGEST = 200_000  # bytes
# As large as a logo is shown, in pixels.
SHOWN_HEIGHT, SHOWN_WIDTH = 36, 220
LONGEST_SIDE = 4096  # pixels
PNG = b"\x89PNG\r\n\x1a\n"
WEBP_HEAD = 30  # bytes
SVG_SPACE = "{http://www.w3.org/2000/svg}"
# What draws. Scripts, links, other pictures, texts in other languages than SVG and what moves are not among it.
DRAWING = frozenset(
    {
        *("svg", "g", "defs", "symbol", "use", "title", "desc", "metadata", "style", "text", "tspan", "textPath"),
        *("path", "rect", "circle", "ellipse", "line", "polyline", "polygon", "clipPath", "mask", "pattern", "marker"),
        *("linearGradient", "radialGradient", "stop", "filter", "feGaussianBlur", "feOffset", "feMerge"),
        *("feMergeNode", "feColorMatrix", "feComposite", "feBlend", "feFlood"),
    }
)
# An address within the drawing itself is the only one that it may name.
ELSEWHERE = re.compile(
    r"@import|url\(\s*['\"]?(?!#|['\"#])|image-set\(|\bsrc\(|javascript:|expression\(", re.IGNORECASE
)
# A style may write any of that in another way: u\72l( is url(.
ESCAPED = re.compile(r"\\[0-9a-f]", re.IGNORECASE)
LENGTH = re.compile(r"\s*(\d+(?:\.\d+)?)\s*(?:px)?\s*")
DECLARATION = re.compile(r"^\s*<\?xml\s[^>]*\?>")
NO_PICTURE = gettext_lazy("This is no picture that can be a logo. Use SVG, PNG or WebP.")


class Picture(NamedTuple):
    """`kind`: svg, png or webp; measures in pixels."""

    kind: str
    width: int
    height: int


def read_logo(content: bytes) -> Picture:
    """What these bytes are. Raises InvalidInput for what is too large, broken, or more than a picture."""
    if len(content) > LARGEST:
        size = {"kilobytes": -(-len(content) // 1000), "most": LARGEST // 1000}
        raise InvalidInput(_("It has %(kilobytes)d KB; a logo has at most %(most)d.") % size, field="logo")
    if content.startswith(PNG):
        picture = _png(content)
    elif content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        picture = _webp(content)
    else:
        picture = _svg(content)
    if not (0 < picture.width <= LONGEST_SIDE and 0 < picture.height <= LONGEST_SIDE):
        raise InvalidInput(_("Its sides must be between 1 and %(most)d pixels.") % {"most": LONGEST_SIDE}, field="logo")
    return picture


def shown_size(width: int, height: int) -> tuple[int, int]:
    """How wide and how high a logo of these measures is shown, in pixels; never larger than it is."""
    shown_height = max(1, round(min(SHOWN_HEIGHT, height, SHOWN_WIDTH * height / width)))
    return max(1, round(shown_height * width / height)), shown_height


def logo_of(page: Page) -> str:
    """The page's own in base64; nothing, and no query, when it has none."""
    if not page.logo_kind:
        return ""
    content = Logo.objects.filter(page=page).values_list("content", flat=True).first()
    return b64encode(content or b"").decode()


def _not_a_picture() -> InvalidInput:
    return InvalidInput(NO_PICTURE, field="logo")


def _png(content: bytes) -> Picture:
    """All of its chunks must be whole, from IHDR to IEND (PNG, third edition, 5.3)."""
    chunks = list(_png_chunks(content))
    names = [name for name, _content in chunks]
    if names[:1] != [b"IHDR"] or names[-1:] != [b"IEND"] or b"IDAT" not in names:
        raise _not_a_picture()
    header = chunks[0][1]
    return Picture("png", int.from_bytes(header[:4]), int.from_bytes(header[4:8]))


def _png_chunks(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = len(PNG)
    while at < len(content):
        length = int.from_bytes(content[at : at + 4])
        name, chunk = content[at + 4 : at + 8], content[at + 8 : at + 8 + length]
        checksum = content[at + 8 + length : at + 12 + length]
        if zlib.crc32(name + chunk).to_bytes(4) != checksum:
            raise _not_a_picture()
        yield name, chunk
        at += 12 + length


def _webp(content: bytes) -> Picture:
    """The first chunk says how large it is, in one of three ways (RFC 9649)."""
    if int.from_bytes(content[4:8], "little") + 8 > len(content) or len(content) < WEBP_HEAD:
        raise _not_a_picture()
    kind, chunk = content[12:16], content[20:30]
    if kind == b"VP8X":
        return Picture("webp", _little(chunk[4:7]) + 1, _little(chunk[7:10]) + 1)
    if kind == b"VP8L" and chunk[:1] == b"\x2f":
        bits = _little(chunk[1:5])
        return Picture("webp", (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1)
    if kind == b"VP8 " and chunk[3:6] == b"\x9d\x01\x2a":
        return Picture("webp", _little(chunk[6:8]) & 0x3FFF, _little(chunk[8:10]) & 0x3FFF)
    raise _not_a_picture()


def _little(chunk: bytes) -> int:
    return int.from_bytes(chunk, "little")


def _svg(content: bytes) -> Picture:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _not_a_picture() from None
    body = DECLARATION.sub("", text, count=1)
    if "<!" in re.sub(r"<!--.*?-->", "", body, flags=re.DOTALL) or "<?" in body:
        raise InvalidInput(_("The drawing declares things of its own. Save it as plain SVG."), field="logo")
    try:
        root = ET.fromstring(text.encode())  # noqa: S314 - without declarations there is nothing to expand
    except (ET.ParseError, ValueError):
        raise _not_a_picture() from None
    if root.tag != f"{SVG_SPACE}svg":
        raise _not_a_picture()
    for element in root.iter():
        _check_element(element)
    return _measured(root)


def _check_element(element: ET.Element) -> None:
    name = str(element.tag)
    if name.startswith(SVG_SPACE) and name.removeprefix(SVG_SPACE) not in DRAWING:
        message = _("The drawing holds a “%(element)s”, which a logo may not. Save it as plain SVG.")
        raise InvalidInput(message % {"element": name.removeprefix(SVG_SPACE)}, field="logo")
    if not name.startswith(SVG_SPACE) and _is_active(name):
        raise _not_a_picture()
    for attribute, value in element.attrib.items():
        local = attribute.rpartition("}")[2].lower()
        is_away = local in {"href", "src", "base"} and not value.strip().startswith("#")
        is_hidden = local == "style" and ESCAPED.search(value)
        if local.startswith("on") or is_away or is_hidden or ELSEWHERE.search(value):
            message = _("The drawing says “%(attribute)s”, which a logo may not. Save it as plain SVG.")
            raise InvalidInput(message % {"attribute": local}, field="logo")
    text = "".join([element.text or "", *(inner.tail or "" for inner in element)])
    if ELSEWHERE.search(text) or (name == f"{SVG_SPACE}style" and ESCAPED.search(text)):
        raise InvalidInput(_("The drawing loads something from elsewhere. Save it as plain SVG."), field="logo")


def _is_active(name: str) -> bool:
    """Drawing programs leave notes in name spaces of their own, which nobody reads; HTML would be read."""
    return name.startswith(("{http://www.w3.org/", "{http://www.w3.org/1999/xhtml}")) and "/rdf" not in name.lower()


def _measured(root: ET.Element) -> Picture:
    """Its own width and height, else those of its view box."""
    lengths = [LENGTH.fullmatch(root.get(name, "")) for name in ("width", "height")]
    if all(lengths):
        width, height = (float(match[1]) for match in lengths if match)
    else:
        try:
            _x, _y, width, height = map(float, root.get("viewBox", "").replace(",", " ").split())
        except ValueError:
            raise InvalidInput(_("The drawing does not say how large it is."), field="logo") from None
    if not (0 < width <= LONGEST_SIDE and 0 < height <= LONGEST_SIDE):
        return Picture("svg", 0, 0)
    return Picture("svg", max(1, round(width)), max(1, round(height)))
