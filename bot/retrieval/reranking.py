"""Reorders hits with an optional local cross-encoder, which scores question and passage together."""

import json
import logging
from collections.abc import Sequence
from dataclasses import replace
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.errors import RerankerError
from bot.state import Hit

if TYPE_CHECKING:
    from sentence_transformers import CrossEncoder

_log = logging.getLogger(__name__)
# The reranker takes time for each hit. Of the correct passages in a city's FAQ 69 % are among the first 10 of the fused
# ranking, 81 % among 20, 85 % among 30, 89 % among 50 (decision 014).
MAX_RERANKED = 30


class Reranker:
    """The cross-encoder in the folder `name` (Nogueira & Cho 2019, arXiv:1901.04085); safe to share between threads.

    Nothing is downloaded, and code in the folder is never run.
    """

    def __init__(self, name: str) -> None:
        """Load the model. Raises RerankerError."""
        self.name = name
        try:
            self._model = _load(Path(name))
        except Exception as error:  # the library raises errors of many kinds
            reason = next(iter(str(error).strip().splitlines()), type(error).__name__)
            raise RerankerError(
                f"並べ替えのモデル「{name}」を読み込めません（{reason}）。"
                "SHIRUBE_RERANKER に CrossEncoder のフォルダーを指定するか、設定を消してください。"
            ) from error

    def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        """Return a score for each text, which is truncated to the model's input length; higher is better."""
        scores = self._model.predict([(question, text) for text in texts], show_progress_bar=False)
        return [float(score) for score in scores]


def _load(folder: Path) -> "CrossEncoder":
    if not folder.is_dir():
        raise FileNotFoundError("フォルダーがありません")
    architectures = _json(folder / "config.json").get("architectures") or []
    is_cross_encoder = _json(folder / "config_sentence_transformers.json").get("model_type") == "CrossEncoder"
    if not is_cross_encoder and not any(name.endswith("ForSequenceClassification") for name in architectures):
        raise ValueError("質問と文書の組に点数を付けるモデルではありません")
    # The import takes 4 s and 450 MB, so it is left to services that set a reranker.
    from sentence_transformers import CrossEncoder  # noqa: PLC0415
    from transformers.utils.logging import disable_progress_bar  # noqa: PLC0415

    # The server log must contain only JSON lines.
    disable_progress_bar()
    model: CrossEncoder = CrossEncoder(str(folder), device="cpu", local_files_only=True)
    if model.num_labels != 1:
        raise ValueError(f"1組に1つの点数ではなく、{model.num_labels}つの分類を出すモデルです")
    return model


def _json(file: Path) -> dict[str, Any]:
    return dict(json.loads(file.read_text(encoding="utf-8"))) if file.is_file() else {}


def rerank(reranker: Reranker | None, question: str, hits: Sequence[Hit]) -> list[Hit]:
    """Return `hits` with the first 30 in the reranker's order, and its score among their `scores`.

    A moved hit takes the fused score of its new position, so that scores still fall from first to last. Ties keep their
    order. Without a reranker, or if it fails, the hits are returned unchanged.
    """
    first = hits[:MAX_RERANKED]
    if reranker is None or not first:
        return list(hits)
    texts = ["\n".join(filter(None, (" > ".join(hit.passage.path), hit.passage.text))) for hit in first]
    scores: Sequence[float] = ()
    try:
        scores = reranker.scores(question, texts)
    except Exception:  # noqa: BLE001 -- a question is answered without a failing reranker
        _log.exception("The reranker %s failed.", reranker.name)
    if not scores or not all(map(isfinite, scores)):
        _log.error("The reranker %s gave no order; the fused order is kept.", reranker.name)
        return list(hits)
    order = sorted(range(len(first)), key=lambda i: -scores[i])
    reranked = [
        replace(first[i], score=previous.score, scores={**first[i].scores, "reranker": scores[i]})
        for previous, i in zip(first, order, strict=True)
    ]
    return [*reranked, *hits[MAX_RERANKED:]]
