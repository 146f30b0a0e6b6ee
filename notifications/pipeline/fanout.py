"""The statements that write deliveries for any number of people at once: ``INSERT … SELECT`` from an audience.

Each row passes the gate's standing refusals on its way in (see ``notifications.pipeline.gate``): whoever is not to be
told gets a row that says so and why.
"""

from dataclasses import dataclass
from datetime import datetime
from string import Formatter
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from incidents.ids import RandomId
from notifications import reasons
from notifications.models import Subscription, Suppression

# Both engines count the rows of a statement that begins with INSERT; one that begins with WITH, only PostgreSQL.
_INSERT = """
    INSERT INTO notifications_delivery
        (key, entry_id, channel_id, message, topic, lane, page_id, incident_id, customer_id, data, state, reason,
        attempts, due_at, lease_token, created_at)
"""
_ROW = """
    SELECT {random}, {outbox_entry}, judged.channel_id, {message}, {topic}, {lane}, {page}, {incident},
        judged.customer_id, '{{}}',
        CASE judged.reason WHEN '' THEN 'queued' WHEN {personally} THEN 'superseded' ELSE 'suppressed' END,
        judged.reason, 0, {now}, '', {now}
"""


@dataclass(frozen=True, slots=True)
class Fact:
    """What all deliveries of one telling have in common."""

    outbox_entry: int
    message: str
    topic: str
    lane: str
    page: int
    incident: int
    now: datetime


def make_channels(people: QuerySet[Any, Any], *, now: datetime) -> int:
    """A channel for each address that has none yet; how many. Two at once end up with one."""
    return _write(
        """
        INSERT INTO notifications_channel (kind, address, language, time_zone, off_reason, created_at)
        WITH told (customer_id, address) AS ({people})
        SELECT DISTINCT 'email', told.address, '', '', '', {now} FROM told
        WHERE NOT EXISTS (
            SELECT 1 FROM notifications_channel known WHERE known.kind = 'email' AND known.address = told.address
        )
        ON CONFLICT (kind, address) DO NOTHING
        """,
        {"people": _select(people), "now": _moment(now)},
    )


def tell_affected(fact: Fact, people: QuerySet[Any, Any]) -> int:
    """One delivery per customer and address; a first notice only where there was none. How many rows."""
    return _write(
        """
        {insert}
        WITH told (customer_id, address) AS ({people}),
        judged (customer_id, channel_id, reason) AS (
            SELECT told.customer_id, channel.id,
                CASE WHEN channel.off_at IS NOT NULL THEN {off} {stopped} ELSE '' END
            FROM told JOIN notifications_channel channel
                ON channel.kind = 'email' AND channel.address = told.address
        )
        {row}
        FROM judged
        WHERE {message} <> 'first_notice' OR NOT EXISTS (
            SELECT 1 FROM notifications_delivery first WHERE first.incident_id = {incident}
            AND first.channel_id = judged.channel_id AND first.customer_id = judged.customer_id
            AND first.message = 'first_notice'
        )
        {once}
        """,
        {**_common(fact), "people": _select(people), "stopped": _declined(fact.topic), "once": (_once(fact), ())},
    )


def tell_subscribers(fact: Fact, subscriptions: QuerySet[Subscription], *, affected: QuerySet[Any, Any]) -> int:
    """One delivery per subscribed channel; those who hear it personally get a row that says so. How many rows."""
    return _write(
        """
        {insert}
        WITH told (customer_id, address) AS ({affected}),
        judged (customer_id, channel_id, reason) AS (
            SELECT CAST(NULL AS bigint), channel.id,
                CASE WHEN channel.off_at IS NOT NULL THEN {off} {stopped}
                WHEN channel.address IN (SELECT address FROM told) AND NOT EXISTS (
                    SELECT 1 FROM notifications_suppression personal WHERE personal.channel_id = channel.id
                    AND personal.lifted_at IS NULL AND personal.topic = 'personal'
                ) THEN {personally} ELSE '' END
            FROM notifications_channel channel WHERE channel.id IN ({subscribed})
        )
        {row}
        FROM judged
        """,
        {
            **_common(fact),
            "affected": _select(affected),
            "subscribed": _select(subscriptions.values("channel_id")),
            "stopped": _declined(fact.topic),
        },
    )


_COMMON = ("outbox_entry", "message", "topic", "lane", "page", "incident")
# A piece of SQL and its parameters.
_Piece = tuple[str, tuple[Any, ...]]


def _once(fact: Fact) -> str:
    """Two workers may open first notices for the same people at once; any other clash is an error, not a row missed."""
    if fact.message != "first_notice":
        return ""
    return "ON CONFLICT (incident_id, channel_id, customer_id) WHERE message = 'first_notice' DO NOTHING"


def _common(fact: Fact) -> dict[str, _Piece]:
    return {
        "random": _random(),
        "now": _moment(fact.now),
        "off": ("%s", (reasons.OFF,)),
        "personally": ("%s", (reasons.TOLD_PERSONALLY,)),
        **{name: ("%s", (getattr(fact, name),)) for name in _COMMON},
    }


def _declined(topic: str) -> _Piece:
    """The branches of CASE for those who do not want to hear of the topic, or must not be contacted at all."""
    branch = (
        " WHEN EXISTS (SELECT 1 FROM notifications_suppression stopped WHERE stopped.channel_id = channel.id"
        " AND stopped.lifted_at IS NULL AND stopped.topic = %s) THEN %s"
    )
    return branch * 2, (Suppression.Topic.ALL, reasons.STOPPED_ALL, topic, reasons.STOPPED[topic])


def _random() -> _Piece:
    random_id = RandomId()
    render = random_id.as_postgresql if connection.vendor == "postgresql" else random_id.as_sqlite
    return render(None, connection)[0], ()


def _moment(moment: datetime) -> _Piece:
    value = connection.ops.adapt_datetimefield_value(moment)
    return ("%s::timestamptz" if connection.vendor == "postgresql" else "%s"), (value,)


def _select(rows: QuerySet[Any, Any]) -> _Piece:
    sql, params = rows.query.get_compiler(connection=connection).as_sql()
    return sql, tuple(params)


def _write(statement: str, pieces: dict[str, _Piece]) -> int:
    """Put the pieces where they are named, their parameters in the order of their places, and run it."""
    sql, params = "", list[Any]()
    for text, name in _parts(statement.replace("{insert}", _INSERT).replace("{row}", _ROW)):
        sql += text
        if name:
            piece, values = pieces[name]
            sql += piece
            params += values
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return int(cursor.rowcount)


def _parts(statement: str) -> list[tuple[str, str]]:
    return [(text, name or "") for text, name, _, _ in Formatter().parse(statement)]
