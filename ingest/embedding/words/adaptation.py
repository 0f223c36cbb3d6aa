"""Adapts word vectors to the passages of a corpus, by contrastive training on its text, with NumPy and SciPy.

No questions are needed: headings and spans of the passages serve as queries for them. Spans are those of the Inverse
Cloze Task: Lee et al. 2019, "Latent Retrieval for Weakly Supervised Open Domain Question Answering", arXiv:1906.00300.
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from ingest.embedding.words.word_vectors import Ids, WordVectors
from ingest.terms.flow import Flow

# Fewer are not enough; more improve retrieval by spans but not by a FAQ's queries: R@10 .736 at 150, .735 at 250, .721
# at 400 (decision 004).
_STEPS = 200
# Learning rates rise in the first steps, and fall to zero at the last.
_WARM_UP = 10
_RATE = 1e-3
_IMPORTANCE_RATE = 5e-3
_TEMPERATURE = 0.15
_BATCH = 512
# Share of pairs whose query is a heading rather than a span.
_HEADING_SHARE = 0.6
# Minimum share of distinct headings for such pairs.
_DISTINCT_SHARE = 0.5
# Words of a corpus that count as much as `base`. Without `base`, R@10 falls by .05 with 20 passages (decision 004).
_BASE_WORDS = 10_000
# Keeps the logarithm of a zero vector's length finite.
_SMALLEST = 1e-3

Matrix = NDArray[np.float32]
Progress = Callable[[int, int], None]


def adapt(
    base: WordVectors,
    vocabulary: Sequence[str],
    flow: Flow,
    progress: Progress = lambda _done, _total: None,
) -> WordVectors:
    """Return vectors of exactly the terms that occur, given by their numbers in the `vocabulary`.

    Terms that `base` lacks are composed of their parts. `progress` is called with (steps done, total). The result
    depends only on the arguments. It pays from ten passages on: mean reciprocal rank over samples of 10, 40 and 80
    passages of a city's FAQ .928 → .946, .896 → .918, .815 → .854 (decision 004).
    """
    pairs = _Pairs(flow, len(vocabulary))
    if not len(pairs.order):
        return WordVectors({}, np.zeros((0, base.dimension), np.float32))
    terms = {vocabulary[number]: row for row, number in enumerate(pairs.order.tolist())}
    start = start_vectors(list(terms), base, np.random.default_rng(0))
    importance = _importance(base, list(terms), pairs.counts[pairs.order])
    return WordVectors(terms, _train(start, importance, pairs, np.random.default_rng(0), progress))


def _importance(base: WordVectors, terms: Sequence[str], counts: NDArray[np.int64]) -> NDArray[np.float32]:
    observed = log_importance(counts)
    learned = observed.copy()
    shared = np.array([place for place, term in enumerate(terms) if term in base.terms], np.int64)
    lengths = np.linalg.norm(base.rows(base.ids(terms)), axis=1)
    learned[shared] = np.log(lengths + _SMALLEST)
    total = int(counts.sum())
    share = np.float32(total / (total + _BASE_WORDS))
    mixed: NDArray[np.float32] = share * observed + (1 - share) * learned
    return mixed


# The `a` of Arora et al.
_SMOOTHING = 1e-3


def log_importance(counts: NDArray[np.int64]) -> NDArray[np.float32]:
    """Return ln(a / (a + p)) of words that occur `counts` times, with their share p of all; (len(counts),).

    Source: Arora et al. 2017, "A Simple but Tough-to-Beat Baseline for Sentence Embeddings".
    """
    share = counts / max(1, counts.sum())
    importance: NDArray[np.float32] = np.log(_SMOOTHING / (_SMOOTHING + share)).astype(np.float32)
    return importance


# A Japanese compound is headed by its last parts; more than three would overlap.
_MAX_PARTS = 3
# Shorter parts are taken only if there are no others.
_MIN_PART_CHARACTERS = 2
# Standard deviation of the noise by which training can separate words with the same parts.
_NOISE = 0.02


def start_vectors(terms: Sequence[str], base: WordVectors, rng: np.random.Generator) -> Matrix:
    """Return the direction of each term in `base`; one that it lacks has the mean of its parts' and noise."""
    made = np.zeros((len(terms), base.dimension), np.float32)
    for row, term in enumerate(terms):
        known = [term] if term in base.terms else _known_parts(term, base.terms)
        if term not in base.terms:
            made[row] = rng.normal(scale=_NOISE, size=base.dimension)
        if known:
            made[row] += base.directions(base.ids(known)).mean(axis=0)
    return made


