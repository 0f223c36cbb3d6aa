"""What config.json tells: what was measured when, by which version, with which settings, and never a secret."""

from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pydantic import SecretStr

from ingest.settings import Settings


def described(command: str, settings: Settings) -> dict[str, Any]:
    """Return what describes a run that ends now: the subcommand, this version, the time, the settings."""
    date = datetime.now(UTC).astimezone().isoformat(timespec="seconds")
    return {"command": command, "version": version("shirube-rag"), "date": date, "settings": public(settings)}


def public(settings: Settings) -> dict[str, Any]:
    """Return the settings with each secret reduced to whether it is set, and no user or password in a URL."""
    shown = {name: _public(value) for name, value in settings}
    return {name: str(value) if isinstance(value, Path) else value for name, value in shown.items()}


def _public(value: Any) -> Any:
    if isinstance(value, SecretStr):
        return "(設定あり)"
    return without_user(value) if isinstance(value, str) else value


def without_user(url: str) -> str:
    """Return `url` without user and password; any other text as it is."""
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl() if parts.netloc else url
