"""Build hooks: entry points of group `shirube.generation` that add files to a new generation.

Each is called with the opened index, its encoder and the unchanged documents, and writes into the index's folder.
"""

from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any

from ingest.embedding import Encoder
from ingest.errors import IngestError
from ingest.index.index import Index

ENTRY_POINT_GROUP = "shirube.generation"
PREPARE = "質問の候補を試す"


@dataclass(frozen=True, slots=True)
class UnchangedDocuments:
    """The ids of documents that are the same in an earlier index, and that index's `folder` (None without one)."""

    folder: Path | None
    documents: frozenset[str]


def run_build_hooks(index: Index, get_encoder: Callable[[], Encoder], unchanged: UnchangedDocuments) -> None:
    """Run every hook on a generation that is not active yet.

    Raises what a hook raises, and IngestError if one cannot be loaded; the generation is then not activated.
    """
    for entry_point in sorted(entry_points(group=ENTRY_POINT_GROUP), key=lambda each: each.name):
        _load_hook(entry_point)(index, get_encoder(), unchanged)


def _load_hook(entry_point: EntryPoint) -> Any:
    try:
        return entry_point.load()
    except (ImportError, AttributeError) as error:
        raise IngestError(
            f"索引に加える「{entry_point.name}」({entry_point.value})を読み込めません。プログラムを新しくしたあとは、"
            "`make setup` で入れ直してから、もう一度実行してください。"
        ) from error
