"""The subcommand that trains a shipped model: train."""

from argparse import Namespace
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from eval.command import Measurement, command
from eval.errors import SetFileError
from ingest.cli.command_line import integer_between, option, path_option
from ingest.configuration.environment import read_settings

# The shipped file of each model.
_SHIPPED = {
    "relevance": "relevance/reader.onnx",
    "tokens": "relevance/token_reader.onnx",
    "follow-ups": "question/followup.onnx",
}


@command(
    "train",
    "同梱のモデル(関連の判定、語の並び、会話の続き)を学習して保存する",
    option("model", choices=list(_SHIPPED), help="学習するモデル"),
    path_option("--shared", "DIR", "公開の質問集のフォルダー(relevance と tokens に要る)"),
    option("--folds", type=integer_between(2, 20), default=4, metavar="N", help="交差検証の分け方の数"),
    option("--nets", type=integer_between(1, 20), default=3, metavar="N", help="平均するネットの数(relevance)"),
    path_option("--out", "FILE", "重みの保存先(既定: 同梱のファイル)", dest="file"),
)
def train(options: Namespace) -> Measurement:
    """Train a model and write its ONNX file; the figures are cross-validated."""
    if not find_spec("onnx"):
        raise SetFileError("onnx が入っていません。`make setup-dev` か `pip install '.[train]'` で入れてください。")
    model, figures = _train_follow_ups() if options.model == "follow-ups" else _train_relevance(options)
    file = options.file or Path(__file__).parents[2] / "bot" / _SHIPPED[options.model]
    file.write_bytes(model)
    return Measurement({**figures, "file": str(file)})


def _train_relevance(options: Namespace) -> tuple[bytes, Mapping[str, Any]]:
    if not options.shared:
        raise SetFileError("--shared に公開の質問集のフォルダーを指定してください。")
    from eval.training.examples import collect_reading_examples, relevance_figures
    from eval.training.questions import load_training_sets
    from eval.training.relevance_model import cross_validated_scores, export_relevance_model, train_relevance_models

    settings = read_settings()
    sets = load_training_sets(options.shared)
    examples = [example for each in sets for example in collect_reading_examples(settings, each)]
    scores, platt = cross_validated_scores(examples, options.folds)
    if options.model == "relevance":
        ensemble = train_relevance_models(examples, options.nets)
        ensemble.platt = platt
        return export_relevance_model(ensemble), relevance_figures(examples, scores)
    from eval.training.token_model import export_token_reader
    from eval.training.token_training import (
        cross_validated_combination,
        fine_tune,
        load_answered_questions,
        pretrain,
    )

    start = pretrain(load_answered_questions(options.shared / "training" / "jaquad-train.json"))
    combined, weights = cross_validated_combination(examples, scores, start, options.folds)
    return export_token_reader(fine_tune(examples, start), weights), relevance_figures(examples, combined)


def _train_follow_ups() -> tuple[bytes, Mapping[str, Any]]:
    from eval.training.follow_up_model import export_followup_model
    from eval.training.follow_up_training import (
        WRITTEN,
        load_conversations,
        load_single_samples,
        load_standalone_questions,
        train_followup_model,
    )

    conversations = load_conversations(WRITTEN)
    trained = train_followup_model(conversations, load_single_samples(), load_standalone_questions())
    return export_followup_model(*trained), {"n": len(conversations.samples)}
