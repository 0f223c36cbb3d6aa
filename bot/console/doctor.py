"""What is configured, what works, and how to mend what does not."""

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

from pydantic import SecretStr

from bot.console import checks, outside
from bot.console.deep import CHECKS as DEEP_CHECKS
from bot.console.documents import documents, periods
from bot.console.models import HIDDEN, find_models, without_password
from bot.errors import BotError
from ingest.errors import IngestError
from ingest.settings import Settings


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting as it is in effect; a secret is shown as dots."""

    name: str
    shown: str
    changed: bool
    description: str


@dataclass(frozen=True, slots=True)
class Check:
    """What was found, and where it is not well, how to mend it."""

    name: str
    well: bool
    found: str
    mend: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """All settings and all checks."""

    settings: tuple[Setting, ...]
    checks: tuple[Check, ...]

    @property
    def well(self) -> bool:
        """Whether every check passed."""
        return all(check.well for check in self.checks)

    def to_dict(self) -> dict[str, Any]:
        """Return the report as JSON has it."""
        return {**asdict(self), "well": self.well}


def examine(settings: Settings, *, deep: bool = False) -> Report:
    """Run every check, `deep` those too that take their time and write; none stops the next."""
    checks = {**_CHECKS, **(DEEP_CHECKS if deep else {})}
    return Report(tuple(_settings(settings)), tuple(_run(name, look, settings) for name, look in checks.items()))


def _settings(settings: Settings) -> Iterator[Setting]:
    for name, field in type(settings).model_fields.items():
        value = getattr(settings, name)
        yield Setting(f"SHIRUBE_{name.upper()}", _shown(value), value != field.default, field.description or "")


def _shown(value: object) -> str:
    if isinstance(value, SecretStr):
        return HIDDEN
    # A URL may carry a password of its own.
    return "" if value is None else without_password(str(value))


def _run(name: str, look: Callable[[Settings], str], settings: Settings) -> Check:
    try:
        return Check(name, well=True, found=look(settings))
    except (BotError, IngestError) as error:
        return Check(name, well=False, found="使えません", mend=str(error))
    except Exception as error:  # noqa: BLE001 - a check that breaks is a finding, whatever broke it
        again = "依存関係を入れ直してください（`make setup`）。"
        return Check(name, well=False, found=f"{type(error).__name__}: {error}", mend=again)


_CHECKS: dict[str, Callable[[Settings], str]] = {
    "Python": checks.python,
    "データのフォルダー": checks.data_folder,
    "ディスクの空き": checks.disk,
    "文書": documents,
    "期間と取り下げ": periods,
    "索引": checks.index,
    "埋め込みモデル": checks.encoder,
    "並べ替えのモデル": checks.reranker,
    "形態素解析（Sudachi）": checks.words,
    "同梱のモデル": checks.nets,
    "記録": checks.records,
    "言語モデル": find_models,
    "窓口の案内": outside.office,
    "サイトへの埋め込み": outside.embedding,
    "役所": outside.offices,
    "職員のサインイン": outside.sign_in,
    "AIアシスタント（MCP）": outside.assistants,
}
