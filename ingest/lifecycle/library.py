"""Adds, removes and purges single documents, each completely or not at all."""

import shutil
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from ingest.build.build import BuildReport, CorpusChanges, Progress, build_locked
from ingest.build.cache import BuildCache
from ingest.build.sandboxed_reading import read_with_limits, reading_limits
from ingest.configuration.audit import record_event
from ingest.configuration.settings import Settings
from ingest.configuration.storage import lock_data_folder, replace_file, translate_os_errors
from ingest.configuration.tenants import own_issuer
from ingest.documents import Document, ParsedDocument
from ingest.embedding import Encoder
from ingest.errors import DamagedIndexError, IngestError, ManifestError, NoIndexError, UnreadableDocumentError
from ingest.index.generation import current_name, load_documents, load_generation, remove_old_generations
from ingest.index.originals import archived_originals, earlier_originals
from ingest.lifecycle.sources.synchronise import drop_held_body
from ingest.lifecycle.withdrawals import checked_reason
from ingest.metadata.added_documents import (
    added_folder,
    read_added_entries,
    restore_on_error,
    save_added_entries,
)
from ingest.metadata.document_edits import discard_edits
from ingest.metadata.manifest import DRAFT_MESSAGE, read_corpus, read_entry
from ingest.metadata.unlisted_files import make_id
from ingest.readers.text_files import front_matter
from ingest.sandbox import Limits

_COMMAND = "コマンド"


@dataclass(frozen=True, slots=True)
class Removal:
    """The result of `remove_documents`.

    Documents with `returning` ids are in corpus folders, and return with the next `build` of those.
    """

    report: BuildReport
    removed: tuple[str, ...]
    returning: tuple[str, ...]


def add_documents(
    settings: Settings,
    files: Sequence[Path],
    entry: Mapping[str, Any],
    *,
    by: str = _COMMAND,
    encoder: Encoder | None = None,
    progress: Progress | None = None,
) -> tuple[BuildReport, tuple[str, ...]]:
    """Copy `files` into the index and return their ids; a document with the same id is replaced.

    `entry` has manifest keys; missing ones are taken from the replaced entry, or from the file. The audit log names
    `by`. Raises IngestError, and then changes nothing.
    """
    with lock_data_folder(settings.data):
        corpora, removed = _current_corpora(settings)
        served: dict[str, Document] = {}
        with suppress(NoIndexError):
            served = {
                document.id: document for document in load_documents(settings, load_generation(settings)).documents
            }
        with restore_on_error(added_folder(settings)):
            if len(files) > 1 and {"id", "title"} & set(entry):
                raise ManifestError("--id と --title は、文書をひとつだけ追加するときに指定できます。")
            limits = reading_limits(settings)
            readings = [_add_file(settings, file, entry, limits) for file in files]
            # A document that was removed before comes back in its new version.
            removed -= {reading.document.id for reading in readings}
            report = build_locked(
                settings, corpora, CorpusChanges(removed, readings), encoder=encoder, progress=progress
            )
    discard_edits(settings, [reading.document.id for reading in readings])
    for reading in readings:
        earlier = served.get(reading.document.id)
        published = f"、公表 {earlier.published}" if earlier and earlier.published else ""
        detail = f"前の版: {earlier.title}（{earlier.file}{published}）" if earlier else ""
        record_event(settings, by, "replace" if earlier else "add", [reading.document.id], detail)
    return report, tuple(reading.document.id for reading in readings)


