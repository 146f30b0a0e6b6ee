"""Measurements against a yardstick in the same run: ``python -m benchmarks.matching``.

SQLite in a scratch folder, or PostgreSQL by DATABASE_URL (a database of its own beside the named one).
"""

import os

import django
from django.apps import apps

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "benchmarks.settings")
if not apps.ready:
    django.setup()
