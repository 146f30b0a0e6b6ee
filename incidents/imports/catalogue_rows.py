"""Pages, component groups and components as Statuspage writes them."""

from collections.abc import Callable

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from incidents.actions.intake.rows import ComponentRow, GroupRow, PageRow
from incidents.imports.fields import Broken, Record, is_web_address
from incidents.models import Component
from incidents.models.catalogue import validate_time_zone

LONGEST_NAME = 200
LONGEST_PAGE_NAME = 120
LONGEST_DESCRIPTION = 20_000


def read_page(record: Record, *, note: Callable[[str], None]) -> PageRow:
    """Raises Broken. A time zone or address that cannot be used is left out with a note."""
    return PageRow(
        public_id=record.public_id(),
        name=record.text("name", longest=LONGEST_PAGE_NAME, required=True).strip() or _("Status page"),
        url=web_address(record, "url", note=note),
        time_zone=_time_zone(record, note),
        updated_at=record.moment("updated_at"),
    )


def is_group(record: Record) -> bool:
    return record.flag("group")


def read_group(record: Record) -> GroupRow:
    """Raises Broken."""
    return GroupRow(
        public_id=record.public_id(),
        name=record.text("name", longest=LONGEST_NAME, required=True),
        description=record.text("description", longest=LONGEST_DESCRIPTION),
        position=record.integer("position"),
        created_at=record.moment("created_at"),
        updated_at=record.moment("updated_at"),
    )


def read_component(record: Record) -> ComponentRow:
    """Raises Broken. Whether its group exists is for the caller to judge."""
    return ComponentRow(
        public_id=record.public_id(),
        name=record.text("name", longest=LONGEST_NAME, required=True),
        description=record.text("description", longest=LONGEST_DESCRIPTION),
        position=record.integer("position"),
        status=record.word("status", Component.Status.values),
        group="" if record.values.get("group_id") is None else record.public_id("group_id"),
        showcase=record.flag("showcase"),
        only_show_if_degraded=record.flag("only_show_if_degraded"),
        start_date=record.day("start_date"),
        created_at=record.moment("created_at"),
        updated_at=record.moment("updated_at"),
    )


def web_address(record: Record, key: str, *, note: Callable[[str], None]) -> str:
    """Empty, with a note, for what is no web address: readers will be able to click it."""
    try:
        address = record.text(key, longest=200)
    except Broken:
        address = "?"
    if not address or is_web_address(address):
        return address
    note(_("%(place)s: %(key)s is not a web address and was left out.") % {"place": record.where, "key": key})
    return ""


def _time_zone(record: Record, note: Callable[[str], None]) -> str:
    try:
        name = record.text("time_zone", longest=64) or "UTC"
        validate_time_zone(name)
    except (Broken, ValidationError):
        note(_("%(place)s: time_zone is unknown; the page keeps UTC.") % {"place": record.where})
        return "UTC"
    return name
