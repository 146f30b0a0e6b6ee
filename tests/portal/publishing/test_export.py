"""Documents as files: what becomes of addresses and links, and what is left alone."""

import json
import os
import re
import time
from pathlib import Path
from posixpath import dirname, relpath

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from config.management.commands import publish_static
from incidents.models import Page
from portal.documents.document import HTML, JSON, Document, make_document
from portal.publishing.export import (
    ASSETS_STAY,
    DRAFT,
    LIST,
    AlreadyExporting,
    Folder,
    Links,
    ListUnreadable,
    NotOurs,
    Outcome,
    file_of,
    relative,
)
from tests import make
from tests.portal.page_documents import add_update, publish, say_page_changed

TARGETS = {"/": "index.html", "/history": "history/index.html", "/p/b/": "p/b/index.html", "/badge.svg": "badge.svg"}


@pytest.fixture(autouse=True)
def _address(settings: Settings) -> None:
    settings.BASE_URL = "https://status.example.org"


def page(text: str) -> Document:
    return make_document(text.encode(), content_type=HTML)


def data(text: str) -> Document:
    return make_document(text.encode(), content_type=JSON)


def export(folder: Path, **documents: Document) -> Outcome:
    """One run of its own; names are addresses, the front page is `front`."""
    files = Folder(folder)
    addresses = {f"/{name}".replace("/front", "/"): document for name, document in documents.items()}
    with files.locked():
        return files.bring_up_to_date(addresses)


def names_in(folder: Path) -> set[str]:
    """What a web server shows."""
    found = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    return {str(path) for path in found if not path.name.startswith(".")}


# -- addresses and links ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "file"),
    [
        ("/", "index.html"),
        ("/history", "history/index.html"),
        ("/history/2026/11", "history/2026/11/index.html"),
        ("/p/b/", "p/b/index.html"),
        ("/p/b/incidents/x1", "p/b/incidents/x1/index.html"),
        ("/../secret", None),
        ("/a/%2e%2e/b", None),
        ("/a//b", None),
        ("/.well-known", None),
        ("//status.b.example/", "status.b.example/index.html"),
        ("//status.b.example/de/history", "status.b.example/de/history/index.html"),
        ("//../history", None),
        ("/a\\b", None),
    ],
)
def test_a_page_becomes_the_index_of_a_folder(address: str, file: str | None) -> None:
    assert file_of(address, page("")) == file


@pytest.mark.parametrize(
    ("address", "file"),
    [("/badge.svg", "badge.svg"), ("/api/v2/summary.json", "api/v2/summary.json"), ("/..", None), ("/", None)],
)
def test_everything_else_keeps_its_name(address: str, file: str | None) -> None:
    assert file_of(address, data("")) == file


@pytest.mark.parametrize(
    ("written", "becomes"),
    [
        ('<a href="/history">', '<a href="history/index.html">'),
        ('<a href="/">', '<a href="index.html">'),
        ('<a href="/p/b/#now">', '<a href="p/b/index.html#now">'),
        ('<a href="/history?page=2&amp;x=1">', '<a href="history/index.html?page=2&amp;x=1">'),
        ('<img src="/badge.svg">', '<img src="badge.svg">'),
        ('<a href="/my/">', '<a href="https://status.example.org/my/">'),
        ('<a href="/subscribe?page=b">', '<a href="https://status.example.org/subscribe?page=b">'),
        ('<form action="/subscribe">', '<form action="https://status.example.org/subscribe">'),
        ('<a href="https://example.org/history">', '<a href="https://example.org/history">'),
        ('<a href="//example.org/history">', '<a href="//example.org/history">'),
        ('<a href="#main">', '<a href="#main">'),
        ('<p title="/my/">', '<p title="/my/">'),
        ('<p data-from="/badge.svg">', '<p data-from="badge.svg">'),
        ('<a href="/static/../../secret">', '<a href="https://status.example.org/static/../../secret">'),
        ('<a href="/static/nothing.css">', '<a href="https://status.example.org/static/nothing.css">'),
        ('<a href="/my/?a=&quot;&lt;">', '<a href="https://status.example.org/my/?a=&quot;&lt;">'),
    ],
)
def test_links_lead_to_files_or_to_the_program(tmp_path: Path, written: str, becomes: str) -> None:
    others = {"history": page("h"), "p/b/": page("b"), "badge.svg": data("<svg/>")}

    export(tmp_path, front=page(written), **others)

    assert (tmp_path / "index.html").read_text() == becomes


def test_links_are_told_from_where_they_stand() -> None:
    targets = {**TARGETS, "/p/b/incidents/x": "p/b/incidents/x/index.html"}
    links = Links("/p/b/incidents/x", targets)

    assert links.rewritten(_match('href="/"')) == ' href="../../../../index.html"'
    assert links.rewritten(_match('href="/p/b/"')) == ' href="../../index.html"'


def _match(text: str) -> re.Match[str]:
    found = re.fullmatch(r'\s([\w:-]+)="(/[^"]*)"', f" {text}")
    assert found
    return found


