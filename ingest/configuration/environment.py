"""Reads the settings from environment variables, `.env` and a folder of secrets."""

import logging
from collections.abc import Mapping
from itertools import product
from pathlib import Path
from typing import Any

from pydantic import ValidationError, create_model
from pydantic_settings import BaseSettings, SettingsConfigDict
from pydantic_settings import SettingsError as MalformedValueError

from ingest.configuration.language_model import LanguageModel
from ingest.configuration.settings import Settings
from ingest.configuration.tenants import tenant_of
from ingest.errors import SettingsError

_log = logging.getLogger(__name__)
# Prefixes of model settings before 0.24, and the number that replaces each.
_OLD_PREFIXES = {"llm": "1", "llm_2": "2", "llm_3": "3"}
_OLD_NAMES = {
    f"{prefix}_{part}": (number, part)
    for (prefix, number), part in product(_OLD_PREFIXES.items(), LanguageModel.model_fields)
}


class _OldBase(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="SHIRUBE_", env_file=".env", env_ignore_empty=True, extra="ignore")


_OLD_FIELDS: dict[str, Any] = dict.fromkeys(_OLD_NAMES, (str | None, None))
_OldSettings = create_model("_OldSettings", __base__=_OldBase, **_OLD_FIELDS)


def read_settings(**overrides: Any) -> Settings:
    """Read the environment, `.env` and the folder of secrets; arguments other than None have priority.

    If they name a tenant of several, its settings are returned. Raises SettingsError.
    """
    settings = _read({name: value for name, value in overrides.items() if value is not None})
    return tenant_of(settings).settings if settings.tenant else settings


def _read(overrides: Mapping[str, Any]) -> Settings:
    try:
        settings = Settings(**overrides)
        folder = settings.secrets
        if folder is not None and not folder.is_dir():
            raise SettingsError(
                f"SHIRUBE_SECRETS のフォルダー「{folder}」がありません。"
                "鍵のファイルを置いたフォルダーを指定してください。"
            )
        if folder is not None:
            settings = Settings(_secrets_dir=folder, **overrides)
        old_models = _read_old_models(folder)
        return (
            Settings(_secrets_dir=folder, llm=old_models, **overrides) if old_models and not settings.llm else settings
        )
    except ValidationError as error:
        problems = dict.fromkeys(_describe_problem(problem["loc"]) for problem in error.errors())
        raise SettingsError(f"{''.join(problems)}環境変数か .env を直してください。") from error
    except MalformedValueError as error:  # llm is the only setting parsed as JSON
        raise SettingsError(f"{_describe_problem(('llm',))}環境変数か .env を直してください。") from error


def _describe_problem(location: tuple[int | str, ...]) -> str:
    name, *inner = location
    described = Settings.model_fields[str(name)].description
    variable = f"SHIRUBE_{str(name).upper()}"
    if inner and isinstance(inner[0], int):
        part = str(inner[1]) if len(inner) > 1 else ""
        variable += f"__{inner[0] + 1}" + f"__{part.upper()}" * bool(part)
        described = LanguageModel.model_fields[part].description if part in LanguageModel.model_fields else described
    return f"{variable} の値が正しくありません（{described}）。"


def _read_old_models(secrets: Path | None) -> dict[str, dict[str, str]]:
    values = {name: value for name, value in _OldSettings(_secrets_dir=secrets) if value is not None}
    models: dict[str, dict[str, str]] = {}
    for name, value in values.items():
        number, part = _OLD_NAMES[name]
        models.setdefault(number, {})[part] = value
        _log.warning(
            "設定 SHIRUBE_%s は古い書き方です。SHIRUBE_LLM__%s__%s に書きかえてください。",
            name.upper(), number, part.upper(),
        )  # fmt: skip
    return models
