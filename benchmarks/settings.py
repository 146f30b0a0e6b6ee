"""The real settings, on a scratch database that goes away."""

import atexit
import os
import shutil
import tempfile

_FOLDER = tempfile.mkdtemp(prefix="makegood-bench-", dir=os.environ.get("BENCH_DIR"))
atexit.register(shutil.rmtree, _FOLDER, ignore_errors=True)
os.environ |= {"DATA_DIR": _FOLDER, "SECRET_KEY": "only-for-benchmarks-" * 2, "LOG_LEVEL": "WARNING"}

from config.settings import *  # noqa: E402, F403 - the environment has to be set first
from config.settings import DATABASES, ENVIRONMENT  # noqa: E402

DATABASES["default"]["TEST"] = {
    "NAME": f"makegood_bench_{os.getpid()}" if ENVIRONMENT.is_postgres else f"{_FOLDER}/bench.sqlite3",
}
