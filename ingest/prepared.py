"""What other rooms add to a generation before it comes into service: entry points of the group `shirube.generation`.

Each is called with the opened index, the encoder that made its vectors, and what did not change, and writes files of
its own into the index's folder.
"""

from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import entry_points
from pathlib import Path

from ingest.encoders import Encoder
from ingest.index import Index

OFFERED = "shirube.generation"
PREPARE = "質問の候補を試す"


@dataclass(frozen=True, slots=True)
class Unchanged:
    """What an index has in common with an earlier one: the documents, by id, that are in both as they are.

    `folder` is that of the earlier index, where additions may take over what they wrote; None where there is none.
    """

    folder: Path | None
    documents: frozenset[str]


def prepare(index: Index, opened: Callable[[], Encoder], unchanged: Unchanged) -> None:
    """Let every entry point add to the folder of a generation that is not in service yet.

    Raises whatever an addition raises: then nothing comes into service.
    """
    for addition in sorted(entry_points(group=OFFERED), key=lambda one: one.name):
        addition.load()(index, opened(), unchanged)
