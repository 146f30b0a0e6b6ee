"""The public documents as plain files, which a web server, a CDN or object storage can serve as they are.

Addresses become files (`/history` is `history/index.html`), links between them become relative, and what only the
program can answer (subscribing, somebody's own page) is linked by its full address. A page with a domain of its own has
a folder by that name, which needs nothing beside it. A list of what was written lies in the folder: whatever is not in
it is somebody else's and is neither changed nor removed.
"""

import fcntl
import json
import re
import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from html import escape, unescape
from pathlib import Path, PurePosixPath
from posixpath import dirname, join, normpath
from urllib.parse import unquote

from django.conf import settings
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import staticfiles_storage

from incidents.addresses import origin_of
from portal.documents.document import HTML, Document
from portal.documents.spec import site_key

LIST = ".makegood.json"
LOCK = ".makegood.lock"
DRAFT = ".makegood-draft"
# Pages that somebody still has open may ask for the style of yesterday.
ASSETS_STAY = 86_400  # seconds
SITE = "//"

# Attributes that hold addresses; others are only changed where they name something that was exported.
ADDRESSES = frozenset({"href", "src", "action", "formaction", "poster"})
_ATTRIBUTE = re.compile(r'\s([\w:-]+)="(/(?!/)[^"]*)"')
_IN_CSS = re.compile(r"""url\(\s*["']?([^"')#?]+)""")
_IN_JS = re.compile(r"""["'](\.{1,2}/[^"']+\.m?js)["']""")


class NotOurs(Exception):
    """A file of somebody else's stands where a document would go; the message names it."""


class ListUnreadable(Exception):
    """What was written here cannot be told from what is somebody else's; the message names the list."""


class AlreadyExporting(Exception):
    """Another process writes to this folder."""


@dataclass(frozen=True)
class Outcome:
    writes: int = 0
    removed: int = 0
    total: int = 0


