"""Describes a run for its config.json: command, version, revision and settings without secrets."""

import subprocess
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pydantic import SecretStr

from ingest.configuration.settings import Settings


def describe_run(command: str, settings: Settings) -> dict[str, Any]:
    """Return the subcommand, version, current time and settings of a run."""
    date = datetime.now(UTC).astimezone().isoformat(timespec="seconds")
    return {"command": command, "version": version("shirube-rag"), "date": date, "settings": public_settings(settings)}


def public_settings(settings: Settings) -> dict[str, Any]:
    """Return the settings; secrets are reduced to whether they are set, URLs lose user and password."""
    values = {name: _public_value(value) for name, value in settings}
    return {name: str(value) if isinstance(value, Path) else value for name, value in values.items()}


def _public_value(value: Any) -> Any:
    if isinstance(value, SecretStr):
        return "(設定あり)"
    if isinstance(value, tuple):
        return [{name: _public_value(part) for name, part in entry} for entry in value]
    return strip_credentials(value) if isinstance(value, str) else value


def strip_credentials(url: str) -> str:
    """Return `url` without user and password; other text unchanged."""
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl() if parts.netloc else url


_ROOT = Path(__file__).parents[2]
_TIMEOUT_S = 10


def source_revision() -> str | None:
    """Return the commit of the checkout, with "+" if files have changed since; None outside a checkout."""
    commit = _run_git("rev-parse", "HEAD")
    changed = _run_git("status", "--porcelain", "--untracked-files=no")
    return commit + ("+" if changed else "") if commit else None


def _run_git(*arguments: str) -> str | None:
    command = ["git", "-C", str(_ROOT), *arguments]
    try:
        # S603, S607: the arguments are constants, and git is the one on the developer's path.
        done = subprocess.run(command, capture_output=True, text=True, timeout=_TIMEOUT_S, check=True)  # noqa: S603
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()
