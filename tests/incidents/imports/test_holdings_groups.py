"""The column that puts customers into groups: those it names; none when it is blank, the same when it is absent."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from incidents.models import Customer, CustomerGroup, Event
from tests.incidents.imports.files import counts, reasons
from tests.incidents.imports.sheets import sheet, stored_rows, take_in
from tests.make import make_customer

pytestmark = pytest.mark.django_db

HEADER = "customer_ref,holding_ref,groups"


@pytest.fixture(autouse=True)
def retail() -> CustomerGroup:
    CustomerGroup.objects.create(name="Wholesale")
    return CustomerGroup.objects.create(name="Retail, north")


def grouped(*rows: str, **options: object):
    return take_in(sheet(*rows, header=HEADER), **options)


def groups() -> dict[str, list[str]]:
    return {customer.ref: [group.name for group in customer.groups.all()] for customer in Customer.objects.all()}


def test_each_customer_is_in_the_groups_that_are_named_and_in_no_others() -> None:
    grouped("C-1,H-1,wholesale", 'C-2,H-2," WHOLESALE | retail, north |wholesale"', "C-3,H-3,")
    assert groups() == {"C-1": ["Wholesale"], "C-2": ["Retail, north", "Wholesale"], "C-3": []}

    report = grouped('C-1,H-1,"Retail, north"', "C-2,H-2,", "C-3,H-3,")

    assert groups() == {"C-1": ["Retail, north"], "C-2": [], "C-3": []}
    assert counts(report, "customers") == {"read": 3, "changed": 2, "unchanged": 1}


def test_without_the_column_everybody_stays_where_they_are() -> None:
    grouped("C-1,H-1,Wholesale")

    take_in(sheet("C-1,H-1", header="customer_ref,holding_ref"))

    assert groups() == {"C-1": ["Wholesale"]}


def test_customers_that_the_file_does_not_name_stay_where_they_are(retail: CustomerGroup) -> None:
    retail.customers.add(make_customer("Zoe", ref="C-9"))

    grouped("C-1,H-1,Wholesale")

    assert groups()["C-9"] == ["Retail, north"]


def test_again_nothing_changes_and_nothing_is_recorded() -> None:
    rows = ("C-1,H-1,Wholesale", 'C-2,H-2,"Wholesale|Retail, north"')
    grouped(*rows)
    before = (stored_rows(), groups(), Event.objects.count())

    report = grouped(*rows)

    assert (stored_rows(), groups(), Event.objects.count()) == before
    assert counts(report, "customers") == {"read": 2, "unchanged": 2}


def test_a_group_that_there_is_not_costs_its_row_alone_and_is_named() -> None:
    report = grouped("C-1,H-1,Wholesale|Retial", "C-2,H-2,Wholesale")

    assert reasons(report) == ["line 2 (H-1): groups names no group of customers: “Retial”"]
    assert groups() == {"C-2": ["Wholesale"]}
    assert CustomerGroup.objects.count() == 2


def test_of_two_groups_that_differ_in_their_case_the_one_as_written_is_meant() -> None:
    CustomerGroup.objects.create(name="WHOLESALE")

    report = grouped("C-1,H-1,WHOLESALE", "C-2,H-2,Wholesale", "C-3,H-3,wholesale")

    assert groups() == {"C-1": ["WHOLESALE"], "C-2": ["Wholesale"]}
    assert reasons(report) == ["line 4 (H-3): groups names one of two groups; write it as it is: “wholesale”"]


def test_each_group_that_has_others_in_it_now_has_its_event(retail: CustomerGroup) -> None:
    grouped("C-1,H-1,Wholesale", "C-2,H-2,Wholesale")

    grouped("C-1,H-1,Wholesale", 'C-2,H-2,"Retail, north"')

    events = Event.objects.filter(kind=Event.Kind.CUSTOMER_GROUP_CHANGED).order_by("id")
    wholesale = CustomerGroup.objects.get(name="Wholesale").pk
    assert [event.data for event in events] == [
        {"group": wholesale, "imported": {"added": 2, "removed": 0}},
        {"group": wholesale, "imported": {"added": 0, "removed": 1}},
        {"group": retail.pk, "imported": {"added": 1, "removed": 0}},
    ]


def test_whoever_is_new_or_described_anew_is_counted_once() -> None:
    header = "customer_ref,holding_ref,customer_name,groups"
    take_in(sheet("C-1,H-1,Ana,", header=header))

    report = take_in(sheet("C-1,H-1,Ana Sousa,Wholesale", "C-2,H-2,Ben,Wholesale", header=header))

    assert counts(report, "customers") == {"read": 2, "created": 1, "changed": 1}


def test_a_dry_run_tells_and_writes_nothing() -> None:
    grouped("C-1,H-1,")

    report = grouped("C-1,H-1,Wholesale", dry_run=True)

    assert counts(report, "customers") == {"read": 1, "changed": 1}
    assert groups() == {"C-1": []}
    assert not Event.objects.filter(kind=Event.Kind.CUSTOMER_GROUP_CHANGED).exists()


def test_of_two_rows_for_one_customer_the_later_one_counts() -> None:
    report = grouped("C-1,H-1,Wholesale", "C-1,H-2,")

    assert groups() == {"C-1": []}
    assert list(report.notes) == ["The customer C-1 is described in different ways; the last row counts."]


def test_cells_parted_by_the_same_sign_are_quoted() -> None:
    take_in(sheet('C-1|H-1|"Wholesale|Retail, north"', header="customer_ref|holding_ref|groups"))

    assert groups() == {"C-1": ["Retail, north", "Wholesale"]}


def test_many_customers_cost_no_more_queries_than_one() -> None:
    def asked_for(number: int) -> int:
        rows = [f"C-{number}-{count},H-{number}-{count},Wholesale" for count in range(number)]
        with CaptureQueriesContext(connection) as queries:
            grouped(*rows)
        return sum("customergroup" in query["sql"] for query in queries.captured_queries)

    assert asked_for(300) == asked_for(1)
