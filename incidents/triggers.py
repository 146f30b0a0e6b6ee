"""Database triggers that keep append-only tables append-only, whatever the code above them does."""

from collections.abc import Iterable

from django.db.backends.base.base import BaseDatabaseWrapper

APPEND_ONLY = ("incidents_event", "incidents_update", "incidents_estimate")
# The record of what components went through.
HISTORY = ("incidents_statuschange",)
# Translations too, but for deleting those of a component, group, remedy or series: each may be deleted itself, and of
# the last two no reader gets more than copies.
TRANSLATIONS = ("incidents_translation",)
_KEPT = {
    ("incidents_translation", "DELETE"): "(OLD.incident_id IS NOT NULL OR OLD.update_id IS NOT NULL"
    " OR OLD.estimate_id IS NOT NULL OR OLD.offer_id IS NOT NULL)"
}


def install_guards(connection: BaseDatabaseWrapper, tables: Iterable[str] = APPEND_ONLY) -> None:
    """Refuse UPDATE and DELETE on append-only tables. Safe to repeat."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "CREATE OR REPLACE FUNCTION incidents_append_only() RETURNS trigger LANGUAGE plpgsql AS "
                "$$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = '23514'; END $$"
            )
        for table in tables:
            for verb in ("UPDATE", "DELETE"):
                cursor.execute(f"DROP TRIGGER IF EXISTS {_name(table, verb)}{_on(connection, table)}")
                cursor.execute(_trigger(connection, table, verb))


def remove_guards(connection: BaseDatabaseWrapper, tables: Iterable[str] = APPEND_ONLY) -> None:
    """Take the triggers away: for reversing the migration, and for emptying a test database."""
    with connection.cursor() as cursor:
        for table in tables:
            for verb in ("UPDATE", "DELETE"):
                cursor.execute(f"DROP TRIGGER IF EXISTS {_name(table, verb)}{_on(connection, table)}")


def _name(table: str, verb: str) -> str:
    return f"{table}_no_{verb.lower()}"


def _on(connection: BaseDatabaseWrapper, table: str) -> str:
    return f" ON {table}" if connection.vendor == "postgresql" else ""


def _trigger(connection: BaseDatabaseWrapper, table: str, verb: str) -> str:
    head = f"CREATE TRIGGER {_name(table, verb)} BEFORE {verb} ON {table} FOR EACH ROW"
    if (table, verb) in _KEPT:
        head += f" WHEN {_KEPT[table, verb]}"
    if connection.vendor == "postgresql":
        return f"{head} EXECUTE FUNCTION incidents_append_only()"
    return f"{head} BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
