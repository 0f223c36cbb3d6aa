"""Basic checks of `doctor`: Python, disk, index, models and records."""

import os
import platform
import shutil
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bot.errors import BotError
from ingest.configuration.settings import Settings
from ingest.errors import DamagedIndexError, IngestError, StorageError

if TYPE_CHECKING:
    from ingest.index.generation import Generation

# Checks import lazily, so that an import that fails is reported as a failed check.
# ruff: noqa: PLC0415

_GIGA = 1_000_000_000
_MEGA = 1_000_000
# Room for records and logs.
_SPARE_BYTES = 200_000_000


def check_python(_settings: Settings) -> str:
    """Return the version of Python. Raises BotError if it is not supported."""
    if not (3, 11) <= sys.version_info < (3, 14):
        raise BotError("Python 3.11〜3.13 を使ってください。")
    return platform.python_version()


def check_data_folder(settings: Settings) -> str:
    """Return the data folder, existing or not. Raises StorageError if it cannot be written."""
    folder = settings.data.absolute()
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    if not existing.is_dir() or not os.access(existing, os.W_OK | os.X_OK):
        raise StorageError(
            f"「{existing}」に書き込めません。権限を直すか、SHIRUBE_DATA か --data で別のフォルダーを指定してください。"
        )
    return str(folder) if folder.exists() else f"{folder}（まだありません。取り込みのときに作られます）"


def check_disk_space(settings: Settings) -> str:
    """Return the free space. Raises StorageError if a new index would not fit in addition to the current one."""
    from ingest.index.generation import current_name, generation_folder

    folder = settings.data.absolute()
    free = shutil.disk_usage(next(path for path in (folder, *folder.parents) if path.exists())).free
    name = current_name(settings)
    files = generation_folder(settings.data, name).rglob("*") if name else ()
    size = sum(file.stat().st_size for file in files if file.is_file())
    space = f"{free / _GIGA:.1f} GB（使用中の索引は {size / _MEGA:.0f} MB）"
    if free < size + _SPARE_BYTES:
        raise StorageError(
            f"空きは {space}です。新しい索引は使用中のもののわきに作るので、"
            f"{(size + _SPARE_BYTES) / _MEGA:.0f} MB 以上を空けてください。"
        )
    return space


def check_index(settings: Settings) -> str:
    """Return size and age of the current index.

    Raises NoIndexError and its subclasses; for a damaged index the message names the one that is used instead.
    """
    from ingest.index.index import open_current

    try:
        with open_current(settings) as index:
            created = _format_creation_time(index.generation)
            return f"{index.name}: {len(index.documents)}文書 {len(index.passages)}箇所、作成 {created}"
    except DamagedIndexError as error:
        raise DamagedIndexError(f"{error}{_fallback_index(settings)}") from error


def _fallback_index(settings: Settings) -> str:
    from ingest.index.index import open_index

    try:
        with open_index(settings) as index:
            return f"それまでは、前の索引「{index.name}」（作成 {_format_creation_time(index.generation)}）で答えます。"
    except IngestError:
        return "それまでは、質問に答えられません。"


def _format_creation_time(generation: "Generation") -> str:
    age = datetime.now(UTC) - generation.created
    return f"{generation.created.astimezone():%Y-%m-%d %H:%M}（{_format_age(age.total_seconds())}）"


def _format_age(seconds: float) -> str:
    for length, unit in ((86_400, "日"), (3_600, "時間"), (60, "分")):
        if seconds >= length:
            return f"{int(seconds // length)}{unit}前"
    return "たった今"


def check_encoder(settings: Settings) -> str:
    """Encode a text and return the encoder. Raises IngestError if it cannot be loaded."""
    from ingest.embedding import encoder_prefixes, open_encoder

    encoder = open_encoder(settings)
    prefixes = encoder_prefixes(settings)
    kinds = (("質問", prefixes.query), ("文書", prefixes.passage))
    shown_prefixes = [f"{kind}の前に「{prefix}」" for kind, prefix in kinds if prefix]
    size = encoder.encode_query("しるべ").shape[0]
    return f"{encoder.name}（{'、'.join([f'{size}次元', *shown_prefixes])}）"


def check_reranker(settings: Settings) -> str:
    """Score a text and return the reranker. Raises RerankerError if it cannot be loaded."""
    from bot.retrieval.retrieve import open_reranker

    reranker = open_reranker(settings.reranker)
    if reranker is None:
        return "使わない設定です（検索の順のまま答えます）"
    reranker.scores("しるべ", ["しるべ"])
    return reranker.name


def check_word_splitter(_settings: Settings) -> str:
    """Return the words of a sentence."""
    from ingest.japanese.tokenise import words

    return " ".join(words("計画の期間を調べる"))


def check_relevance_models(_settings: Settings) -> str:
    """Load the models that are shipped with the package. Raises BotError, or the error of a damaged file."""
    from bot.conversation import FollowUpRewriter
    from bot.relevance.relevance_model import SHIPPED, RelevanceModel
    from bot.relevance.token_model import shipped_token_reader

    RelevanceModel.load(SHIPPED)
    shipped_token_reader()
    if problem := FollowUpRewriter().problem:
        raise BotError(problem)
    return "箇所を読むものと、会話の続きを読むものを開きました"


def check_records(settings: Settings) -> str:
    """Return the database of the records. Raises StorageError if it cannot be used."""
    from bot.storage.database import database_url
    from bot.storage.record_store import Store

    file = settings.data / "shirube.sqlite"
    if settings.database_url is None and not file.exists():
        return f"{file}（まだありません。最初の質問のときに作られます）"
    store = Store(database_url(settings))
    try:
        store.ping()
    finally:
        store.close()
    return str(file) if settings.database_url is None else "SHIRUBE_DATABASE_URL のデータベース"


def check_unused_records(settings: Settings) -> str:
    """Look for a database file that is not the one in use. Raises StorageError if there is one."""
    from bot.storage.backup import count_records
    from bot.storage.database import database_url, sqlite_url

    file = settings.data / "shirube.sqlite"
    if not settings.database_url or not file.exists() or database_url(settings) == sqlite_url(file):
        return "ありません"
    conversations, answers = count_records(file)
    raise StorageError(
        f"「{file}」（会話 {conversations:,}件、回答 {answers:,}件）は使っていません。使っているのは"
        f" SHIRUBE_DATABASE_URL のデータベースです。まだ写していなければ `python -m bot records copy {file}"
        " SHIRUBE_DATABASE_URL` で写し、写してあれば別の場所へ移すか消してください（保存期間はここに効きません）。"
    )
