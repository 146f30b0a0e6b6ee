"""A logo is known by its content, and holds nothing but a picture."""

import struct
import zlib

import pytest

from incidents.errors import InvalidInput
from incidents.logos import LARGEST, PNG, Picture, read_logo

SVG = '<svg xmlns="http://www.w3.org/2000/svg" {measures}>{body}</svg>'


def svg(body: str = '<path d="M0 0h9"/>', measures: str = 'width="120" height="40"') -> bytes:
    return SVG.format(measures=measures, body=body).encode()


def png(width: int = 4, height: int = 2) -> bytes:
    def chunk(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = zlib.compress(b"".join(b"\0" + b"\x10\x20\x30" * width for _ in range(height)))
    return PNG + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def webp(chunk: bytes) -> bytes:
    body = b"WEBP" + chunk + b"\0" * 20
    return b"RIFF" + struct.pack("<I", len(body)) + body


@pytest.mark.parametrize(
    ("content", "picture"),
    [
        (svg(), Picture("svg", 120, 40)),
        (svg(measures='viewBox="0 0 64 32"'), Picture("svg", 64, 32)),
        (b'<?xml version="1.0" encoding="utf-8"?>\n<!-- ours -->' + svg(), Picture("svg", 120, 40)),
        (svg('<g id="a"/><use href="#a"/><path fill="url(#b)" style="fill:#123"/>'), Picture("svg", 120, 40)),
        (png(640, 480), Picture("png", 640, 480)),
        (webp(b"VP8X\n\0\0\0\0\0\0\0" + b"\x3f\x00\x00" + b"\x1f\x00\x00"), Picture("webp", 64, 32)),
        (webp(b"VP8L\x0a\0\0\0\x2f" + struct.pack("<I", 63 | 31 << 14)), Picture("webp", 64, 32)),
        (webp(b"VP8 \x0a\0\0\0\0\0\0\x9d\x01\x2a" + struct.pack("<HH", 64, 32)), Picture("webp", 64, 32)),
    ],
)  # fmt: skip
def test_a_picture_tells_what_it_is(content: bytes, picture: Picture) -> None:
    assert read_logo(content) == picture


@pytest.mark.parametrize(
    "content",
    [
        svg("<script>alert(1)</script>"),
        svg('<path onload="alert(1)"/>'),
        svg('<a href="https://elsewhere.example"><path/></a>'),
        svg('<image href="https://elsewhere.example/x.png"/>'),
        svg('<use href="https://elsewhere.example/x.svg#a"/>'),
        svg('<use xmlns:xlink="http://www.w3.org/1999/xlink" xlink:href="data:image/svg+xml,x"/>'),
        svg("<foreignObject><p/></foreignObject>"),
        svg('<foreignObject><body xmlns="http://www.w3.org/1999/xhtml"/></foreignObject>'),
        svg('<p xmlns="http://www.w3.org/1999/xhtml">words</p>'),
        svg('<path fill="url(https://elsewhere.example/x)"/>'),
        svg("<style>@import 'https://elsewhere.example/x.css';</style>"),
        svg("<style>path{fill:url( 'https://elsewhere.example/x')}</style>"),
        svg(r"<style>@\69mport 'https://elsewhere.example/x.css';</style>"),
        svg(r'<path style="fill:u\72l(https://elsewhere.example/x)"/>'),
        svg("<style><title/>@import 'https://elsewhere.example/x.css';</style>"),
        svg("<style>path{fill:image-set('https://elsewhere.example/x' 1x)}</style>"),
        svg('<animate attributeName="href" to="javascript:alert(1)"/>'),
        b'<!DOCTYPE svg [<!ENTITY a "aaaa">]>' + svg("<text>&a;</text>"),
        b'<?xml-stylesheet href="https://elsewhere.example/x.css"?>' + svg(),
        svg(measures=""),
        svg(measures='width="0" height="4"'),
        svg(measures='width="99999" height="4"'),
        b"<html><body>not a drawing</body></html>",
        b"<svg>in no name space</svg>",
        b"GIF89a....",
        b"\xff\xfe<svg/>",
        b"",
        png()[:-4],
        png().replace(b"\x00\x00\x00\x04", b"\x00\x00\x00\x05", 1),
        png(5000, 1),
        webp(b"VP9 " + b"\0" * 20),
        b"RIFF\xff\xff\xff\xffWEBPVP8 ",
        svg("<!--" + "x" * LARGEST + "-->"),
    ],
)
def test_anything_else_is_refused_in_words(content: bytes) -> None:
    with pytest.raises(InvalidInput) as refusal:
        read_logo(content)

    assert (refusal.value.field, bool(str(refusal.value.message))) == ("logo", True)
