"""A cross-encoder of a folder as a reranker: question and passage are read together and get one score."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.errors import RerankerError

if TYPE_CHECKING:
    from sentence_transformers import CrossEncoder


class CrossEncoderReranker:
    """A cross-encoder with one score a pair (Nogueira & Cho 2019, arXiv:1901.04085)."""

    def __init__(self, name: str, model: "CrossEncoder") -> None:
        self.name = name
        self._model = model

    def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        """Return (len(texts),); text that is longer than the model's input is cut there."""
        if not texts:
            return []
        scores = self._model.predict([(question, text) for text in texts], show_progress_bar=False)
        return [float(score) for score in scores]


def open_cross_encoder(name: str) -> CrossEncoderReranker:
    """Return the cross-encoder of the folder `name`.

    Nothing is downloaded, and code that a folder brings along is never run. Raises RerankerError.
    """
    try:
        return CrossEncoderReranker(name, _load(Path(name)))
    except Exception as error:  # each module of a folder raises errors of its own kind
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
    # 4 s and 450 MB, which only those pay who set a reranker.
    from sentence_transformers import CrossEncoder  # noqa: PLC0415
    from transformers.utils.logging import disable_progress_bar  # noqa: PLC0415

    # The log of a server holds one JSON object a line.
    disable_progress_bar()
    model: CrossEncoder = CrossEncoder(str(folder), device="cpu", local_files_only=True)
    if model.num_labels != 1:
        raise ValueError(f"1組に1つの点数ではなく、{model.num_labels}つの分類を出すモデルです")
    return model


def _scores_pairs(folder: Path) -> bool:
    """Whether the model was trained to; to any other the library adds a layer of random weights, with a warning."""
    if _json(folder / "config_sentence_transformers.json").get("model_type") == "CrossEncoder":
        return True
    architectures = _json(folder / "config.json").get("architectures") or []
    return any(name.endswith("ForSequenceClassification") for name in architectures)


def _json(file: Path) -> dict[str, Any]:
    return dict(json.loads(file.read_text(encoding="utf-8"))) if file.is_file() else {}
