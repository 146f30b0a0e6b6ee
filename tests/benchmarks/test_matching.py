"""The measurement of matching runs, and what it measures is right; its figures are printed, never judged here."""

import pytest

from benchmarks.matching import FEW, measure_flatness, measure_speed

pytestmark = [pytest.mark.bench, pytest.mark.django_db(transaction=True)]


def test_speed_is_compared_with_the_bare_statement() -> None:
    compared = measure_speed(2_000, rounds=1)

    print(f"matching 2,000: {compared.ratio:.2f} of the bare statement's speed")
    assert compared.yardstick > 0


def test_a_few_are_matched_among_many() -> None:
    [flat] = measure_flatness((2 * FEW,), rounds=1)

    print(f"matching {FEW:,} among {flat.total:,}: {flat.matching * 1e3:.1f} ms")
    assert (flat.total, flat.matching > 0) == (2_000, True)