@pytest.mark.parametrize("page", ["index.html", "a/index.html", "a/b/index.html", "c/index.html", "b.example/x.html"])
@pytest.mark.parametrize("file", ["index.html", "a/index.html", "a/b/index.html", "a/b.css", "b.example/index.html"])
def test_a_link_is_what_the_library_makes_it(page: str, file: str) -> None:
    assert relative(file, page) == relpath(file, dirname(page) or ".")


def test_what_pages_need_is_beside_them(tmp_path: Path) -> None:
    used = '<link href="/static/css/site.css"><use href="/static/img/icons.svg#clock">'

    export(tmp_path, history=page(used))

    assert names_in(tmp_path) == {"history/index.html", "static/css/site.css", "static/img/icons.svg"}
    assert (tmp_path / "history/index.html").read_text() == used.replace("/static", "../static")


# -- what is touched, and what is not ---------------------------------------------------------------------------------


def test_a_second_run_changes_nothing(tmp_path: Path) -> None:
    front = page('<link href="/static/css/site.css">')
    export(tmp_path, front=front, history=page("old"))
    before = {name: (tmp_path / name).stat().st_mtime_ns for name in names_in(tmp_path)}

    outcome = export(tmp_path, front=front, history=page("old"))

    assert outcome == Outcome(writes=0, removed=0, total=3)
    assert {name: (tmp_path / name).stat().st_mtime_ns for name in names_in(tmp_path)} == before


def test_only_what_reads_differently_is_written(tmp_path: Path) -> None:
    export(tmp_path, front=page("same"), history=page("old"))

    outcome = export(tmp_path, front=page("same"), history=page("new"))

    assert outcome == Outcome(writes=1, removed=0, total=2)
    assert (tmp_path / "history/index.html").read_text() == "new"


def test_within_a_run_too(tmp_path: Path) -> None:
    files = Folder(tmp_path)
    with files.locked():
        files.bring_up_to_date({"/": page("same"), "/history": page("old")})

        outcome = files.bring_up_to_date({"/": page("same"), "/history": page("new")})

    assert outcome == Outcome(writes=1, removed=0, total=2)


def test_what_is_not_published_any_more_goes_with_its_folder(tmp_path: Path) -> None:
    export(tmp_path, front=page("front"), **{"incidents/x": page("x"), "incidents/y": page("y")})

    outcome = export(tmp_path, front=page("front"), **{"incidents/y": page("y")})

    assert outcome == Outcome(writes=0, removed=1, total=2)
    assert not (tmp_path / "incidents/x").exists()
    assert names_in(tmp_path) == {"index.html", "incidents/y/index.html"}


def test_files_of_others_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "incidents/x").mkdir(parents=True)
    (tmp_path / "incidents/x/notes.txt").write_text("mine")
    (tmp_path / "robots.txt").write_text("mine too")
    export(tmp_path, front=page("front"), **{"incidents/x": page("x")})

    export(tmp_path, front=page("front"))

    assert names_in(tmp_path) == {"index.html", "robots.txt", "incidents/x/notes.txt"}


