"""A server with two documents and an application that echoes."""

import threading
from pathlib import Path

import pytest

from config.server.fast_path import FastPath
from portal.documents.document import make_document
from portal.publishing.front import PublicFront
from tests.config.server.running import echo, running
from tests.portal.publishing.test_front import BODY, Quiet, Store


@pytest.fixture
def store():
    documents = {"/": make_document(BODY, path="/"), "/large": make_document(bytes(8_000_000), path="/large")}
    return Store(**documents)


@pytest.fixture
def replies():
    return []


@pytest.fixture
def server(store, replies):
    door = PublicFront(echo, store, Quiet(Path()))
    with running(door, FastPath(door, replies.append)) as server:
        yield server


@pytest.fixture
def go():
    """Set, it lets the application of the server that holds answers go on."""
    return threading.Event()


@pytest.fixture
def slow_server(store, replies, go):
    """How to run the same server with an application that answers when it is told to go on."""

    def slow(environ, start_response):
        go.wait(5)
        return echo(environ, start_response)

    door = PublicFront(slow, store, Quiet(Path()))
    return running(door, FastPath(door, replies.append))


@pytest.fixture
def holding(slow_server):
    with slow_server as server:
        yield server
