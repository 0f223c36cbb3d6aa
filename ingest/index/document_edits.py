"""Edits that staff made to document metadata, stored beside the manifests.

The changes lie over the manifests, which stay as they are: no document is read again for them, and every later build
takes them over. A document that is added anew under its id comes with an entry of its own, and begins without them.
"""

from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from ingest.configuration.audit import record_event
from ingest.configuration.settings import Settings
from ingest.configuration.storage import exclusive_writer, replace_text, translate_os_errors
from ingest.configuration.tenants import own_issuer
from ingest.documents import Document
from ingest.errors import IngestError, ManifestError, StorageError
from ingest.index.generation import Generation, load_generation, load_readings
from ingest.index.passages import Readings
from ingest.metadata.manifest_entry import read_entry

EDITED = "edited.json"
"""The file in the data folder that holds the changes."""
EDITABLE = ("title", "kind", "issuer", "published", "period", "aliases", "url")
"""The keys of an entry that can be changed; an id names the document, and what it replaces is said when it is added."""
_NAMES = {
    "title": "題名",
    "kind": "種類",
    "issuer": "発行者",
    "published": "公表",
    "period": "期間",
    "aliases": "ほかの呼び名",
    "url": "アドレス",
}
_EDITS = TypeAdapter(dict[str, dict[str, Any]])
_EMPTY: Mapping[str, Any] = {"kind": "other", "issuer": "", "published": "", "period": None, "aliases": (), "url": None}


def _file(settings: Settings) -> Path:
    return settings.data / EDITED


def read_edits(settings: Settings) -> Mapping[str, Mapping[str, Any]]:
    """Return what was changed, by id and key of the entry; None stands for what was taken out. Raises StorageError."""
    file = _file(settings)
    with translate_os_errors(settings.data):
        content = file.read_bytes() if file.exists() else b"{}"
    try:
        return _EDITS.validate_json(content)
    except ValidationError as error:
        raise StorageError(
            f"直した題名や期間の一覧「{file}」が読めません。控えから戻すか、ファイルを消してから直し直してください。"
        ) from error


def apply_edits(document: Document, changed: Mapping[str, Mapping[str, Any]]) -> Document:
    """Return a document as its entry was `changed`."""
    told = changed.get(document.id, {})
    values, _, _ = read_entry({key: value for key, value in told.items() if value is not None})
    gone = {key: _EMPTY[key] for key, value in told.items() if value is None and key in _EMPTY}
    return replace(document, **gone, **values)


def load_edited_readings(settings: Settings, generation: Generation | None = None) -> Readings:
    """Return what was understood of each document, by default of the index in service, as staff describe it now.

    Raises NoIndexError, StorageError.
    """
    return with_edits(settings, load_readings(settings, generation or load_generation(settings)))


def with_edits(settings: Settings, readings: Readings, but_for: Collection[str] = ()) -> Readings:
    """Return readings with their documents as staff have described them, `but_for` some ids. Raises StorageError."""
    changed = {doc_id: one for doc_id, one in read_edits(settings).items() if doc_id not in but_for}
    return readings.map_documents(lambda document: apply_edits(document, changed))


def edit_entry(settings: Settings, doc_id: str, entry: Mapping[str, Any], by: str) -> Document:
    """Change the entry of a document in service; keys that `entry` lacks, or names with None, become empty.

    Raises ManifestError, which names each key that is wrong, and IngestError for an id that is not in the index.
    """
    given = {key: entry.get(key) for key in EDITABLE}
    values, problems, _ = read_entry({"id": doc_id, "file": "-", **{k: v for k, v in given.items() if v is not None}})
    if problems:
        raise ManifestError("\n".join(problems.values()))
    values["issuer"] = own_issuer(settings, values.get("issuer", ""))
    raw = {document.id: document for document in load_readings(settings, load_generation(settings)).documents}
    if doc_id not in raw:
        raise IngestError(f"「{doc_id}」という文書はありません。`python -m ingest list` で確かめられます。")
    with exclusive_writer(settings.data, "edited.lock"):
        changed = dict(read_edits(settings))
        before, found = apply_edits(raw[doc_id], changed), raw[doc_id]
        wanted = {key: values.get(key, _EMPTY.get(key)) for key in EDITABLE}
        # A key that was changed once stays: an index that was built since holds the change, its manifest does not.
        kept = changed.pop(doc_id, {})
        differing = {key: _plain(one) for key, one in wanted.items() if key in kept or one != getattr(found, key)}
        _save(settings, changed | ({doc_id: differing} if differing else {}))
    after = apply_edits(found, {doc_id: differing})
    if after != before:
        record_event(settings, by, "edit", [doc_id], _describe_change(before, after))
    return after


def discard_edits(settings: Settings, ids: Collection[str]) -> None:
    """Let go of what was changed in documents that were added anew, or are gone."""
    with exclusive_writer(settings.data, "edited.lock"):
        changed = read_edits(settings)
        if not ids or changed.keys().isdisjoint(ids):
            return
        _save(settings, {doc_id: one for doc_id, one in changed.items() if doc_id not in ids})


def _plain(value: Any) -> Any:
    """Return a value of a document as a manifest in JSON writes it; None for an empty one."""
    if hasattr(value, "start"):
        return [value.start.isoformat(), value.end.isoformat()]
    return list(value) or None if isinstance(value, tuple) else value or None


def _describe_change(before: Document, after: Document) -> str:
    """Return what the audit log keeps of a change: each key as it was and as it is."""
    pairs = ((key, _plain(getattr(before, key)), _plain(getattr(after, key))) for key in EDITABLE)
    return "、".join(
        f"{_NAMES[key]}: {_format_value(old)} → {_format_value(new)}" for key, old, new in pairs if old != new
    )


def _format_value(value: Any) -> str:
    return "（なし）" if value is None else "〜".join(value) if isinstance(value, list) else str(value)


def _save(settings: Settings, changed: Mapping[str, Mapping[str, Any]]) -> None:
    told = _EDITS.dump_json({doc_id: dict(one) for doc_id, one in changed.items()}, indent=2)
    with translate_os_errors(settings.data):
        replace_text(_file(settings), told.decode() + "\n")
