"""`manage.py up`: everything that Makegood needs to run, from one command."""

import os
import time
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError, call_command
from django.db import transaction

from config.processes.preparation import (
    AlreadyRunning,
    PortTaken,
    ensure_port_free,
    only_one,
    prepare_database,
    prepare_static,
)
from config.processes.supervisor import Journal, make_supervisor
from incidents.models import Page, User

PEOPLE = {
    "Ana": "customer",
    "Ben": "customer",
    "Cleo": "customer",
    "Dara": "staff: tells people",
    "Eli": "staff: manages",
}


class Command(BaseCommand):
    help = "Migrate, collect static files, and run the web server and the worker until Ctrl-C."
    requires_system_checks = "__all__"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--demo", action="store_true", help="load the demonstration if there is no page yet")

    def handle(self, *args: Any, demo: bool, **options: Any) -> None:
        try:
            with only_one(settings.DATA_DIR) as was_cut_off:
                self._up(demo=demo, patience=15.0 if was_cut_off else 0.0)
        except AlreadyRunning as error:
            raise CommandError(
                f"Makegood is already running on {settings.DATA_DIR} (process {error}). "
                "Stop it first, or give this one a folder of its own with DATA_DIR."
            ) from error
        except PortTaken as error:
            raise CommandError(
                f"Somebody else is listening on {error}. Choose another port, for example PORT=8001."
            ) from error

    def _up(self, *, demo: bool, patience: float) -> None:
        environment = settings.ENVIRONMENT
        _wait_for_port(environment.host, environment.port, patience)
        self._prepare(demo=demo)
        # the inbox shows everybody's codes: only for a demonstration whose mail stays on this machine
        shows_inbox = demo and not environment.mail.host and "DEV_INBOX" not in os.environ
        has_inbox = environment.dev_inbox or shows_inbox
        journal = Journal(settings.DATA_DIR / "log")
        greeting = [*(_demo_lines(has_inbox) if demo else _first_steps(has_inbox)), "Ctrl-C stops everything."]
        make_supervisor(journal.say, {"DEV_INBOX": "true"} if shows_inbox else {}, greeting).run()

    def _prepare(self, *, demo: bool) -> None:
        applied = prepare_database()
        self._tell(f"database: {applied} migrations applied" if applied else "database: up to date")
        self._tell("static files: collected" if prepare_static() else "static files: up to date")
        if demo and not Page.objects.exists():
            self._tell("demonstration: loading")
            with transaction.atomic():  # cut off halfway, it begins afresh next time
                call_command("seed_demo")

    def _tell(self, line: str) -> None:
        self.stdout.write(f"{'makegood':<11} | {line}")
        self.stdout.flush()


def _wait_for_port(host: str, port: int, patience: float) -> None:
    """After a supervisor was killed, its children need some seconds to follow."""
    deadline = time.monotonic() + patience
    while True:
        try:
            ensure_port_free(host, port)
        except PortTaken:
            if time.monotonic() >= deadline:
                raise
            time.sleep(0.25)
        else:
            return


def _demo_lines(has_inbox: bool) -> list[str]:
    return [
        "",
        f"The demonstration runs at   {settings.BASE_URL}",
        f"The staff desk              {settings.BASE_URL}/admin/",
        "",
        *[f"  {name:<5} {email:<26} {PEOPLE[name]}" for name, email in _demo_people()],
        "",
        f"Sign in at {settings.BASE_URL}/account/login/ with an address; there are no passwords.",
        *_where_codes_are(has_inbox),
        "",
    ]


def _demo_people() -> list[tuple[str, str]]:
    """Names and addresses of the demonstration's people, the first of each name."""
    people = User.objects.filter(first_name__in=PEOPLE).order_by("-pk").values_list("first_name", "email")
    addresses = dict(people)
    return [(name, addresses[name]) for name in PEOPLE if name in addresses]


def _first_steps(has_inbox: bool) -> list[str]:
    return [
        "",
        f"Makegood runs at            {settings.BASE_URL}",
        f"The staff desk              {settings.BASE_URL}/admin/",
        "",
        "The first staff account, with your address:",
        "  .venv/bin/python manage.py createsuperuser --noinput --email you@example.org",
        "Then sign in with it at the staff desk; there are no passwords.",
        *_where_codes_are(has_inbox),
        "",
    ]


def _where_codes_are(has_inbox: bool) -> list[str]:
    if settings.ENVIRONMENT.mail.host:
        return ["The code comes by mail."]
    files = f"the files in {settings.EMAIL_FILE_PATH}"
    return [
        f"The code is in {settings.BASE_URL}/dev/inbox/ and in {files}." if has_inbox else f"The code is in {files}."
    ]
