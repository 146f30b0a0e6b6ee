"""The development inbox: mail in files, for those who sit at this machine, and only when it is switched on."""

import os
from pathlib import Path

import pytest
from django.core.mail import EmailMultiAlternatives
from django.test import Client

from config.mailfiles import EmailBackend
from tests.portal.visiting import words


@pytest.fixture(autouse=True)
def _switched_on(settings) -> None:
    settings.DEV_INBOX = True


def send(settings, *, key: str = "one", subject: str = "Hello", text: str = "Dear Ana", html: str = "") -> Path:
    message = EmailMultiAlternatives(subject, text, "us@example.org", ["ana@example.org"])
    message.extra_headers = {"Message-ID": f"<{key}@makegood>"}
    if html:
        message.attach_alternative(html, "text/html")
    EmailBackend().send_messages([message])
    return settings.EMAIL_FILE_PATH / f"{key}@makegood.eml"


def test_it_lists_messages_newest_first(settings, client) -> None:
    os.utime(send(settings, key="old", subject="The older one"), (1_700_000_000, 1_700_000_000))
    send(settings, key="new", subject="The newer one")

    shown = words(client.get("/dev/inbox/"))

    assert shown.index("The newer one") < shown.index("The older one")
    assert "ana@example.org" in shown
    assert "/dev/inbox/new@makegood.eml" in shown


def test_it_puts_sign_in_codes_on_top(settings, client) -> None:
    send(settings, key="code", text="Your code:\n\nQMGF-SQKC\n")
    send(settings, key="other", text="Nothing here")

    shown = words(client.get("/dev/inbox/"))

    assert shown.index(">QMGF-SQKC<") < shown.index("Messages")


def test_an_empty_inbox_says_so(client) -> None:
    assert "Nothing has been sent yet." in words(client.get("/dev/inbox/"))


def test_a_message_shows_its_text_with_links_and_its_headers(settings, client) -> None:
    send(settings, text="Look: http://127.0.0.1/i/abc/ <script>alert(1)</script>")

    shown = words(client.get("/dev/inbox/one@makegood.eml"))

    assert '<a href="http://127.0.0.1/i/abc/"' in shown
    assert "<script>alert(1)" not in shown
    assert "us@example.org" in shown
    assert "<iframe" not in shown


def test_the_html_has_a_page_of_its_own_that_may_do_nothing(settings, client) -> None:
    send(settings, html="<html><head><title>x</title></head><body><p style='color:red'>Dear Ana</p></body></html>")

    message = client.get("/dev/inbox/one@makegood.eml")
    html = client.get("/dev/inbox/one@makegood.eml/html")

    assert 'sandbox="allow-top-navigation-by-user-activation"' in words(message)
    assert "frame-src 'self'" in message["Content-Security-Policy"]
    assert sorted(html["Content-Security-Policy"].split("; ")) == [
        "default-src 'none'",
        "frame-ancestors 'self'",
        "img-src data:",
        "sandbox allow-top-navigation-by-user-activation",
        "style-src 'unsafe-inline'",
    ]
    assert b'<head><base target="_top"><title>' in html.content


def test_html_without_a_head_opens_its_links_in_the_whole_window_too(settings, client) -> None:
    send(settings, html="<p>Dear\nAna</p>")

    assert client.get("/dev/inbox/one@makegood.eml/html").content.startswith(b'<base target="_top"><p>')


@pytest.mark.parametrize(
    "name", ["none@makegood.eml", "..%2Fsecret.eml", "%2Fetc%2Fpasswd", ".hidden.eml", "secret.txt", "..", "%00.eml"]
)
def test_nothing_but_its_own_messages_is_shown(settings, client, name) -> None:
    send(settings)
    (settings.EMAIL_FILE_PATH.parent / "secret.eml").write_text("Subject: secret")
    (settings.EMAIL_FILE_PATH / "secret.txt").write_text("secret")
    (settings.EMAIL_FILE_PATH / ".hidden.eml").write_text("Subject: secret")

    assert client.get(f"/dev/inbox/{name}").status_code in (302, 404)
    assert client.get(f"/dev/inbox/{name}/html").status_code == 404


def test_a_way_out_by_a_link_in_the_folder_leads_nowhere(settings, client) -> None:
    send(settings)
    (settings.EMAIL_FILE_PATH.parent / "secret.eml").write_text("Subject: secret")
    (settings.EMAIL_FILE_PATH / "link.eml").symlink_to(settings.EMAIL_FILE_PATH.parent / "secret.eml")

    assert client.get("/dev/inbox/link.eml").status_code == 404
    assert "link.eml" not in words(client.get("/dev/inbox/"))


def test_it_is_not_there_unless_it_is_switched_on(settings, client) -> None:
    send(settings)
    settings.DEV_INBOX = False

    pages = [client.get(f"/dev/inbox/{rest}").status_code for rest in ("", "one@makegood.eml", "one@makegood.eml/html")]

    assert pages == [404, 404, 404]


@pytest.mark.parametrize("where", [{"REMOTE_ADDR": "192.0.2.7"}, {"REMOTE_ADDR": ""}, {"REMOTE_ADDR": "nonsense"}])
def test_it_is_there_only_for_this_machine(client, where) -> None:
    assert client.get("/dev/inbox/", **where).status_code == 404


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Forwarded-Proto", "X-Real-IP", "Via"])
def test_a_proxy_on_this_machine_does_not_make_the_world_local(client, header: str) -> None:
    assert client.get("/dev/inbox/", headers={header: "127.0.0.1"}).status_code == 404


def test_behind_proxies_that_are_set_up_nobody_is_local(settings, client) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1

    assert client.get("/dev/inbox/").status_code == 404


def test_it_is_there_for_this_machine_by_the_newer_protocol() -> None:
    assert Client(REMOTE_ADDR="::1").get("/dev/inbox/").status_code == 200


def test_it_is_never_stored(settings, client) -> None:
    send(settings)

    assert client.get("/dev/inbox/")["Cache-Control"] == "private, no-store"
    assert client.get("/dev/inbox/one@makegood.eml/html")["Cache-Control"] == "private, no-store"


def test_it_only_shows(client) -> None:
    assert client.post("/dev/inbox/").status_code == 405
