"""What staff change of a document: its metadata, over the manifest, and whether answers may use it.

Both act on the next question without reading a document again, and every build applies them.
"""

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, fields, replace
from datetime import UTC, date, datetime
from typing import Any

from ingest.configuration.audit import record_event
from ingest.configuration.settings import Settings
from ingest.corpus import MANIFEST, CorpusEntry, content_digest, printable_name, with_digest
from ingest.documents import Document, ParsedDocument
from ingest.errors import IngestError, ManifestError, NoIndexError
from ingest.index.generation import Generation, load_documents, load_generation
from ingest.index.passages import PassageStore
from ingest.japanese.today import today
from ingest.metadata.document_table import DocumentRow, added_folder, change_documents, read_documents
from ingest.metadata.manifest import read_entry
from ingest.publications import Publications

LONGEST_REASON = 200
_KEY_LABELS = {
    "title": "題名",
    "kind": "種類",
    "issuer": "発行者",
    "published": "公表",
    "period": "期間",
    "aliases": "ほかの呼び名",
    "url": "アドレス",
}
EDITABLE_KEYS = tuple(_KEY_LABELS)
"""Manifest keys that can be edited; `id` identifies the document and `supersedes` is set when it is added."""
_DEFAULTS: Mapping[str, Any] = {
    field.name: field.default for field in fields(Document) if field.name in EDITABLE_KEYS and field.name != "title"
}
Rows = Mapping[str, DocumentRow]
# Days before the end of its period from which a document is listed as ending.
_NOTICE_DAYS = 90


def apply_edits(document: Document, rows: Rows) -> Document:
    """Return the document with the edits of staff."""
    edits = rows[document.id].edits if document.id in rows else {}
    values, _, _ = read_entry({key: value for key, value in edits.items() if value is not None})
    cleared = {key: _DEFAULTS[key] for key, value in edits.items() if value is None and key in _DEFAULTS}
    return replace(document, **cleared, **values)


def added_entries(settings: Settings, rows: Rows) -> list[CorpusEntry]:
    """Return the entries of the added documents, which take the place of those of corpus folders."""
    entries = []
    for row in rows.values():
        if row.file:
            path, content = added_folder(settings) / row.file, ""
            values, _, _ = read_entry(row.entry)
            file = f"{row.id}{path.suffix.lower()}"
            document = Document(**{"title": printable_name(path.stem), **values, "id": row.id, "file": file})
            with suppress(OSError):  # reading the document reports it
                content = content_digest(path)
            manifest = str(added_folder(settings) / MANIFEST)
            has_title = "title" in values
            entries.append(
                CorpusEntry(with_digest(document, content), path, manifest, has_title=has_title, content=content)
            )
    return entries


def load_edited_documents(settings: Settings, generation: Generation | None = None) -> PassageStore:
    """Return the documents of a generation, by default the active one, with the edits of staff.

    Raises NoIndexError, StorageError.
    """
    store, rows = load_documents(settings, generation or load_generation(settings)), read_documents(settings)
    store.documents = tuple(apply_edits(document, rows) for document in store.documents)
    return store


def edit_entry(settings: Settings, doc_id: str, entry: Mapping[str, Any], by: str) -> Document:
    """Edit the entry of an indexed document; missing keys and None become empty.

    Raises ManifestError naming each invalid key, and IngestError for an unknown id.
    """
    submitted = {key: entry[key] for key in EDITABLE_KEYS if entry.get(key) is not None}
    values, problems, _ = read_entry({"id": doc_id, "file": "-", **submitted})
    if problems:
        raise ManifestError("\n".join(problems.values()))
    indexed = {document.id: document for document in load_documents(settings, load_generation(settings)).documents}
    refuse_unknown([doc_id], indexed)
    original = indexed[doc_id]
    with change_documents(settings) as table:
        row = table.row(doc_id)
        previous = apply_edits(original, {doc_id: row})
        new_values = {key: values.get(key, _DEFAULTS.get(key)) for key in EDITABLE_KEYS}
        # Edited keys stay edits: a later index includes them, the manifest does not.
        row.edits = {
            key: _to_json_value(value)
            for key, value in new_values.items()
            if key in row.edits or value != getattr(original, key)
        }
        edited = apply_edits(original, {doc_id: row})
    pairs = {key: [_to_json_value(getattr(one, key)) for one in (previous, edited)] for key in EDITABLE_KEYS}
    changes = [
        f"{_KEY_LABELS[key]}: {_format_value(old)} → {_format_value(new)}"
        for key, (old, new) in pairs.items()
        if old != new
    ]
    if changes:
        record_event(settings, by, "edit", [doc_id], "、".join(changes))
    return edited


