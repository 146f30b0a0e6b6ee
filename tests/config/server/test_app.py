"""The application as uvicorn loads it: into a bare process, in which nobody has set Django up."""

import os
import subprocess
import sys

import pytest

from config.environment import BASE_DIR


@pytest.mark.parametrize("variables", [{}, {"DJANGO_SETTINGS_MODULE": "config.settings"}], ids=["bare", "told"])
@pytest.mark.parametrize("module", ["config.server.app", "config.wsgi"])
def test_it_loads_into_a_bare_process(module: str, variables: dict[str, str], tmp_path) -> None:
    env = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}

    process = subprocess.run(
        [sys.executable, "-c", f"import {module}"],
        cwd=BASE_DIR,
        env=env | variables | {"DATA_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert process.returncode == 0, process.stderr
