"""axe in the browser: the same page judged in light and dark at a telephone's, a tablet's and a desk's width."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import product
from urllib.parse import urlsplit

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

Ways = tuple[tuple[str, int], ...]

WIDTHS = (360, 768, 1280)
EVERY_WAY = tuple(product(("light", "dark"), WIDTHS))
# For the same page in another language.
TWO_WAYS = (("light", 360), ("dark", 1280))

AXE = """async (isPart) => {
  const rules = {"target-size": {enabled: true}, "page-has-heading-one": {enabled: !isPart}};
  const found = await axe.run(document, {resultTypes: ["violations"], rules});
  return found.violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.html).join(" | ")}`);
}"""


@dataclass
class Judge:
    """One window, and what was found wrong in it so far."""

    window: Page
    site: str
    found: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.window.on("console", lambda said: self._hear(said.type, said.text))
        self.window.on("pageerror", lambda error: self._note(f"error: {error}"))

    def visit(self, address: str, ways: Ways = EVERY_WAY, *, status: int = 200, is_part: bool = False) -> None:
        """`address`: a path, after // and a host one on that page's own domain. `is_part`: it is made to stand in a
        frame of somebody else's page, whose heading is theirs."""
        answer = self.window.goto(self.whole(address))
        assert answer is not None
        if answer.status != status:
            self._note(f"answered {answer.status}")
        self.look(ways, is_part=is_part)

    def look(self, ways: Ways = EVERY_WAY, *, is_part: bool = False) -> None:
        """Judge what the window shows now."""
        self.window.evaluate(AXE_SCRIPT)
        for scheme, width in ways:
            self.window.emulate_media(color_scheme=scheme)
            self.window.set_viewport_size({"width": width, "height": 800})
            for fault in self._faults(width, is_part):
                self._note(f"{scheme} at {width}: {fault}")

    def whole(self, address: str) -> str:
        """The address as it is typed: every domain is behind the same port."""
        if not address.startswith("//"):
            return self.site + address
        host, _slash, path = address.removeprefix("//").partition("/")
        return f"http://{host}:{urlsplit(self.site).port}/{path}"

    def report(self) -> str:
        return "\n".join(self.found)

    def _faults(self, width: int, is_part: bool) -> Iterator[str]:
        yield from self.window.evaluate(AXE, is_part)
        beyond = self.window.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if beyond:
            yield f"{beyond} pixels wider than the window"

    def _hear(self, kind: str, text: str) -> None:
        if kind in {"error", "warning"} and "the server responded with a status of 4" not in text:
            self._note(f"console: {text}")

    def _note(self, fault: str) -> None:
        self.found.append(f"{self.window.url.removeprefix(self.site)} {fault}")
