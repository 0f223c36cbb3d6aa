"""Training pairs of the general word vectors, and drawing of batches."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self, TypeVar

import numpy as np

from ingest.embedding.words.word_training import random_window, split_span
from ingest.embedding.words.word_vectors import Ids

BATCH = 512
# Share of a batch that pairs questions with paragraphs.
_QUESTION_SHARE = 0.45
# Share of a batch that pairs titles with texts; the rest are spans.
_TITLE_SHARE = 0.2
# Minimum number of words of a text with spans.
SHORTEST = 16
# Below this share of distinct titles, titles name categories rather than texts.
_DISTINCT_SHARE = 0.5

T = TypeVar("T")
Pair = tuple[Ids, Ids]
Indexed = tuple[Ids, Ids, list[Ids]]


@dataclass(frozen=True, slots=True)
class TrainingPairs:
    """Questions with their paragraphs, titles with their texts, and the texts of each file."""

    questions: Sequence[Pair]
    titles: Sequence[Pair]
    texts: Sequence[Sequence[Ids]]

    @classmethod
    def from_sources(cls, sources: Sequence[Sequence[Indexed]]) -> Self:
        """Return the pairs of `sources`: each file's texts as rows of title, body and questions."""
        questions = [(question, body) for texts in sources for _, body, of_text in texts for question in of_text]
        titles = [(title, body) for texts in sources if _distinct(texts) for title, body, _ in texts if len(title)]
        long = [[body for _, body, _ in texts if len(body) >= SHORTEST] for texts in sources]
        return cls(questions, titles, [texts for texts in long if texts])


def _distinct(texts: Sequence[Indexed]) -> bool:
    titles = {title.tobytes() for title, _, _ in texts}
    return len(titles) > _DISTINCT_SHARE * len(texts)


def draw_related(related: TrainingPairs, rng: np.random.Generator) -> tuple[list[Ids], list[Ids]]:
    """Return a batch; spans replace missing kinds of pairs. At least one text must be long enough."""
    pairs = [_pair(related, rng) for _ in range(BATCH)]
    return [left for left, _ in pairs], [right for _, right in pairs]


def _pair(related: TrainingPairs, rng: np.random.Generator) -> Pair:
    kind = rng.random()
    if kind < _QUESTION_SHARE and related.questions:
        return _one(related.questions, rng)
    if _QUESTION_SHARE <= kind < _QUESTION_SHARE + _TITLE_SHARE and related.titles:
        title, body = _one(related.titles, rng)
        return title, random_window(body, rng)
    return split_span(_one(_one(related.texts, rng), rng), rng)


def _one(items: Sequence[T], rng: np.random.Generator) -> T:
    return items[int(rng.integers(len(items)))]