def _known_parts(word: str, rows: Mapping[str, int]) -> Sequence[str]:
    """Return up to three known parts of `word`, last and longest first, else its known characters."""
    ends = range(len(word), 0, -1)
    pieces = (word[start:end] for end in ends for start in range(end - _MIN_PART_CHARACTERS + 1))
    parts = [piece for piece in pieces if piece in rows and piece != word]
    return parts[:_MAX_PARTS] or [character for character in word if character in rows]


# Words of a span that serves as a query: minimum, and the number that is not reached.
_SPAN = (8, 16)
# Words around a span, on each side.
_CONTEXT = 60
# Maximum words of a window.
_MAX_WINDOW = 70
# Minimum words of a text from which a span is cut.
_MIN_TEXT = 16


class _Pairs:
    """Draws pairs of a query and a text from the passages of a flow, as rows of words.

    Rows are the words in `order`: those of headings, then those of bodies, as they first occur.
    """

    def __init__(self, flow: Flow, size: int) -> None:
        words, passages = flow.words()
        in_heading = flow.heading_mask[flow.terms >= 0]
        self.counts = np.bincount(words, minlength=size)
        found, first = np.unique(np.concatenate([words[in_heading], words[~in_heading]]), return_index=True)
        self.order = found[np.argsort(first)]
        rows = np.zeros(size, np.int64)
        rows[self.order] = np.arange(len(self.order))
        # Stable: the headings of passage i, then its body, are i and i + 1 of `_ends`.
        self._ends = np.cumsum(np.bincount(2 * passages + ~in_heading, minlength=2 * len(flow))).tolist()
        self._rows = rows[words]
        distinct = {flow.headings(row).tobytes() for row in range(len(flow))}
        self._by_heading = _HEADING_SHARE if len(distinct) > _DISTINCT_SHARE * len(flow) else 0.0
        self._size = len(flow)

    def draw(self, rng: np.random.Generator) -> tuple[list[Ids], list[Ids]]:
        pairs = [self._pair(place, rng) for place in rng.permutation(self._size)[:_BATCH].tolist()]
        return [left for left, _ in pairs], [right for _, right in pairs]

    def _pair(self, place: int, rng: np.random.Generator) -> tuple[Ids, Ids]:
        start, middle, end = self._ends[2 * place - 1] if place else 0, self._ends[2 * place], self._ends[2 * place + 1]
        heading, body = self._rows[start:middle], self._rows[middle:end]
        if len(heading) and rng.random() < self._by_heading:
            return heading, random_window(body, rng)
        return split_span(body, rng, heading)


def random_window(text: Ids, rng: np.random.Generator) -> Ids:
    """Return up to 70 consecutive words of `text`."""
    if len(text) <= _MAX_WINDOW:
        return text
    start = rng.integers(len(text) - _MAX_WINDOW + 1)
    return text[start : start + _MAX_WINDOW]


