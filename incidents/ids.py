"""Public ids: short, opaque, stable for ever, safe in an address."""

import secrets
from typing import Any

from django.db.models import CharField, Func

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
LENGTH = 12


def new_public_id() -> str:
    """Twelve random characters (60 bits) without look-alikes, in the shape of Statuspage's ids."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


class RandomId(Func):
    """The same promise, made by the database, for rows that an ``INSERT … SELECT`` writes: sixteen hex characters."""

    function = ""
    template = ""
    output_field = CharField()

    def as_sqlite(self, compiler: Any, connection: Any, **extra: Any) -> tuple[str, tuple[str | int, ...]]:
        return "lower(hex(randomblob(8)))", ()

    def as_postgresql(self, compiler: Any, connection: Any, **extra: Any) -> tuple[str, list[Any]]:
        return "right(replace(gen_random_uuid()::text, '-', ''), 16)", []
