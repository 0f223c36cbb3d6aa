"""Passages as sequences of term numbers or letters, and the texts that are embedded and indexed."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from ingest.documents import ParsedDocument, Passage
from ingest.japanese.contacts import LINK_TARGET
from ingest.japanese.normal_forms import comparison_key
from ingest.japanese.tokenise import WordList, WrittenWord, read_words, split_words, words
from ingest.terms.units import CELL, UnitReader

# Marks between sentences, and after the headings.
SENTENCE_MARK = -1
BODY_MARK = -2
# Passages between reports of progress, some half a second.
_REPORTED_PASSAGES = 500
Terms = NDArray[np.int32]


def embedding_text(passage: Passage) -> str:
    """Return the text to embed: the two innermost headings and the passage, without targets of links."""
    return "\n".join(filter(None, (" > ".join(passage.path[-2:]), LINK_TARGET.sub("", passage.text))))


@dataclass(frozen=True)
class Flow:
    """Passage i is `terms[starts[i]:starts[i + 1]]`: headings, BODY_MARK, sentences separated by SENTENCE_MARK."""

    starts: NDArray[np.int64]
    terms: NDArray[Any]

    @classmethod
    def build(
        cls, headings: Iterable[Sequence[str]], bodies: Iterable[Sequence[Sequence[str]]], numbers: dict[str, int]
    ) -> Self:
        """Return the flow of headings and bodies (by sentence); words that are new to `numbers` are added to it."""
        pairs = zip(headings, bodies, strict=True)
        return cls.from_pieces([_number_terms(heading, sentences, numbers) for heading, sentences in pairs])

    @classmethod
    def from_letters(cls, texts: Sequence[str]) -> Self:
        """Return the flow of the letters of `texts` as code points."""
        return cls.from_pieces([_code_points(text) for text in texts])

    @classmethod
    def from_pieces(cls, pieces: Sequence[NDArray[Any]], dtype: Any = np.int32) -> Self:
        """Return the flow of the terms, or records of another `dtype`, of each passage."""
        starts = np.concatenate([[0], np.cumsum([len(piece) for piece in pieces])]).astype(np.int64)
        return cls(starts, np.concatenate([np.zeros(0, dtype), *pieces]))

    def __len__(self) -> int:
        return len(self.starts) - 1

    def gather(self, rows: NDArray[np.int64]) -> tuple[NDArray[Any], NDArray[np.int64]]:
        """Return the terms of the passages `rows`, (m,), and the index in `rows` of each, (m,)."""
        pieces = [self.terms[self.starts[row] : self.starts[row + 1]] for row in rows]
        positions = np.repeat(np.arange(len(rows)), self.starts[rows + 1] - self.starts[rows])
        return np.concatenate([self.terms[:0], *pieces]), positions

    def texts(self, rows: NDArray[np.int64]) -> list[str]:
        """Return the passages `rows` of a flow of letters as text."""
        pieces = (self.terms[self.starts[row] : self.starts[row + 1]] for row in rows)
        return [piece.tobytes().decode("utf-32-le", "replace") for piece in pieces]

    @cached_property
    def body_starts(self) -> NDArray[np.int64]:
        """Where in `terms` the headings of each passage end, at its BODY_MARK."""
        return np.flatnonzero(self.terms == BODY_MARK)

    def headings(self, row: int) -> Terms:
        """Return the heading words of a passage."""
        headings: Terms = self.terms[self.starts[row] : self.body_starts[row]]
        return headings

    def body(self, row: int) -> Terms:
        """Return the body words of a passage, without marks."""
        body: Terms = self.terms[self.body_starts[row] : self.starts[row + 1]]
        return body[body >= 0]

    @property
    def heading_mask(self) -> NDArray[np.bool_]:
        """Whether each of the `terms` is a heading word."""
        return np.arange(len(self.terms)) < np.repeat(self.body_starts, np.diff(self.starts))

    @property
    def passage_of_term(self) -> NDArray[np.int64]:
        return np.repeat(np.arange(len(self)), np.diff(self.starts))

    def words(self) -> tuple[Terms, NDArray[np.int64]]:
        """Return the words of all passages without marks, (m,), and the passage of each."""
        is_word = self.terms >= 0
        return self.terms[is_word], self.passage_of_term[is_word]


def context_numbers(firsts: NDArray[np.int64], pages: NDArray[np.int32]) -> NDArray[np.int32]:
    """Return the number of each passage's context, (len(pages),), from 0 in order of appearance.

    `pages` are those of the passages (0 for none), `firsts` the first rows of the documents followed by the number of
    passages. A passage without a page is its own context. Sections are not used as contexts: neighbours' words ranked
    wrong passages first (decision 003).
    """
    owners = np.repeat(np.arange(len(firsts) - 1), np.diff(firsts)).tolist()
    numbers: dict[tuple[int, int, int], int] = {}
    keys = ((owner, page, -1 if page else row) for row, (owner, page) in enumerate(zip(owners, pages, strict=True)))
    return np.array([numbers.setdefault(key, len(numbers)) for key in keys], np.int32)


def context_words(flow: Flow, contexts: NDArray[np.int32]) -> tuple[Terms, NDArray[np.int64]]:
    """Return the words of all `contexts`, (m,), and the context of each; equal headings within one count once."""
    seen = set[tuple[int, bytes]]()
    is_repeated = np.zeros(len(flow), bool)
    for row, context in enumerate(contexts.tolist()):
        heading = context, flow.headings(row).tobytes()
        is_repeated[row] = heading in seen
        seen.add(heading)
    is_word = (flow.terms >= 0) & ~(flow.heading_mask & is_repeated[flow.passage_of_term])
    return flow.terms[is_word], contexts[flow.passage_of_term[is_word]].astype(np.int64)


@dataclass(frozen=True, slots=True)
class PassageTerms:
    """The words, letters and units of all passages.

    Attributes:
        vocabulary: the index terms in the order of their numbers.
        written_words: the words as they are written, in the order of theirs.
        terms: the index terms of each passage.
        letters: its characters.
        written: the numbers of all its words as they are written.
        units: the cells of its units (CELL).
        unit_letters: their letters (`ingest.terms.units`).
    """

    vocabulary: Sequence[str]
    written_words: Sequence[WrittenWord]
    terms: Flow
    letters: Flow
    written: Flow
    units: Flow
    unit_letters: Flow

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return what `load` needs besides both lists of words."""
        return {f"{name}_{part}": getattr(getattr(self, name), part) for name in _FLOWS for part in ("starts", "terms")}

    @classmethod
    def load(cls, words_file: Path, arrays: Mapping[str, NDArray[Any]]) -> Self:
        """Open what `save_words` and `arrays` have."""
        vocabulary, written = json.loads(words_file.read_bytes())
        flows = (Flow(arrays[f"{name}_starts"], arrays[f"{name}_terms"]) for name in _FLOWS)
        return cls(vocabulary, [(surface, term, tuple(part)) for surface, term, part in written], *flows)

    def save_words(self, file: Path) -> None:
        file.write_text(json.dumps([self.vocabulary, self.written_words], ensure_ascii=False), encoding="utf-8")


