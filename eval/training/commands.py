"""The subcommand that trains a shipped model: train."""

from argparse import Namespace
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from eval.command import Measurement, command
from eval.errors import SetFileError
from ingest.cli.command_line import option, path_option
from ingest.configuration.environment import read_settings

# The shipped file of each model.
_SHIPPED = {
    "relevance": "relevance/reader.onnx",
    "tokens": "relevance/token_reader.onnx",
    "follow-ups": "question/followup.onnx",
}
# Folds of the cross-validation, and models whose mean is the relevance model.
_FOLDS = 4
_NETS = 3


@command(
    "train",
    "同梱のモデル(関連の判定、語の並び、会話の続き)を学習して保存する",
    option("model", choices=list(_SHIPPED), help="学習するモデル"),
    path_option("--shared", "DIR", "公開の質問集のフォルダー(relevance と tokens に要る)"),
    path_option("--out", "FILE", "重みの保存先(既定: 同梱のファイル)", dest="file"),
)
def train(options: Namespace) -> Measurement:
    """Train a model and write its ONNX file; the figures are cross-validated."""
    if not find_spec("onnx"):
        raise SetFileError("onnx が入っていません。`make setup-dev` か `pip install '.[train]'` で入れてください。")
    if options.model == "follow-ups":
        model, figures = _train_follow_ups()
    elif options.shared:
        model, figures = _train_relevance(options.shared, with_tokens=options.model == "tokens")
    else:
        raise SetFileError("--shared に公開の質問集のフォルダーを指定してください。")
    file = options.file or Path(__file__).parents[2] / "bot" / _SHIPPED[options.model]
    file.write_bytes(model)
    return Measurement({**figures, "file": str(file)})


def _train_relevance(shared: Path, *, with_tokens: bool) -> tuple[bytes, Mapping[str, Any]]:
    from eval.training.examples import collect_reading_examples, relevance_figures
    from eval.training.questions import load_training_sets, squad_set
    from eval.training.relevance_model import cross_validated_scores, export_relevance_model, train_relevance_models

    settings = read_settings()
    examples = [example for each in load_training_sets(shared) for example in collect_reading_examples(settings, each)]
    scores, platt = cross_validated_scores(examples, _FOLDS)
    if not with_tokens:
        ensemble = train_relevance_models(examples, _NETS)
        ensemble.platt = platt
        return export_relevance_model(ensemble), relevance_figures(examples, scores)
    from eval.training.token_model import export_token_reader
    from eval.training.token_training import FINE_TUNING, PRETRAINING, cross_validated_combination, train_token_reader

    encyclopedia = squad_set(shared / "training" / "jaquad-train.json")
    start = train_token_reader(collect_reading_examples(settings, encyclopedia), PRETRAINING)
    combined, weights = cross_validated_combination(examples, scores, start, _FOLDS, FINE_TUNING)
    trained = train_token_reader(examples, FINE_TUNING, start)
    return export_token_reader(trained, weights), relevance_figures(examples, combined)


def _train_follow_ups() -> tuple[bytes, Mapping[str, Any]]:
    from eval.training.follow_ups import (
        SCHEDULE,
        WRITTEN,
        export_followup_model,
        load_conversations,
        load_single_samples,
        load_standalone_questions,
        train_followup_model,
    )

    conversations = load_conversations(WRITTEN)
    trained = train_followup_model(conversations, load_single_samples(), load_standalone_questions(), SCHEDULE)
    return export_followup_model(*trained), {"n": len(conversations)}
