"""Two rows of samples, old and new: what is the same, what is explained, and what is a difference."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher, unified_diff
from pathlib import Path

from tests.unchanged.samples import Key, Sample

DIFFERENCES = Path(__file__).with_name("differences.toml")
ANYTHING = re.compile("")


@dataclass(frozen=True)
class Normalisation:
    """What differs between two runs of the same code, or says the same in another way."""

    kinds: tuple[str, ...]
    pattern: re.Pattern[str]
    replacement: str
    why: str
    # It is compared all the same where the bodies are equal.
    follows_body: bool = False


def _rule(kinds: str, pattern: str, replacement: str, why: str, *, follows_body: bool = False) -> Normalisation:
    return Normalisation(tuple(kinds.split(", ")), re.compile(pattern, re.MULTILINE), replacement, why, follows_body)


MAILS = "demo mail, later mail"
NORMALISATIONS = (
    _rule(MAILS, r"^(Message-ID): .*$", r"\1: …", "An identifier of its own for every mail."),
    _rule(MAILS, r"^(Date): .*$", r"\1: …", "When it was sent."),
    _rule(f"{MAILS}, answer", r'boundary="[^"]*"', 'boundary="…"', "A line between parts may be drawn by chance."),
    _rule("answer", r'(name="csrfmiddlewaretoken" value=")[^"]*', r"\1…", "A token of its own for every form."),
    _rule("answer", r"^(Set-Cookie: (?:csrftoken|sessionid)=)[^;]+", r"\1…", "Drawn by chance for every browser."),
    _rule("answer", r"""(nonce[-=]["']?)[\w+/=-]{16,}""", r"\1…", "Drawn by chance for every answer."),
    _rule(
        "answer, file, asset, demo mail, later mail",
        r"(/?[\w./-]+)\.[0-9a-f]{12}\.(css|js|svg|png|webp|woff2|ico|txt)\b",
        r"\1.….\2",
        "A digest of a static file: the file itself is compared, as an asset.",
    ),
    _rule("asset", r'"hash": "\w+"', '"hash": "…"', "A digest of all these digests."),
    _rule("answer, asset", r"/[\w./-]+/(?:old|new)/(?=data|mail|answers)", "…/", "Where this run keeps its files."),
    _rule("answer", r"^(ETag|Content-Length): .*$", r"\1: …", "They follow from the body.", follows_body=True),
    _rule(MAILS, r"^wire: .*$", "wire: …", "A digest of the text above.", follows_body=True),
)


@dataclass
class Difference:
    """An expected difference, with the reason for it."""

    why: str
    kinds: Sequence[str] = ()
    where: re.Pattern[str] = ANYTHING
    # Of the lines that differ: what the old one says becomes what the new one says.
    old: re.Pattern[str] | None = None
    new: str = ""
    # The lines may stand in another order.
    any_order: bool = False
    # What is there on one side only: "old" or "new".
    only_in: str = ""
    used: int = 0

    def concerns(self, key: Key) -> bool:
        return (not self.kinds or key.kind in self.kinds) and self.where.search(key.name) is not None


def read_differences(path: Path = DIFFERENCES) -> list[Difference]:
    tables = tomllib.loads(path.read_text(encoding="utf-8")).get("difference", [])
    return [_difference(table) for table in tables]


def _difference(table: dict[str, object]) -> Difference:
    if not str(table.get("why", "")).strip():
        raise ValueError(f"A difference without a reason: {table}")
    patterns = {name: re.compile(str(table[name])) for name in ("where", "old") if name in table}
    return Difference(**{**table, **patterns})


@dataclass(frozen=True)
class Finding:
    """Something that differs and that nobody has explained."""

    key: Key
    lines: tuple[str, ...]


@dataclass
class Tally:
    """How many of a kind were compared, and with what result."""

    equal: int = 0
    normalised: int = 0
    explained: int = 0
    different: int = 0

    @property
    def compared(self) -> int:
        return self.equal + self.normalised + self.explained + self.different


