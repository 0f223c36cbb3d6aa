"""A new generation: written aside, opened again and compared with what was meant, and only then fit for service."""

import json
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Event

import numpy as np
from numpy.typing import NDArray

from ingest.documents import Document, Passage, Reading
from ingest.errors import StorageError
from ingest.fields import body_words, heading_words
from ingest.generation import Generation, generation_folder, save_generation, save_readings
from ingest.index import Index, open_generation
from ingest.keyword import KeywordIndex
from ingest.parallel import in_processes
from ingest.reuse import Progress, input_digest
from ingest.settings import Settings
from ingest.vectors import VectorStore

WORDS, STORE, CHECK = "言葉を数える", "索引に書く", "点検する"
# A stored vector finds itself again, but for rounding.
_SAME = 0.999
# Passages whose words a process counts at once, in half a second.
_TOGETHER = 500


@dataclass(frozen=True, slots=True)
class Contents:
    """What goes into a generation: documents with their passages, and for each passage input text and vector."""

    readings: Sequence[Reading]
    inputs: Sequence[str]
    vectors: NDArray[np.float32]

    @property
    def passages(self) -> list[Passage]:
        """All passages, in the order of the inputs and vectors."""
        return [passage for reading in self.readings for passage in reading.passages]


def write_generation(settings: Settings, generation: Generation, contents: Contents, progress: Progress) -> None:
    """Write `contents` into the generation's own folder; it is complete and on the disk when this returns."""
    folder = generation_folder(settings.data, generation.name)
    folder.mkdir(parents=True)
    save_readings(folder, contents.readings)
    np.save(folder / "vectors.npy", contents.vectors)
    digests = [input_digest(text) for text in contents.inputs]
    (folder / "inputs.json").write_text(json.dumps(digests), encoding="utf-8")
    _write_indexes(settings, generation, contents, progress)
    save_generation(settings.data, generation)


def _write_indexes(settings: Settings, generation: Generation, contents: Contents, progress: Progress) -> None:
    """Write both indexes at once: Chroma works on one core, and not in Python."""
    folder, stop = generation_folder(settings.data, generation.name), Event()

    def stored(done: int) -> None:
        if stop.is_set():
            raise _StoppedError
        progress(STORE, done, len(contents.inputs))

    with ThreadPoolExecutor(1) as aside:
        storing = aside.submit(_store_vectors, settings, generation, contents, stored)
        try:
            _keyword_index(contents, progress).save(folder / "keyword")
            storing.result()
        except BaseException:
            stop.set()
            raise


class _StoppedError(Exception):
    """The other index could not be written, or somebody pressed Ctrl+C."""


def _keyword_index(contents: Contents, progress: Progress) -> KeywordIndex:
    passages = [(reading.document, passage) for reading in contents.readings for passage in reading.passages]
    headings: list[list[str]] = []
    bodies: list[list[str]] = []
    for counted in in_processes(_words, passages, _TOGETHER):
        for heading, body in counted:
            # One string for each word, however often it stands there.
            headings.append([sys.intern(word) for word in heading])
            bodies.append([sys.intern(word) for word in body])
        progress(WORDS, len(bodies), len(passages))
    return KeywordIndex.build(headings, bodies)


def _words(passages: Sequence[tuple[Document, Passage]]) -> list[tuple[list[str], list[str]]]:
    return [(heading_words(document, passage), body_words(passage)) for document, passage in passages]


def _store_vectors(
    settings: Settings, generation: Generation, contents: Contents, stored: Callable[[int], None]
) -> None:
    folder, passages = generation_folder(settings.data, generation.name), contents.passages
    store = VectorStore.create(settings.chroma_url, folder, generation.name)
    try:
        ids, owners = [passage.id for passage in passages], [passage.doc_id for passage in passages]
        store.add(ids, owners, contents.vectors, stored)
    finally:
        store.close()


def check_generation(settings: Settings, generation: Generation, contents: Contents, progress: Progress) -> None:
    """Open what was written and compare; raises StorageError where it is not what was meant."""
    progress(CHECK, 0, 1)
    with open_generation(settings, generation) as index:
        ids = {passage.id for passage in index.passages}
        same = len(contents.passages) == len(index.passages) == len(ids) == index.stored_vectors()
        if not same or not _finds_itself(index, contents.vectors):
            raise StorageError("書き込んだ索引が元と一致しません。ディスクを確かめて、もう一度実行してください。")
    progress(CHECK, 1, 1)


def _finds_itself(index: Index, vectors: NDArray[np.float32]) -> bool:
    """Whether a query with a stored vector finds one like it; true where there is none to ask with."""
    with_direction = np.flatnonzero(vectors.any(axis=1))
    return not with_direction.size or bool(index.nearest(vectors[with_direction[0]], 1)[1][0] > _SAME)
