"""Where visitors say that they have a problem too: the form and the thanks, as documents that ask no database."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from django import forms
from django.forms.utils import flatatt
from django.utils.html import escape
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from portal.documents.spec import Context, DocumentSpec, page_document
from portal.facts.page import PageFacts

# The heading of a group, empty for none, and the public id and name of each of its components.
Options = tuple[tuple[str, tuple[tuple[str, str], ...]], ...]


class LongSelect(forms.Select):
    """Writes its options itself: Django draws a template for each, and there may be hundreds."""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        widget = self.get_context(name, value, attrs)["widget"]
        groups = "".join(_group(heading, options) for heading, options, _index in widget["optgroups"])
        return SafeString(f'<select name="{escape(widget["name"])}"{flatatt(widget["attrs"])}>{groups}</select>')


def _group(heading: str | None, options: Iterable[Mapping[str, Any]]) -> str:
    rows = "".join(
        f'<option value="{escape(option["value"])}"{flatatt(option["attrs"])}>{escape(option["label"])}</option>\n'
        for option in options
    )
    return f'<optgroup label="{escape(heading)}">\n{rows}</optgroup>\n' if heading else rows


class ReportForm(forms.Form):
    """One component of the page. `website` is for machines: people do not see it, and what fills it in is none."""

    use_required_attribute = False

    component = forms.ChoiceField(
        widget=LongSelect,
        label=_("What does not work for you?"),
        help_text=_("Type the first letters to find it in the list."),
        error_messages={
            "required": _("Please pick what does not work."),
            "invalid_choice": _("This part is not on the page any more. Please pick another one."),
        },
    )
    website = forms.CharField(required=False, widget=forms.TextInput(attrs={"autocomplete": "off"}))

    def __init__(self, *args: Any, options: Options, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._options = options
        self._offer(options)

    def narrow(self) -> None:
        """Offer nothing but what was picked: while very many come, a list of hundreds costs too much to write."""
        picked = self.cleaned_data.get("component")
        self._offer(
            tuple(
                (name, tuple(component for component in components if component[0] == picked))
                for name, components in self._options
            )
        )

    def _offer(self, options: Options) -> None:
        component = self.fields["component"]
        assert isinstance(component, forms.ChoiceField)  # noqa: S101 - declared above
        component.choices = [("", _("Please choose")), *_choices(options)]


def options_of(facts: PageFacts) -> Options:
    """The components that may be reported, as the status page orders them: those without a group first."""
    headings = (("", ""), *((group.public_id, group.name) for group in facts.groups))
    groups = (
        (
            name,
            tuple((component.public_id, component.name) for component in facts.components if component.group_id == key),
        )
        for key, name in headings
    )
    return tuple((name, components) for name, components in groups if components)


def report_documents(facts: PageFacts) -> Iterator[DocumentSpec]:
    """Nothing to pick, no form. Both are drawn when they are first asked for, and again only when the list changes."""
    profile, options = facts.profile, options_of(facts)

    def form_at(now: datetime) -> tuple[Context, datetime | None]:
        return {"form": ReportForm(options=options)}, None

    def thanks_at(now: datetime) -> tuple[Context, datetime | None]:
        return {}, None

    if options:
        yield page_document(
            f"{profile.root}claim", "public/report.html", profile, (profile, options), form_at, is_lazy=True
        )
        yield page_document(
            f"{profile.root}claim/thanks", "public/report_thanks.html", profile, (profile,), thanks_at, is_lazy=True
        )


def _choices(options: Options) -> Iterator[Any]:
    for name, components in options:
        if name and components:
            yield name, list(components)
        else:
            yield from components
