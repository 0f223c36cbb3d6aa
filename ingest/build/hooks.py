"""Build hooks: entry points of group `shirube.generation` that add files to a new generation.

Each is called with the opened index, the encoder that made its vectors, and what did not change, and writes files of
its own into the index's folder.
"""

from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any

from ingest.embedding import Encoder
from ingest.errors import IngestError
from ingest.index.index import Index

OFFERED = "shirube.generation"
PREPARE = "質問の候補を試す"


@dataclass(frozen=True, slots=True)
class UnchangedDocuments:
    """What an index has in common with an earlier one: the documents, by id, that are in both as they are.

    `folder` is that of the earlier index, where additions may take over what they wrote; None where there is none.
    """

    folder: Path | None
    documents: frozenset[str]


def run_build_hooks(index: Index, opened: Callable[[], Encoder], unchanged: UnchangedDocuments) -> None:
    """Let every entry point add to the folder of a generation that is not in service yet.

    Raises whatever an addition raises, and IngestError where one is not where it was installed: then nothing comes into
    service.
    """
    for addition in sorted(entry_points(group=OFFERED), key=lambda one: one.name):
        _load_hook(addition)(index, opened(), unchanged)


def _load_hook(addition: EntryPoint) -> Any:
    try:
        return addition.load()
    except (ImportError, AttributeError) as error:
        raise IngestError(
            f"索引に加える「{addition.name}」({addition.value})を読み込めません。プログラムを新しくしたあとは、"
            "`make setup` で入れ直してから、もう一度実行してください。"
        ) from error
