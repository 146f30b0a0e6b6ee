from decimal import Decimal

import pytest
from django.utils import translation

from incidents.money import Money, money


@pytest.mark.parametrize(
    ("language", "amount", "currency", "text"),
    [
        ("en", "1250", "GBP", "£1,250.00"),
        ("en", "12.5", "EUR", "€12.50"),
        ("en", "12.50", "SEK", "12.50\N{NO-BREAK SPACE}SEK"),
        ("en", "1200.00", "JPY", "¥1,200"),
        ("de", "1250", "EUR", "1.250,00\N{NO-BREAK SPACE}€"),
        ("de", "0", "CHF", "0,00\N{NO-BREAK SPACE}CHF"),
    ],
)
def test_money_is_written_as_the_reader_writes_it(language: str, amount: str, currency: str, text: str) -> None:
    with translation.override(language):
        assert str(Money(Decimal(amount), currency)) == text


def test_money_reads_rows_and_kept_terms_alike() -> None:
    assert money(Decimal("10.00"), "EUR") == money("10.00", "EUR") == Money(Decimal("10.00"), "EUR")


def test_no_amount_is_no_money() -> None:
    assert money(None, "") is None


def test_currencies_do_not_mix() -> None:
    assert Money(Decimal(1), "EUR") != Money(Decimal(1), "USD")
