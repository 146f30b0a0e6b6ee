"""A script of another site in a real browser: what is open to it, also where the browser asks first."""

import threading
from wsgiref.simple_server import make_server

import pytest
from playwright.sync_api import sync_playwright

from tests.conftest import CHROMIUM
from tests.portal.browsers.test_site_script import FLAGS, Quiet, Site
from tests.portal.make_facts import make_component_facts, make_page_facts

pytestmark = [pytest.mark.browser, pytest.mark.slow]

READ = """async url => {
  const answer = await fetch(url, {headers: {"X-Anything": "makes the browser ask first"}});
  return [answer.status, await answer.text()];
}"""


def host_page(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/html; charset=utf-8")])
    return [b"<!doctype html><title>Another site</title>"]


def serve(server):
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


@pytest.fixture
def site():
    site = Site()
    site.show(
        make_page_facts(
            components=(make_component_facts("degraded_performance", public_id="web"), make_component_facts())
        )
    )
    serve(site.server)
    yield site
    site.server.shutdown()
    site.server.server_close()


@pytest.fixture
def elsewhere():
    """A page of another origin, open in the browser."""
    host = serve(make_server("127.0.0.1", 0, host_page, handler_class=Quiet))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        page = browser.new_page()
        page.goto(f"http://127.0.0.1:{host.server_port}/")
        yield page
        browser.close()
    host.shutdown()
    host.server_close()


def test_it_reads_the_api_the_feeds_and_the_badges(site, elsewhere):
    paths = ["/api/v2/summary.json", "/history.atom", "/maintenance.ics", "/components/web/badge.json"]

    answers = [elsewhere.evaluate(READ, site.url + path) for path in paths]

    assert [status for status, _text in answers] == [200] * 4
    assert "Partially Degraded Service" in answers[0][1]
    assert "Degraded performance" in answers[3][1]


def test_it_does_not_read_the_pages(site, elsewhere):
    with pytest.raises(Exception, match="Failed to fetch"):
        elsewhere.evaluate(READ, f"{site.url}/")
