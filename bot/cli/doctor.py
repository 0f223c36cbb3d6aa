"""The command `doctor`: reports settings, runs all checks, and says how to fix what fails."""

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from typing import Any

from pydantic import SecretStr

from bot.cli import external_checks, service_checks
from bot.cli.corpus_checks import check_documents, check_originals, check_periods, check_sources
from bot.cli.deep_checks import CHECKS as DEEP_CHECKS
from bot.cli.external_checks import check_provider
from bot.cli.model_checks import HIDDEN, check_models, mask_credentials
from bot.errors import BotError
from ingest.configuration.settings import Settings
from ingest.configuration.tenants import Tenant, read_tenants
from ingest.errors import IngestError, SettingsError


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
        """Whether every check passed."""
        return all(check.well for check in self.checks)

    def to_dict(self) -> dict[str, Any]:
        """Return the report as JSON."""
        return {**asdict(self), "well": self.well}


def run_checks(settings: Settings, *, deep: bool = False) -> Report:
    """Run all checks, whether or not one fails; `deep` includes those that take long or write data.

    Of a service for many offices, the checks of documents, index and records are run for each office.
    """
    checks = {**_CHECKS, **(DEEP_CHECKS if deep else {})}
    shared_checks = {name: check for name, check in checks.items() if not settings.tenants or name not in _OF_AN_OFFICE}
    results = [_run_check(name, check, settings) for name, check in shared_checks.items()]
    for tenant in _tenants(settings):
        for name in (name for name in checks if name in _OF_AN_OFFICE | _OF_BOTH):
            check = _run_check(name, checks[name], tenant.settings)
            results.append(replace(check, name=f"{tenant.id} {name}"))
    return Report(tuple(_settings(settings)), tuple(results))


def _tenants(settings: Settings) -> tuple[Tenant, ...]:
    try:
        return read_tenants(settings)
    except SettingsError:
        return ()


def _settings(settings: Settings) -> Iterator[Setting]:
    for name, field in type(settings).model_fields.items():
        value = getattr(settings, name)
        text = "、".join(model.model for model in settings.llm) if name == "llm" else _mask_secret(value)
        yield Setting(f"SHIRUBE_{name.upper()}", text, value != field.default, field.description or "")
        if name == "llm":
            yield from _model_settings(settings)


def _model_settings(settings: Settings) -> Iterator[Setting]:
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


_CHECKS: dict[str, Callable[[Settings], str]] = {
    "Python": service_checks.check_python,
    "データのフォルダー": service_checks.check_data_folder,
    "ディスクの空き": service_checks.check_disk_space,
    "文書": check_documents,
    "期間と取り下げ": check_periods,
    "公開元": check_sources,
    "前の版の原本": check_originals,
    "索引": service_checks.check_index,
    "埋め込みモデル": service_checks.check_encoder,
    "並べ替えのモデル": service_checks.check_reranker,
    "形態素解析（Sudachi）": service_checks.check_word_splitter,
    "同梱のモデル": service_checks.check_relevance_models,
    "記録": service_checks.check_records,
    "使っていないデータベース": service_checks.check_unused_records,
    "言語モデル": check_models,
    "窓口の案内": external_checks.check_office,
    "サイトへの埋め込み": external_checks.check_embedding,
    "役所": external_checks.check_tenants,
    "プロキシー": external_checks.check_proxy,
    "外へ出るプロキシー": external_checks.check_outgoing_proxy,
    "職員のサインイン": external_checks.check_sign_in,
    "庁内の認証（OpenID Connect）": check_provider,
    "AIアシスタント（MCP）": external_checks.check_assistants,
}
# Checks that are about an office, not about the service for many of them, and those about the data of either.
_OF_AN_OFFICE = frozenset(
    {
        *("文書", "期間と取り下げ", "公開元", "前の版の原本", "索引", "窓口の案内", "サイトへの埋め込み"),
        *("索引のすべてのファイル", "質問から回答まで"),
    }
)
_OF_BOTH = frozenset(
    {
        *("データのフォルダー", "ディスクの空き", "記録", "使っていないデータベース", "職員のサインイン"),
        *("記録を書いて消す", "データベース全体"),
    }
)
