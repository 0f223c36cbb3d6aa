"""Documents to an index: a new generation is written aside, checked, and put in service as one step."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from ingest.added import added_folder
from ingest.corpus import Corpus, Entry
from ingest.counting import count_words
from ingest.documents import Reading
from ingest.encoders import Encoder, Vectors, fingerprint, open_encoder, prefixes
from ingest.errors import ManifestError, UnreadableDocumentError
from ingest.fields import passage_input
from ingest.generation import Basis, Generation, current_name, new_name, publish, recipe, sweep
from ingest.learned import Learned
from ingest.manifest import read_corpus
from ingest.parallel import aside
from ingest.prepared import PREPARE, prepare
from ingest.read import read_document, unread_pages
from ingest.reuse import Old, Progress, embed
from ingest.settings import Settings
from ingest.storage import locked, storing
from ingest.write import Contents, check_generation, write_generation

READ, WORDS, ADAPT = "文書を読む", "言葉を数える", "言葉の意味を学ぶ"


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What a build did; `changed` is False where the generation in service already held just this.

    `read` counts the documents that were read anew, `embedded` and `reused` count passages.
    """

    name: str
    documents: int
    passages: int
    read: int
    embedded: int
    reused: int
    warnings: tuple[str, ...]
    changed: bool = True


def build(
    settings: Settings,
    corpora: Sequence[Path],
    *,
    full: bool = False,
    encoder: Encoder | None = None,
    progress: Progress | None = None,
) -> BuildReport:
    """Index the documents of `corpora`, and those that were added one at a time, and put the index in service.

    Documents that did not change are not read again and texts that did not change not embedded again, unless `full`.
    Where the index in service is damaged, the newest that is whole takes its place, here and as what did not change.
    Raises IngestError; the index in service then stays as it was.
    """
    with locked(settings.data):
        return build_locked(settings, corpora, full=full, encoder=encoder, progress=progress)


def build_locked(
    settings: Settings,
    corpora: Sequence[Path],
    *,
    removed: Iterable[str] = (),
    readings: Iterable[Reading] = (),
    full: bool = False,
    encoder: Encoder | None = None,
    progress: Progress | None = None,
) -> BuildReport:
    """Do what `build` does, leaving out the documents `removed`, while the caller holds the lock on the data folder.

    What was read just now comes as `readings`, and is not read again.
    """
    progress = progress or (lambda _stage, _done, _total: None)
    basis = _basis(settings, corpora, removed, encoder.name if encoder else settings.encoder)
    corpus = _find(settings, corpora, basis)
    warnings = tuple(map(str, corpus.warnings))
    serving, old = current_name(settings), Old.load(settings)
    sweep(settings, {serving, *old.kept})
    # What readers have open: where the one in service is damaged, those that opened it later have the one before it.
    before = old.generation.name if old.generation else serving
    if full:
        old = Old(settings, None, {})
    if old.generation and old.equals(basis, corpus.documents):
        same = old.generation
        mended = same.name != serving
        if mended:
            publish(settings.data, same.name)
            sweep(settings, old.kept)
        return BuildReport(same.name, same.documents, same.passages, 0, 0, same.passages, warnings, changed=mended)
    found, read = _readings(corpus, basis, old, readings, progress)
    opened = cache(lambda: encoder or open_encoder(settings))
    contents, embedded = _contents(found, basis, old.vectors(basis), opened, progress)
    contents = replace(contents, files={entry.document.id: entry.path for entry in corpus.entries})
    warnings += tuple(f"{r.document.file}: {told}" for r in contents.readings if (told := unread_pages(r)))
    generation = _put_in_service(settings, _record(basis, contents, before), contents, progress, opened)
    documents, passages = generation.documents, generation.passages
    return BuildReport(generation.name, documents, passages, read, embedded, passages - embedded, warnings)


def index_readings(
    settings: Settings, readings: Sequence[Reading], *, encoder: Encoder | None = None, progress: Progress | None = None
) -> Generation:
    """Index documents that were read elsewhere (an evaluation set), put the index in service and return its record.

    Nothing is taken over from an index that was there. Raises IngestError; the index in service then stays as it was.
    """
    progress = progress or (lambda _stage, _done, _total: None)
    with locked(settings.data):
        basis = _basis(settings, (), (), encoder.name if encoder else settings.encoder)
        contents, _ = _contents(readings, basis, {}, lambda: encoder or open_encoder(settings), progress)
        return _put_in_service(settings, _record(basis, contents, current_name(settings)), contents, progress)


