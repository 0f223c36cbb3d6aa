"""The command `doctor`: reports settings, runs all checks, and says how to fix what fails."""

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

from pydantic import SecretStr

from bot.cli import external_checks, service_checks
from bot.cli.model_checks import HIDDEN, check_models, mask_credentials
from bot.errors import BotError
from ingest.configuration.settings import Settings
from ingest.errors import IngestError


@dataclass(frozen=True, slots=True)
class Setting:
    """The effective value of a setting; secrets are masked."""

    name: str
    shown: str
    changed: bool
    description: str


@dataclass(frozen=True, slots=True)
class Check:
    """The result of a check, and how to fix it if it failed."""

    name: str
    well: bool
    found: str
    mend: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """All settings, and the results of all checks."""

    settings: tuple[Setting, ...]
    checks: tuple[Check, ...]

    @property
    def well(self) -> bool:
        return all(check.well for check in self.checks)

    def to_dict(self) -> dict[str, Any]:
        return {**asdict(self), "well": self.well}


def run_checks(settings: Settings, *, deep: bool = False) -> Report:
    """Run all checks, whether or not one fails; `deep` includes those that take long or write data."""
    checks = _CHECKS + (DEEP_CHECKS if deep else ())
    results = [_run_check(name, check, settings) for name, check in checks]
    return Report(tuple(_settings(settings)), tuple(results))


def _settings(settings: Settings) -> Iterator[Setting]:
    for name, field in type(settings).model_fields.items():
        value = getattr(settings, name)
        text = "、".join(model.model for model in settings.llm) if name == "llm" else _mask_secret(value)
        yield Setting(f"SHIRUBE_{name.upper()}", text, value != field.default, field.description or "")
    for number, model in enumerate(settings.llm, 1):
        for part, field in type(model).model_fields.items():
            if (value := getattr(model, part)) != field.default:
                variable = f"SHIRUBE_LLM__{number}__{part.upper()}"
                yield Setting(variable, _mask_secret(value), changed=True, description=field.description or "")


def _mask_secret(value: object) -> str:
    if isinstance(value, SecretStr):
        return HIDDEN
    # A URL may contain a password.
    return "" if value is None else mask_credentials(str(value))


def _run_check(name: str, check: Callable[[Settings], str], settings: Settings) -> Check:
    try:
        return Check(name, well=True, found=check(settings))
    except (BotError, IngestError) as error:
        return Check(name, well=False, found="使えません", mend=str(error))
    except Exception as error:  # noqa: BLE001 - also a broken installation is reported as a failed check
        advice = "依存関係を入れ直してください（`make setup`）。"
        return Check(name, well=False, found=f"{type(error).__name__}: {error}", mend=advice)


Checks = tuple[tuple[str, Callable[[Settings], str]], ...]
_CHECKS: Checks = (
    ("データのフォルダー", service_checks.check_data_folder),
    ("ディスクの空き", service_checks.check_disk_space),
    ("文書", service_checks.check_documents),
    ("公開元", service_checks.check_sources),
    ("索引", service_checks.check_index),
    ("埋め込みモデル", service_checks.check_encoder),
    ("同梱のモデル", service_checks.check_relevance_models),
    ("記録", service_checks.check_records),
    ("使っていないデータベース", service_checks.check_unused_records),
    ("言語モデル", check_models),
    ("窓口の案内", external_checks.check_office),
    ("外へ出るプロキシー", external_checks.check_outgoing_proxy),
    ("職員のサインイン", external_checks.check_sign_in),
    ("庁内の認証（OpenID Connect）", external_checks.check_provider),
)
DEEP_CHECKS: Checks = (
    ("索引のすべてのファイル", service_checks.check_index_files),
    ("質問から回答まで", service_checks.check_question),
    ("記録を書いて消す", service_checks.check_record_row),
    ("データベース全体", service_checks.check_database),
)
