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

# A check imports what it tries, so that one that cannot be imported is a finding too.
# ruff: noqa: PLC0415

_GIGA = 1_000_000_000
_MEGA = 1_000_000
# What answers, records and a log take until somebody looks.
_SPARE_BYTES = 200_000_000


def check_python(_settings: Settings) -> str:
    """Return the version of Python. Raises BotError where this project does not run on it."""
    if not (3, 11) <= sys.version_info < (3, 14):
        raise BotError("Python 3.11〜3.13 を使ってください。")
    return platform.python_version()


def check_data_folder(settings: Settings) -> str:
    """Return where the data lies, or will. Raises StorageError where nothing can be written."""
    folder = settings.data.absolute()
    there = next(path for path in (folder, *folder.parents) if path.exists())
    if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
        raise StorageError(
            f"「{there}」に書き込めません。権限を直すか、SHIRUBE_DATA か --data で別のフォルダーを指定してください。"
        )
    return str(folder) if folder.exists() else f"{folder}（まだありません。取り込みのときに作られます）"


def check_disk_space(settings: Settings) -> str:
    """Return how much is free. Raises StorageError where a new index would not fit beside the one in service."""
    from ingest.index.generation import current_name, generation_folder

    folder = settings.data.absolute()
    free = shutil.disk_usage(next(path for path in (folder, *folder.parents) if path.exists())).free
    name = current_name(settings)
    files = generation_folder(settings.data, name).rglob("*") if name else ()
    size = sum(file.stat().st_size for file in files if file.is_file())
    found = f"{free / _GIGA:.1f} GB（使用中の索引は {size / _MEGA:.0f} MB）"
    if free < size + _SPARE_BYTES:
        raise StorageError(
            f"空きは {found}です。新しい索引は使用中のもののわきに作るので、"
            f"{(size + _SPARE_BYTES) / _MEGA:.0f} MB 以上を空けてください。"
        )
    return found


def check_index(settings: Settings) -> str:
    """Return what is in service and how old it is.

    Raises NoIndexError and its kin; of a damaged index it tells which one answers in its place.
    """
    from ingest.index.index import open_current

    try:
        with open_current(settings) as index:
            created = _format_creation_time(index.generation)
            return f"{index.name}: {len(index.documents)}文書 {len(index.passages)}箇所、作成 {created}"
    except DamagedIndexError as error:
        raise DamagedIndexError(f"{error}{_fallback_index(settings)}") from error


def _fallback_index(settings: Settings) -> str:
    """Return which index answers in place of the damaged one, or that none does."""
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
    """Return the encoder, after trying it. Raises IngestError where it cannot be loaded."""
    from ingest.embedding import encoder_prefixes, open_encoder

    encoder, before = open_encoder(settings), encoder_prefixes(settings)
    told = [f"{what}の前に「{text}」" for what, text in (("質問", before.query), ("文書", before.passage)) if text]
    size = encoder.encode_query("しるべ").shape[0]
    return f"{encoder.name}（{'、'.join([f'{size}次元', *told])}）"


def check_reranker(settings: Settings) -> str:
    """Return the reranker, after trying it. Raises RerankerError where it cannot be loaded."""
    from bot.retrieval.retrieve import open_reranker

    reranker = open_reranker(settings.reranker)
    if reranker is None:
        return "使わない設定です（検索の順のまま答えます）"
    reranker.scores("しるべ", ["しるべ"])
    return reranker.name


def check_word_splitter(_settings: Settings) -> str:
    """Return a sentence cut into words."""
    from ingest.japanese.tokenise import words

    return " ".join(words("計画の期間を調べる"))


def check_relevance_models(_settings: Settings) -> str:
    """Return that what reads questions and passages can be opened. Raises what is wrong with a file, or BotError."""
    from bot.conversation import FollowUpRewriter
    from bot.relevance.relevance_model import SHIPPED, RelevanceModel
    from bot.relevance.token_model import shipped_token_reader

    RelevanceModel.load(SHIPPED)
    shipped_token_reader()
    if problem := FollowUpRewriter().problem:
        raise BotError(problem)
    return "箇所を読むものと、会話の続きを読むものを開きました"


def check_records(settings: Settings) -> str:
    """Return where the records are kept. Raises StorageError where they cannot be."""
    from bot.storage.database import database_url
    from bot.storage.store import Store

    file = settings.data / "shirube.sqlite"
    if settings.database_url is None and not file.exists():
        return f"{file}（まだありません。最初の質問のときに作られます）"
    store = Store(database_url(settings))
    try:
        store.ping()
    finally:
        store.close()
    return str(file) if settings.database_url is None else "SHIRUBE_DATABASE_URL のデータベース"
