"""Checks of `doctor` on Python, disk, index, models and records, some of them only with `--deep`."""

import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

from pydantic import SecretStr

from bot.errors import BotError
from ingest.configuration.settings import Settings
from ingest.errors import ManifestError, NoIndexError, StorageError
from ingest.index.generation import Generation, load_documents, load_generation
from ingest.metadata.document_states import added_entries
from ingest.metadata.document_table import SYNC_STATES, read_documents, read_source_states
from ingest.metadata.manifest import examine

if TYPE_CHECKING:
    from bot.storage.record_store import Store

# Checks import lazily, so that an import that fails is reported as a failed check.
# ruff: noqa: PLC0415

_GIGA = 1_000_000_000
_MEGA = 1_000_000
# Room for records and logs.
_SPARE_BYTES = 200_000_000


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
    """Return size and age of the current index. Raises NoIndexError and its subclasses."""
    from ingest.index.index import open_index

    with open_index(settings) as index:
        created = f"{index.generation.created.astimezone():%Y-%m-%d %H:%M}"
        return f"{index.name}: {len(index.documents)}文書 {len(index.passages)}箇所、作成 {created}"


def check_encoder(settings: Settings) -> str:
    """Encode a text and return the encoder. Raises IngestError if it cannot be loaded."""
    from ingest.embedding import SentenceTransformerEncoder, open_encoder

    encoder = open_encoder(settings)
    query, passage = encoder.prefixes if isinstance(encoder, SentenceTransformerEncoder) else ("", "")
    kinds = (("質問", query), ("文書", passage))
    shown_prefixes = [f"{kind}の前に「{prefix}」" for kind, prefix in kinds if prefix]
    size = encoder.encode_query("しるべ").shape[0]
    return f"{encoder.name}（{'、'.join([f'{size}次元', *shown_prefixes])}）"


def check_relevance_models(_settings: Settings) -> str:
    """Load the models that are shipped with the package. Raises BotError, or the error of a damaged file."""
    from bot.question.follow_ups import FollowUpRewriter
    from bot.relevance.evidence import shipped_relevance_model
    from bot.relevance.token_model import shipped_token_reader

    shipped_relevance_model()
    shipped_token_reader()
    if problem := FollowUpRewriter().problem:
        raise BotError(problem)
    return "箇所を読むものと、会話の続きを読むものを開きました"


def check_records(settings: Settings) -> str:
    """Return the database of the records. Raises StorageError if it cannot be used."""
    file = settings.data / "shirube.sqlite"
    if settings.database_url is None and not file.exists():
        return f"{file}（まだありません。最初の質問のときに作られます）"
    with _open_records(settings) as store:
        store.ping()
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
        " SHIRUBE_DATABASE_URL のデータベースです。別の場所へ移すか、消してください（保存期間はここに効きません）。"
    )


BUILD = "`python -m ingest build` で取り込んでください。"
# Names that are listed; further ones are only counted.
_MAX_NAMES = 3


def check_documents(settings: Settings) -> str:
    """Return the number of documents in the corpus folders.

    Raises ManifestError with the first problem, and BotError if documents have changed since the build or cannot be
    read.
    """
    generation = _current_generation(settings)
    folders = [Path(corpus) for corpus in generation.basis.corpora] if generation else [settings.corpus]
    if generation and not all(folder.is_dir() for folder in folders):
        missing = f"フォルダー「{'、'.join(map(str, folders))}」はこの計算機にありません"
        return f"{missing}（索引には {generation.documents}文書あります）"
    corpus = examine(*folders, added=added_entries(settings, read_documents(settings)))
    if corpus.problems:
        more = f"（ほかに{len(corpus.problems) - 1}件）" if len(corpus.problems) > 1 else ""
        raise ManifestError(f"{corpus.problems[0]}{more} `python -m ingest check` ですべて確かめられます。")
    digests = {document.id: document.digest for document in corpus.documents}
    if generation:
        indexed = {document.id: document.digest for document in load_documents(settings, generation).documents}
        indexed |= {document.id: document.digest for document in generation.left_out if document.id}
        ids = {*indexed, *digests} - set(generation.basis.removed)
        if changed := sorted(doc_id for doc_id in ids if indexed.get(doc_id) != digests.get(doc_id)):
            raise BotError(f"索引を作ったあとで文書が変わっています（{_format_names(changed)}）。{BUILD}")
        if left_out := [document.file.rpartition("/")[2] for document in generation.left_out]:
            raise BotError(
                f"読めないので索引に入っていない文書があります（{_format_names(left_out)}）。"
                "`python -m ingest check` で直し方が分かります。"
            )
    count = len(corpus.warnings)
    warnings = f"、注意 {count}件（`python -m ingest check` で確かめられます）" if count else ""
    return f"{'、'.join(map(str, folders))}: {len(digests)}文書{warnings}"


