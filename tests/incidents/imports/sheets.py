"""CSV files of customers and holdings, and what an import of them left behind."""

from io import BytesIO
from typing import Any

from incidents.imports.holdings import HoldingsImportReport, import_holdings
from incidents.models import Customer, Holding, Page

HEADER = "customer_ref,customer_name,customer_email,holding_ref,label"


def sheet(*rows: str, header: str = HEADER) -> bytes:
    return "\n".join([header, *rows, ""]).encode()


def take_in(content: bytes, *, page: Page | None = None, **options: Any) -> HoldingsImportReport:
    report = HoldingsImportReport()
    import_holdings(BytesIO(content), report=report, page=page, **options)
    return report


def holdings() -> dict[str, tuple[str, str]]:
    """By reference: whose, and the label."""
    return {h.ref: (h.customer.ref, h.label) for h in Holding.objects.select_related("customer")}


def customers() -> dict[str, tuple[str, str]]:
    """By reference: name and e-mail."""
    return {c.ref: (c.name, c.email) for c in Customer.objects.all()}


def stored_rows() -> list[list[dict[str, Any]]]:
    return [list(Customer.objects.order_by("ref").values()), list(Holding.objects.order_by("ref").values())]
