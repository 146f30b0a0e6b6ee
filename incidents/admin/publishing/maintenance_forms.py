"""What a communicator fills in about planned work: a new time, the reason to call it off, work that comes back."""

from typing import Any, cast

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from incidents.admin.fields import ComponentsField, LeadsField, MomentField
from incidents.admin.publishing.incident_forms import BodyField, DeskActionForm
from incidents.models import Incident, MaintenanceSeries, Page, User
from incidents.reminders import USUAL_OF_SERIES

FEW_ROWS = 4


class SeenForm(DeskActionForm):
    """`seen` is the newest update that the writer saw: two people, or two clicks, never speak past each other."""

    public_texts: tuple[str, ...] = ("body",)
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, post: Any = None, *, incident: Incident, **kwargs: Any) -> None:
        super().__init__(post, incident=incident, **kwargs)
        newest = incident.updates.order_by("-id").values_list("pk", flat=True).first()
        self.newest = newest or 0
        self.fields["seen"].initial = self.newest

    def renew(self) -> None:
        """After a refusal: whoever sends this form again has seen the newest update, which the page shows."""
        post = cast("QueryDict", self.data).copy()
        post["seen"] = str(self.newest)
        self.data = post


class RescheduleForm(SeenForm):
    scheduled_for = MomentField(label=_("New start"))
    scheduled_until = MomentField(label=_("New end"))
    body = BodyField(label=_("Why"), required=False)

    def __init__(self, post: Any = None, *, incident: Incident, **kwargs: Any) -> None:
        super().__init__(post, incident=incident, **kwargs)
        for name in ("scheduled_for", "scheduled_until"):
            self.fields[name].initial = getattr(incident, name)
        if incident.status != Incident.Status.SCHEDULED:
            self.fields["scheduled_for"].disabled = True
            self.fields["scheduled_for"].help_text = _("It has begun, so only its end can move.")

    @property
    def arguments(self) -> dict[str, Any]:
        """A time that was left alone is the stored one, seconds and all."""
        times = {name for name in ("scheduled_for", "scheduled_until") if name not in self.changed_data}
        return super().arguments | {name: getattr(self.incident, name) for name in times}


class CancelForm(SeenForm):
    body = BodyField(label=_("Why it is cancelled"))


class SeriesForm(forms.Form):
    """Planned work that comes back. Its first start is typed in the desk's zone, and repeats by the series' own."""

    name = forms.CharField(label=_("Title"), max_length=300, widget=forms.TextInput(attrs={"class": "vTextField"}))
    rule = forms.CharField(
        label=_("Rule"),
        max_length=400,
        widget=forms.TextInput(attrs={"class": "vTextField", "list": "rules", "spellcheck": "false"}),
        help_text=_("As calendars write it (RFC 5545): FREQ=WEEKLY;INTERVAL=2;BYDAY=TU is every second Tuesday."),
    )
    first_start = MomentField(label=_("First start"))
    time_zone = forms.CharField(
        label=_("Time zone"),
        max_length=64,
        help_text=_("Its hour stays the same on this zone's clocks, in summer and in winter."),
    )
    lasts_for = forms.IntegerField(label=_("Minutes it lasts"), min_value=1, initial=120)
    verify_for = forms.IntegerField(
        label=_("Minutes to verify"),
        min_value=0,
        initial=0,
        help_text=_("After the planned end it is verified for so long, then completed. 0: completed at once."),
    )
    components = ComponentsField(label=_("Components"), required=False)
    body = forms.CharField(
        label=_("Text"),
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": FEW_ROWS, "class": "vLargeTextField"}),
        help_text=_("Each window is announced with it. Markdown; customers read this."),
    )
    reminders = LeadsField(required=False, initial=list(USUAL_OF_SERIES))
    announce_days = forms.IntegerField(label=_("Days ahead to announce"), min_value=1, max_value=180, initial=14)
    most_ahead = forms.IntegerField(label=_("Windows announced at a time"), min_value=1, max_value=20, initial=3)
    owner = forms.ModelChoiceField(User.objects.none(), label=_("Owner"), required=False)

    def __init__(self, post: Any = None, *, page: Page, series: MaintenanceSeries | None, **kwargs: Any) -> None:
        super().__init__(post, **kwargs)
        components, owner = self.fields["components"], self.fields["owner"]
        assert isinstance(components, ComponentsField)  # noqa: S101 - declared above
        assert isinstance(owner, forms.ModelChoiceField)  # noqa: S101 - declared above
        components.queryset = page.components.order_by("group__position", "group_id", "position", "id")
        owner.queryset = User.objects.filter(is_staff=True, is_active=True)
        self.fields["time_zone"].initial = page.time_zone
        if series:
            plan = {name: getattr(series, name) for name in self.fields if name != "components"}
            self.initial = plan | {"components": list(series.components.all())}

    @property
    def arguments(self) -> dict[str, Any]:
        """What was filled in; a first start that was left alone keeps its seconds."""
        arguments = {name: value for name, value in self.cleaned_data.items() if name != "components"}
        if self.initial and "first_start" not in self.changed_data:
            del arguments["first_start"]
        return arguments | {"components": list(self.cleaned_data["components"])}


class EndSeriesForm(forms.Form):
    cancel_coming = forms.BooleanField(
        label=_("Cancel the announced windows too, those that nobody rescheduled or spoke on"), required=False
    )
    body = forms.CharField(
        label=_("Why"),
        required=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": FEW_ROWS, "class": "vLargeTextField"}),
        help_text=_("Whoever is told that a window is cancelled reads it."),
    )
