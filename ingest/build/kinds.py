"""Compiles what each kind of content needs at question time from the documents of a generation (bot/kinds)."""

import logging
from collections.abc import Callable, Iterator, Sequence
from importlib.metadata import entry_points
from importlib.util import find_spec
from itertools import product
from pathlib import Path
from typing import Protocol

from ingest.build.cache import package_digest
from ingest.documents import Document
from ingest.errors import IngestError
from ingest.index.artefacts import artefact_keys, read_artefact, write_artefact
from ingest.index.passages import PassageStore

ENTRY_POINT_GROUP = "shirube.kinds"
"""The lists of kinds, which answer from the artefacts and are therefore not in this package."""
_FAILED = "failed"
_LOG = logging.getLogger(__name__)


class CompiledKind(Protocol):
    """A kind of content by what is compiled of a document."""

    @property
    def name(self) -> str:
        """The name of its artefacts."""
        ...

    @property
    def compile(self) -> Callable[[PassageStore, Document], bytes | None]:
        """Returns the artefact of a document."""
        ...


def compile_kinds(store: PassageStore) -> None:
    """Write the artefacts of each kind into the folder of a generation that is not active yet.

    A kind that fails at a document is recorded, and the document is searched without it. Raises IngestError if the
    program is not installed with its kinds.
    """
    kinds = _installed_kinds()
    for document, kind in product(store.documents, kinds):  # a document is read once for all kinds
        try:
            content = kind.compile(store, document)
        except Exception as error:  # noqa: BLE001 -- whatever a kind does, the document can be searched
            _LOG.exception("Kind %s failed at document %s", kind.name, document.id)
            reason = f"{kind.name}: {type(error).__name__}"
            write_artefact(store.folder, _FAILED, f"{document.id} {kind.name}", reason.encode())
        else:
            if content is not None:
                write_artefact(store.folder, kind.name, document.id, content)


def find_failed_kinds(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield the id of each document at which a kind failed, and what to tell, from the folder of an index."""
    for key in sorted(artefact_keys(folder, _FAILED)):
        reason = (read_artefact(folder, _FAILED, key) or b"").decode()
        text = f"一部（{reason}）を読み取れませんでした。検索はできますが、その部分をもとにした答えは出ません。"
        yield key.rpartition(" ")[0], f"{text}この文を添えて不具合として知らせてください。"


def kinds_digest() -> str:
    """Return a digest of the code and word lists of all kinds."""
    modules = sorted(entry.module for entry in entry_points(group=ENTRY_POINT_GROUP))
    specs = (find_spec(module) for module in modules)
    return package_digest(*(str(Path(spec.origin).parent) for spec in specs if spec and spec.origin))


def _installed_kinds() -> Sequence[CompiledKind]:
    kinds = [kind for entry in entry_points(group=ENTRY_POINT_GROUP) for kind in entry.load()]
    if not kinds:
        raise IngestError("文書の種類の一覧がありません。`make setup` で入れ直してから、もう一度実行してください。")
    return kinds