@dataclass
class Folder:
    """A folder of exported documents. Use it inside `locked`."""

    path: Path
    _own_files: set[str] = field(default_factory=set)
    # What this process has written: the version of each page, and which assets each needs.
    _versions: dict[str, str] = field(default_factory=dict)
    _links: dict[str, frozenset[str]] = field(default_factory=dict)
    _assets: dict[str, bytes] = field(default_factory=dict)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep others from writing here. What a killed export left half done is cleared.

        Raises AlreadyExporting, ListUnreadable."""
        self.path.mkdir(parents=True, exist_ok=True)
        with (self.path / LOCK).open("a") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise AlreadyExporting(str(self.path)) from error
            self._own_files = self._read_list()
            for draft in self.path.rglob(f".*{DRAFT}"):
                draft.unlink()
            yield

    def bring_up_to_date(self, documents: Mapping[str, Document]) -> Outcome:
        """Make the files say what the documents say; those that do already are not touched.

        Each file changes at once or not at all, styles and scripts before the pages that use them. Raises NotOurs
        before anything is written.
        """
        targets = {path: file for path, document in documents.items() if (file := file_of(path, document))}
        versions = {file: documents[path].plain.etag for path, file in targets.items()}
        files = {
            file: self._rendered(path, documents[path], targets)
            for path, file in targets.items()
            if self._versions.get(file) != versions[file]
        }
        files = {**self._new_assets(versions.keys()), **files}
        self._check_ours(files)
        # Before the files themselves, so that an export that was killed knows its own again.
        self._write_list(self._own_files | files.keys())
        count = sum(self._write(name, body) for name, body in files.items())
        self._assets |= {name: body for name, body in files.items() if _is_asset(name)}
        removed = self._remove(self._own_files - versions.keys() - self._assets.keys())
        self._versions = versions
        return Outcome(count, removed, len(self._own_files))

    # -- what a file holds --------------------------------------------------------------------------------------------

    def _rendered(self, address: str, document: Document, targets: Mapping[str, str]) -> bytes:
        file = targets[address]
        if not _is_page(document):
            self._links[file] = frozenset()
            return document.plain.body
        links = Links(address, targets)
        text = _ATTRIBUTE.sub(links.rewritten, document.plain.body.decode())
        self._links[file] = frozenset(links.assets)
        return text.encode()

    def _new_assets(self, pages: Collection[str]) -> dict[str, bytes]:
        """Styles, scripts and pictures that pages use and that were not written yet, with what these use in turn."""
        self._links = {page: links for page, links in self._links.items() if page in pages}
        waiting = sorted({name for links in self._links.values() for name in links})
        bodies: dict[str, bytes] = {}
        while waiting:
            name = waiting.pop()
            body = _read_asset(name)
            if name not in self._assets and name not in bodies and body is not None:
                bodies[name] = body
                waiting.extend(_used_by(name, body))
        return bodies

    # -- files --------------------------------------------------------------------------------------------------------

    def _check_ours(self, files: Mapping[str, bytes]) -> None:
        for name, body in files.items():
            path = self.path / name
            if name not in self._own_files and path.exists() and not (path.is_file() and path.read_bytes() == body):
                raise NotOurs(str(path))

    def _write(self, name: str, body: bytes) -> bool:
        """Whether that changed anything."""
        path = self.path / name
        if path.is_file() and path.read_bytes() == body:
            return False
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f".{path.name}{DRAFT}")
        draft.write_bytes(body)
        draft.replace(path)
        return True

    def _remove(self, names: Collection[str]) -> int:
        outdated = {name for name in names if not self._may_stay(name)}
        for name in outdated:
            path = self.path / name
            path.unlink(missing_ok=True)
            self._remove_empty(path.parent)
        if outdated:
            self._write_list(self._own_files - outdated)
        return len(outdated)

    def _may_stay(self, name: str) -> bool:
        path = self.path / name
        return _is_asset(name) and path.exists() and time.time() - path.stat().st_mtime < ASSETS_STAY

    def _remove_empty(self, folder: Path) -> None:
        while folder != self.path and folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()
            folder = folder.parent

    # -- the list -----------------------------------------------------------------------------------------------------

    def _read_list(self) -> set[str]:
        try:
            return set(filter(_is_plain, json.loads((self.path / LIST).read_text(encoding="utf-8"))))
        except FileNotFoundError:
            return set()
        except (ValueError, TypeError, AttributeError) as error:  # no JSON, or not a list of names
            raise ListUnreadable(str(self.path / LIST)) from error

    def _write_list(self, names: set[str]) -> None:
        if names != self._own_files:
            draft = self.path / f"{LIST}{DRAFT}"
            draft.write_text(json.dumps(sorted(names), indent=0), encoding="utf-8")
            draft.replace(self.path / LIST)
            self._own_files = names


@dataclass
class Links:
    """The links of one page, turned into relative ones. `assets`: what it needs besides, by file name."""

    address: str
    targets: Mapping[str, str]
    assets: set[str] = field(default_factory=set)

    @property
    def _site(self) -> str:
        return _parted(self.address)[0]

    def rewritten(self, match: re.Match[str]) -> str:
        attribute, address = match[1], unescape(match[2])
        path, rest = _split(address)
        target = self._target(path)
        if target is not None:
            address = relative(target, self.targets[self.address]) + rest
        elif attribute in ADDRESSES:
            address = origin_of(self._site) + address
        return f' {attribute}="{escape(address)}"'

    def _target(self, path: str) -> str | None:
        file = self.targets.get(site_key(self._site) + path)
        if file is not None:
            return file
        name = join(self._site, unquote(path.lstrip("/")))
        if not _is_asset(name) or _read_asset(name) is None:
            return None
        self.assets.add(name)
        return name


def relative(file: str, page: str) -> str:
    """How one file of the folder is linked from a page in it. `posixpath.relpath` asks where this process stands, for
    every link again; a large page has thousands."""
    up = dirname(page).split("/") if "/" in page else []
    down = file.split("/")
    shared = 0
    while shared < len(up) and shared < len(down) - 1 and up[shared] == down[shared]:
        shared += 1
    return "/".join([".."] * (len(up) - shared) + down[shared:])


@lru_cache(maxsize=100_000)
def file_named(address: str, *, is_page: bool) -> str | None:
    """See `file_of`; asked for every document of every edition."""
    site, path = _parted(address)
    name = unquote(path).strip("/")
    if is_page:
        name = f"{name}/index.html".lstrip("/")
    name = f"{site}/{name}" if site else name
    return name if _is_plain(name) else None


def file_of(address: str, document: Document) -> str | None:
    """The file that this address becomes; None for one that no file can have."""
    return file_named(address, is_page=_is_page(document))


def _parted(address: str) -> tuple[str, str]:
    """The site and the path: "//b.example/history" is ("b.example", "/history")."""
    if not address.startswith(SITE):
        return "", address
    site, _slash, path = address.removeprefix(SITE).partition("/")
    return site, f"/{path}"


def _is_plain(name: str) -> bool:
    """A file in the folder and nowhere else, and none that servers hide."""
    parts = name.split("/")
    return all(part and not part.startswith(".") and not {"\\", "\0"} & set(part) for part in parts)


def _is_page(document: Document) -> bool:
    return ("Content-Type", HTML) in document.plain.headers


def _split(address: str) -> tuple[str, str]:
    """The path, and what follows it with its sign."""
    path = re.split(r"[?#]", address, maxsplit=1)[0]
    return path, address[len(path) :]


def _is_asset(name: str) -> bool:
    """Below a site's folder or beside all of them."""
    return _is_plain(name) and any(
        f"/{path}".startswith(settings.STATIC_URL) for path in (name, name.partition("/")[2])
    )


@lru_cache(maxsize=256)
def _read_asset(name: str) -> bytes | None:
    """A static file as it was collected, or from where it would be collected."""
    path = f"/{name}".partition(settings.STATIC_URL)[2]
    if staticfiles_storage.exists(path):
        with staticfiles_storage.open(path) as file:
            return bytes(file.read())
    source = finders.find(path)
    return Path(source).read_bytes() if isinstance(source, str) else None


def _used_by(name: str, body: bytes) -> list[str]:
    pattern = {".css": _IN_CSS, ".js": _IN_JS}.get(PurePosixPath(name).suffix)
    if pattern is None:
        return []
    links = [link for link in pattern.findall(body.decode()) if ":" not in link and not link.startswith("/")]
    return [used for link in links if _is_asset(used := normpath(join(dirname(name), link)))]
