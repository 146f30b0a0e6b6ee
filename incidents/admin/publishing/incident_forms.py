"""What a communicator fills in: the incident itself, its first update, later updates, estimates, the last word."""

from collections.abc import Mapping
from typing import Any, cast

from django import forms
from django.forms.utils import ErrorDict
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from incidents.admin.fields import MomentField
from incidents.admin.publishing.translation_fields import beside_fields, texts_beside
from incidents.models import AffectedComponent, Component, Estimate, Incident, Update


class DeskActionForm(forms.Form):
    """A form for one desk action on one incident. A preview judges nothing and keeps everything.

    ``public_texts``: what customers read of it; the form asks for it in the page's other languages too, and needs none.
    """

    public_texts: tuple[str, ...] = ()

    def __init__(self, post: Any = None, *, incident: Incident, **kwargs: Any) -> None:
        self.incident = incident
        self.is_preview = bool(post) and "_preview" in post
        super().__init__(post, **kwargs)
        self.beside = beside_fields(self, incident.page)

    def full_clean(self) -> None:
        if self.is_preview:
            self._errors = ErrorDict()
            self.cleaned_data: dict[str, Any] = {}
            return
        super().full_clean()

    def renew(self) -> None:
        """Bring up to date what the form remembers of the incident, before it is shown again."""

    @property
    def arguments(self) -> dict[str, Any]:
        """What was filled in, for the action."""
        return {name: value for name, value in self.cleaned_data.items() if name not in self.beside} | self.translations

    @property
    def translations(self) -> dict[str, Any]:
        """For the action too, when there is something that can be translated."""
        return {"translations": texts_beside(self.cleaned_data, self.public_texts)} if self.public_texts else {}


class BodyField(forms.CharField):
    """The text of an update."""

    def __init__(self, **kwargs: Any) -> None:
        attrs = {"rows": 8, "class": "vLargeTextField", "data-preview": ""}
        help_text = _("Markdown: **bold**, *italic*, - lists, [links](https://…). Customers read this.")
        super().__init__(widget=forms.Textarea(attrs=attrs), help_text=help_text, max_length=20_000, **kwargs)


class StatusForm(DeskActionForm):
    """Text and status, as they stand in the incident now."""

    public_texts: tuple[str, ...] = ("body",)
    body = BodyField(label=_("Text"))
    status = forms.ChoiceField(label=_("Status"))
    next_update_due_at = MomentField(
        label=_("Next update by"),
        required=False,
        help_text=_("Customers see this time. Empty: what was promised before stands while it lies ahead."),
    )

    def __init__(self, post: Any = None, *, incident: Incident, **kwargs: Any) -> None:
        super().__init__(post, incident=incident, **kwargs)
        status = self.fields["status"]
        assert isinstance(status, forms.ChoiceField)  # noqa: S101 - declared above
        status.choices = possible_statuses(incident)
        status.initial = incident.status


class PublishForm(StatusForm):
    public_texts: tuple[str, ...] = ("name", "body")

    def __init__(self, post: Any = None, *, incident: Incident, **kwargs: Any) -> None:
        super().__init__(post, incident=incident, **kwargs)
        self.fields["next_update_due_at"].initial = incident.next_update_due_at


class UpdateForm(StatusForm):
    """`seen` is the newest update that the writer saw: two people, or two clicks, never post past each other."""

    corrects = forms.ModelChoiceField(
        Update.objects.none(), label=_("Corrects"), required=False, empty_label=_("Nothing")
    )
    deliver = forms.BooleanField(label=_("Send it to subscribers and affected customers"), required=False, initial=True)
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, post: Any = None, *, incident: Incident, **kwargs: Any) -> None:
        super().__init__(post, incident=incident, **kwargs)
        self.newest = incident.updates.select_related("author").order_by("-id").first()
        corrects = self.fields["corrects"]
        assert isinstance(corrects, forms.ModelChoiceField)  # noqa: S101 - declared above
        corrects.queryset = incident.updates.all()
        self.fields["seen"].initial = self.newest.pk if self.newest else 0
        self.rows = list(incident.affected_components.select_related("component"))
        for row in self.rows:
            self.fields[_field(row)] = forms.ChoiceField(
                label=row.component.name, choices=Component.Status.choices, initial=row.status
            )
        self.order_fields(["body", "status", *map(_field, self.rows), "next_update_due_at", "corrects", "deliver"])

    def renew(self) -> None:
        """After a refusal: whoever sends this form again has seen the newest update, which the page shows."""
        post = cast("QueryDict", self.data).copy()
        post["seen"] = str(self.newest.pk if self.newest else 0)
        self.data = post

    @property
    def arguments(self) -> dict[str, Any]:
        fields = ("body", "status", "next_update_due_at", "corrects", "deliver", "seen")
        return (
            {name: self.cleaned_data[name] for name in fields}
            | {"components": self._component_changes()}
            | self.translations
        )

    def _component_changes(self) -> Mapping[Component, str]:
        statuses = {row.component: self.cleaned_data[_field(row)] for row in self.rows}
        return {row.component: statuses[row.component] for row in self.rows if statuses[row.component] != row.status}


class EstimateForm(DeskActionForm):
    public_texts = ("reason", "source")
    restored_by = MomentField(
        label=_("Works again by"),
        required=False,
        help_text=_("Empty: “we do not know yet”, which is an honest answer."),
    )
    reason = forms.CharField(
        label=_("Reason"),
        required=False,
        max_length=300,
        widget=forms.TextInput(attrs={"class": "vTextField"}),
        help_text=_("Customers read it. Needed when a published time changes."),
    )
    source = forms.CharField(
        label=_("Who says so"),
        required=False,
        max_length=120,
        widget=forms.TextInput(attrs={"class": "vTextField"}),
        help_text=_("For example: network operations, the airport, the supplier."),
    )
    is_confirmed = forms.BooleanField(label=_("Confirmed: we are sure of this time"), required=False, initial=False)

    @property
    def arguments(self) -> dict[str, Any]:
        arguments = {name: self.cleaned_data[name] for name in ("restored_by", "reason", "source")}
        confirmed = self.cleaned_data["is_confirmed"] and arguments["restored_by"]
        return arguments | {"stage": Estimate.Stage.CONFIRMED if confirmed else None} | self.translations


class ResolveForm(DeskActionForm):
    public_texts: tuple[str, ...] = ("body",)
    body = BodyField(label=_("Text"))


class NothingForm(DeskActionForm):
    """A desk action that needs no more than a click."""


def possible_statuses(incident: Incident) -> list[tuple[str, str]]:
    """What the next update may say; being over is said by resolving."""
    statuses = Incident.MAINTENANCE_STATUSES if incident.is_planned else Incident.INCIDENT_STATUSES
    if not incident.is_over:
        possible = [status for status in statuses if status not in Incident.OVER]
    elif incident.is_planned:
        possible = [incident.status]
    else:
        possible = [Incident.Status.RESOLVED, Incident.Status.POSTMORTEM]
    return [(status, str(Incident.Status(status).label)) for status in possible]


def _field(row: AffectedComponent) -> str:
    return f"component_{row.component_id}"
