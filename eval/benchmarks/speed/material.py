"""Collects as many passages as asked for, from real texts and then recombined sentences."""

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from eval.benchmarks.speed.source_texts import Source
from ingest.documents import Document, ParsedDocument, Passage

# Characters that a passage may have. A finer cut is taken where the one before gives too few.
_CUTS = (400, 300, 200)
# One piece in so many is kept out of the index: its sentences are asked instead.
_KEPT_OUT = 20
_LONGEST_QUERY = 80
# Passages in a document of recombined sentences.
_IN_ONE = 20
_SENTENCE = re.compile(r"[^。\n]*(?:。[」』)）]*|\n|$)")


@dataclass(frozen=True, slots=True)
class Material:
    """What is indexed and asked; `real` passages are cut from texts as they are, the others of recombined sentences."""

    readings: tuple[ParsedDocument, ...]
    queries: tuple[str, ...]
    real: int

    @property
    def texts(self) -> list[str]:
        """The text of each passage, in the order of the index."""
        return [passage.text for reading in self.readings for passage in reading.passages]


def gather_material(sources: Sequence[Source], passages: int, queries: int) -> Material:
    """Return `passages` passages and up to `queries` different queries; the same every time for the same texts.

    Queries are questions that people asked, and titles and sentences of pieces that are not indexed; not of signs
    alone, which the product takes for no question.
    """
    chance = random.Random(passages)  # noqa: S311 -- a choice that can be repeated, no secret
    order = list(sources)
    chance.shuffle(order)
    cut, kept_out = _cut_texts(order, passages)
    readings, left = [], passages
    for number, (source, pieces) in enumerate(zip(order, cut, strict=True)):
        if left and pieces:
            readings.append(_reading(f"text-{number}", source.title, pieces[:left]))
            left -= len(pieces[:left])
    real = passages - left
    readings += _recombine_sentences([piece for pieces in cut for piece in pieces], left, chance)
    asked = [question for source in order for question in source.questions]
    told = [text for source, piece in kept_out for text in (source.title, *_sentences(piece))]
    chance.shuffle(asked)
    chance.shuffle(told)
    # Half and half, as far as both go.
    mixed = [*asked[: max(queries // 2, queries - len(told))], *told]
    cut_short = (text.strip()[:_LONGEST_QUERY] for text in mixed)
    unique = list(dict.fromkeys(text for text in cut_short if any(map(str.isalnum, text))))[:queries]
    chance.shuffle(unique)
    return Material(tuple(readings), tuple(unique), real)


def _cut_texts(sources: Sequence[Source], wanted: int) -> tuple[list[list[str]], list[tuple[Source, str]]]:
    """Return the pieces of each source, and those that are kept out with their source."""
    for longest in _CUTS:
        cut: list[list[str]] = []
        kept_out: list[tuple[Source, str]] = []
        number = 0
        for source in sources:
            pieces = []
            for piece in _split_pieces(source.text, longest):
                number += 1
                if number % _KEPT_OUT:
                    pieces.append(piece)
                else:
                    kept_out.append((source, piece))
            cut.append(pieces)
        if sum(map(len, cut)) >= wanted:
            break
    return cut, kept_out


def _split_pieces(text: str, longest: int) -> Iterator[str]:
    """Yield whole sentences together, as many as fit into `longest` characters; a longer one stands alone."""
    held = ""
    for sentence in _sentences(text):
        if held and len(held) + len(sentence) > longest:
            yield held
            held = ""
        held += sentence
    if held:
        yield held


def _sentences(text: str) -> list[str]:
    return [sentence for sentence in map(str.strip, _SENTENCE.findall(text)) if sentence]


def _recombine_sentences(pieces: Sequence[str], passages: int, chance: random.Random) -> Iterator[ParsedDocument]:
    """Yield documents with `passages` passages in all, each as long as a real one, of sentences from anywhere."""
    sentences = [sentence for piece in pieces for sentence in _sentences(piece)]
    lengths = [len(piece) for piece in pieces]
    for start in range(0, passages, _IN_ONE):
        made = []
        for _ in range(min(_IN_ONE, passages - start)):
            length, text = chance.choice(lengths), chance.choice(sentences)
            while len(text) < length:
                text += chance.choice(sentences)
            made.append(text)
        yield _reading(f"recombined-{start // _IN_ONE}", f"組み合わせた文章 {start // _IN_ONE + 1}", made)


def _reading(doc_id: str, title: str, pieces: Sequence[str]) -> ParsedDocument:
    path = (title,) if title else ()
    passages = (Passage(f"{doc_id}#{n}", doc_id, "text", path, piece, (n,)) for n, piece in enumerate(pieces, start=1))
    return ParsedDocument(Document(doc_id, title or doc_id, file=doc_id), tuple(passages))
