"""Checks of `doctor` on the corpus: readable files, validity periods, an up-to-date index."""

from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

from bot.errors import BotError
from ingest.configuration.settings import Settings
from ingest.errors import ManifestError, NoIndexError
from ingest.index.generation import Generation, load_documents, load_generation
from ingest.index.originals import earlier_originals
from ingest.lifecycle.expiry import documents_ending_soon
from ingest.lifecycle.sources import STATES, read_states
from ingest.lifecycle.withdrawals import read_withdrawals
from ingest.metadata.added_documents import added_folder
from ingest.metadata.manifest import examine

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
        missing = f"フォルダー「{_format_folders(folders)}」はこの計算機にありません"
        return f"{missing}（索引には {generation.documents}文書あります）"
    corpus = examine(*folders, added=added_folder(settings))
    if corpus.problems:
        more = f"（ほかに{len(corpus.problems) - 1}件）" if len(corpus.problems) > 1 else ""
        raise ManifestError(f"{corpus.problems[0]}{more} `python -m ingest check` ですべて確かめられます。")
    digests = {document.id: document.digest for document in corpus.documents}
    if generation and (changed := _changed_documents(settings, generation, digests)):
        raise BotError(f"索引を作ったあとで文書が変わっています（{_format_ids(changed)}）。{BUILD}")
    if generation and generation.left_out:
        files = _format_ids([document.file.rpartition("/")[2] for document in generation.left_out])
        raise BotError(
            f"読めないので索引に入っていない文書があります（{files}）。`python -m ingest check` で直し方が分かります。"
        )
    count = len(corpus.warnings)
    warnings = f"、注意 {count}件（`python -m ingest check` で確かめられます）" if count else ""
    return f"{_format_folders(folders)}: {len(digests)}文書{warnings}"


def check_periods(settings: Settings) -> str:
    """Return the documents whose period ends soon or that are withdrawn; this check cannot fail."""
    if _current_generation(settings) is None:
        return "索引がまだありません"
    withdrawals = read_withdrawals(settings).values()
    withdrawn = [f"「{withdrawal.title}」は取り下げ中です（{withdrawal.reason}）。" for withdrawal in withdrawals]
    notes = [*map(str, documents_ending_soon(settings)), *withdrawn]
    if not notes:
        return f"{settings.expiry_notice_days}日のうちに期間が終わる文書はありません"
    more = f" ほか{len(notes) - _MAX_NAMES}件" if len(notes) > _MAX_NAMES else ""
    return "".join(notes[:_MAX_NAMES]) + more


def check_sources(settings: Settings) -> str:
    """Return the number of sources in each state.

    Raises BotError naming those that are suspicious or gone, or could not be fetched.
    """
    states = read_states(settings).values()
    if not states:
        return "取得したアドレスはありません"
    notes = [
        f"「{state.name}」は{STATES[state.state]}（{state.since}から）: {state.reason}"
        for state in states
        if state.needs_attention
    ]
    notes += [f"「{state.name}」は取得できません: {state.failure}" for state in states if state.failure]
    if notes:
        more = f" ほか{len(notes) - _MAX_NAMES}件" if len(notes) > _MAX_NAMES else ""
        advice = "疑わしいものは中身を確かめ、正しければ `python -m ingest sync --confirm 文書` で置き換えてください。"
        raise BotError("".join(notes[:_MAX_NAMES]) + more + advice)
    counts: Counter[str] = Counter(state.state for state in states)
    return "、".join(f"{name} {counts[state]}" for state, name in STATES.items() if state in counts)


def check_originals(settings: Settings) -> str:
    """Return the number and size of the earlier versions of files; this check cannot fail."""
    earlier = earlier_originals(settings)
    size_mb = sum(original.size for original in earlier) / 1_000_000
    return f"{len(earlier)}件、{size_mb:,.1f} MB（上限 {settings.originals_mb:,} MB）"


def _current_generation(settings: Settings) -> Generation | None:
    try:
        return load_generation(settings)
    except NoIndexError:  # reported by another check
        return None


def _changed_documents(settings: Settings, generation: Generation, digests: Mapping[str, str]) -> list[str]:
    indexed = {document.id: document.digest for document in load_documents(settings, generation).documents}
    indexed |= {document.id: document.digest for document in generation.left_out if document.id}
    ids = {*indexed, *digests} - set(generation.basis.removed)
    return sorted(doc_id for doc_id in ids if indexed.get(doc_id) != digests.get(doc_id))


def _format_ids(ids: list[str]) -> str:
    return "、".join(ids[:_MAX_NAMES]) + (f" ほか{len(ids) - _MAX_NAMES}件" if len(ids) > _MAX_NAMES else "")


def _format_folders(folders: Iterable[Path]) -> str:
    return "、".join(map(str, folders))
