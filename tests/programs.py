"""Programs that some tests drive and that no Python package brings: a browser, PostgreSQL and nginx."""

import os
import shutil
from pathlib import Path

import pytest

# The headless shell is the same engine without a window's frame, tabs and profile: half the processor time per context.
CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"))), None
)
CHROMIUM_MISSING = "no Chromium: apt-get install chromium-headless-shell fonts-noto-cjk"
POSTGRESQL_MISSING = "no PostgreSQL server: apt-get install postgresql"
NGINX = shutil.which("nginx", path=os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin"]))
NGINX_MISSING = "no nginx: apt-get install nginx"
# Debian leaves the server's programs out of the path.
_POSTGRESQL = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
# `pytest --require-programs` (tests/conftest.py): a missing program fails its tests instead of skipping them.
_REQUIRED = "TESTS_REQUIRE_PROGRAMS"


def require_programs() -> None:
    os.environ[_REQUIRED] = "1"


def skip_without(missing: str) -> None:
    if _REQUIRED in os.environ:
        pytest.fail(missing)
    pytest.skip(missing)


def postgresql_program(name: str) -> str:
    path = shutil.which(name, path=os.pathsep.join([*map(str, _POSTGRESQL), os.environ.get("PATH", "")]))
    if path is None:
        skip_without(POSTGRESQL_MISSING)
    return str(path)
