"""Other people's web sites, on other origins, with policies of their own; and a browser that looks at them."""

import re
import threading
from contextlib import closing, contextmanager
from wsgiref.simple_server import make_server

from playwright.sync_api import sync_playwright

from config.environment import BASE_DIR
from tests.conftest import CHROMIUM
from tests.portal.browsers.test_site_script import FLAGS, Quiet, Threaded
from tests.portal.make_facts import NOON

# What a page tells of itself: what its policy refused, and what went wrong in it.
WITNESS = """
window.refused = [];
addEventListener("securitypolicyviolation", (event) => refused.push(`${event.violatedDirective} ${event.blockedURI}`));
window.wrong = [];
addEventListener("error", (event) => wrong.push(String(event.message)));
addEventListener("unhandledrejection", (event) => wrong.push(String(event.reason)));
"""


# The sources that the manual names, and what a page of its own needs for its witness; nothing else.
MANUAL = (BASE_DIR / "docs/widgets.md").read_text(encoding="utf-8")
[SOURCES] = re.findall(r"^    (script-src .*)$", MANUAL, re.MULTILINE)
POLICY = f"default-src 'none'; require-trusted-types-for 'script'; {SOURCES}".replace("script-src", "script-src 'self'")


class Host:
    """A web site: a page at each path, all under one policy. Its own scripts stand in files, as the policy wants."""

    def __init__(self, policy="", name="localhost"):
        self.policy = policy
        self.files = {"/witness.js": ("text/javascript", WITNESS)}
        self.server = make_server("127.0.0.1", 0, self.answer, Threaded, Quiet)
        self.url = f"http://{name}:{self.server.server_port}"

    def page(self, body, path="/", profile=""):
        profile = f'<meta charset="utf-8"><title>Shop</title><script src="/witness.js"></script>{profile}'
        text = (
            f'<!doctype html><html lang="en"><head>{profile}</head><body><main><h1>Shop</h1>{body}</main></body></html>'
        )
        self.files[path] = ("text/html; charset=utf-8", text)

    def answer(self, environ, start_response):
        kind, text = self.files.get(environ["PATH_INFO"], ("text/plain", ""))
        headers = [("Content-Type", kind)]
        if self.policy:
            headers.append(("Content-Security-Policy", self.policy))
        start_response("200 OK", headers)
        return [text.encode()]


@contextmanager
def served(server):
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class Shop(Host):
    """A host page and the status page whose widget it shows."""

    def __init__(self, site):
        super().__init__(POLICY.replace("https://status.example.org", site.url))
        self.site = site

    def show(self, attributes="", inside="", *, profile="", body=""):
        script = f'<script type="module" src="{self.site.url}/embed/status.js"></script>'
        widget = f"<makegood-status {attributes}>{inside}</makegood-status>"
        self.page(widget + body, profile=profile + script)


@contextmanager
def chromium():
    with (
        sync_playwright() as playwright,
        closing(playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)) as browser,
    ):
        yield browser


@contextmanager
def strict_visitor(browser):
    """Whatever a policy refuses or a script throws fails the test. That a server is away may be said."""
    with closing(browser.new_context(viewport={"width": 768, "height": 740}, reduced_motion="reduce")) as context:
        page = context.new_page()
        complaints = []
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.clock.install(time=NOON)
        yield page
        assert page.evaluate("[...window.refused ?? [], ...window.wrong ?? []]") == []
        assert [text for text in complaints if "ERR_CONNECTION_REFUSED" not in text] == []
