"""`python -m eval reader`: trains the relevance models and measures them by cross-validation."""

from argparse import ArgumentParser, Namespace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bot.cli.arguments import integer_between
from eval.cli.command import DONE, Command, emit
from eval.errors import SetFileError
from ingest.configuration.environment import read_settings

_WHAT_HELP = (
    "train: 学習して保存する、measure: 測るだけ、tokens: 語の並びを読むネットを学習して保存する、"
    "further: 同梱のそれを、いまある質問で続けて学習する（測らない）"
)


def _arguments(command: ArgumentParser) -> None:
    command.add_argument("what", choices=["train", "measure", "tokens", "further"], help=_WHAT_HELP)
    command.add_argument("--shared", type=Path, required=True, metavar="DIR", help="公開の質問集のフォルダー")
    command.add_argument("--folds", type=integer_between(2, 20), default=4, metavar="N", help="交差検証の分け方の数")
    command.add_argument("--nets", type=integer_between(1, 20), default=3, metavar="N", help="平均するネットの数")
    command.add_argument("--out", type=Path, metavar="FILE", help="重みの保存先(既定: 同梱のファイル)")


def _reader(options: Namespace) -> int:
    from bot.relevance.relevance_model import SHIPPED
    from eval.training.reader.all_tasks import load_tasks
    from eval.training.reader.reader_figures import reader_figures, score_by_overlap
    from eval.training.reader.reading_examples import collect_reading_examples
    from eval.training.reader.relevance_training import cross_validated_readings, save_weights, train_models

    if options.what in {"tokens", "further"} and not find_spec("onnx"):
        raise SetFileError("onnx が入っていません。`make setup-dev` か `pip install '.[train]'` で入れてください。")
    settings = read_settings()
    examples = {task.name: collect_reading_examples(settings, task) for task in load_tasks(options.shared)}
    all_examples = [example for task in examples.values() for example in task]
    if options.what == "further":
        return _continue_training(options, all_examples)
    predictions, platt = cross_validated_readings(all_examples, options.folds)
    figures: dict[str, Any] = {}
    start = 0
    for name, task in examples.items():
        figures[name] = {
            "reader": reader_figures(task, predictions[start : start + len(task)]),
            "overlap": reader_figures(task, [score_by_overlap(example) for example in task]),
        }
        start += len(task)
    if options.what == "train":
        save_weights({**train_models(all_examples, options.nets), "platt": platt}, options.out or SHIPPED)
    if options.what == "tokens":
        figures = {name: {"reader": figures[name]["reader"]} for name in figures}
        joined = _train_token_reader(options, all_examples, predictions)
        start = 0
        for name, task in examples.items():
            figures[name]["with tokens"] = reader_figures(task, joined[start : start + len(task)])
            start += len(task)
    emit(figures) if options.json else _show(figures)
    return DONE


def _train_token_reader(options: Namespace, all_examples: list[Any], predictions: list[Any]) -> list[Any]:
    from bot.relevance.token_model import SHIPPED, combine_probabilities
    from eval.training.reader.token_file import export_token_reader
    from eval.training.reader.token_samples import load_answered_questions
    from eval.training.reader.token_training import cross_validated_logits, fine_tune, fit_combination, pretrain

    questions = load_answered_questions(options.shared / "training" / "jaquad-train.json")
    start = pretrain(questions)
    logits = cross_validated_logits(all_examples, predictions, start, options.folds)
    weights = fit_combination(all_examples, predictions, logits)
    (options.out or SHIPPED).write_bytes(export_token_reader(fine_tune(all_examples, start), weights))
    return [
        (
            combine_probabilities(weights["units"], units, read[0]),
            combine_probabilities(weights["passages"], passages, read[1]),
            float(combine_probabilities(weights["whole"], whole, read[1].max())),
        )
        if example.complete
        else (units, passages, whole)
        for example, (units, passages, whole), read in zip(all_examples, predictions, logits, strict=True)
    ]


def _continue_training(options: Namespace, all_examples: list[Any]) -> int:
    """Train the shipped token reader further and save it.

    The combination of its logits is kept: fitting it needs a model that has not seen the questions.
    """
    from bot.relevance.token_model import SHIPPED
    from eval.training.reader.token_file import export_token_reader, load_token_reader
    from eval.training.reader.token_training import fine_tune

    start, joined = load_token_reader(SHIPPED)
    (options.out or SHIPPED).write_bytes(export_token_reader(fine_tune(all_examples, start), joined))
    return DONE


def _show(figures: dict[str, Any]) -> None:
    names = list(dict.fromkeys(name for results in figures.values() for rates in results.values() for name in rates))
    table = Table("質問集", "", *names)
    for name, results in figures.items():
        for method, rates in results.items():
            table.add_row(name, method, *(_format_rate(rates.get(name, "")) for name in names))
    Console().print(table)


def _format_rate(rate: Any) -> str:
    if isinstance(rate, tuple):
        return f"{rate[0]:.3f} ±{rate[1]:.3f}"
    return f"{rate:.3f}" if isinstance(rate, float) else str(rate)


READER = Command("reader", "読み取りのモデルを学習し、見ていない問いで測る", _arguments, _reader)
