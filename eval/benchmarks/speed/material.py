"""Collects a number of passages, from real texts and then from recombined sentences."""

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from eval.benchmarks.speed.source_texts import TitledText
from ingest.documents import Document, ParsedDocument, Passage

# Maximum characters of a passage; a smaller one is used if a larger one gives too few passages.
_PASSAGE_LENGTHS = (400, 300, 200)
# Every n-th piece is not indexed; its sentences are used as queries.
_QUERY_STRIDE = 20
_LONGEST_QUERY = 80
# Passages per document of recombined sentences.
_PASSAGES_PER_DOCUMENT = 20
_SENTENCE = re.compile(r"[^。\n]*(?:。[」』)）]*|\n|$)")


@dataclass(frozen=True, slots=True)
class Material:
    """What is indexed and searched for; the first `real` passages are original, the others recombined."""

    readings: tuple[ParsedDocument, ...]
    queries: tuple[str, ...]
    real: int

    @property
    def texts(self) -> list[str]:
        """The text of each passage in index order."""
        return [passage.text for reading in self.readings for passage in reading.passages]


def gather_material(sources: Sequence[TitledText], passages: int, queries: int) -> Material:
    """Return `passages` passages and up to `queries` distinct queries; deterministic for the same texts.

    Queries are real questions, and titles and sentences of pieces that are not indexed; not of punctuation only, which
    the product does not accept.
    """
    random_state = random.Random(passages)  # noqa: S311 -- a choice that can be repeated, no secret
    order = list(sources)
    random_state.shuffle(order)
    cut, held_out = _cut_texts(order, passages)
    readings = []
    remaining = passages
    for number, (source, pieces) in enumerate(zip(order, cut, strict=True)):
        if remaining and pieces:
            readings.append(_reading(f"text-{number}", source.title, pieces[:remaining]))
            remaining -= len(pieces[:remaining])
    real = passages - remaining
    readings += _recombine_sentences([piece for pieces in cut for piece in pieces], remaining, random_state)
    questions = [question for source in order for question in source.questions]
    sentences = [text for source, piece in held_out for text in (source.title, *_sentences(piece))]
    random_state.shuffle(questions)
    random_state.shuffle(sentences)
    # Half of each kind, if there are enough.
    mixed = [*questions[: max(queries // 2, queries - len(sentences))], *sentences]
    cut_short = (text.strip()[:_LONGEST_QUERY] for text in mixed)
    unique = list(dict.fromkeys(text for text in cut_short if any(map(str.isalnum, text))))[:queries]
    random_state.shuffle(unique)
    return Material(tuple(readings), tuple(unique), real)


def _cut_texts(sources: Sequence[TitledText], count: int) -> tuple[list[list[str]], list[tuple[TitledText, str]]]:
    for longest in _PASSAGE_LENGTHS:
        cut: list[list[str]] = []
        held_out: list[tuple[TitledText, str]] = []
        number = 0
        for source in sources:
            pieces = []
            for piece in _split_pieces(source.text, longest):
                number += 1
                if number % _QUERY_STRIDE:
                    pieces.append(piece)
                else:
                    held_out.append((source, piece))
            cut.append(pieces)
        if sum(map(len, cut)) >= count:
            break
    return cut, held_out


def _split_pieces(text: str, longest: int) -> Iterator[str]:
    piece = ""
    for sentence in _sentences(text):
        if piece and len(piece) + len(sentence) > longest:
            yield piece
            piece = ""
        piece += sentence
    if piece:
        yield piece


def _sentences(text: str) -> list[str]:
    return [sentence for sentence in map(str.strip, _SENTENCE.findall(text)) if sentence]


def _recombine_sentences(pieces: Sequence[str], passages: int, random_state: random.Random) -> Iterator[ParsedDocument]:
    sentences = [sentence for piece in pieces for sentence in _sentences(piece)]
    lengths = [len(piece) for piece in pieces]
    for start in range(0, passages, _PASSAGES_PER_DOCUMENT):
        texts = []
        for _ in range(min(_PASSAGES_PER_DOCUMENT, passages - start)):
            length = random_state.choice(lengths)
            text = random_state.choice(sentences)
            while len(text) < length:
                text += random_state.choice(sentences)
            texts.append(text)
        yield _reading(
            f"recombined-{start // _PASSAGES_PER_DOCUMENT}",
            f"組み合わせた文章 {start // _PASSAGES_PER_DOCUMENT + 1}",
            texts,
        )


def _reading(doc_id: str, title: str, pieces: Sequence[str]) -> ParsedDocument:
    path = (title,) if title else ()
    passages = (Passage(f"{doc_id}#{n}", doc_id, "text", path, piece, (n,)) for n, piece in enumerate(pieces, start=1))
    return ParsedDocument(Document(doc_id, title or doc_id, file=doc_id), tuple(passages))