def test_a_file_of_somebody_else_is_never_replaced(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("our company")

    with pytest.raises(NotOurs, match=r"index\.html"):
        export(tmp_path, front=page("status"), history=page("history"))

    assert names_in(tmp_path) == {"index.html"}
    assert (tmp_path / "index.html").read_text() == "our company"


def test_an_export_that_was_killed_knows_its_own_again(tmp_path: Path) -> None:
    export(tmp_path, front=page("old"))
    (tmp_path / "history").mkdir()
    (tmp_path / "history" / f".index.html{DRAFT}").write_text("half a fi")
    (tmp_path / LIST).write_text(json.dumps(["history/index.html", "index.html"]))

    outcome = export(tmp_path, front=page("new"), history=page("history"))

    assert outcome == Outcome(writes=2, removed=0, total=2)
    assert not list(tmp_path.rglob(f"*{DRAFT}"))


@pytest.mark.parametrize("left", [b"", b'["index.ht', b"[1]", b"7", b"\xff"])
def test_a_list_that_cannot_be_read_is_told_and_nothing_is_written(tmp_path: Path, left: bytes) -> None:
    """Power that fails leaves such lists."""
    export(tmp_path, front=page("old"))
    (tmp_path / LIST).write_bytes(left)

    with pytest.raises(ListUnreadable, match=re.escape(LIST)):
        export(tmp_path, front=page("new"))

    assert (tmp_path / "index.html").read_text() == "old"


def test_a_style_that_could_not_be_written_is_written_the_next_time(tmp_path: Path) -> None:
    front, files = page('<link href="/static/css/site.css">'), Folder(tmp_path)
    (tmp_path / "static").write_text("in the way")
    with files.locked():
        with pytest.raises(OSError, match="static"):
            files.bring_up_to_date({"/": front})
        (tmp_path / "static").unlink()

        files.bring_up_to_date({"/": front})

    assert names_in(tmp_path) == {"index.html", "static/css/site.css"}


def test_a_list_that_somebody_tampered_with_leads_nowhere_else(tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("mine")
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / LIST).write_text(json.dumps(["../precious", "/etc/hostname"]))

    export(tmp_path / "site", front=page("front"))

    assert (tmp_path / "precious").exists()


def test_a_style_that_is_needed_no_more_stays_for_a_day(tmp_path: Path) -> None:
    export(tmp_path, front=page('<link href="/static/css/site.css">'))
    style = tmp_path / "static/css/site.css"

    export(tmp_path, front=page("plain"))
    stayed = style.exists()
    os.utime(style, (0, time.time() - ASSETS_STAY - 1))
    export(tmp_path, front=page("plain"))

    assert (stayed, style.exists()) == (True, False)


def test_two_at_once_are_refused(tmp_path: Path) -> None:
    with Folder(tmp_path).locked(), pytest.raises(AlreadyExporting):
        export(tmp_path, front=page("front"))


# -- what is in it ----------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_domain_s_folder_needs_nothing_beside_it(tmp_path: Path) -> None:
    first = make.make_page(is_default=True, name="First")
    second = make.make_page(slug="b", name="Second", domain="status.b.example", languages=["de"])
    shown = make.make_incident(second, name="Shown")
    say_page_changed(second)
    store, files = publish(first), Folder(tmp_path)

    with files.locked():
        files.bring_up_to_date(store.render_everything())

    folder = tmp_path / "status.b.example"
    inside = names_in(folder)
    assert {"index.html", "de/index.html", f"incidents/{shown.public_id}/index.html", "history.atom"} <= inside
    assert {"static/css/site.css", "static/js/site.js", "static/img/icons.svg"} <= inside
    front = (folder / "index.html").read_text()
    assert f'href="incidents/{shown.public_id}/index.html"' in front
    assert 'href="static/css/site.css"' in front
    assert 'href="https://status.b.example/my/"' in front
    outside = re.findall(r'(?:href|src)="((?:\.\./)+[^"]*)"', (folder / "de/index.html").read_text())
    assert outside
    assert all(not address.startswith("../../") for address in outside)
    assert not (tmp_path / "p").exists()


@pytest.mark.django_db
@pytest.mark.parametrize("visibility", [one for one in Page.Visibility if one != Page.Visibility.PUBLIC])
def test_a_page_that_is_no_longer_public_goes(tmp_path: Path, visibility: Page.Visibility) -> None:
    first, second = make.make_page(is_default=True), make.make_page(slug="b", name="Hidden harbour")
    say_page_changed(second)
    store, files = publish(first), Folder(tmp_path)
    with files.locked():
        files.bring_up_to_date(store.render_everything())
        was_there = (tmp_path / "p/b/index.html").exists()
        Page.objects.filter(pk=second.pk).update(visibility=visibility)
        say_page_changed(second)
        store.refresh()
        store.find_reserved("/p/b/")

        files.bring_up_to_date(store.render_everything())

    assert was_there
    assert "Hidden harbour" not in "".join((tmp_path / name).read_text() for name in names_in(tmp_path))
    assert not [name for name in names_in(tmp_path) if name.startswith(("p/", "s/"))]


@pytest.mark.django_db
def test_every_page_is_exported_and_nothing_that_is_not_public(tmp_path: Path) -> None:
    first, second = make.make_page(is_default=True, name="First"), make.make_page(slug="b", name="Second")
    make.make_component(first, name="Secret pump", is_hidden=True)
    draft = make.make_incident(first, name="Secret draft", published=False)
    add_update(draft, "Secret words")
    shown = make.make_incident(second, name="Shown")
    store, files = publish(first), Folder(tmp_path)

    with files.locked():
        files.bring_up_to_date(store.render_everything())

    names = names_in(tmp_path)
    assert {"index.html", "p/b/index.html", "api/v2/summary.json", "p/b/api/v2/summary.json"} <= names
    assert f"p/b/incidents/{shown.public_id}/index.html" in names
    assert "ecret" not in "".join((tmp_path / name).read_text() for name in names)
    assert draft.public_id not in " ".join(names)
    assert not [name for name in names if name.startswith(("my/", "i/", "admin/", "account/"))]
    assert 'href="https://status.example.org/my/"' in (tmp_path / "index.html").read_text()


def test_a_folder_that_cannot_be_written_is_told_in_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publish_static, "prepare_static", lambda: None)
    (tmp_path / "file").write_text("mine")

    with pytest.raises(CommandError, match=r"Not everything could be written: .*Not a directory"):
        call_command("publish_static", str(tmp_path / "file" / "site"))


def test_an_unreadable_list_is_told_in_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publish_static, "prepare_static", lambda: None)
    (tmp_path / LIST).write_text("")

    with pytest.raises(CommandError, match="cannot be read, so nothing was written; empty the folder"):
        call_command("publish_static", str(tmp_path))
