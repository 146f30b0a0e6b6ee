"""Telling people against bare statements and bare bytes: ``python -m benchmarks.telling [--people 100000]``."""

import argparse
import asyncio
import multiprocessing
import resource
import smtplib
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial

from aiosmtpd.smtp import SMTP
from django.conf import settings
from django.core import mail
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.message import EmailMessage
from django.db import connection, transaction
from django.utils import timezone

from benchmarks.scratch import (
    Compared,
    compare,
    describe_database,
    empty,
    fill_holdings,
    make_catalogue,
    scratch_database,
)
from incidents.actions.publishing.impacts import match_impacts
from incidents.actor import CLOCK
from incidents.models import AffectedComponent, Incident, Update
from notifications.models import Channel, Delivery, OutboxEntry, OutboxMark
from notifications.pipeline import delivery, outbox

COLLECT_TARGET, SEND_TARGET, MEMORY_TARGET_MB = 0.3, 0.5, 200

# What has to be written anyway: one row for each customer who has a channel.
_BARE = """
INSERT INTO notifications_delivery
    (key, entry_id, channel_id, message, topic, lane, page_id, incident_id, customer_id, data, state, reason,
    attempts, due_at, lease_token, created_at)
SELECT {random_id}, NULL, channel.id, 'bare', 'personal', 'bulk', %s, %s, customer.id, '{{}}', 'queued', '',
    0, {now}, '', {now}
FROM (SELECT DISTINCT customer_id FROM incidents_impact WHERE incident_id = %s) told
JOIN incidents_customer customer ON customer.id = told.customer_id
JOIN notifications_channel channel ON channel.kind = 'email' AND channel.address = customer.email
"""
_RANDOM_ID = {
    "postgresql": "right(replace(gen_random_uuid()::text, '-', ''), 16)",
    "sqlite": "lower(hex(randomblob(8)))",
}
_NOW = {"postgresql": "now()", "sqlite": "'2026-01-01 00:00:00'"}


def make_affected(people: int) -> Incident:
    """A published incident with ``people`` customers who have two holdings each; its events are not collected yet."""
    [component] = make_catalogue(f"For {people}")
    fill_holdings(component, people * 2)
    now = timezone.now()
    incident = Incident.objects.create(page=component.page, name="Bench", started_at=now, published_at=now)
    AffectedComponent.objects.create(incident=incident, component=component)
    Update.objects.create(incident=incident, status="investigating", body="We look.", body_html="<p>We look.</p>")
    match_impacts(incident, by=CLOCK)
    return incident


def measure_collecting(people: int, *, rounds: int) -> Compared:
    """The bare INSERT … SELECT against collecting the event, when every address has a channel already."""
    incident = make_affected(people)
    outbox.collect()
    compared = compare(partial(_collect_bare, incident), outbox.collect, rounds=rounds, reset=_forget_deliveries)
    _forget_deliveries()
    outbox.collect()
    _expect(Delivery.objects.filter(message="first_notice").count(), people)
    return compared


def measure_new_channels(people: int) -> float:
    """Seconds to collect when no address has a channel yet."""
    _forget_deliveries()
    empty("notifications_channel")
    start = time.perf_counter()
    outbox.collect()
    seconds = time.perf_counter() - start
    _expect(Channel.objects.count(), people)
    return seconds


def measure_sending(people: int, *, rounds: int) -> Compared:
    """Ready-made bytes in a bare loop on one connection, against a drain that decides, writes and marks each mail."""
    make_affected(people)
    outbox.collect()
    ready = _ready_bytes()
    _expect(len(ready), people)
    with _sink() as port:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
        return compare(partial(_send_bare, ready, port), _drain_all, rounds=rounds, reset=_queue_again)


def measure_memory(people: int) -> tuple[float, float]:
    """Megabytes at most: after a tenth of the people, and after all of them."""
    settings.EMAIL_BACKEND = "benchmarks.telling.Nowhere"
    make_affected(people)
    outbox.collect()
    Delivery.objects.filter(pk__gt=_tenth()).update(due_at=timezone.now() + timedelta(hours=1))
    delivery.drain("bulk", runs_for=timedelta(hours=1))
    first = _peak()
    later = timezone.now() + timedelta(hours=2)
    delivery.drain("bulk", clock=lambda: later, runs_for=timedelta(hours=1))
    _expect(Delivery.objects.filter(state="sent").count(), people)
    return first, _peak()


