"""Importing holdings from the desk: the command's importer, its report on the page, a limit on the size."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from incidents.admin.intake import imports
from incidents.models import Customer, Holding
from tests.incidents.admin.scene import dara, eli
from tests.make import make_component, make_page

pytestmark = pytest.mark.django_db

ADDRESS = "/admin/incidents/holding/import/"
GOOD = "customer_ref,holding_ref,customer_name,component\nANA,T-1,Ana,Trains\nBEN,T-2,Ben,Trains\n"


def send(client: Client, text: str, **more: object) -> object:
    page = make_page(is_default=True)
    make_component(page, name="Trains")
    file = SimpleUploadedFile("holdings.csv", text.encode(), content_type="text/csv")
    return client.post(ADDRESS, {"file": file, "page": page.pk, **more})


def test_a_file_is_taken_in_and_reported() -> None:
    page = send(eli(), GOOD)

    assert set(Holding.objects.values_list("ref", "component__name")) == {("T-1", "Trains"), ("T-2", "Trains")}
    assert {tally.created for tally in page.context["report"].tallies.values()} == {2}


def test_a_bad_row_is_named_and_the_good_ones_are_in() -> None:
    page = send(eli(), GOOD + ",T-3,Nobody,Trains\n")

    assert Holding.objects.count() == 2
    assert [skip.place for skip in page.context["report"].skips] == ["line 4 (T-3)"]


def test_only_checking_writes_nothing() -> None:
    page = send(eli(), GOOD, only_check="on")

    assert (Holding.objects.count(), Customer.objects.count()) == (0, 0)
    assert {tally.created for tally in page.context["report"].tallies.values()} == {2}


def test_a_file_that_is_none_is_refused_beside_its_field() -> None:
    page = send(eli(), "name;colour\nAna;blue\n")

    assert list(page.context["form"].errors) == ["file"]
    assert page.context["report"] is None


def test_a_file_that_is_too_large_is_for_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imports, "LARGEST", 20)

    page = send(eli(), GOOD)

    assert "manage.py import_holdings" in page.context["form"].errors["file"][0]
    assert Holding.objects.count() == 0


def test_only_managers_import() -> None:
    assert send(dara(), GOOD).status_code == 403
    assert Holding.objects.count() == 0
