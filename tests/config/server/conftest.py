"""A server with two documents and an application that echoes."""

from pathlib import Path

import pytest

from portal.documents import make_document
from portal.front import StormDoor
from portal.wire import Wire
from tests.config.server.running import echo, running
from tests.portal.test_front import BODY, Quiet, Store


@pytest.fixture
def store():
    documents = {"/": make_document(BODY, path="/"), "/large": make_document(bytes(8_000_000), path="/large")}
    return Store(**documents)


@pytest.fixture
def noted():
    return []


@pytest.fixture
def server(store, noted):
    door = StormDoor(echo, store, Quiet(Path()))
    with running(door, Wire(door, noted.append)) as server:
        yield server
