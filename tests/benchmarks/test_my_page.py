"""The measurement of my page runs as a program of its own; its figures are printed, never judged here."""

import os
import subprocess
import sys

import pytest

from config.environment import BASE_DIR

pytestmark = pytest.mark.bench


def test_my_page_is_measured() -> None:
    outside = os.environ.keys() - {"DJANGO_SETTINGS_MODULE"}
    command = [sys.executable, "-W", "ignore", "-m", "benchmarks.my_page", "--totals=100,1000", "--rounds=1"]

    run = subprocess.run(
        command,
        cwd=BASE_DIR,
        env={name: os.environ[name] for name in outside},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )

    print(run.stdout)
    assert (run.returncode, run.stderr) == (0, "")
    assert [line.split()[0] for line in run.stdout.splitlines() if line] == ["My", "among", "100", "1,000"]
