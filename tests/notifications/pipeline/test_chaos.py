"""A worker is killed in the middle of a fan-out; another one finishes. Nobody is left out, nobody hears it twice."""

import json
import os
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.installation import Installation
from tests.notifications.mails import parsed

pytestmark = [pytest.mark.slow, pytest.mark.chaos]

CUSTOMERS = 300

SET_UP = f"""
from incidents.actions.publishing.incidents import declare_incident, publish_incident
from incidents.actor import Actor
from tests.make import make_component, make_customer, make_holding, make_page, make_user

page = make_page(is_default=True)
vans = make_component(page)
for number in range({CUSTOMERS}):
    make_holding(make_customer(email=f"customer-{{number}}@example.org"), vans)
dara = Actor.staff(make_user("Dara"))
incident = declare_incident(page, name="Vans cannot leave", by=dara, components={{vans: "major_outage"}})
publish_incident(incident, body="The gate is stuck.", by=dara)
"""

FINISH = """
from datetime import timedelta
from django.utils import timezone
from notifications.pipeline import delivery, outbox

outbox.collect()
later = lambda: timezone.now() + timedelta(hours={hours})
for _ in range(20):
    delivery.drain("bulk", clock=later)
"""

OUTCOME = """
import json
from django.db.models import Count
from notifications.models import Delivery

print(json.dumps(dict(Delivery.objects.values_list("state").annotate(Count("pk")).order_by())))
"""


def test_a_worker_killed_in_the_middle_is_finished_by_another(installation: Installation):
    installation.python(SET_UP)
    with queue(installation) as workers:
        wait_for_mails(installation, 60, workers)
        kill(workers)
    after_the_kill = len(mails(installation))

    installation.python(FINISH.format(hours=1))

    assert 60 <= after_the_kill < CUSTOMERS
    assert_each_heard_once(installation)


def test_a_worker_killed_again_and_again_is_finished_in_the_end(installation: Installation):
    installation.python(SET_UP)

    kill_while_draining(installation, hours=1, mails_first=40)
    kill_while_draining(installation, hours=2, mails_first=110)
    kill_while_draining(installation, hours=3, mails_first=200)
    installation.python(FINISH.format(hours=4))

    assert_each_heard_once(installation)


@contextmanager
def queue(installation: Installation) -> Iterator[list[subprocess.Popen[str]]]:
    """The real clusters, each in a session of its own."""
    workers = [
        installation.start("qcluster", log=installation.data_dir / f"{name}.out", Q_CLUSTER_NAME=name)
        for name in installation.clusters
    ]
    try:
        yield workers
    finally:
        kill(workers)


def kill_while_draining(installation: Installation, *, hours: int, mails_first: int) -> None:
    worker = installation.start("shell", "--no-imports", "-c", FINISH.format(hours=hours))
    try:
        wait_for_mails(installation, mails_first, [worker])
    finally:
        kill([worker])


def kill(workers: list[subprocess.Popen[str]]) -> None:
    """SIGKILL, the whole session of each, all at once."""
    for worker in workers:
        if worker.poll() is None:
            os.killpg(worker.pid, signal.SIGKILL)
    for worker in workers:
        worker.wait(timeout=10)


def wait_for_mails(installation: Installation, number: int, workers: list[subprocess.Popen[str]]) -> None:
    deadline = time.monotonic() + 90
    while len(mails(installation)) < number:
        assert time.monotonic() < deadline, [log.read_text() for log in installation.data_dir.glob("*.out")]
        time.sleep(0.002)


def mails(installation: Installation) -> list[Path]:
    return list((installation.data_dir / "mail").glob("*.eml"))


def assert_each_heard_once(installation: Installation) -> None:
    mails_to = Counter(parsed(path.read_bytes())["To"] for path in mails(installation))
    assert mails_to == Counter(f"customer-{number}@example.org" for number in range(CUSTOMERS))
    assert json.loads(installation.python(OUTCOME)) == {"sent": CUSTOMERS}
