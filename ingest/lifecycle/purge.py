"""Removes what must not be kept: earlier versions of a document's file, and bodies kept aside from its source."""

from ingest.build.cache import BuildCache
from ingest.configuration.audit import record_event
from ingest.configuration.settings import Settings
from ingest.configuration.storage import lock_data_folder, translate_os_errors
from ingest.errors import IngestError
from ingest.index.generation import current_name, generation_folder, remove_old_generations
from ingest.index.originals import archived_originals, remove_original
from ingest.lifecycle.sources import drop_held_body
from ingest.lifecycle.withdrawals import LONGEST_REASON


def purge(settings: Settings, doc_id: str, reason: str, by: str, version: str = "") -> tuple[str, ...]:
    """Remove the earlier versions of a document, or a single version, and return what was removed.

    What answers are given from stays: `remove`, `withdraw` or replace the document first. Earlier indexes, which have
    the text as well, go too. Raises IngestError without a reason or anything to remove, and then changes nothing.
    """
    reason = " ".join(reason.split())
    if not reason or len(reason) > LONGEST_REASON:
        raise IngestError(f"消し去る理由を1〜{LONGEST_REASON}文字で書いてください。")
    with lock_data_folder(settings.data):
        current = current_name(settings)
        in_service = {path.name for path in generation_folder(settings.data, current or "-").glob("originals/*")}
        originals = [
            original
            for original in archived_originals(settings.data)
            if original.doc_id == doc_id and version in ("", original.version)
        ]
        earlier = [original for original in originals if original.path.name not in in_service]
        removed = [original.version for original in earlier]
        with translate_os_errors(settings.data):
            for original in earlier:
                remove_original(original)
        remove_old_generations(settings, {current})
        BuildCache(settings).prune()
        if not version and drop_held_body(settings, doc_id):
            removed.append("sync")
    if not removed:
        raise IngestError(_nothing_to_remove(doc_id, is_served=bool(originals)))
    record_event(settings, by, "purge", [doc_id], f"{reason}（{'、'.join(removed)}）")
    return tuple(removed)


def _nothing_to_remove(doc_id: str, *, is_served: bool) -> str:
    if is_served:
        return (
            f"「{doc_id}」にあるのは、いま答えに使っている版だけです。先に `python -m ingest remove` で外すか、"
            "新しい版に差し替えてください。"
        )
    return f"「{doc_id}」の前の版は保管されていません。id は `python -m ingest list` で確かめられます。"