def check_sources(settings: Settings) -> str:
    """Return the number of sources in each state.

    Raises BotError naming those that are suspicious or gone, or could not be fetched.
    """
    states = read_source_states(settings)
    if not states:
        return "取得したアドレスはありません"
    notes = [
        f"「{doc_id}」は{SYNC_STATES[state.state]}（{state.since}から）: {state.reason}"
        for doc_id, state in states.items()
        if state.needs_attention
    ]
    if notes:
        advice = "疑わしいものは中身を確かめ、正しければ `python -m ingest sync --confirm ID` で置き換えてください。"
        raise BotError(_format_names(notes, "") + advice)
    counts = Counter(state.state for state in states.values())
    return "、".join(f"{name} {counts[state]}" for state, name in SYNC_STATES.items() if state in counts)


def _current_generation(settings: Settings) -> Generation | None:
    try:
        return load_generation(settings)
    except NoIndexError:  # reported by another check
        return None


def _format_names(names: Sequence[str], separator: str = "、") -> str:
    more = f" ほか{len(names) - _MAX_NAMES}件" if len(names) > _MAX_NAMES else ""
    return separator.join(names[:_MAX_NAMES]) + more


# Of `doctor --deep`.


def check_index_files(settings: Settings) -> str:
    """Verify the checksums of all files of the index. Raises DamagedIndexError."""
    from ingest.index.generation import current_name, generation_folder, load_generation, verify_checksums

    name = current_name(settings)
    if name is None:
        raise BotError("使用中の索引がありません。`python -m ingest build` で作ってください。")
    verify_checksums(settings, load_generation(settings, name))
    files = [path for path in generation_folder(settings.data, name).rglob("*") if path.is_file()]
    size = sum(path.stat().st_size for path in files)
    return f"索引 {name} の {len(files)}個のファイル（{size / 1_000_000:.0f} MB）を、すべて読んで確かめました"


def check_question(settings: Settings) -> str:
    """Answer an example question, recorded in a temporary database. Raises BotError if it is not answered."""
    from bot.service import open_service
    from bot.state import Question, Status

    with tempfile.TemporaryDirectory() as folder:
        url = SecretStr(f"sqlite:///{folder}/doctor.sqlite")
        temporary = settings.model_copy(update={"database_url": url})
        with open_service(temporary) as service:
            service.wait_for_model()
            question = next(iter(service.examples(1)), "この文書は何についてのものですか")
            start = perf_counter()
            answer = service.ask(Question(question=question))
    if answer.status not in (Status.ANSWERED, Status.PARTIAL):
        raise BotError(
            f"「{question}」に答えられません（{answer.status.value}）。"
            "`python -m ingest check` で文書を確かめてください。"
        )
    seconds = perf_counter() - start
    return f"「{question}」に {seconds:.1f}秒で答えました（{answer.generator}、出典 {len(answer.citations)}件）"


def check_record_row(settings: Settings) -> str:
    """Write and delete a row of the records, and return the time. Raises StorageError."""
    start = perf_counter()
    with _open_records(settings) as store:
        store.try_writing()
    return f"1件を書き、消しました（{(perf_counter() - start) * 1000:.0f} ミリ秒）"


def check_database(settings: Settings) -> str:
    """Check the integrity of the database and return its number of rows. Raises StorageError if it is damaged."""
    from sqlalchemy import MetaData, func, select

    with _open_records(settings) as store, store.engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            for pragma in ("integrity_check", "foreign_key_check"):
                problems = [row for row in connection.exec_driver_sql(f"PRAGMA {pragma}") if tuple(row) != ("ok",)]
                if problems:
                    raise StorageError(
                        f"記録のデータベースが壊れています（{pragma}: {len(problems)}件）。"
                        "サーバーを止めて、`python -m bot restore` でバックアップを戻してください。"
                    )
        metadata = MetaData()
        metadata.reflect(connection)
        tables = metadata.tables.values()
        rows = sum(connection.scalar(select(func.count()).select_from(table)) or 0 for table in tables)
    return f"{len(tables)}個の表、{rows:,}行を読めます"


def _open_records(settings: Settings) -> "closing[Store]":
    from bot.storage.database import database_url
    from bot.storage.record_store import Store

    return closing(Store(database_url(settings)))
