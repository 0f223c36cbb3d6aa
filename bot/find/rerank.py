"""Reading question and passage together: a cross-encoder puts the best of the ranking in a better order.

Another reranker is a class with `name` and `scores`, and a line in `open_reranker`.
"""

import logging
from collections.abc import Sequence
from dataclasses import replace
from math import isfinite
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Protocol

from bot.errors import RerankerError
from bot.turn import Hit
from ingest.documents import Passage

if TYPE_CHECKING:
    from sentence_transformers import CrossEncoder

_log = logging.getLogger(__name__)

# Hits that are read together with the question. Of what is right in a city's FAQ 69 % stand among the first ten of the
# fused ranking, 81 % among twenty, 85 % among thirty, 89 % among fifty (2026-11-20); each takes the model's time.
RERANKED = 30


class Reranker(Protocol):
    """What re-ordering needs; safe to share between threads."""

    @property
    def name(self) -> str:
        """What `SHIRUBE_RERANKER` says."""

    def scores(self, question: str, texts: Sequence[str]) -> Sequence[float]:
        """Return (len(texts),), the higher the better `texts[i]` answers; on any scale."""


class CrossEncoderReranker:
    """A cross-encoder with one score a pair (Nogueira & Cho 2019, arXiv:1901.04085)."""

    def __init__(self, name: str, model: "CrossEncoder") -> None:
        self.name = name
        self._model = model
        # A fast tokenizer shared by threads fails with "Already borrowed" (huggingface/tokenizers#537).
        self._lock = Lock()

    def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        """Return (len(texts),); text that is longer than the model's input is cut there."""
        if not texts:
            return []
        with self._lock:
            scores = self._model.predict([(question, text) for text in texts], show_progress_bar=False)
        return [float(score) for score in scores]


def open_reranker(name: str | None) -> Reranker | None:
    """Return the cross-encoder of the folder `name`; None where no name is given.

    Nothing is downloaded, and code that a folder brings along is never run. Raises RerankerError.
    """
    if not name:
        return None
    try:
        return CrossEncoderReranker(name, _open_cross_encoder(name))
    except Exception as error:  # each module of a folder raises errors of its own kind
        reason = next(iter(str(error).strip().splitlines()), type(error).__name__)
        raise RerankerError(
            f"並べ替えのモデル「{name}」を読み込めません（{reason}）。"
            "SHIRUBE_RERANKER に CrossEncoder のフォルダーを指定するか、設定を消してください。"
        ) from error


def _open_cross_encoder(name: str) -> "CrossEncoder":
    if not Path(name).is_dir():
        raise FileNotFoundError("フォルダーがありません")
    # 4 s and 450 MB, which only those pay who set a reranker.
    from sentence_transformers import CrossEncoder  # noqa: PLC0415

    model: CrossEncoder = CrossEncoder(name, device="cpu", local_files_only=True)
    if model.num_labels != 1:
        raise ValueError(f"1組に1つの点数ではなく{model.num_labels}つの分類を出すモデルです")
    return model


def rerank(reranker: Reranker | None, question: str, hits: Sequence[Hit]) -> list[Hit]:
    """Return `hits` with the first `RERANKED` of them in the reranker's order, and its score among their `scores`.

    Each takes the fused score of the place it comes to, so that these still fall from first to last. Equal scores keep
    the order of before; without a reranker, or where it fails, so do all.
    """
    read, behind = hits[:RERANKED], hits[RERANKED:]
    if reranker is None or not read:
        return list(hits)
    try:
        scores = _scores(reranker, question, read)
    except Exception:  # noqa: BLE001 -- whatever breaks in a model, the question is answered without it
        _log.exception("The reranker %s failed; the fused order stands.", reranker.name)
        return list(hits)
    order = sorted(range(len(read)), key=lambda i: -scores[i])
    moved = [
        replace(read[i], score=place.score, scores={**read[i].scores, "reranker": scores[i]})
        for place, i in zip(read, order, strict=True)
    ]
    return [*moved, *behind]


def _scores(reranker: Reranker, question: str, hits: Sequence[Hit]) -> list[float]:
    scores = [float(score) for score in reranker.scores(question, [_text(hit.passage) for hit in hits])]
    if len(scores) != len(hits) or not all(map(isfinite, scores)):
        raise ValueError(f"not a score for each of {len(hits)} passages: {scores}")
    return scores


def _text(passage: Passage) -> str:
    """Return the headings from outer to inner, and below them the passage."""
    return "\n".join(filter(None, (" > ".join(passage.path), passage.text)))
