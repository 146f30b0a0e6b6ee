"""The scene as it is served, and the addresses of its pages by who may read them."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from tests.browsing.serving import served
from tests.installation import Installation

SET_UP = "from tests.browsing.scene import set_up; set_up()"
# Pages that ask.
OPEN = (
    "/subscribe",
    "/subscribe/sent",
    "/account/login/code/",
    "/account/inactive/",
    "/history/search",
    "/history/search?q=edinburgh",
    "/p/states/history/search?q=nothing-has-this",
    f"/de/history/search?q={'x' * 200}",
)


@dataclass(frozen=True)
class Stage:
    site: str
    public: list[str]
    # Pages on domains of their own: // and the name before the path.
    domains: list[str]
    links: list[str]
    ana: list[str]
    sessions: dict[str, str]
    open: tuple[str, ...] = OPEN


@contextmanager
def set_stage(installation: Installation) -> Iterator[Stage]:
    done = installation.run("seed_demo", timeout=300)
    assert done.returncode == 0, done.stderr
    scene = json.loads(installation.python(SET_UP).splitlines()[-1])
    with served(installation) as site:
        yield Stage(site, **scene)
