"""The measurement of importing runs as a program of its own; its figures are printed, never judged here."""

import os
import subprocess
import sys

import pytest

from config.environment import BASE_DIR

pytestmark = pytest.mark.bench


def test_importing_is_measured() -> None:
    outside = os.environ.keys() - {"DJANGO_SETTINGS_MODULE"}

    run = subprocess.run(
        [sys.executable, "-m", "benchmarks.importing", "--rows=2000", "--rounds=1", "--brief"],
        cwd=BASE_DIR,
        env={name: os.environ[name] for name in outside},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )

    print(run.stdout)
    assert (run.returncode, run.stderr) == (0, "")
    assert [line.split()[0] for line in run.stdout.splitlines()] == ["Importing", "bare", "new", "again"]
