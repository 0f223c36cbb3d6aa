"""A local cross-encoder as a reranker: it scores question and passage together."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.errors import RerankerError

if TYPE_CHECKING:
    from sentence_transformers import CrossEncoder


class CrossEncoderReranker:
    """A cross-encoder with one score for each pair (Nogueira & Cho 2019, arXiv:1901.04085)."""

    def __init__(self, name: str, model: "CrossEncoder") -> None:
        self.name = name
        self._model = model

    def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        """Return a score for each text, which is truncated to the model's input length."""
        if not texts:
            return []
        scores = self._model.predict([(question, text) for text in texts], show_progress_bar=False)
        return [float(score) for score in scores]


def open_cross_encoder(name: str) -> CrossEncoderReranker:
    """Return the cross-encoder in the folder `name`. Raises RerankerError.

    Nothing is downloaded, and code in the folder is never run.
    """
    try:
        return CrossEncoderReranker(name, _load(Path(name)))
    except Exception as error:  # the library raises errors of many kinds
        reason = next(iter(str(error).strip().splitlines()), type(error).__name__)
        raise RerankerError(
            f"並べ替えのモデル「{name}」を読み込めません（{reason}）。"
            "SHIRUBE_RERANKER に CrossEncoder のフォルダーを指定するか、設定を消してください。"
        ) from error


def _load(folder: Path) -> "CrossEncoder":
    if not folder.is_dir():
        raise FileNotFoundError("フォルダーがありません")
    if not _scores_pairs(folder):
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


def _scores_pairs(folder: Path) -> bool:
    if _json(folder / "config_sentence_transformers.json").get("model_type") == "CrossEncoder":
        return True
    architectures = _json(folder / "config.json").get("architectures") or []
    return any(name.endswith("ForSequenceClassification") for name in architectures)


def _json(file: Path) -> dict[str, Any]:
    return dict(json.loads(file.read_text(encoding="utf-8"))) if file.is_file() else {}
