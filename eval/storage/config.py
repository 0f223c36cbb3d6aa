"""Builds config.json of a run: command, version, date and settings, without secrets."""

from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pydantic import SecretStr

from ingest.configuration.settings import Settings


def describe_run(command: str, settings: Settings) -> dict[str, Any]:
    """Return what describes a run that ends now: the subcommand, this version, the time, the settings."""
    date = datetime.now(UTC).astimezone().isoformat(timespec="seconds")
    return {"command": command, "version": version("shirube-rag"), "date": date, "settings": public_settings(settings)}


def public_settings(settings: Settings) -> dict[str, Any]:
    """Return the settings with each secret reduced to whether it is set, and no user or password in a URL."""
    shown = {name: _public_value(value) for name, value in settings}
    return {name: str(value) if isinstance(value, Path) else value for name, value in shown.items()}


def _public_value(value: Any) -> Any:
    if isinstance(value, SecretStr):
        return "(設定あり)"
    return strip_credentials(value) if isinstance(value, str) else value


def strip_credentials(url: str) -> str:
    """Return `url` without user and password; any other text as it is."""
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl() if parts.netloc else url