def split_span(text: Ids, rng: np.random.Generator, heading: Ids) -> tuple[Ids, Ids]:
    """Return a span of `text`, and `heading` with the words around the span; a short text is cut in half."""
    if len(text) < _MIN_TEXT:
        return text[: len(text) // 2], np.concatenate([heading, text[len(text) // 2 :]])
    length = rng.integers(*_SPAN)
    start = rng.integers(len(text) - length + 1)
    end = start + length
    context = np.concatenate([heading, text[max(0, start - _CONTEXT) : start], text[end : end + _CONTEXT]])
    return text[start:end], random_window(context, rng)


def _train(
    vectors: Matrix, importance: NDArray[np.float32], pairs: _Pairs, rng: np.random.Generator, progress: Progress
) -> Matrix:
    """Return the trained `vectors`, (words, dimension), each scaled by its word's importance.

    `importance`, (words,), is the logarithm of a word's weight in the sum that makes a text's vector.
    """
    from scipy.sparse import csr_array  # noqa: PLC0415 -- 0.3 s and 22 MB that answering does without

    optimisers = _SparseAdam(vectors), _SparseAdam(importance)
    for step in range(_STEPS):
        left, right = pairs.draw(rng)
        texts = [*left, *right]
        words = np.concatenate(texts)
        is_used = np.zeros(len(vectors), bool)
        is_used[words] = True
        used, columns = np.flatnonzero(is_used), (np.cumsum(is_used) - 1)[words]
        starts = np.cumsum([0, *map(len, texts)])
        counts = csr_array((np.ones(len(columns), np.float32), columns, starts), shape=(len(texts), len(used)))
        weight = np.exp(importance[used])[:, np.newaxis]
        weighted = vectors[used] * weight
        sums = counts @ weighted
        length = np.linalg.norm(sums, axis=1, keepdims=True)
        length[length == 0] = np.inf
        unit = sums / length
        by_unit = np.vstack(_contrastive_gradients(unit[: len(left)], unit[len(left) :]))
        by_sum = (by_unit - unit * np.einsum("ij,ij->i", by_unit, unit)[:, np.newaxis]) / length
        gradient = counts.T @ by_sum
        share = min(1.0, (step + 1) / _WARM_UP) * (1 - step / _STEPS)
        optimisers[0].step(used, gradient * weight, share * _RATE)
        optimisers[1].step(used, np.einsum("ij,ij->i", gradient, weighted), share * _IMPORTANCE_RATE)
        progress(step + 1, _STEPS)
    return vectors * np.exp(importance)[:, np.newaxis]


def _contrastive_gradients(left: Matrix, right: Matrix) -> tuple[Matrix, Matrix]:
    """Return the gradients of the contrastive loss for `left` and `right`, n pairs of unit rows, (n, dimension) each.

    InfoNCE (van den Oord et al. 2018, arXiv:1807.03748) over cosines with in-batch negatives (Henderson et al. 2017,
    arXiv:1705.00652), in both directions (Radford et al. 2021, arXiv:2103.00020).
    """
    size = len(left)
    # No cosine is above 1, so that one exponential serves the softmax of rows and that of columns.
    powers: Matrix = np.exp((left @ right.T - np.float32(1)) / np.float32(_TEMPERATURE))
    diagonal = np.arange(size)
    errors = powers * (1 / powers.sum(axis=1, keepdims=True) + 1 / powers.sum(axis=0, keepdims=True))
    errors[diagonal, diagonal] -= 2
    errors /= np.float32(2 * size * _TEMPERATURE)
    return errors @ right, errors.T @ left


# The defaults of Adam's paper: decay of the mean, decay of the mean square, and what keeps the divisor from zero.
_BETA1 = 0.9
_BETA2 = 0.999
_EPSILON = 1e-8
# Rows updated at a time: their data fit into the processor's cache, which saves a sixth of the training.
_ROWS_PER_UPDATE = 256


class _SparseAdam:
    """Adam (Kingma & Ba 2015, arXiv:1412.6980) of `values` in place; moments of rows without gradient do not decay."""

    def __init__(self, values: NDArray[np.float32]) -> None:
        self._values = values
        self._first = np.zeros_like(values)
        self._second = np.zeros_like(values)
        self._steps = 0

    def step(self, rows: NDArray[np.int64], gradient: NDArray[np.float32], rate: float) -> None:
        self._steps += 1
        for start in range(0, len(rows), _ROWS_PER_UPDATE):
            part = slice(start, start + _ROWS_PER_UPDATE)
            self._update(rows[part], gradient[part], rate)

    def _update(self, rows: NDArray[np.int64], gradient: NDArray[np.float32], rate: float) -> None:
        first = self._first[rows]
        first += (1 - _BETA1) * (gradient - first)
        self._first[rows] = first
        second = self._second[rows]
        second += (1 - _BETA2) * (gradient * gradient - second)
        self._second[rows] = second
        # m / (1 - β1^t) over √(v / (1 - β2^t)) + ε
        np.sqrt(second, out=second)
        second /= np.float32((1 - _BETA2**self._steps) ** 0.5)
        second += np.float32(_EPSILON)
        first /= second
        first *= np.float32(rate / (1 - _BETA1**self._steps))
        self._values[rows] -= first
