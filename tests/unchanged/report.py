"""The result for people: a table, then what differs, equal differences together."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from tests.unchanged.comparison import NORMALISATIONS, Comparison, Finding

LINES = 14
NAMES = 4
WIDEST = 200


def describe(comparison: Comparison, *, shown: int = 20) -> str:
    return "\n".join([*_table(comparison), *_reasons(comparison), *_findings(comparison.findings, shown)])


def _table(comparison: Comparison) -> Iterator[str]:
    yield f"{'':12} {'compared':>9} {'equal':>9} {'normalised':>11} {'explained':>10} {'different':>10}"
    for kind, tally in comparison.tallies.items():
        yield (
            f"{kind:12} {tally.compared:>9,} {tally.equal:>9,} {tally.normalised:>11,}"
            f" {tally.explained:>10,} {tally.different:>10,}"
        )


def _reasons(comparison: Comparison) -> Iterator[str]:
    yield f"Normalised by {len(NORMALISATIONS)} rules (tests/unchanged/comparison.py), explained by differences.toml:"
    for difference in comparison.differences:
        count = f"{difference.used:,} ×" if difference.used else "NEVER"
        yield f"  {count:>9}  {difference.why}"


def _findings(findings: Sequence[Finding], shown: int) -> Iterator[str]:
    if not findings:
        yield "Nothing changed."
        return
    groups: dict[tuple[str, tuple[str, ...]], list[Finding]] = defaultdict(list)
    for finding in findings:
        groups[finding.key.kind, finding.lines].append(finding)
    yield f"{len(findings):,} differ, in {len(groups):,} ways:"
    for number, ((kind, lines), alike) in enumerate(groups.items()):
        if number == shown:
            yield f"… and {len(groups) - shown:,} ways more"
            return
        names = ", ".join(finding.key.name for finding in alike[:NAMES])
        more = f" and {len(alike) - NAMES:,} more" if len(alike) > NAMES else ""
        yield f"\n{kind}: {names}{more}"
        yield from (f"    {line[:WIDEST]}" for line in lines[:LINES])
        if len(lines) > LINES:
            yield f"    … {len(lines) - LINES:,} lines more"
