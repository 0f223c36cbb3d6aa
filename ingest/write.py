"""A new generation: written aside, opened again and compared with what was meant, and only then fit for service."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ingest.checksums import add_sums
from ingest.contexts import contexts
from ingest.documents import Passage, Reading
from ingest.errors import StorageError
from ingest.flow import Flow
from ingest.generation import Generation, generation_folder, save_generation, save_readings
from ingest.index import Index, open_generation
from ingest.keyword import KeywordIndex
from ingest.learned import Learned
from ingest.meaning import axes, joined
from ingest.originals import keep_originals
from ingest.parallel import aside
from ingest.reuse import Progress, input_digest
from ingest.settings import Settings
from ingest.vectors import VectorStore, seal

STORE, CHECK = "索引に書く", "点検する"
# A stored vector finds itself again, but for rounding.
_SAME = 0.999


@dataclass(frozen=True, slots=True)
class Contents:
    """What goes into a generation: documents with their passages, and for each passage input text and vector.

    `learned` is from their words, `files` tells by id where the file of each document lies, and its SHA-256.
    """

    readings: Sequence[Reading]
    inputs: Sequence[str]
    vectors: NDArray[np.float32]
    learned: Learned
    files: Mapping[str, tuple[Path, str]] = field(default_factory=dict)

    @property
    def passages(self) -> list[Passage]:
        """All passages, in the order of the inputs and vectors."""
        return [passage for reading in self.readings for passage in reading.passages]


def write_generation(settings: Settings, generation: Generation, contents: Contents, progress: Progress) -> None:
    """Write `contents` into the generation's own folder; it is complete and on the disk when this returns."""
    folder = generation_folder(settings.data, generation.name)
    folder.mkdir(parents=True)
    save_readings(folder, contents.readings)
    before = generation_folder(settings.data, generation.previous) if generation.previous else None
    keep_originals(folder, [reading.document for reading in contents.readings], contents.files, before)
    np.save(folder / "vectors.npy", contents.vectors)
    digests = [input_digest(text) for text in contents.inputs]
    (folder / "inputs.json").write_text(json.dumps(digests), encoding="utf-8")
    _write_indexes(settings, generation, contents, progress)
    save_generation(settings.data, generation)


def _write_indexes(settings: Settings, generation: Generation, contents: Contents, progress: Progress) -> None:
    folder = generation_folder(settings.data, generation.name)
    learned, counted = contents.learned, contents.learned.counted
    searched = joined(contents.vectors, learned.meanings)
    projection = axes(searched)

    # Chroma works on one core, and not in Python.
    def store(check: Callable[[], None]) -> None:
        def stored(done: int) -> None:
            check()
            progress(STORE, done, len(contents.inputs))

        _store_vectors(settings, generation, contents, searched @ projection, stored)

    with aside(store):
        learned.keyword.save(folder / "keyword")
        Flow.build(counted.headings, counted.sentences, learned.keyword.numbers).save(folder / "flow")
        Flow.of_letters(counted.letters).save(folder / "letters")
        around = contexts(contents.passages)
        KeywordIndex.build(counted.together(around)).save(folder / "context")
        learned.lexicon.save(folder / "lexicon")
        for name, array in (("contexts", around), ("meanings", learned.meanings), ("projection", projection)):
            np.save(folder / f"{name}.npy", array)


def _store_vectors(
    settings: Settings,
    generation: Generation,
    contents: Contents,
    vectors: NDArray[np.float32],
    stored: Callable[[int], None],
) -> None:
    folder, passages = generation_folder(settings.data, generation.name), contents.passages
    store = VectorStore.create(settings.chroma_url, folder, generation.name, len(passages))
    try:
        ids, owners = [passage.id for passage in passages], [passage.doc_id for passage in passages]
        store.add(ids, owners, vectors, stored)
    finally:
        store.close()
    if not generation.basis.on_server:
        seal(folder)


@contextmanager
def checked(settings: Settings, generation: Generation, contents: Contents, progress: Progress) -> Iterator[Index]:
    """Open what was written and compare; raises StorageError where it is not what was meant.

    What is added to its folder meanwhile is on the disk and among the checksums at the end.
    """
    progress(CHECK, 0, 1)
    with open_generation(settings, generation) as index:
        ids = {passage.id for passage in index.passages}
        same = len(contents.passages) == len(index.passages) == len(ids) == index.stored_vectors()
        if not same or not _finds_itself(index):
            raise StorageError("書き込んだ索引が元と一致しません。ディスクを確かめて、もう一度実行してください。")
        progress(CHECK, 1, 1)
        yield index
        add_sums(index.folder)


def _finds_itself(index: Index) -> bool:
    """Whether a query with a stored vector finds one like it; true where there is none to ask with."""
    with_direction = np.flatnonzero(index.vectors.any(axis=1))
    if not with_direction.size:
        return True
    row = with_direction[0]
    return bool(index.nearest(index.vectors[row], index.meanings[row], 1)[1][0] > _SAME)
