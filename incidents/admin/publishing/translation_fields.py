"""Form fields for one text in the other languages of a page, beside the text itself. None of them is ever required."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import get_language_info
from django.utils.translation import gettext as _

from incidents.actions.publishing.translations import LONGEST, Texts
from incidents.models import Estimate, Incident, Page, Update
from incidents.queries.translations import languages_beside

# Where each text that a desk action asks for is kept, which says how long it may be and whether it has lines.
_KEPT_IN = {
    "name": Incident._meta.get_field("name"),
    "body": Update._meta.get_field("body"),
    "reason": Estimate._meta.get_field("reason"),
    "source": Estimate._meta.get_field("source"),
}


def beside_fields(form: forms.Form, page: Page) -> list[str]:
    """Add `<text>_<language>` to a form for each text that it calls `public_texts`; their names."""
    names = []
    for code, language in languages_beside(page):
        for text in getattr(form, "public_texts", ()):
            label = _("Title") if text == "name" else form.fields[text].label
            name = f"{text}_{code}"
            form.fields[name] = text_field(_KEPT_IN[text], code, label=f"{label} · {language}")
            names.append(name)
    return names


def texts_beside(fields: Mapping[str, Any], names: Sequence[str]) -> Texts:
    """What was typed into them: by language, then by text."""
    texts: dict[str, dict[str, str]] = {}
    for name, value in fields.items():
        text, _separator, language = name.rpartition("_")
        if text in names and value:
            texts.setdefault(language, {})[text] = value
    return texts


def text_field(kept_in: Any, language: str, *, label: str) -> forms.CharField:
    """A field for a text of this column, in this language: spell-checked, and read out, as what it is."""
    direction = "rtl" if get_language_info(language)["bidi"] else "ltr"
    attrs = {"lang": language, "dir": direction}
    longest = kept_in.max_length or LONGEST
    if kept_in.max_length:
        widget: forms.Widget = forms.TextInput(attrs=attrs | {"class": "vTextField"})
    else:
        widget = forms.Textarea(attrs=attrs | {"class": "vLargeTextField", "rows": 4})
    return forms.CharField(label=label, required=False, max_length=longest, widget=widget)
