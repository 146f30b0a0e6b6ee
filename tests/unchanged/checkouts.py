"""Two checkouts side by side, each with data and settings of its own, and none of the shell's."""

import os
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROBE = Path(__file__).with_name("probe")
# A revision by this name is the folder as it lies there, with what is not committed.
WORKING_TREE = ""
FROM_OUTSIDE = ("PATH", "HOME", "LANG", "LD_LIBRARY_PATH", "TMPDIR")
# What one step may take; the longest takes a minute or two on two busy cores.
PATIENCE = 1500


class StepFailed(RuntimeError):
    """A step ended with an error in one of the checkouts; the message has its last lines."""


@dataclass(frozen=True)
class Checkout:
    """One side of the comparison: its code, and a folder for what it makes."""

    label: str
    revision: str
    code: Path
    folder: Path

    def environment(self, data: Path) -> dict[str, str]:
        kept = {name: os.environ[name] for name in FROM_OUTSIDE if name in os.environ}
        return kept | {
            "ACCESS_LOG": "off",
            "DATA_DIR": str(data),
            "DEV_INBOX": "true",
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "LOG_LEVEL": "ERROR",
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONHASHSEED": "0",
            "PYTHONPATH": f"{self.code}{os.pathsep}{PROBE}",
            "SECRET_KEY": "the same on both sides " * 2,
            "TZ": "UTC",
        }

    def run(self, step: str, data: Path, output: Path | str = "-", *more: object) -> str:
        """Let the probe take a step inside this checkout; returns what it printed; its errors stand in a log."""
        command = [sys.executable, "-P", str(PROBE / "run.py"), step, str(data), str(output), *map(str, more)]
        process = subprocess.run(
            command,
            cwd=self.code,
            env=self.environment(data),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        if process.returncode:
            raise StepFailed(f"{step} failed in {self.label}:\n{process.stdout[-1000:]}\n{process.stderr[-3000:]}")
        with (self.folder / "log").open("a", encoding="utf-8") as log:
            log.write(f"== {step}\n{process.stdout}{process.stderr}")
        return process.stdout


def check_out(label: str, revision: str, work: Path) -> Checkout:
    """The code of a revision below `work`, as git has it; of the working tree the folder itself."""
    folder = work / label
    folder.mkdir(parents=True)
    if revision == WORKING_TREE:
        return Checkout(label, "the working tree", ROOT, folder)
    commit = _git("rev-parse", "--verify", "--short=12", f"{revision}^{{commit}}").decode().strip()
    code = folder / "code"
    with tarfile.open(fileobj=BytesIO(_git("archive", "--format=tar", commit))) as archive:
        archive.extractall(code, filter="data")
    return Checkout(label, f"{revision} ({commit})", code, folder)


def copy_data(source: Path, target: Path) -> Path:
    """A database with its mails as they are, times of the files included: the inbox sorts by them."""
    shutil.copytree(source, target)
    return target


def set_times(folder: Path, moment: float) -> None:
    """Files are as old as the story, not as this run: a second apart, by their names."""
    for number, path in enumerate(sorted(folder.glob("*"))):
        os.utime(path, (moment + number, moment + number))


def at_once(acts: Sequence[Callable[[], str]]) -> list[str]:
    with ThreadPoolExecutor(len(acts)) as pool:
        return [future.result() for future in [pool.submit(act) for act in acts]]


def _git(*args: str) -> bytes:
    process = subprocess.run(["git", "-C", str(ROOT), *args], capture_output=True, check=False)
    if process.returncode:
        raise SystemExit(process.stderr.decode().strip())
    return process.stdout
