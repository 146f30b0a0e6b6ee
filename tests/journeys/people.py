"""People at their browsers: each with a window of their own, signed in by the code that was mailed to them."""

import email
import re
import time
from email import policy
from email.message import EmailMessage
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

PATIENCE = 60.0


class Person:
    """One person with an address, a browser window and a mailbox (the files that the worker wrote)."""

    def __init__(self, browser: Browser, *, address: str, site: str, mail: Path) -> None:
        self.address = address
        self.site = site
        self._mail = mail
        self._started_at = time.time()
        self.context = browser.new_context(base_url=site, viewport={"width": 1280, "height": 900})
        self.page: Page = self.context.new_page()
        self.complaints: list[str] = []
        self.page.on(
            "console", lambda message: self.complaints.append(message.text) if message.type == "error" else None
        )

    def sign_in(self, at: str) -> None:
        self.page.goto(at)
        self.page.get_by_label("E-mail").fill(self.address)
        self.page.get_by_role("button", name="Send me a code").click()
        self.page.get_by_label("code").fill(self.mailed_code())
        self.page.locator("main").get_by_role("button").first.click()
        self.page.wait_for_url(f"**{at}")

    def mailed_code(self) -> str:
        letter = self.letter("code")
        code = re.search(r"\b[A-Z0-9]{4}-[A-Z0-9]{4}\b", text_of(letter))
        assert code, text_of(letter)
        return code.group()

    def letter(self, subject: str) -> EmailMessage:
        """The newest mail to this person since they sat down whose subject or text has these words; waits for it."""
        deadline = time.monotonic() + PATIENCE
        while not (letters := self._letters(subject)):
            assert time.monotonic() < deadline, f"no mail “{subject}” for {self.address}"
            time.sleep(0.2)
        return letters[-1]

    def clicks(self, name: str) -> None:
        """Press the button or follow the link of this name."""
        target = self.page.get_by_role("button", name=name).or_(self.page.get_by_role("link", name=name))
        target.first.click()

    def reads(self, words: str) -> None:
        expect(self.page.get_by_text(words).first).to_be_visible()

    def _letters(self, subject: str) -> list[EmailMessage]:
        files = [file for file in self._mail.glob("*.eml") if file.stat().st_mtime >= self._started_at - 1]
        letters = [(file.stat().st_mtime, _read(file)) for file in files]
        letters_to_me = [
            (at, letter) for at, letter in letters if self.address in letter["To"] and subject in letter["Subject"]
        ]
        return [letter for _, letter in sorted(letters_to_me, key=lambda pair: pair[0])]


def text_of(letter: EmailMessage) -> str:
    body = letter.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def link_in(letter: EmailMessage, path: str) -> str:
    """The first address in the mail's text that leads to this path."""
    link = re.search(rf"https?://\S*{re.escape(path)}\S*", text_of(letter))
    assert link, text_of(letter)
    return link.group()


def _read(file: Path) -> EmailMessage:
    message = email.message_from_bytes(file.read_bytes(), policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message
