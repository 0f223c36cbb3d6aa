"""The command `doctor`: reports settings, runs all checks, and says how to fix what fails."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Any, Literal

from pydantic import SecretStr

from bot.cli import external_checks, service_checks
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
        return all(check.well for check in self.checks)

    def to_dict(self) -> dict[str, Any]:
        return {**asdict(self), "well": self.well}


def run_checks(settings: Settings, *, deep: bool = False) -> Report:
    """Run all checks, whether or not one fails; `deep` includes those that take long or write data.

    Of a service for many offices, the checks of documents, index and records are run for each office.
    """
    checks = _CHECKS + (DEEP_CHECKS if deep else ())
    results = [
        _run_check(name, check, settings) for name, check, scope in checks if scope != "office" or not settings.tenants
    ]
    tenants: tuple[Tenant, ...] = ()
    with suppress(SettingsError):  # reported by a check
        tenants = read_tenants(settings)
    results += [
        _run_check(f"{tenant.id} {name}", check, tenant.settings)
        for tenant in tenants
        for name, check, scope in checks
        if scope != "service"
    ]
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


Checks = tuple[tuple[str, Callable[[Settings], str], Literal["service", "office", "both"]], ...]
# In a service for many offices a check is run once for the service, for each office, or for both.
_CHECKS: Checks = (
    ("データのフォルダー", service_checks.check_data_folder, "both"),
    ("ディスクの空き", service_checks.check_disk_space, "both"),
    ("文書", service_checks.check_documents, "office"),
    ("公開元", service_checks.check_sources, "office"),
    ("索引", service_checks.check_index, "office"),
    ("埋め込みモデル", service_checks.check_encoder, "service"),
    ("並べ替えのモデル", service_checks.check_reranker, "service"),
    ("同梱のモデル", service_checks.check_relevance_models, "service"),
    ("記録", service_checks.check_records, "both"),
    ("使っていないデータベース", service_checks.check_unused_records, "both"),
    ("言語モデル", check_models, "service"),
    ("窓口の案内", external_checks.check_office, "office"),
    ("役所", external_checks.check_tenants, "service"),
    ("外へ出るプロキシー", external_checks.check_outgoing_proxy, "service"),
    ("職員のサインイン", external_checks.check_sign_in, "both"),
    ("庁内の認証（OpenID Connect）", external_checks.check_provider, "service"),
)
DEEP_CHECKS: Checks = (
    ("索引のすべてのファイル", service_checks.check_index_files, "office"),
    ("質問から回答まで", service_checks.check_question, "office"),
    ("記録を書いて消す", service_checks.check_record_row, "both"),
    ("データベース全体", service_checks.check_database, "both"),
)
