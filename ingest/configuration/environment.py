"""Reads the settings from environment variables, `.env` and a folder of secrets."""

import logging
import os
from typing import Any

from dotenv import dotenv_values
from pydantic import ValidationError
from pydantic_settings import SettingsError as MalformedValueError

from ingest.configuration.language_model import LanguageModel
from ingest.configuration.settings import Settings
from ingest.errors import SettingsError

_LOG = logging.getLogger(__name__)
_PREFIX = "SHIRUBE_"


def read_settings(**overrides: Any) -> Settings:
    """Read the environment, `.env` and the folder of secrets; arguments other than None have priority.

    Raises SettingsError.
    """
    known = {f"{_PREFIX}{name.upper()}" for name in Settings.model_fields}
    names = {name.upper() for name in (*os.environ, *dotenv_values(".env"))}
    # One of a nested setting is `SHIRUBE_LLM__1__MODEL`.
    for name in sorted(n for n in names if n.startswith(_PREFIX) and n.split("__")[0] not in known):
        _LOG.warning(
            "%s という設定はありません（なくなったか、綴りが違います）。docs/settings.ja.md の名前に直すか、"
            "環境変数と .env から外してください。",
            name,
        )
    given = {name: value for name, value in overrides.items() if value is not None}
    try:
        settings = Settings(**given)
        folder = settings.secrets
        if folder is not None and not folder.is_dir():
            raise SettingsError(
                f"SHIRUBE_SECRETS のフォルダー「{folder}」がありません。"
                "鍵のファイルを置いたフォルダーを指定してください。"
            )
        return Settings(_secrets_dir=folder, **given) if folder else settings
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