@dataclass
class Comparison:
    differences: Sequence[Difference]
    tallies: dict[str, Tally] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def compare(self, old: Mapping[Key, Sample], new: Mapping[Key, Sample]) -> None:
        partners = {self._renamed(key, new): key for key in old}
        for key in dict.fromkeys([*partners, *new]):
            tally = self.tallies.setdefault(key.kind, Tally())
            if key in new and key in partners:
                self._compare_samples(tally, key, old[partners[key]], new[key])
            else:
                self._miss(tally, key, "new" if key in new else "old")

    def _renamed(self, key: Key, new: Mapping[Key, Sample]) -> Key:
        """What the new code calls this."""
        if key in new:
            return key
        name = self._rewrite(key, key.name)
        return Key(key.kind, name) if Key(key.kind, name) in new else key

    def _miss(self, tally: Tally, key: Key, side: str) -> None:
        for difference in self.differences:
            if difference.only_in == side and difference.concerns(key):
                difference.used += 1
                tally.explained += 1
                return
        tally.different += 1
        self.findings.append(Finding(key, (f"only in {side}",)))

    def _compare_samples(self, tally: Tally, key: Key, old: Sample, new: Sample) -> None:
        if old.text == new.text:
            tally.equal += 1
            return
        before, after = normalise_pair(key.kind, old.text, new.text)
        if before == after:
            tally.normalised += 1
            return
        pieces, others = _pieces(before), _pieces(after)
        rewritten = self._rewrite_where_different(key, pieces, others)
        if rewritten == others or self._may_be_reordered(key, rewritten, others):
            tally.explained += 1
            return
        tally.different += 1
        lines = [*_diff(rewritten, others), *_diff(old.detail.splitlines(), new.detail.splitlines())]
        self.findings.append(Finding(key, tuple(lines)))

    def _rewrite_where_different(self, key: Key, old: list[str], new: list[str]) -> list[str]:
        """Equal beginnings and ends are put aside first: to match thousands of equal tags takes minutes."""
        shortest = min(len(old), len(new))
        head = next((place for place in range(shortest) if old[place] != new[place]), shortest)
        rest = shortest - head
        tail = next((place for place in range(rest) if old[-1 - place] != new[-1 - place]), rest)
        middle = self._rewrite_middle(key, old[head : len(old) - tail], new[head : len(new) - tail])
        return [*old[:head], *middle, *old[len(old) - tail :]]

    def _rewrite_middle(self, key: Key, old: list[str], new: list[str]) -> list[str]:
        rewritten: list[str] = []
        for operation, start, end, _start, _end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
            part = old[start:end]
            rewritten += part if operation == "equal" else [self._rewrite(key, piece) for piece in part]
        return rewritten

    def _rewrite(self, key: Key, text: str) -> str:
        for difference in self.differences:
            if difference.old is not None and difference.concerns(key):
                text, count = difference.old.subn(difference.new, text)
                difference.used += count
        return text

    def _may_be_reordered(self, key: Key, old: list[str], new: list[str]) -> bool:
        reasons = [difference for difference in self.differences if difference.any_order and difference.concerns(key)]
        if not reasons or sorted(old) != sorted(new):
            return False
        reasons[0].used += 1
        return True


def normalise_pair(kind: str, old: str, new: str) -> tuple[str, str]:
    """Both texts without what differs between two runs of the same code."""
    rules = [rule for rule in NORMALISATIONS if kind in rule.kinds]
    has_equal_bodies = kind not in MAILS and old.partition("\n\n")[2] == new.partition("\n\n")[2]
    rules = [rule for rule in rules if not (rule.follows_body and has_equal_bodies)]
    return _normalise(old, rules), _normalise(new, rules)


def _normalise(text: str, rules: Sequence[Normalisation]) -> str:
    for rule in rules:
        text = rule.pattern.sub(rule.replacement, text)
    return text


def _pieces(text: str) -> list[str]:
    """Lines, and in a long line of markup tags."""
    return [piece for piece in re.split(r"(?<=[>\n])", text) if piece]


def _diff(old: Sequence[str], new: Sequence[str]) -> list[str]:
    lines = unified_diff([line.rstrip("\n") for line in old], [line.rstrip("\n") for line in new], n=1, lineterm="")
    return [line for line in lines if not line.startswith(("---", "+++"))]