class Nowhere(BaseEmailBackend):
    """Builds each mail as if it were to leave, and lets go of it."""

    def send_messages(self, email_messages: list[EmailMessage]) -> int:
        return len([message.message().as_bytes() for message in email_messages])


def _collect_bare(incident: Incident) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            _BARE.format(random_id=_RANDOM_ID[connection.vendor], now=_NOW[connection.vendor]),
            [incident.page_id, incident.pk, incident.pk],
        )


def _forget_deliveries() -> None:
    empty("notifications_delivery")
    OutboxMark.objects.all().delete()
    OutboxEntry.objects.all().delete()


def _ready_bytes() -> list[tuple[str, bytes]]:
    """Every mail of a drain as it would leave, with its address."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    mail.outbox = []
    _drain_all()
    ready = [(message.to[0], message.message().as_bytes(linesep="\r\n")) for message in mail.outbox]
    mail.outbox = []
    return ready


def _drain_all() -> None:
    delivery.drain("bulk", runs_for=timedelta(hours=1))


def _queue_again() -> None:
    Delivery.objects.update(state="queued", sent_at=None, attempts=0, says_up_to=None, due_at=timezone.now())


def _send_bare(ready: list[tuple[str, bytes]], port: int) -> None:
    with smtplib.SMTP("127.0.0.1", port) as server:
        for address, content in ready:
            server.sendmail("makegood@localhost", [address], content)


@contextmanager
def _sink() -> Iterator[int]:
    """A mail server in a process of its own that takes everything and keeps nothing."""
    reading, writing = multiprocessing.Pipe()
    process = multiprocessing.get_context("fork").Process(target=_serve, args=(writing,), daemon=True)
    process.start()
    try:
        yield reading.recv()
    finally:
        process.terminate()
        process.join()


def _serve(pipe: "multiprocessing.connection.Connection") -> None:
    asyncio.run(_serve_for_ever(pipe))


async def _serve_for_ever(pipe: "multiprocessing.connection.Connection") -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(Nothing(), hostname="sink"), "127.0.0.1", 0)
    pipe.send(server.sockets[0].getsockname()[1])
    await server.serve_forever()


class Nothing:
    """Says yes to every message."""

    async def handle_DATA(self, *_: object) -> str:  # noqa: N802 - aiosmtpd's name
        return "250 OK"


def _tenth() -> int:
    first, count = Delivery.objects.order_by("pk").values_list("pk", flat=True)[0], Delivery.objects.count()
    return first + count // 10 - 1


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _expect(count: int, expected: int) -> None:
    """A fast answer that is wrong is no measurement."""
    if count != expected:
        raise SystemExit(f"{count} instead of {expected}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", default="10000,100000", help="numbers of affected customers, separated by commas")
    parser.add_argument("--mails", type=int, default=1000, help="mails that are really sent")
    parser.add_argument("--memory", type=int, default=10_000, help="mails over which memory is watched")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    with scratch_database():
        print(f"Telling on {describe_database()}, medians of {options.rounds} rounds in turn")
    print(
        f"{'people':>10} {'bare s':>9} {'collect s':>9} {'ratio':>6} {'new channels s':>15}   target ≥ {COLLECT_TARGET}"
    )
    for people in (int(number) for number in options.people.split(",")):
        with scratch_database():
            report_collecting(people, rounds=options.rounds)
    with scratch_database():
        report_sending(options.mails, rounds=options.rounds)
    with scratch_database():
        report_memory(options.memory)


def report_collecting(people: int, *, rounds: int) -> None:
    speed = measure_collecting(people, rounds=rounds)
    new = measure_new_channels(people)
    print(f"{people:>10,} {speed.yardstick:>9.3f} {speed.measured:>9.3f} {speed.ratio:>6.2f} {new:>15.3f}")


def report_sending(mails: int, *, rounds: int) -> None:
    speed = measure_sending(mails, rounds=rounds)
    bare, drained = mails / speed.yardstick, mails / speed.measured
    print(f"\n{'mails':>10} {'bare /s':>9} {'drain /s':>9} {'ratio':>6}   target ≥ {SEND_TARGET}")
    print(f"{mails:>10,} {bare:>9.0f} {drained:>9.0f} {speed.ratio:>6.2f}")


def report_memory(mails: int) -> None:
    first, last = measure_memory(mails)
    print(f"\n{'mails':>10} {'MB after a tenth':>17} {'after all':>10}   target ≤ {MEMORY_TARGET_MB}")
    print(f"{mails:>10,} {first:>17.0f} {last:>10.0f}")


if __name__ == "__main__":
    main()
