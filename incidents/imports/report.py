"""What an import read, changed and skipped, and why: built while it runs, printed by the command."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

_MOST_NOTES = 50


@dataclass(slots=True)
class Tally:
    """``read`` is the sum of the others, but for files, which are only read or skipped."""

    read: int = 0
    created: int = 0
    changed: int = 0
    unchanged: int = 0
    skipped: int = 0


@dataclass(frozen=True, slots=True)
class Skip:
    """One thing that was left out: where it stands and why, in words."""

    place: str
    reason: str

    def __str__(self) -> str:
        return f"{self.place}: {self.reason}"


@dataclass(slots=True)
class ImportReport:
    """``tallies`` by kind in the order they were met; ``notes`` with the number of times each applied.

    ``at_most`` bounds the skips that are kept, so that a long file full of mistakes fits into memory; all are counted.
    """

    at_most: int | None = None
    tallies: dict[str, Tally] = field(default_factory=dict)
    skips: list[Skip] = field(default_factory=list)
    notes: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def count(self, kind: str, outcome: str, number: int = 1) -> None:
        tally = self.tallies.setdefault(kind, Tally())
        tally.read += number
        setattr(tally, outcome, getattr(tally, outcome) + number)

    def count_read(self, kind: str) -> None:
        self.tallies.setdefault(kind, Tally()).read += 1

    def skip(self, kind: str, place: object, reason: str) -> None:
        self.count(kind, "skipped")
        if self.at_most is None or len(self.skips) < self.at_most:
            self.skips.append(Skip(str(place), reason))

    def note(self, text: str) -> None:
        has_room = text in self.notes or len(self.notes) < _MOST_NOTES
        self.notes[text if has_room else _("and other notes of these kinds")] += 1

    @property
    def skipped(self) -> int:
        return sum(tally.skipped for tally in self.tallies.values())

    @property
    def wrote_nothing(self) -> bool:
        return not any(tally.created or tally.changed for tally in self.tallies.values())

    def lines(self, *, dry_run: bool) -> Iterator[str]:
        """The report for a terminal."""
        yield _row("", [_("read"), _("created"), _("changed"), _("unchanged"), _("skipped")])
        for kind, tally in self.tallies.items():
            counts = [tally.read, tally.created, tally.changed, tally.unchanged, tally.skipped]
            yield _row(kind, [str(count) for count in counts])
        yield from self._skips_and_notes()
        if dry_run:
            yield _("A dry run: nothing was written.")
        elif self.wrote_nothing:
            yield _("Nothing has changed.")

    def _skips_and_notes(self) -> Iterator[str]:
        if self.skips:
            yield ""
            yield _("Skipped:")
            yield from (f"  {skip}" for skip in self.skips)
            if more := self.skipped - len(self.skips):
                yield "  " + ngettext("and %d more", "and %d more", more) % more
        if self.notes:
            yield ""
            yield _("Notes:")
            for text, times in self.notes.items():
                yield f"  {text}" if times == 1 else f"  {text} " + ngettext("(%d time)", "(%d times)", times) % times
        yield ""


def _row(head: str, cells: list[str]) -> str:
    return f"{head:<18}" + "".join(f"{cell:>11}" for cell in cells)