def _put_in_service(
    settings: Settings,
    generation: Generation,
    contents: Contents,
    progress: Progress,
    opened: Callable[[], Encoder] | None = None,
) -> Generation:
    """Write, check and publish a generation; with an encoder that can be opened, other rooms add to it before."""
    serving = generation.previous
    try:
        with storing(settings.data):
            write_generation(settings, generation, contents, progress)
            check_generation(settings, generation, contents, progress)
            if opened:
                progress(PREPARE, 0, 1)
                prepare(settings, generation, opened)
                progress(PREPARE, 1, 1)
            publish(settings.data, generation.name)
    finally:
        # After a failure this removes the half-written one: a full disk must not stay full because of it.
        sweep(settings, {current_name(settings), serving})
    return generation


def _basis(settings: Settings, corpora: Sequence[Path], removed: Iterable[str], encoder: str) -> Basis:
    folders = tuple(str(folder.resolve()) for folder in corpora)
    on_server = bool(settings.chroma_url)
    before, out = prefixes(settings).passage or "", tuple(sorted(removed))
    return Basis(folders, out, encoder, fingerprint(encoder), recipe(), on_server, before, settings.adapt)


def _find(settings: Settings, corpora: Sequence[Path], basis: Basis) -> Corpus:
    """Return the corpus to index; raises ManifestError, also where the folders that were named hold no document."""
    added = added_folder(settings)
    corpus = read_corpus(*corpora, *([added] if added.is_dir() else []))
    if corpora and not corpus.entries:
        folders = "、".join(f"「{folder}」" for folder in corpora)
        raise ManifestError(f"{folders}に文書がありません。文書を置くか、--corpus で別のフォルダーを指定してください。")
    corpus.entries = [entry for entry in corpus.entries if entry.document.id not in basis.removed]
    return corpus


def _readings(
    corpus: Corpus, basis: Basis, old: Old, just_read: Iterable[Reading], progress: Progress
) -> tuple[list[Reading], int]:
    """Return what is understood of each document, and of how many that is new."""
    kept = {document.id: old.reading(document, basis) for document in corpus.documents}
    new = {reading.document: reading for reading in just_read}
    known = {document.id: kept[document.id] or new.get(document) for document in corpus.documents}
    return _read(corpus.entries, known, progress), sum(reading is None for reading in kept.values())


def _contents(
    readings: Sequence[Reading],
    basis: Basis,
    known: dict[str, Vectors],
    encoder: Callable[[], Encoder],
    progress: Progress,
) -> tuple[Contents, int]:
    """Return what to index, and how many passages had to be embedded because no vector of theirs was `known`."""
    inputs = [passage_input(reading.document, passage) for reading in readings for passage in reading.passages]
    passages = [(reading.document, passage) for reading in readings for passage in reading.passages]

    def encoded(check: Callable[[], None]) -> tuple[Vectors, int]:
        def told(stage: str, done: int, total: int) -> None:
            check()
            progress(stage, done, total)

        return embed(inputs, known, encoder, told)

    # Encoding is NumPy's, which lets other threads run; words are counted by processes.
    with aside(encoded) as encoding:
        counted = count_words(passages, lambda done: progress(WORDS, done, len(passages)))
        learned = Learned.of(counted, adapted=basis.adapted, told=lambda done, of: progress(ADAPT, done, of))
    vectors, embedded = encoding.result()
    return Contents(readings, inputs, vectors, learned), embedded


def _read(entries: Sequence[Entry], kept: dict[str, Reading | None], progress: Progress) -> list[Reading]:
    """Read what is not kept; raises UnreadableDocumentError that names every file that cannot be read."""
    readings, unreadable = [], []
    for done, entry in enumerate(entries, start=1):
        try:
            readings.append(kept[entry.document.id] or read_document(entry.path, entry.document))
        except UnreadableDocumentError as error:
            unreadable.append(str(error))
        progress(READ, done, len(entries))
    if unreadable:
        raise UnreadableDocumentError("\n".join(unreadable))
    return readings


def _record(basis: Basis, contents: Contents, previous: str | None) -> Generation:
    dimension = contents.vectors.shape[1]
    counts = len(contents.readings), len(contents.inputs)
    return Generation(new_name(), datetime.now(UTC), basis, dimension, *counts, previous)
