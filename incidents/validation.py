"""Model fields checked in Python, refused in the words of a DomainError: the edge shows them beside the field."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _

from incidents.errors import InvalidInput


def check_fields(row: models.Model) -> None:
    """Refuse what the row's own columns refuse (lengths, words of a list); relations are the caller's affair.

    Raises InvalidInput for the first field at fault. Asks the database nothing.
    """
    relations = {field.name for field in row._meta.concrete_fields if field.is_relation}
    try:
        row.clean_fields(exclude=relations)
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        raise InvalidInput(messages[0], field=field) from error


def check_future(moment: datetime | None, now: datetime, *, field: str) -> None:
    """Nobody can promise the past. Raises InvalidInput naming ``field``; no moment is fine."""
    if moment is not None and moment <= now:
        raise InvalidInput(_("This time has passed. Please state one that lies ahead."), field=field)
