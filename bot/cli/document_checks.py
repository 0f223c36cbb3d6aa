"""Checks of `doctor` on the corpus: readable files, validity periods, an up-to-date index."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from bot.errors import BotError
from ingest.configuration.settings import Settings
from ingest.errors import ManifestError, NoIndexError
from ingest.index.generation import Generation, load_documents, load_generation
from ingest.lifecycle.expiry import documents_ending_soon
from ingest.lifecycle.withdrawals import read_withdrawals
from ingest.metadata.added_documents import added_folder
from ingest.metadata.manifest import examine

BUILD = "`python -m ingest build` で取り込んでください。"
# More names than this are counted only.
_NAMED = 3


def check_documents(settings: Settings) -> str:
    """Return what was found in the corpus folders.

    Raises ManifestError with the first problem, and BotError where the documents are not those of the index, or some
    cannot be read.
    """
    generation = _current_generation(settings)
    folders = [Path(one) for one in generation.basis.corpora] if generation else [settings.corpus]
    if generation and not all(folder.is_dir() for folder in folders):
        missing = f"フォルダー「{_format_folders(folders)}」はこの計算機にありません"
        return f"{missing}（索引には {generation.documents}文書あります）"
    added = added_folder(settings)
    corpus = examine(*folders, *([added] if added.is_dir() else []))
    if corpus.problems:
        more = f"（ほかに{len(corpus.problems) - 1}件）" if len(corpus.problems) > 1 else ""
        raise ManifestError(f"{corpus.problems[0]}{more} `python -m ingest check` ですべて確かめられます。")
    found = {document.id: document.digest for document in corpus.documents}
    if generation and (changed := _changed_documents(settings, generation, found)):
        raise BotError(f"索引を作ったあとで文書が変わっています（{_format_ids(changed)}）。{BUILD}")
    if generation and generation.left_out:
        files = _format_ids([one.file.rpartition("/")[2] for one in generation.left_out])
        raise BotError(
            f"読めないので索引に入っていない文書があります（{files}）。`python -m ingest check` で直し方が分かります。"
        )
    told = f"、注意 {len(corpus.warnings)}件（`python -m ingest check` で確かめられます）" if corpus.warnings else ""
    return f"{_format_folders(folders)}: {len(found)}文書{told}"


def check_periods(settings: Settings) -> str:
    """Return whose period ends soon or has ended, and what is withdrawn; neither is a fault."""
    if _current_generation(settings) is None:
        return "索引がまだありません"
    out = [f"「{one.title}」は取り下げ中です（{one.reason}）。" for one in read_withdrawals(settings).values()]
    told = [*map(str, documents_ending_soon(settings)), *out]
    more = f" ほか{len(told) - _NAMED}件" if len(told) > _NAMED else ""
    return "".join(told[:_NAMED]) + more or f"{settings.expiry_notice_days}日のうちに期間が終わる文書はありません"


def _current_generation(settings: Settings) -> Generation | None:
    try:
        return load_generation(settings)
    except NoIndexError:  # that has a check of its own
        return None


def _changed_documents(settings: Settings, generation: Generation, found: Mapping[str, str]) -> list[str]:
    """Return the ids of documents that are new, altered or gone since the index was made; removed ones are meant.

    So are those that the index left out because they cannot be read.
    """
    indexed = {document.id: document.digest for document in load_documents(settings, generation).documents}
    indexed |= {one.id: one.digest for one in generation.left_out if one.id}
    ids = {*indexed, *found} - set(generation.basis.removed)
    return sorted(one for one in ids if indexed.get(one) != found.get(one))


def _format_ids(ids: list[str]) -> str:
    return "、".join(ids[:_NAMED]) + (f" ほか{len(ids) - _NAMED}件" if len(ids) > _NAMED else "")


def _format_folders(folders: Iterable[Path]) -> str:
    return "、".join(map(str, folders))
