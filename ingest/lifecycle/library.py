"""Adds, removes and purges single documents, each completely or not at all."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from ingest.build.build import BuildReport, CorpusChanges, Progress, build_locked
from ingest.build.cache import BuildCache
from ingest.build.sandboxed_reading import read_with_limits, reading_limits
from ingest.configuration.audit import record_event
from ingest.configuration.settings import Settings
from ingest.configuration.storage import lock_data_folder, translate_os_errors
from ingest.documents import Document, ParsedDocument
from ingest.embedding import Encoder
from ingest.errors import DamagedIndexError, IngestError, ManifestError, NoIndexError, UnreadableDocumentError
from ingest.index.generation import current_name, load_documents, load_generation, remove_old_generations
from ingest.index.originals import archived_originals, earlier_originals
from ingest.metadata.document_states import checked_reason, refuse_unknown
from ingest.metadata.document_table import DocumentRow, change_documents, read_documents
from ingest.metadata.manifest import DRAFT_MESSAGE, make_id, read_corpus, read_entry
from ingest.readers.text_files import front_matter

_COMMAND = "コマンド"


def add_documents(
    settings: Settings,
    files: Sequence[Path],
    entry: Mapping[str, Any],
    *,
    by: str = _COMMAND,
    encoder: Encoder | None = None,
    progress: Progress | None = None,
) -> tuple[BuildReport, tuple[str, ...]]:
    """Copy `files` into the data folder and return their ids; a document with the same id is replaced.

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
        rows = read_documents(settings)
        known = {*served, *(doc_id for doc_id, row in rows.items() if row.file)}  # the rows of a FAQ file are served
        if len(files) > 1 and {"id", "title"} & set(entry):
            raise ManifestError("--id と --title は、文書をひとつだけ追加するときに指定できます。")
        new = [_read_addition(file, entry, rows) for file in files]
        with change_documents(settings) as table:  # staged until the index has them
            staged = [table.stage(parsed.document.file, file.read_bytes()) for file, parsed, _ in new]
        try:
            for row, (_, parsed, keys) in zip(staged, new, strict=True):
                rows[parsed.document.id] = DocumentRow(id=parsed.document.id, file=row.file, entry=keys)
            readings = [parsed for _, parsed, _ in new]
            ids = tuple(parsed.document.id for parsed in readings)
            # A document that was removed before comes back in its new version.
            changes = CorpusChanges(removed - set(ids), readings, rows)
            report = build_locked(settings, corpora, changes, encoder=encoder, progress=progress)
            with change_documents(settings) as table:
                for row in map(table.row, ids):
                    row.state = "withdrawn" if row.is_withdrawn else "added"
                    row.file, row.entry, row.edits = rows[row.id].file, rows[row.id].entry, {}
        finally:
            with change_documents(settings) as table:
                table.unstage(row.id for row in staged)
    for doc_id in ids:
        earlier = served.get(doc_id)
        published = f"、公表 {earlier.published}" if earlier and earlier.published else ""
        detail = f"前の版: {earlier.title}（{earlier.file}{published}）" if earlier else ""
        record_event(settings, by, "replace" if doc_id in known else "add", [doc_id], detail)
    return report, ids


def remove_documents(
    settings: Settings,
    ids: Sequence[str],
    *,
    by: str = _COMMAND,
    encoder: Encoder | None = None,
    progress: Progress | None = None,
) -> tuple[BuildReport, tuple[str, ...]]:
    """Remove documents: added ones are deleted, those of corpus folders are left out until the next `build`.

    Returns the ids of those that return with it. Raises IngestError, also for an unknown id, and then changes nothing.
    """
    ids = tuple(dict.fromkeys(ids))
    with lock_data_folder(settings.data):
        corpora, removed = _current_corpora(settings)
        in_service = {document.id for document in load_documents(settings, load_generation(settings)).documents}
        rows = read_documents(settings)
        added = {doc_id for doc_id, row in rows.items() if row.file}
        refuse_unknown(ids, in_service | added)
        in_corpora = {entry.document.id for entry in read_corpus(*corpora).entries}
        returning = tuple(doc_id for doc_id in ids if doc_id not in added or doc_id in in_corpora)
        # Removal takes effect even if it leaves no document.
        remaining = {doc_id: row for doc_id, row in rows.items() if doc_id not in ids}
        changes = CorpusChanges(removed | set(returning), rows=remaining, may_be_empty=True)
        report = build_locked(settings, corpora, changes, encoder=encoder, progress=progress)
        with change_documents(settings) as table:
            for row in map(table.row, ids):
                row.state = "withdrawn" if row.is_withdrawn else "listed"
                row.file, row.entry, row.edits = "", {}, {}
    record_event(settings, by, "remove", ids)
    return report, returning


def _current_corpora(settings: Settings) -> tuple[list[Path], set[str]]:
    try:
        basis = load_generation(settings).basis
    except DamagedIndexError:  # continuing without the folders would drop their documents
        raise
    except NoIndexError:
        return [], set()
    return [Path(folder) for folder in basis.corpora], set(basis.removed)


def _read_addition(
    file: Path, entry: Mapping[str, Any], rows: Mapping[str, DocumentRow]
) -> tuple[Path, ParsedDocument, dict[str, Any]]:
    if not file.is_file():
        raise UnreadableDocumentError(f"ファイル「{file}」がありません。場所と名前を確かめてください。")
    if front_matter(file).get("draft", "").lower() in {"true", "yes"}:
        raise ManifestError(f"{file.name}: {DRAFT_MESSAGE}")
    doc_id = str(entry.get("id") or make_id(Path(file.name), set()))
    keys = {**(rows[doc_id].entry if doc_id in rows else {}), **entry}
    placed = {"id": doc_id, "file": f"{doc_id}{file.suffix.lower()}"}
    # A title is only needed to validate the other keys; a missing one is read from the file.
    values, problems, _ = read_entry({"title": file.name, **keys, **placed})
    if problems:
        raise ManifestError("\n".join(f"--{problem}" for problem in problems.values()))
    given = {key: value for key, value in values.items() if key in {**keys, **placed}}
    parsed = read_with_limits(file, given, reading_limits())
    kept = {key: value for key, value in keys.items() if key != "id"}
    return file, parsed, {**kept, "title": parsed.document.title}


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
        with change_documents(settings) as table:
            row = table.row(doc_id)
            if not version and row.source and row.source.held:
                row.source = replace(row.source, held="", held_text="")
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
