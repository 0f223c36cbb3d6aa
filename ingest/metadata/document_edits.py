"""Edits that staff made to document metadata, stored next to the manifests.

They override manifest entries without reading a document again, and every build applies them. Adding a document again
under its id discards them.
"""

from collections.abc import Collection, Mapping
from dataclasses import fields, replace
from typing import Any

from ingest.configuration.audit import record_event
from ingest.configuration.settings import Settings
from ingest.configuration.storage import StateFile
from ingest.configuration.tenants import own_issuer
from ingest.documents import Document
from ingest.errors import IngestError, ManifestError
from ingest.index.generation import Generation, load_documents, load_generation
from ingest.index.passages import ParsedDocuments
from ingest.metadata.manifest import read_entry

EDITS_FILE = "edited.json"
"""File in the data folder."""
EDITABLE_KEYS = ("title", "kind", "issuer", "published", "period", "aliases", "url")
"""Manifest keys that can be edited; `id` identifies the document and `supersedes` is set when it is added."""
_KEY_LABELS = {
    "title": "題名",
    "kind": "種類",
    "issuer": "発行者",
    "published": "公表",
    "period": "期間",
    "aliases": "ほかの呼び名",
    "url": "アドレス",
}
_DEFAULTS: Mapping[str, Any] = {
    field.name: field.default for field in fields(Document) if field.name in EDITABLE_KEYS and field.name != "title"
}


def _file(settings: Settings) -> StateFile[dict[str, Any]]:
    advice = "控えから戻すか、ファイルを消してから題名や期間を直し直してください。"
    return StateFile(settings.data, EDITS_FILE, dict[str, Any], advice)


def read_edits(settings: Settings) -> Mapping[str, Mapping[str, Any]]:
    """Return the edits by id and manifest key; None means that a value was removed. Raises StorageError."""
    return _file(settings).read()


def apply_edits(document: Document, all_edits: Mapping[str, Mapping[str, Any]]) -> Document:
    """Return the document with its edits."""
    edits = all_edits.get(document.id, {})
    values, _, _ = read_entry({key: value for key, value in edits.items() if value is not None})
    cleared = {key: _DEFAULTS[key] for key, value in edits.items() if value is None and key in _DEFAULTS}
    return replace(document, **cleared, **values)


def load_edited_documents(settings: Settings, generation: Generation | None = None) -> ParsedDocuments:
    """Return the documents of a generation, by default the active one, with the edits of staff.

    Raises NoIndexError, StorageError.
    """
    return with_edits(settings, load_documents(settings, generation or load_generation(settings)))


def with_edits(settings: Settings, documents: ParsedDocuments, excluded: Collection[str] = ()) -> ParsedDocuments:
    """Return the documents with the edits of staff, except for the `excluded` ids. Raises StorageError."""
    all_edits = {
        doc_id: document_edits for doc_id, document_edits in read_edits(settings).items() if doc_id not in excluded
    }
    return documents.map_documents(lambda document: apply_edits(document, all_edits))


def edit_entry(settings: Settings, doc_id: str, entry: Mapping[str, Any], by: str) -> Document:
    """Edit the entry of an indexed document; missing keys and None become empty.

    Raises ManifestError naming each invalid key, and IngestError for an unknown id.
    """
    submitted = {key: entry.get(key) for key in EDITABLE_KEYS}
    values, problems, _ = read_entry(
        {"id": doc_id, "file": "-", **{k: v for k, v in submitted.items() if v is not None}}
    )
    if problems:
        raise ManifestError("\n".join(problems.values()))
    values["issuer"] = own_issuer(settings, values.get("issuer", ""))
    raw = {document.id: document for document in load_documents(settings, load_generation(settings)).documents}
    if doc_id not in raw:
        raise IngestError(f"「{doc_id}」という文書はありません。`python -m ingest list` で確かめられます。")
    with _file(settings).changed() as edits:
        previous = apply_edits(raw[doc_id], edits)
        original = raw[doc_id]
        new_values = {key: values.get(key, _DEFAULTS.get(key)) for key in EDITABLE_KEYS}
        # Edited keys stay edits: a later index includes them, the manifest does not.
        earlier = edits.pop(doc_id, {})
        differing = {
            key: _to_json_value(value)
            for key, value in new_values.items()
            if key in earlier or value != getattr(original, key)
        }
        if differing:
            edits[doc_id] = differing
    edited = apply_edits(original, {doc_id: differing})
    if edited != previous:
        pairs = (
            (_to_json_value(getattr(previous, key)), _to_json_value(getattr(edited, key))) for key in EDITABLE_KEYS
        )
        changes = (
            f"{_KEY_LABELS[key]}: {_format_value(old)} → {_format_value(new)}"
            for key, (old, new) in zip(EDITABLE_KEYS, pairs, strict=True)
            if old != new
        )
        record_event(settings, by, "edit", [doc_id], "、".join(changes))
    return edited


def discard_edits(settings: Settings, ids: Collection[str]) -> None:
    """Delete the edits of documents that were added again or removed."""
    with _file(settings).changed() as edits:
        for doc_id in ids:
            edits.pop(doc_id, None)


def _to_json_value(value: Any) -> Any:
    if hasattr(value, "start"):
        return [value.start.isoformat(), value.end.isoformat()]
    return list(value) or None if isinstance(value, tuple) else value or None


def _format_value(value: Any) -> str:
    if value is None:
        return "（なし）"
    return "〜".join(value) if isinstance(value, list) else str(value)
