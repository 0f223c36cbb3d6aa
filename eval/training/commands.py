"""The subcommand that trains the shipped relevance model: train."""

from argparse import Namespace
from importlib.util import find_spec
from pathlib import Path

from eval.command import Measurement, command
from eval.errors import SetFileError
from ingest.cli.command_line import path_option
from ingest.configuration.environment import read_settings

_SHIPPED = Path(__file__).parents[2] / "bot" / "relevance" / "reader.onnx"
# Folds of the cross-validation, and models whose mean is the relevance model.
_FOLDS = 4
_NETS = 3


@command(
    "train",
    "同梱の関連の判定のモデルを学習して保存する",
    path_option("--shared", "DIR", "公開の質問集のフォルダー", required=True),
    path_option("--out", "FILE", "重みの保存先(既定: 同梱のファイル)", dest="file"),
)
def train(options: Namespace) -> Measurement:
    """Train the relevance model and write its ONNX file; the figures are cross-validated."""
    if not find_spec("onnx"):
        raise SetFileError("onnx が入っていません。`make setup-dev` か `pip install '.[train]'` で入れてください。")
    from eval.training.examples import collect_reading_examples, relevance_figures
    from eval.training.questions import load_training_sets
    from eval.training.relevance_model import cross_validated_scores, export_relevance_model, train_relevance_models

    settings = read_settings()
    sets = load_training_sets(options.shared)
    examples = [example for each in sets for example in collect_reading_examples(settings, each)]
    scores, platt = cross_validated_scores(examples, _FOLDS)
    ensemble = train_relevance_models(examples, _NETS)
    ensemble.platt = platt
    file = options.file or _SHIPPED
    file.write_bytes(export_relevance_model(ensemble))
    return Measurement({**relevance_figures(examples, scores), "file": str(file)})