def remove_documents(
    settings: Settings,
    ids: Sequence[str],
    *,
    by: str = _COMMAND,
    encoder: Encoder | None = None,
    progress: Progress | None = None,
) -> Removal:
    """Remove documents: added ones are deleted, those of corpus folders are left out until the next `build`.

    Raises IngestError, also for an unknown id, and then changes nothing.
    """
    ids = tuple(dict.fromkeys(ids))
    with lock_data_folder(settings.data):
        corpora, removed = _current_corpora(settings)
        in_service = {document.id for document in load_documents(settings, load_generation(settings)).documents}
        with restore_on_error(added_folder(settings)) as added:
            tables = read_added_entries(added)
            if unknown := set(ids) - in_service - set(tables):
                missing = "、".join(f"「{doc_id}」" for doc_id in sorted(unknown))
                raise IngestError(f"{missing}という文書はありません。id は `python -m ingest list` で確かめられます。")
            in_corpora = {entry.document.id for entry in read_corpus(*corpora).entries}
            returning = tuple(doc_id for doc_id in ids if doc_id not in tables or doc_id in in_corpora)
            files = [added / tables.pop(doc_id)["file"] for doc_id in ids if doc_id in tables]
            save_added_entries(added, tables)
            for file in files:
                file.unlink(missing_ok=True)
            removed |= set(returning)
            # Removal takes effect even if it leaves no document.
            report = build_locked(
                settings, corpora, CorpusChanges(removed, may_be_empty=True), encoder=encoder, progress=progress
            )
    discard_edits(settings, ids)
    record_event(settings, by, "remove", ids)
    return Removal(report, ids, returning)


def _current_corpora(settings: Settings) -> tuple[list[Path], set[str]]:
    try:
        basis = load_generation(settings).basis
    except DamagedIndexError:  # continuing without the folders would drop their documents
        raise
    except NoIndexError:
        return [], set()
    return [Path(folder) for folder in basis.corpora], set(basis.removed)


def _add_file(settings: Settings, file: Path, entry: Mapping[str, Any], limits: Limits) -> ParsedDocument:
    if not file.is_file():
        raise UnreadableDocumentError(f"ファイル「{file}」がありません。場所と名前を確かめてください。")
    if front_matter(file).get("draft", "").lower() in {"true", "yes"}:
        raise ManifestError(f"{file.name}: {DRAFT_MESSAGE}")
    added = added_folder(settings)
    tables = read_added_entries(added)
    doc_id = str(entry.get("id") or make_id(Path(file.name), set()))
    replaced = tables.get(doc_id, {})
    table = {**replaced, **entry, "id": doc_id, "file": f"{doc_id}{file.suffix.lower()}"}
    if issuer := own_issuer(settings, str(table.get("issuer", ""))):
        table["issuer"] = issuer
    # A title is only needed to validate the other keys; a missing one is read from the file.
    values, problems, _ = read_entry({"title": file.name, **table})
    if problems:
        raise ManifestError("\n".join(f"--{problem}" for problem in problems.values()))
    reading = read_with_limits(file, {key: value for key, value in values.items() if key in table}, limits)
    table["title"] = reading.document.title
    if replaced:
        (added / replaced["file"]).unlink(missing_ok=True)
    replace_file(added / table["file"], partial(shutil.copyfile, file))
    save_added_entries(added, tables | {doc_id: table})
    return reading


def purge(settings: Settings, doc_id: str, reason: str, by: str, version: str = "") -> tuple[str, ...]:
    """Remove the earlier versions of a document, or a single version, and return what was removed.

    What answers are given from stays: `remove`, `withdraw` or replace the document first. Earlier indexes, which have
    the text as well, go too. Raises IngestError without a reason or anything to remove, and then changes nothing.
    """
    reason = checked_reason(reason, "消し去る")
    with lock_data_folder(settings.data):
        originals, earlier = (
            [one for one in found if one.doc_id == doc_id and version in ("", one.version)]
            for found in (archived_originals(settings.data), earlier_originals(settings))
        )
        removed = [original.version for original in earlier]
        with translate_os_errors(settings.data):
            for original in earlier:
                original.path.unlink(missing_ok=True)
        remove_old_generations(settings, {current_name(settings)})
        BuildCache(settings).clear()
        if not version and drop_held_body(settings, doc_id):
            removed.append("sync")
    if not removed:
        raise IngestError(
            f"「{doc_id}」にあるのは、いま答えに使っている版だけです。先に `python -m ingest remove` で外すか、"
            "新しい版に差し替えてください。"
            if originals
            else f"「{doc_id}」の前の版は保管されていません。id は `python -m ingest list` で確かめられます。"
        )
    record_event(settings, by, "purge", [doc_id], f"{reason}（{'、'.join(removed)}）")
    return tuple(removed)