_FLOWS = tuple(field.name for field in fields(PassageTerms))[2:]


def count_words(documents: Iterable[ParsedDocument], on_progress: Callable[[int], None]) -> PassageTerms:
    """Return the words, letters and units of all passages; `on_progress` receives the number of passages done."""
    numbers: dict[str, int] = {}
    word_list = WordList()
    pieces: dict[str, list[NDArray[Any]]] = {name: [] for name in _FLOWS}
    heading_words = lru_cache(maxsize=1000)(words)  # passages of a section share headings
    passages = ((parsed.document, passage) for parsed in documents for passage in parsed.passages)
    done = 0
    for done, (document, passage) in enumerate(passages, 1):
        reader = UnitReader(passage)
        placed, written = read_words(reader.normal, word_list)
        heading = heading_words("\n".join(dict.fromkeys((document.title, *passage.path))))
        pieces["terms"].append(_number_terms(heading, split_words(reader.normal, placed), numbers))
        pieces["letters"].append(_code_points(comparison_key(passage.text_with_headings)))
        pieces["written"].append(np.array([number for _, number in written], np.int32))
        pieces["units"].append(reader.cells([start for start, _ in placed], [start for start, _ in written]))
        pieces["unit_letters"].append(_code_points(reader.letters))
        if done % _REPORTED_PASSAGES == 0:
            on_progress(done)
    on_progress(done)
    # One after the other, each with its pieces freed: letters and words are the most of a build's memory.
    flows = (Flow.from_pieces(pieces.pop(name), CELL if name == "units" else np.int32) for name in _FLOWS)
    return PassageTerms(tuple(numbers), tuple(word_list.words), *flows)


def _number_terms(heading: Sequence[str], sentences: Sequence[Sequence[str]], numbers: dict[str, int]) -> Terms:
    terms = [numbers.setdefault(word, len(numbers)) for word in heading]
    terms.append(BODY_MARK)
    for i, sentence in enumerate(sentences):
        if i:
            terms.append(SENTENCE_MARK)
        terms += [numbers.setdefault(word, len(numbers)) for word in sentence]
    return np.array(terms, np.int32)


def _code_points(text: str) -> Terms:
    return np.frombuffer(text.encode("utf-32-le", "replace"), np.int32)
