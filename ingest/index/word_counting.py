"""Counts and numbers the index terms of all passages, in parallel."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ingest.documents import Document, Passage
from ingest.index.passages import ParsedDocuments
from ingest.sandbox.parallel import map_in_processes
from ingest.terms.flow import BODY_MARK, SENTENCE_MARK, Flow, FlowFile, body_words, heading_words, passage_letters

# Passages per process and batch, some half a second.
_BATCH_SIZE = 500


@dataclass(frozen=True, slots=True)
class CountedWords:
    """The words of all passages with their numbers, memory-mapped."""

    term_numbers: Mapping[str, int]
    flow: Flow


def count_words(folder: Path, documents: ParsedDocuments, on_progress: Callable[[int], None]) -> CountedWords:
    """Write the words and letters of all passages into `folder`, and return the words.

    `on_progress` receives the number of passages done.
    """
    numbers: dict[str, int] = {}
    done = 0
    on_progress(done)
    passages = ((parsed.document, passage) for parsed in documents for passage in parsed.passages)
    with FlowFile(folder / "flow") as flow, FlowFile(folder / "letters") as letters:
        for vocabulary, words_flow, letters_flow in map_in_processes(_count_batch, passages, _BATCH_SIZE):
            shared = np.array([numbers.setdefault(word, len(numbers)) for word in vocabulary], np.int32)
            # SENTENCE_MARK and BODY_MARK are negative, so they index from the end.
            shared = np.append(shared, np.array([BODY_MARK, SENTENCE_MARK], np.int32))
            flow.append(Flow(words_flow.starts, shared[words_flow.terms]))
            letters.append(letters_flow)
            done += len(words_flow)
            on_progress(done)
    return CountedWords(numbers, Flow.load(folder / "flow"))


def _count_batch(passages: Sequence[tuple[Document, Passage]]) -> tuple[Sequence[str], Flow, Flow]:
    # The words in the order of their numbers in this batch, and the passages as words and as letters.
    headings = [heading_words(document, passage) for document, passage in passages]
    bodies = [body_words(passage) for _, passage in passages]
    numbers: dict[str, int] = {}
    for heading, body in zip(headings, bodies, strict=True):
        for words in (heading, *body):
            for word in words:
                numbers.setdefault(word, len(numbers))
    letters = Flow.from_letters([passage_letters(passage) for _, passage in passages])
    return tuple(numbers), Flow.build(headings, bodies, numbers), letters
