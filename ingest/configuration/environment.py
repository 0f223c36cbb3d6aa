"""Reads the settings from environment variables, `.env` and a folder of secrets."""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from ingest.configuration.settings import Settings
from ingest.configuration.tenants import tenant_of
from ingest.errors import SettingsError


def read_settings(**given: Any) -> Settings:
    """Read the environment, `.env` and the folder of secrets; what is given (and not None) comes first.

    Where they name one of several offices, the settings are that office's. Raises SettingsError.
    """
    settings = _read(given)
    return tenant_of(settings).settings if settings.tenant else settings


def _read(given: Mapping[str, Any]) -> Settings:
    wanted = {name: value for name, value in given.items() if value is not None}
    try:
        settings = Settings(**wanted)
        if settings.secrets is None:
            return settings
        if not settings.secrets.is_dir():
            raise SettingsError(
                f"SHIRUBE_SECRETS のフォルダー「{settings.secrets}」がありません。"
                "鍵のファイルを置いたフォルダーを指定してください。"
            )
        return Settings(_secrets_dir=settings.secrets, **wanted)
    except ValidationError as error:
        wrong = sorted({str(problem["loc"][0]) for problem in error.errors()})
        said = (
            f"SHIRUBE_{name.upper()} の値が正しくありません（{Settings.model_fields[name].description}）。"
            for name in wrong
        )
        raise SettingsError(f"{''.join(said)}環境変数か .env を直してください。") from error
