"""Every address as every kind of person: what is answered, and how many queries that takes."""

import json
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from pathlib import Path

from addresses import links, pattern_addresses
from django.contrib.auth import get_user_model
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.urls import Resolver404, resolve
from stillness import repeat_chance

SUPERUSER = "superuser"
PEOPLE = {
    SUPERUSER: "root@northwind.example",
    "anonymous": "",
    "Ana": "ana@northwind.example",
    "Dara": "dara@northwind.example",
    "Eli": "eli@northwind.example",
}
# The desk shows secret links to those who may pass them on; then everybody is to try them.
SECRET = "/s/"
# So many addresses of one pattern, and questions at one address, for each person.
OF_A_ROUTE = 6
OF_AN_ADDRESS = 2
STATIC = "/static/"
READABLE = ("text/", "application/json", "application/xml", "application/atom", "application/rss", "image/svg")


class Bounds:
    """Which addresses are still to be asked, when there are hundreds of a kind."""

    def __init__(self) -> None:
        self._routes: Counter[str] = Counter()
        self._paths: Counter[str] = Counter()
        self.skipped = 0

    def admit(self, address: str) -> bool:
        path, question, _query = address.partition("?")
        route = _route(path)
        if path.startswith(STATIC) or (not question and self._routes[route] >= OF_A_ROUTE):
            self.skipped += 1
            return False
        if question and self._paths[path] >= OF_AN_ADDRESS:
            self.skipped += 1
            return False
        if question and path not in self._paths and self._routes[f"{route}?"] >= OF_A_ROUTE:
            self.skipped += 1
            return False
        if question:
            self._routes[f"{route}?"] += path not in self._paths
            self._paths[path] += 1
        else:
            self._routes[route] += 1
        return True


def visit_everything(output: Path, base: dict[str, str], site: str, first: Iterable[str], most: int) -> None:
    """Write a line of JSON for each answer; `first`: addresses known from files and mails; `most`: for each person."""
    spelled, lacking = pattern_addresses()
    starts = ["/", "/my/", "/admin/", *spelled, *first]
    with output.open("w", encoding="utf-8") as lines:
        for person, email in PEOPLE.items():
            for record in _visits(person, email, base, site, [*starts], most):
                lines.write(json.dumps(record, ensure_ascii=False) + "\n")
                if person == SUPERUSER:
                    shared = links(str(record["body"]), str(record["address"]), site)
                    starts += [address for address in shared if address.startswith(SECRET)]
    print(f"{len(lacking)} patterns have arguments without rows: {' '.join(lacking)}")


def _visits(
    person: str, email: str, base: dict[str, str], site: str, starts: list[str], most: int
) -> Iterator[dict[str, object]]:
    repeat_chance(f"sign in {person}")
    client = Client(raise_request_exception=False, **base)
    if email:
        client.force_login(get_user_model().objects.get(email=email))
    cookies = client.cookies.output()
    session = Session.objects.get(pk=client.session.session_key) if email else None
    bounds = Bounds()
    waiting = deque(dict.fromkeys(starts))
    known = set(waiting)
    asked = 0
    while waiting and asked < most:
        address = waiting.popleft()
        if not bounds.admit(address):
            continue
        asked += 1
        client.cookies.clear()
        client.cookies.load(cookies.replace("Set-Cookie: ", ""))
        if session:  # some pages end it or leave marks in it
            session.save()
        record, text = _visit(client, person, address)
        yield record
        location = dict(record["headers"]).get("Location", "")
        for link in [*links(f'href="{location}"', address, site), *links(text, address, site)]:
            if link not in known:
                known.add(link)
                waiting.append(link)
    print(f"{person}: {asked} addresses asked, {bounds.skipped} more of their kinds, {len(waiting)} not reached")


def _visit(client: Client, person: str, address: str) -> tuple[dict[str, object], str]:
    repeat_chance(f"{person} {address}")
    cache.clear()
    statements: list[str] = []

    def note(execute, sql, params, many, context):
        statements.append(str(sql))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        answer = client.get(address)
        content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    cookies = [morsel.OutputString() for _name, morsel in sorted(answer.cookies.items())]
    headers = [[name, value] for name, value in sorted(answer.headers.items())]
    headers += [["Set-Cookie", cookie] for cookie in cookies]
    body = content.decode("utf-8", "surrogateescape")
    record = {
        "person": person,
        "address": address,
        "status": answer.status_code,
        "headers": headers,
        "body": body.encode("utf-8", "backslashreplace").decode(),
        "statements": statements,
    }
    return record, body if _is_readable(answer) else ""


def _is_readable(answer: HttpResponse) -> bool:
    return answer.headers.get("Content-Type", "").startswith(READABLE)


def _route(path: str) -> str:
    try:
        return resolve(path).route
    except Resolver404:
        return "none"
