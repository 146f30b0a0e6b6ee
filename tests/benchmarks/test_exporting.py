"""The measurement of the export runs as a program of its own; its figures are printed, never judged here."""

import os
import re
import subprocess
import sys

import pytest

from config.environment import BASE_DIR

pytestmark = pytest.mark.bench


def test_the_export_is_measured() -> None:
    outside = os.environ.keys() - {"DJANGO_SETTINGS_MODULE"}
    command = [sys.executable, "-W", "ignore", "-m", "benchmarks.exporting", "--components=4", "--incidents=5"]

    run = subprocess.run(
        [*command, "--news=2"],
        cwd=BASE_DIR,
        env={name: os.environ[name] for name in outside},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )

    print(run.stdout)
    assert (run.returncode, run.stderr) == (0, "")
    assert len(re.findall(r"^Update saved → (?:ar/)?index\.html on disk", run.stdout, re.MULTILINE)) == 2
    assert "Again, nothing has changed" in run.stdout
