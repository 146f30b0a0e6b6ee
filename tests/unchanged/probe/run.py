"""Runs inside one checkout, with its code: ``python -P run.py STEP DATA_DIR OUTPUT``.

Of the project it uses only what no move touches: its settings, its commands, the queue's functions, Django's registry.
"""

import sys
from collections.abc import Iterator
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import django
from django.apps import apps
from django.core.management import call_command
from stillness import hold_still, repeat_chance

SITE = "http://127.0.0.1:8000"
BASE = {"SERVER_NAME": "127.0.0.1", "SERVER_PORT": "8000", "HTTP_HOST": "127.0.0.1:8000"}
# Mails have hundreds of links of a few kinds.
MAILS = 60


def migrate() -> None:
    call_command("migrate", interactive=False, verbosity=0)
    call_command("createcachetable", verbosity=0)


def demo() -> None:
    migrate()
    repeat_chance("demo")
    call_command("seed_demo")


def stage() -> None:
    """Somebody who may do everything, and pages that are not for everybody."""
    repeat_chance("stage")
    call_command("createsuperuser", interactive=False, email="root@northwind.example", verbosity=0)
    components = apps.get_model("incidents", "Component").objects.order_by("pk")[:3]
    for visibility in ("public", "signed_in", "groups", "link"):
        fields = {"name": f"Northwind {visibility}", "visibility": visibility, "languages": ["de"]}
        page = apps.get_model("incidents", "Page").objects.create(slug=f"for-{visibility}".replace("_", "-"), **fields)
        page.guests.set(components)


def publish(output: Path) -> None:
    repeat_chance("publish")
    call_command("publish_static", str(output))


def visit(data: Path, output: Path, files: Path, most: int) -> None:
    from visits import visit_everything  # noqa: PLC0415 - needs Django

    call_command("collectstatic", interactive=False, verbosity=0)
    visit_everything(output, BASE, SITE, [*_links_in_mails(data / "mail"), *_file_addresses(files)], most)


def _links_in_mails(folder: Path) -> Iterator[str]:
    from addresses import links  # noqa: PLC0415

    for path in sorted(folder.glob("*.eml"))[:MAILS]:
        message = message_from_bytes(path.read_bytes(), policy=default)
        body = message.get_body(("plain",))
        yield from links(str(body.get_content()) if body else "", "/", SITE)


def _file_addresses(folder: Path) -> Iterator[str]:
    """A published file is an answer at its own place, or at that of its folder."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not any(part.startswith(".") for part in path.relative_to(folder).parts):
            address = "/" + path.relative_to(folder).as_posix()
            yield address.removesuffix(".html").removesuffix("index") or "/"


def main(step: str, data: str, output: str, *more: str) -> None:
    hold_still()
    django.setup()
    if step in {"migrate", "demo", "stage"}:
        {"migrate": migrate, "demo": demo, "stage": stage}[step]()
    elif step == "static":
        call_command("collectstatic", interactive=False, verbosity=0)
    elif step == "publish":
        publish(Path(output))
    elif step == "visit":
        visit(Path(data), Path(output), Path(more[0]), int(more[1]))
    else:
        from letters import forget_mail, send_mail  # noqa: PLC0415

        {"forget": forget_mail, "send": lambda: send_mail(BASE)}[step]()


if __name__ == "__main__":
    main(*sys.argv[1:])
