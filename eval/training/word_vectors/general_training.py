"""Trains the shipped word vectors from texts and from questions with their paragraphs."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice

import numpy as np

from eval.training.word_vectors.pretrained import Pretrained
from eval.training.word_vectors.training_pairs import SHORTEST, TrainingPairs, draw_related
from eval.training.word_vectors.training_texts import TrainingText
from ingest.embedding.words.word_initialisation import log_importance, make_vectors
from ingest.embedding.words.word_training import Schedule, train
from ingest.embedding.words.word_vectors import Ids, WordVectors
from ingest.errors import IngestError
from ingest.japanese.tokenise import words

DIMENSION = 256
STEPS = 500
_MOST_TERMS = 45_000
_TEMPERATURE = 0.1
# Learning rate of the word vectors.
_RATE = 1e-3
# Learning rate of the words' weights.
_IMPORTANCE_RATE = 5e-3

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class _TokenisedText:
    title: list[str]
    body: list[str]
    questions: list[list[str]]

    def words(self) -> Iterator[str]:
        return chain(self.title, self.body, *self.questions)


def train_general(
    pretrained: Pretrained, sources: Sequence[Sequence[TrainingText]], steps: int, seed: int, progress: Progress
) -> WordVectors:
    """Return vectors trained on `sources`, each the texts of one file, starting from `pretrained`."""
    sources_in_words = list(_tokenise_sources(sources, progress))
    counts = Counter(chain.from_iterable(text.words() for texts in sources_in_words for text in texts))
    terms = _vocabulary(pretrained, counts)
    start = make_vectors(list(terms), pretrained.rows, pretrained.vectors.__getitem__, np.random.default_rng(seed))
    importance = log_importance([max(1, counts[term]) for term in terms])
    related = TrainingPairs.from_sources([[_rows(terms, text) for text in texts] for texts in sources_in_words])
    if not related.texts:
        raise IngestError(
            f"学習に使える文章がありません。--squad か --texts に、{SHORTEST}語以上の文章を指定してください。"
        )
    schedule = Schedule(steps, _TEMPERATURE, _RATE, _IMPORTANCE_RATE)
    vectors = train(
        start,
        importance,
        lambda rng: draw_related(related, rng),
        schedule,
        seed=seed,
        on_step=lambda done: progress("学習しています", done, steps),
    )
    return WordVectors(terms, vectors)


def _tokenise_sources(sources: Sequence[Sequence[TrainingText]], progress: Progress) -> Iterator[list[_TokenisedText]]:
    done = 0
    total = sum(map(len, sources))
    for texts in sources:
        tokenised = []
        for text in texts:
            tokenised.append(_TokenisedText(words(text.title), words(text.body), list(map(words, text.questions))))
            done += 1
            progress("言葉に分けています", done, total)
        yield tokenised


def _vocabulary(pretrained: Pretrained, counts: Counter[str]) -> dict[str, int]:
    by_frequency = (word for word, _ in counts.most_common() if word.split() == [word])
    terms = dict.fromkeys(chain(islice(pretrained.rows, pretrained.frequent), by_frequency))
    return {word: row for row, word in enumerate(list(terms)[:_MOST_TERMS])}


def _rows(terms: dict[str, int], text: _TokenisedText) -> tuple[Ids, Ids, list[Ids]]:
    title, body, *questions = (
        np.array([terms[word] for word in part if word in terms], np.int64)
        for part in (text.title, text.body, *text.questions)
    )
    return title, body, questions