def _to_json_value(value: Any) -> Any:
    if hasattr(value, "start"):
        return [value.start.isoformat(), value.end.isoformat()]
    return list(value) or None if isinstance(value, tuple) else value or None


def _format_value(value: Any) -> str:
    if value is None:
        return "（なし）"
    return "〜".join(value) if isinstance(value, list) else str(value)


def read_withdrawals(settings: Settings) -> Rows:
    """Return the rows of the withdrawn documents by id. Raises StorageError."""
    return {doc_id: row for doc_id, row in read_documents(settings).items() if row.is_withdrawn}


def withdraw(settings: Settings, ids: Sequence[str], reason: str, by: str) -> tuple[str, ...]:
    """Exclude documents from the next question on; returns the ids that were not withdrawn before.

    Raises IngestError for an unknown id, or a reason that is empty or too long, and then changes nothing.
    """
    reason = checked_reason(reason, "取り下げる")
    try:
        titles = {document.id: document.title for document in load_edited_documents(settings).documents}
    except NoIndexError as error:
        raise IngestError(f"索引が使えないので、どの文書があるか分かりません。{error}") from error
    refuse_unknown(ids, titles)
    with change_documents(settings) as table:
        new = [row for row in map(table.row, dict.fromkeys(ids)) if not row.is_withdrawn]
        for row in new:
            row.state, row.changed = "withdrawn", datetime.now(UTC).isoformat()
            row.title, row.reason, row.by = titles[row.id], reason, by
    if new:
        record_event(settings, by, "withdraw", [row.id for row in new], reason)
    return tuple(row.id for row in new)


def restore(settings: Settings, ids: Sequence[str], by: str) -> tuple[str, ...]:
    """Include withdrawn documents again from the next question on. Raises IngestError for any other id."""
    restored = tuple(dict.fromkeys(ids))
    with change_documents(settings) as table:
        refuse_unknown(ids, {row.id for row in table.rows() if row.is_withdrawn})
        for row in map(table.row, restored):
            row.state = "added" if row.file else "listed"
    record_event(settings, by, "restore", restored)
    return restored


def checked_reason(reason: str, verb: str) -> str:
    """Return a reason on one line. Raises IngestError, with what is done as a Japanese `verb`, if it is not usable."""
    reason = " ".join(reason.split())
    if not reason or len(reason) > LONGEST_REASON:
        raise IngestError(f"{verb}理由を1〜{LONGEST_REASON}文字で書いてください。")
    return reason


def refuse_unknown(ids: Sequence[str], known_ids: Collection[str]) -> None:
    """Raise IngestError, which names them, if some `ids` are of no document."""
    if missing := [doc_id for doc_id in ids if doc_id not in known_ids]:
        raise IngestError(
            f"「{'」「'.join(missing)}」という文書はありません。id は `python -m ingest list` で確かめられます。"
        )


@dataclass(frozen=True, slots=True)
class ListedDocument:
    """A document of the index with its row in the documents table; `ending` says that its period ends soon or ended."""

    store: PassageStore
    document: Document
    row: DocumentRow
    ending: str

    @property
    def reading(self) -> ParsedDocument:
        return self.store.load(self.document.id)

    @property
    def passage_count(self) -> int:
        return len(self.store.passage_rows(self.document.id))


def list_documents(settings: Settings, generation: Generation | None = None) -> list[ListedDocument]:
    """Return the documents of a generation, by default the active one, with the edits of staff, withdrawn ones too.

    Raises NoIndexError, StorageError.
    """
    store, rows = load_edited_documents(settings, generation), read_documents(settings)
    row_of = {one.id: rows.get(one.id) or DocumentRow(id=one.id) for one in store.documents}
    served = [one for one in store.documents if not row_of[one.id].is_withdrawn]
    ending = ending_notices(served, today(), _NOTICE_DAYS)
    return [ListedDocument(store, one, row_of[one.id], ending.get(one.id, "")) for one in store.documents]


def ending_notices(documents: Sequence[Document], day: date, within: int) -> dict[str, str]:
    """Return a notice by id for documents without a successor whose period ends in `within` days or has ended."""
    publications = Publications(documents)
    notices = {}
    for document in documents:
        days = (document.period.end - day).days if document.period else within + 1
        if days <= within and publications.successor(document, date.max) is None:
            ends = f"{f'あと{days}日' if days else '今日'}で終わります" if days >= 0 else f"{-days}日前に終わりました"
            notices[document.id] = f"「{document.title}」の期間は{ends}。後を継ぐ文書がありません。"
    return notices
