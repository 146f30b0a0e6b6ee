"""Form fields that need no manual: a time is picked by the browser, a duration is a number of hours."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import groupby
from typing import Any

from django import forms
from django.forms.models import ModelChoiceIterator
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from incidents.errors import InvalidInput
from incidents.models import Component
from incidents.reminders import parse_reminders, write_reminders

HOUR = timedelta(hours=1)


class MomentInput(forms.DateTimeInput):
    """The browser's own picker: works by keyboard and on phones, and needs no script of ours."""

    input_type = "datetime-local"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%dT%H:%M")


class MomentField(forms.DateTimeField):
    """A time in the desk's zone, to the minute."""

    widget = MomentInput

    def __init__(self, **kwargs: Any) -> None:
        kwargs["widget"] = MomentInput  # the admin suggests its own, which is two fields and a script
        kwargs["show_hidden_initial"] = False  # what is stored is what it is compared with
        super().__init__(**kwargs)

    def has_changed(self, initial: Any, text: Any) -> bool:
        """A stored time has seconds, the picker has none: leaving it alone is no change."""
        if isinstance(initial, datetime):
            initial = _local(initial).replace(second=0, microsecond=0)
        return super().has_changed(initial, text)


class LinesField(forms.CharField):
    """A list of short texts, one on each line."""

    widget = forms.Textarea

    def __init__(self, **kwargs: Any) -> None:
        kwargs |= {"widget": forms.Textarea(attrs={"rows": 3, "spellcheck": "false"})}
        super().__init__(**{name: value for name, value in kwargs.items() if name not in {"encoder", "decoder"}})

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(map(str, value)) if isinstance(value, list) else value

    def clean(self, value: Any) -> Any:
        return [line.strip() for line in super().clean(value).splitlines() if line.strip()]

    def has_changed(self, initial: Any, text: Any) -> bool:
        return super().has_changed(self.prepare_value(initial), text)


class HoursField(forms.DecimalField):
    """A duration, written as a number of hours."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs |= {"min_value": Decimal("0.25"), "max_value": Decimal(24 * 365), "decimal_places": 2}
        kwargs["help_text"] = _("Hours after the choice.")
        kwargs.pop("encoder", None)
        super().__init__(**kwargs)

    def prepare_value(self, value: Any) -> Any:
        return f"{value / HOUR:g}" if isinstance(value, timedelta) else value

    def clean(self, value: Any) -> Any:
        hours = super().clean(value)
        return None if hours is None else timedelta(hours=float(hours))

    def has_changed(self, initial: Any, text: Any) -> bool:
        return super().has_changed(self.prepare_value(initial), text)


class LeadsField(forms.CharField):
    """Times before a start: "7 d, 24 h, 1 h"; kept as minutes."""

    def __init__(self, **kwargs: Any) -> None:
        for name in ("encoder", "decoder", "widget", "label"):  # the admin's, for a field of JSON
            kwargs.pop(name, None)
        kwargs |= {"required": False, "label": _("Reminders"), "max_length": 100}
        kwargs["help_text"] = _("So long before the start, like 7 d, 24 h, 30 min. Empty: none.")
        super().__init__(**kwargs)

    def prepare_value(self, value: Any) -> Any:
        return write_reminders(value) if isinstance(value, (list, tuple)) else value

    def clean(self, value: Any) -> Any:
        try:
            return parse_reminders(super().clean(value))
        except InvalidInput as refusal:
            raise forms.ValidationError(str(refusal.message)) from refusal

    def has_changed(self, initial: Any, text: Any) -> bool:
        return bool(super().has_changed(self.prepare_value(initial), text))


class ComponentChoices(ModelChoiceIterator):  # type: ignore[type-arg]
    """Components under their groups' names, in the page's order."""

    def __iter__(self) -> Iterator[Any]:
        yield ("", self.field.empty_label)
        rows = self.queryset.select_related("group").order_by("group__position", "group_id", "position", "id")
        for group, components in groupby(rows, key=lambda component: component.group):
            options = [self.choice(component) for component in components]
            yield (group.name, options) if group else (_("Without a group"), options)


class ComponentsField(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]
    """Any number of a page's components, each with a box to tick."""

    widget = forms.CheckboxSelectMultiple

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(Component.objects.none(), **kwargs)


class ComponentField(forms.ModelChoiceField):  # type: ignore[type-arg]
    iterator = ComponentChoices


def _local(when: datetime) -> datetime:
    return timezone.localtime(when) if timezone.is_aware(when) else when
