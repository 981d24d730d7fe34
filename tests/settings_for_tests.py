"""The hub's settings, for tests: a data directory of their own, and the database that is wanted.

pytest-django reads settings before any conftest.py, so the environment is set here.
"""

from __future__ import annotations

import os
from pathlib import Path

import postgres
import storages
import temporary
from patience import PATIENCE_SECONDS

os.environ["CARTWHEEL_DATA"] = temporary.folder("cartwheel-test-")
os.environ.pop("CARTWHEEL_DATABASE_URL", None)
if postgres.is_wanted():
    os.environ["CARTWHEEL_DATABASE_URL"] = postgres.new_database()
os.environ.pop("CARTWHEEL_STORAGE_URL", None)
if storages.is_remote():
    os.environ["CARTWHEEL_STORAGE_URL"] = storages.new_storage(redirect="false")

# In all processes that tests start, a password is hashed once.
os.environ["PYTHONPATH"] = os.pathsep.join(
    [str(Path(__file__).with_name("cheap_passwords")), *filter(None, [os.environ.get("PYTHONPATH")])]
)

from cartwheel.settings import *  # noqa: F403, the environment comes first
from cartwheel.settings import DATABASES

# The tables are made at once, as those of a new hub are: tests/cli/test_schema.py compares.
DATABASES["default"]["TEST"] = {**DATABASES["default"].get("TEST", {}), "MIGRATE": False}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # a proper one takes 0.3 s, on purpose

if not postgres.is_wanted():
    # Whoever waits for a lock is as patient as all tests, and no test waits for a disk: hubs that tests start do.
    DATABASES["default"]["OPTIONS"]["timeout"] = PATIENCE_SECONDS
    if os.environ.get("CARTWHEEL_TEST_FSYNC") != "on":
        DATABASES["default"]["OPTIONS"]["init_command"] += " PRAGMA synchronous=OFF;"

WHITENOISE_AUTOREFRESH = True  # else each new client of a test looks at all static files first
