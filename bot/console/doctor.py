"""What is configured, what works, and how to mend what does not."""

import os
import platform
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from pydantic import SecretStr

from bot.console.models import HIDDEN, find_models, without_password
from bot.errors import BotError
from ingest.errors import IngestError, StorageError
from ingest.settings import Settings

# A check imports what it tries, so that one that cannot be imported is a finding too.
# ruff: noqa: PLC0415


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


def examine(settings: Settings) -> Report:
    """Run every check; none stops the next."""
    return Report(tuple(_settings(settings)), tuple(_run(name, look, settings) for name, look in _CHECKS.items()))


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


def _python(_settings: Settings) -> str:
    if not (3, 11) <= sys.version_info < (3, 14):
        raise BotError("Python 3.11〜3.13 を使ってください。")
    return platform.python_version()


def _data_folder(settings: Settings) -> str:
    folder = settings.data.absolute()
    there = next(path for path in (folder, *folder.parents) if path.exists())
    if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
        raise StorageError(
            f"「{there}」に書き込めません。権限を直すか、SHIRUBE_DATA か --data で別のフォルダーを指定してください。"
        )
    return str(folder) if folder.exists() else f"{folder}（まだありません。取り込みのときに作られます）"


def _index(settings: Settings) -> str:
    from ingest.index import open_index

    with open_index(settings) as index:
        age = datetime.now(UTC) - index.generation.created
        made = f"{index.generation.created.astimezone():%Y-%m-%d %H:%M}（{_ago(age.total_seconds())}）"
        return f"{index.name}: {len(index.documents)}文書 {len(index.passages)}箇所、作成 {made}"


def _ago(seconds: float) -> str:
    for length, unit in ((86_400, "日"), (3_600, "時間"), (60, "分")):
        if seconds >= length:
            return f"{int(seconds // length)}{unit}前"
    return "たった今"


def _encoder(settings: Settings) -> str:
    from ingest.encoders import open_encoder, prefixes

    encoder, before = open_encoder(settings), prefixes(settings)
    told = [f"{what}の前に「{text}」" for what, text in (("質問", before.query), ("文書", before.passage)) if text]
    size = encoder.encode_query("しるべ").shape[0]
    return f"{encoder.name}（{'、'.join([f'{size}次元', *told])}）"


def _reranker(settings: Settings) -> str:
    from bot.search.rerank import open_reranker

    reranker = open_reranker(settings.reranker)
    if reranker is None:
        return "使わない設定です（検索の順のまま答えます）"
    reranker.scores("しるべ", ["しるべ"])
    return reranker.name


def _words(_settings: Settings) -> str:
    from ingest.tokenise import words

    return " ".join(words("計画の期間を調べる"))


def _records(settings: Settings) -> str:
    from bot.records.store import Store, store_url

    file = settings.data / "shirube.sqlite"
    if settings.database_url is None and not file.exists():
        return f"{file}（まだありません。最初の質問のときに作られます）"
    store = Store(store_url(settings))
    try:
        store.ping()
    finally:
        store.close()
    return str(file) if settings.database_url is None else "SHIRUBE_DATABASE_URL のデータベース"


_CHECKS: dict[str, Callable[[Settings], str]] = {
    "Python": _python,
    "データのフォルダー": _data_folder,
    "索引": _index,
    "埋め込みモデル": _encoder,
    "並べ替えのモデル": _reranker,
    "形態素解析（Sudachi）": _words,
    "記録": _records,
    "言語モデル": find_models,
}
