"""Importing customers and holdings from a file, the same as the command does."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.template.defaultfilters import filesizeformat
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from incidents.admin.base import as_fieldset, require
from incidents.imports.csv_rows import UnusableFile
from incidents.imports.holdings import COLUMNS, REQUIRED, HoldingsImportReport, import_holdings
from incidents.models import Page
from incidents.permissions import IMPORT_HOLDINGS

# A hundred thousand rows or so: a few seconds. More is a matter for the command, which has no one waiting.
LARGEST = 10 * 1024 * 1024


class ImportForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("CSV file"),
        help_text=gettext_lazy("UTF-8, with a header; separated by commas or semicolons; at most 10 MB."),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,text/csv"}),
    )
    page = forms.ModelChoiceField(
        Page.objects.all(),
        label=gettext_lazy("Components of"),
        empty_label=None,
        help_text=gettext_lazy("Where the file’s components are looked up; its times are in this page’s zone."),
    )
    only_check = forms.BooleanField(label=gettext_lazy("Only check: write nothing"), required=False)

    def clean_file(self) -> "UploadedFile[bytes]":
        file: UploadedFile[bytes] = self.cleaned_data["file"]
        if (file.size or 0) > LARGEST:
            message = _("This file is larger than %(most)s. Import it with manage.py import_holdings.")
            raise ValidationError(message % {"most": filesizeformat(LARGEST)})
        return file


def import_view(model_admin: Any, request: HttpRequest) -> HttpResponse:
    """Take the file in, bad rows left out and named; importing the same file again changes nothing."""
    require(request, IMPORT_HOLDINGS)
    form = ImportForm(request.POST or None, request.FILES or None, initial={"page": Page.objects.first()})
    report = _taken_in(form) if request.method == "POST" and form.is_valid() else None
    if report and not form.errors and not form.cleaned_data["only_check"]:
        messages.success(request, _("The file is in. Nobody was told; incidents find the new holdings when matched."))
    context = {
        **model_admin.admin_site.each_context(request),
        "title": _("Import customers and holdings"),
        "opts": model_admin.opts,
        "form": form,
        "adminform": as_fieldset(form),
        "report": report,
        "required": REQUIRED,
        "optional": [name for name in COLUMNS if name not in REQUIRED],
    }
    return TemplateResponse(request, "admin/incidents/holding/import.html", context)


def _taken_in(form: ImportForm) -> HoldingsImportReport | None:
    fields, report = form.cleaned_data, HoldingsImportReport()
    try:
        import_holdings(fields["file"].file, report=report, page=fields["page"], dry_run=fields["only_check"])
    except UnusableFile as error:
        form.add_error("file", str(error))
        return None
    return report
