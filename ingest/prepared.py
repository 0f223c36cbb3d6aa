"""What other rooms add to a generation before it comes into service: entry points of the group `shirube.generation`.

Each is called with the opened index and the encoder that made its vectors, and writes files of its own into the index's
folder.
"""

from collections.abc import Callable
from importlib.metadata import entry_points

from ingest.checksums import write_sums
from ingest.encoders import Encoder
from ingest.generation import Generation
from ingest.index import open_generation
from ingest.settings import Settings

OFFERED = "shirube.generation"
PREPARE = "質問の候補を試す"


def prepare(settings: Settings, generation: Generation, opened: Callable[[], Encoder]) -> None:
    """Let every entry point add to a generation that is written but not in service, and sum up its files anew.

    Raises what opening a generation raises, and whatever an addition raises: then nothing comes into service.
    """
    additions = sorted(entry_points(group=OFFERED), key=lambda one: one.name)
    if not additions:
        return
    with open_generation(settings, generation) as index:
        for addition in additions:
            addition.load()(index, opened())
        write_sums(index.folder)
