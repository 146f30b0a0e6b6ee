"""Amounts of money: a decimal with its ISO 4217 currency, written the way the reader's language does."""

from dataclasses import dataclass
from decimal import Decimal

from django.utils import formats, translation

_SYMBOLS = {"EUR": "€", "GBP": "£", "USD": "$", "JPY": "¥", "INR": "₹"}
_WITHOUT_CENTS = frozenset({"JPY", "KRW", "CLP", "ISK", "VND", "HUF"})


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in one currency. Equal only when both are; two currencies are never added."""

    amount: Decimal
    currency: str

    def __str__(self) -> str:
        """£1,250.00 in English, 1.250,00 £ in German; a currency without a known sign keeps its code."""
        places = 0 if self.currency in _WITHOUT_CENTS else 2
        number = formats.number_format(self.amount, places, use_l10n=True, force_grouping=True)
        sign = _SYMBOLS.get(self.currency)
        if sign and (translation.get_language() or "en").startswith("en"):
            return f"{sign}{number}"
        return f"{number}\N{NO-BREAK SPACE}{sign or self.currency}"


def money(amount: Decimal | str | None, currency: str) -> Money | None:
    """The amount as money, or None where no value is stated. Takes the text that terms keep."""
    return None if amount is None else Money(Decimal(amount), currency)
