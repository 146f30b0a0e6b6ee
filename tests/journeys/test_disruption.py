"""One disruption, from declaration to rating, by its people in a real browser, with a real worker and real mail."""

import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, expect

from tests.browsing.serving import answers, chromium
from tests.installation import Installation, free_port
from tests.journeys.people import Person, link_in, text_of

pytestmark = [pytest.mark.browser, pytest.mark.slow]

TITLE = "All gates at Manchester are closed"


@dataclass
class Demo:
    """The running demonstration, and who sits down in front of it."""

    site: str
    mail: Path
    browser: Browser

    def person(self, name: str) -> Person:
        return Person(self.browser, address=f"{name}@northwind.example", site=self.site, mail=self.mail)


@pytest.fixture
def demo(installation: Installation) -> Iterator[Demo]:
    port = free_port()
    site = f"http://127.0.0.1:{port}"
    running = installation.start("up", "--demo", PORT=str(port), DEV_INBOX="1")
    try:
        _wait_until_ready(site)
        with chromium() as browser:
            yield Demo(site, installation.data_dir / "mail", browser)
    finally:
        running.send_signal(signal.SIGINT)
        assert running.wait(60) == 0


def test_a_disruption_from_declaration_to_rating(demo: Demo) -> None:
    dara, eli, ana, visitor = (demo.person(name) for name in ("dara", "eli", "ana", "nobody"))

    declare_and_publish(dara)
    visitor_sees_it(visitor)
    visitor_has_it_too(visitor)
    visitors_count(dara)
    attach_an_offer(eli)
    follow_the_mail_and_choose(ana)
    fulfil(eli)
    promise_was_kept(ana)
    resolve(dara)
    answer_and_rate(ana)
    counted_on_the_desk(eli)

    assert [person.complaints for person in (dara, eli, ana, visitor)] == [[], [], [], []]


def declare_and_publish(dara: Person) -> None:
    dara.sign_in("/admin/")
    dara.clicks("Declare an incident")
    dara.page.get_by_label("Title").fill(TITLE)
    dara.page.locator("[name=impact]").select_option("critical")
    dara.page.locator("[name=affected_components-0-component]").select_option(label="Manchester departures")
    dara.page.locator("[name=affected_components-0-status]").select_option("major_outage")
    dara.clicks("Save the draft and see who is touched")
    dara.reads("Draft: nothing is public")
    dara.reads("159")  # customers who hold something there, before anything was said
    dara.clicks("Write the first update and publish")
    dara.page.get_by_label("Text:", exact=True).fill("A fire alarm has closed **all gates**. Nobody is hurt.")
    dara.clicks("Preview")
    expect(dara.page.locator("strong", has_text="all gates")).to_be_visible()
    dara.clicks("Publish and tell them")
    dara.reads("Post an update")


def visitor_sees_it(visitor: Person) -> None:
    visitor.page.goto("/")
    visitor.reads(TITLE)
    visitor.page.get_by_role("link", name=TITLE).first.click()
    expect(visitor.page.locator("strong", has_text="all gates").first).to_be_visible()


def visitor_has_it_too(visitor: Person) -> None:
    """With the keyboard alone, from the incident and, by hand, from the list of everything."""
    visitor.page.get_by_role("button", name="I have this problem too").press("Enter")
    visitor.reads("Thank you, we have counted it")
    visitor.page.goto("/")
    visitor.clicks("Tell us")
    visitor.page.get_by_label("What does not work for you?").select_option(label="Lounges")
    visitor.clicks("I have this problem")
    visitor.reads("Thank you, we have counted it")


def visitors_count(dara: Person) -> None:
    dara.page.goto("/admin/")
    lounges = dara.page.locator(".claims tr", has_text="Lounges").first
    expect(lounges.locator(".figure").first).to_have_text("1")


def attach_an_offer(eli: Person) -> None:
    eli.sign_in("/admin/")
    eli.page.get_by_role("link", name=TITLE).first.click()
    eli.clicks("Attach an offer")
    eli.clicks("A voucher for a later flight")
    eli.clicks("Offer it")
    eli.reads("A voucher for a later flight")


def follow_the_mail_and_choose(ana: Person) -> None:
    letter = ana.letter(TITLE)
    assert "NW412 Manchester to Amsterdam" in text_of(letter)
    ana.page.goto(urlsplit(link_in(letter, "/i/")).path)  # no sign-in before the facts
    ana.reads(TITLE)
    ana.clicks("Choose this")
    ana.clicks("Yes, choose this")
    ana.reads("Your choice")
    ana.reads("Your voucher, by e-mail")


def fulfil(eli: Person) -> None:
    eli.page.goto("/admin/incidents/task/?q=NWC-ANA")
    eli.page.get_by_role("link", name="A voucher for a later flight · Ana Marsh").first.click()
    eli.clicks("Complete")
    eli.reads("Done")


def promise_was_kept(ana: Person) -> None:
    ana.letter("Done: “Your voucher, by e-mail”")
    ana.sign_in("/my/")
    ana.reads(TITLE)
    ana.reads("Your voucher, by e-mail")


def resolve(dara: Person) -> None:
    dara.page.goto("/admin/")
    dara.page.get_by_role("link", name=TITLE).first.click()
    dara.clicks("Resolve")
    dara.page.get_by_label("Text:", exact=True).fill("The gates are open again. It was a toaster.")
    dara.page.locator("[name=_do]").click()
    dara.reads("Resolved")


def answer_and_rate(ana: Person) -> None:
    letter = ana.letter("fixed for you")
    ana.page.goto(urlsplit(link_in(letter, "/check-in/")).path)
    ana.page.get_by_label("Yes").check()
    ana.clicks("Send")
    ana.page.locator("[name=satisfaction][value='4']").check(force=True)
    ana.page.locator("[name=effort][value='6']").check(force=True)
    ana.page.get_by_label("What should we do better?").fill("Nothing: the voucher came before I asked.")
    ana.clicks("Send")
    ana.reads("Thank you")


def counted_on_the_desk(eli: Person) -> None:
    eli.page.goto("/admin/")
    story = eli.page.locator("article, section", has=eli.page.get_by_role("link", name=TITLE)).last
    for figure in ("159 customers", "1 of 159", "1 kept", "4.0 of 5"):
        expect(story.get_by_text(figure).first).to_be_visible()


def _wait_until_ready(site: str) -> None:
    deadline = time.monotonic() + 120
    while not answers(f"{site}/readyz"):
        assert time.monotonic() < deadline, "the demonstration did not start"
        time.sleep(0.3)
