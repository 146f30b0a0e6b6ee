"""The settings under test: the real ones, in a folder that goes away, unmoved by what the shell has set."""

import atexit
import os
import shutil
import tempfile

from config.environment import SHOULD_BE

# DATABASE_URL and REDIS_URL choose the shape that is tested; nothing else may come from outside.
for name in SHOULD_BE.keys() - {"DATABASE_URL", "REDIS_URL"}:
    os.environ.pop(name, None)
DATA_DIR = tempfile.mkdtemp(prefix="makegood-test-")
atexit.register(shutil.rmtree, DATA_DIR, ignore_errors=True)
os.environ |= {"DATA_DIR": DATA_DIR, "SECRET_KEY": "only-for-tests-" * 3, "LOG_LEVEL": "WARNING"}

from config.settings import *  # noqa: E402, F403 - the environment has to be set first
from config.settings import CACHES, ENVIRONMENT, LANES, OWN_HOSTS, Q_CLUSTER  # noqa: E402

OWN_HOSTS = [*OWN_HOSTS, "testserver", "localhost"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True

# Each process of pytest-xdist has a queue and a cache of its own, and never those of an installation beside it.
OWN = f"makegood-test-{os.environ.get('PYTEST_XDIST_WORKER', 'gw')}-{os.getpid()}"
Q_CLUSTER["name"] = OWN
if ENVIRONMENT.redis_url:
    LANES = {"urgent": OWN, "bulk": f"{OWN}-bulk"}
    Q_CLUSTER["ALT_CLUSTERS"] = {LANES["bulk"]: {}}
    CACHES["default"]["KEY_PREFIX"] = OWN
else:
    LANES = dict.fromkeys(LANES, OWN)
    # in memory, so that the number of queries is the same in both shapes
    CACHES["default"] = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
