"""Does NEW do what OLD did? ``python -m tests.unchanged OLD [NEW]``; NEW is the working tree unless named.

Ends with 1 if anything differs that differences.toml does not explain. What both sides made stays with --keep DIR.
"""

import argparse
import shutil
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.unchanged.checkouts import WORKING_TREE, Checkout, StepFailed, at_once, check_out, copy_data, set_times
from tests.unchanged.comparison import Comparison, read_differences
from tests.unchanged.report import describe
from tests.unchanged.samples import Key, Sample, answers, files, mails

# Of the files in DATA_DIR/mail; after it come the moments at which later mails are sent.
STORY = 1_781_515_800.0
KINDS = ("files", "mails", "answers")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.unchanged", description=__doc__)
    parser.add_argument("old", metavar="OLD", help="a git revision")
    parser.add_argument(
        "new", metavar="NEW", nargs="?", default=WORKING_TREE, help="another; without it the working tree"
    )
    parser.add_argument("--keep", type=Path, metavar="DIR", help="a folder, to be made, for what both sides make")
    parser.add_argument("--shown", type=int, default=20, help="how many differences are shown at length")
    parser.add_argument("--most", type=int, default=4000, help="how many addresses each person asks")
    options = parser.parse_args()
    began = time.monotonic()
    with TemporaryDirectory(prefix="makegood-unchanged-") as scratch:
        work = options.keep or Path(scratch)
        try:
            comparison, sides = compare_revisions(options.old, options.new, work.absolute(), options.most)
        except StepFailed as error:
            print(error, file=sys.stderr)
            return 2
    print(f"\nOLD {sides[0].revision}, NEW {sides[1].revision}: {time.monotonic() - began:.0f} s")
    print(describe(comparison, shown=options.shown))
    return 1 if comparison.findings else 0


def compare_revisions(old: str, new: str, work: Path, most: int) -> tuple[Comparison, tuple[Checkout, Checkout]]:
    work.mkdir(parents=True, exist_ok=True)
    sides = check_out("old", old, work), check_out("new", new, work)
    _seed(*sides)
    _say(at_once([lambda side=side: _produce(side, most) for side in sides])[0])
    comparison = Comparison(read_differences())
    comparison.compare(*(_samples(side) for side in sides))
    return comparison, sides


def _seed(old: Checkout, new: Checkout) -> None:
    """The old code's database for both, and a demo of the new code's own for its mails."""
    _say("seeding the demo")
    at_once([lambda side=side: side.run("demo", side.folder / "demo") for side in (old, new)])
    staged, forgetful = (copy_data(old.folder / "demo", old.folder / name) for name in ("staged", "forgetful"))
    set_times(staged / "mail", STORY)
    shutil.rmtree(forgetful / "mail")
    at_once([lambda: old.run("stage", staged), lambda: old.run("forget", forgetful)])
    for side in (old, new):
        copy_data(staged, side.folder / "data")
        copy_data(forgetful, side.folder / "later")


def _produce(side: Checkout, most: int) -> str:
    folder = side.folder
    for data in ("data", "later"):
        side.run("migrate", folder / data)
    side.run("publish", folder / "data", folder / "files")
    _say(f"{side.label}: files published")
    output = side.run("send", folder / "later")
    _say(f"{side.label}: mails sent")
    output += side.run("visit", folder / "data", folder / "answers.jsonl", folder / "files", most)
    _say(f"{side.label}: addresses asked")
    return output


def _samples(side: Checkout) -> dict[Key, Sample]:
    folder = side.folder
    return dict(
        [
            *files("file", folder / "files"),
            *files("asset", folder / "data" / "static"),
            *mails("demo mail", folder / "demo" / "mail"),
            *mails("later mail", folder / "later" / "mail"),
            *answers(folder / "answers.jsonl"),
        ]
    )


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
