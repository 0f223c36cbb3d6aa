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

_WHAT = (
    "train: 学習して保存する、measure: 測るだけ、tokens: 語の並びを読むネットを学習して保存する、"
    "further: 同梱のそれを、いまある質問で続けて学習する（測らない）"
)


def _arguments(command: ArgumentParser) -> None:
    command.add_argument("what", choices=["train", "measure", "tokens", "further"], help=_WHAT)
    command.add_argument("--shared", type=Path, required=True, metavar="DIR", help="公開の質問集のフォルダー")
    command.add_argument("--folds", type=integer_between(2, 20), default=4, metavar="N", help="交差検証の分け方の数")
    command.add_argument("--nets", type=integer_between(1, 20), default=3, metavar="N", help="平均するネットの数")
    command.add_argument("--out", type=Path, metavar="FILE", help="重みの保存先(既定: 同梱のファイル)")


def _reader(options: Namespace) -> int:
    # Imported here: torch costs seconds that the other commands need not pay.
    from bot.relevance.relevance_model import SHIPPED  # noqa: PLC0415
    from eval.training.reader.all_tasks import load_tasks  # noqa: PLC0415
    from eval.training.reader.reader_figures import reader_figures, score_by_overlap  # noqa: PLC0415
    from eval.training.reader.reading_examples import collect_reading_examples  # noqa: PLC0415
    from eval.training.reader.training import cross_validated_readings, save_weights, train_models  # noqa: PLC0415

    if options.what in {"tokens", "further"} and not find_spec("onnx"):
        raise SetFileError("onnx が入っていません。`make setup-dev` か `pip install '.[train]'` で入れてください。")
    settings = read_settings()
    made = {task.name: collect_reading_examples(settings, task) for task in load_tasks(options.shared)}
    flat = [example for task in made.values() for example in task]
    if options.what == "further":
        return _continue_training(options, flat)
    said, bent = cross_validated_readings(flat, options.folds)
    told: dict[str, Any] = {}
    at = 0
    for name, task in made.items():
        told[name] = {
            "reader": reader_figures(task, said[at : at + len(task)]),
            "overlap": reader_figures(task, [score_by_overlap(example) for example in task]),
        }
        at += len(task)
    if options.what == "train":
        save_weights({**train_models(flat, options.nets), "platt": bent}, options.out or SHIPPED)
    if options.what == "tokens":
        told = {name: {"reader": told[name]["reader"]} for name in told}
        joined = _train_token_reader(options, flat, said)
        at = 0
        for name, task in made.items():
            told[name]["with tokens"] = reader_figures(task, joined[at : at + len(task)])
            at += len(task)
    emit(told) if options.json else _show(told)
    return DONE


def _train_token_reader(options: Namespace, flat: list[Any], said: list[Any]) -> list[Any]:
    """Train and save the token reader; return what is said of each example with its net that has not seen it."""
    from bot.relevance.token_model import SHIPPED, combine_probabilities  # noqa: PLC0415
    from eval.training.reader.token_file import export_token_reader  # noqa: PLC0415
    from eval.training.reader.token_samples import load_answered_questions  # noqa: PLC0415
    from eval.training.reader.token_training import cross_validated_logits, fine_tune, fit_combination, pretrain  # noqa: PLC0415

    asked = load_answered_questions(options.shared / "training" / "jaquad-train.json")
    start = pretrain(asked)
    found = cross_validated_logits(flat, said, start, options.folds)
    by = fit_combination(flat, said, found)
    (options.out or SHIPPED).write_bytes(export_token_reader(fine_tune(flat, start), by))
    return [
        (
            combine_probabilities(by["units"], units, read[0]),
            combine_probabilities(by["passages"], passages, read[1]),
            float(combine_probabilities(by["whole"], whole, read[1].max())),
        )
        if example.complete
        else (units, passages, whole)
        for example, (units, passages, whole), read in zip(flat, said, found, strict=True)
    ]


def _continue_training(options: Namespace, flat: list[Any]) -> int:
    """Train the shipped token reader further and save it.

    How its logits are joined stays: no net is left that has not seen what that would be fitted on.
    """
    from bot.relevance.token_model import SHIPPED  # noqa: PLC0415
    from eval.training.reader.token_file import export_token_reader, load_token_reader  # noqa: PLC0415
    from eval.training.reader.token_training import fine_tune  # noqa: PLC0415

    start, joined = load_token_reader(SHIPPED)
    (options.out or SHIPPED).write_bytes(export_token_reader(fine_tune(flat, start), joined))
    return DONE


def _show(told: dict[str, Any]) -> None:
    names = list(dict.fromkeys(name for each in told.values() for rates in each.values() for name in rates))
    table = Table("質問集", "", *names)
    for task, each in told.items():
        for how, rates in each.items():
            table.add_row(task, how, *(_format_rate(rates.get(name, "")) for name in names))
    Console().print(table)


def _format_rate(rate: Any) -> str:
    if isinstance(rate, tuple):
        return f"{rate[0]:.3f} ±{rate[1]:.3f}"
    return f"{rate:.3f}" if isinstance(rate, float) else str(rate)


READER = Command("reader", "読み取りのモデルを学習し、見ていない問いで測る", _arguments, _reader)
