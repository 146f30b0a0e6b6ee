"""Other people's web sites, on other origins, with policies of their own; and a browser that looks at them."""

import threading
from contextlib import contextmanager
from wsgiref.simple_server import make_server

from tests.portal.test_site_script import Quiet

# What a page tells of itself: what its policy refused, and what went wrong in it.
WITNESS = """
window.refused = [];
addEventListener("securitypolicyviolation", (event) => refused.push(`${event.violatedDirective} ${event.blockedURI}`));
window.wrong = [];
addEventListener("error", (event) => wrong.push(String(event.message)));
addEventListener("unhandledrejection", (event) => wrong.push(String(event.reason)));
"""


class Host:
    """A web site: a page at each path, all under one policy. Its own scripts stand in files, as the policy wants."""

    def __init__(self, policy="", name="localhost"):
        self.policy = policy
        self.files = {"/witness.js": ("text/javascript", WITNESS)}
        self.server = make_server("127.0.0.1", 0, self.answer, handler_class=Quiet)
        self.url = f"http://{name}:{self.server.server_port}"

    def page(self, body, path="/", head=""):
        head = f'<meta charset="utf-8"><title>Shop</title><script src="/witness.js"></script>{head}'
        text = f'<!doctype html><html lang="en"><head>{head}</head><body><main><h1>Shop</h1>{body}</main></body></html>'
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
