"""Every mail of the demo: the outbox forgets what it sent, and the worker's own functions send it again."""

from datetime import timedelta
from itertools import count

from django.apps import apps
from django.core.cache import cache
from django.db import transaction
from django.test import Client
from django.utils.module_loading import import_string
from stillness import move_clock, repeat_chance

# Rows by which the outbox knows what it has told, in the order in which they may go.
MEMORY = ("Delivery", "OutboxEntry", "OutboxMark")
# Hours after the demo's morning: its reminders, its promises kept and broken, its questions afterwards.
HOURS = (0, 0.5, 1, 2, 4, 8, 12, 24, 30, 48, 72, 120, 240)
# These names stand in queues and databases, so no move touches them.
TICK, SWEEP, DRAIN = (f"notifications.tasks.{name}" for name in ("tick", "sweep", "drain"))
LANES = ("urgent", "bulk")
FORMS = (
    ("/account/login/code/", {"email": "ana@northwind.example"}),
    ("/account/login/code/", {"email": "dara@northwind.example"}),
    ("/account/login/code/", {"email": "stranger@northwind.example"}),
    ("/subscribe", {"email": "reader@northwind.example"}),
    ("/subscribe", {"email": "other@northwind.example", "page": "northwind"}),
)


def forget_mail() -> None:
    """Let the outbox believe that it has told nobody yet."""
    with transaction.atomic():
        for name in MEMORY:
            apps.get_model("notifications", name).objects.all().delete()


def send_mail(base: dict[str, str]) -> None:
    """What the worker does in the ten days from the demo's morning, and what strangers' forms make it send."""
    for hours in HOURS:
        move_clock(timedelta(hours=hours))
        repeat_chance(f"mail {hours}")
        _work()
    for number, (address, fields) in zip(count(1), FORMS, strict=False):
        repeat_chance(f"form {number}")
        cache.clear()
        client = Client(raise_request_exception=False, **base)
        answer = client.post(address, fields)
        print(f"{address}: {answer.status_code}")
    _work()


def _work() -> None:
    """A turn of the worker: the clock's own work, then the outbox until both lanes are empty."""
    for name, args in ((TICK, ()), (SWEEP, ()), *((DRAIN, (lane,)) for lane in LANES), (SWEEP, ())):
        import_string(name)(*args)
