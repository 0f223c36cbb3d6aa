"""`python -m eval reader`: trains the reader and tells how it reads what it has not seen."""

from argparse import ArgumentParser, Namespace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bot.console.arguments import whole
from eval.commands.command import DONE, Command, emit
from eval.errors import SetFileError
from ingest.environment import read_settings

_WHAT = (
    "train: 学習して保存する、measure: 測るだけ、tokens: 語の並びを読むネットを学習して保存する、"
    "further: 同梱のそれを、いまある質問で続けて学習する（測らない）"
)


def _arguments(command: ArgumentParser) -> None:
    command.add_argument("what", choices=["train", "measure", "tokens", "further"], help=_WHAT)
    command.add_argument("--shared", type=Path, required=True, metavar="DIR", help="公開の質問集のフォルダー")
    command.add_argument("--folds", type=whole(2, 20), default=4, metavar="N", help="交差検証の分け方の数")
    command.add_argument("--nets", type=whole(1, 20), default=3, metavar="N", help="平均するネットの数")
    command.add_argument("--out", type=Path, metavar="FILE", help="重みの保存先(既定: 同梱のファイル)")


def _reader(options: Namespace) -> int:
    # Imported here: torch costs seconds that the other commands need not pay.
    from bot.reader.model import SHIPPED  # noqa: PLC0415
    from eval.reader.examples import examples  # noqa: PLC0415
    from eval.reader.measured import by_overlap, figures  # noqa: PLC0415
    from eval.reader.tasks import tasks  # noqa: PLC0415
    from eval.reader.training import cross_fitted, save, train  # noqa: PLC0415

    if options.what in {"tokens", "further"} and not find_spec("onnx"):
        raise SetFileError("onnx が入っていません。`make setup-dev` か `pip install '.[train]'` で入れてください。")
    settings = read_settings()
    made = {task.name: examples(settings, task) for task in tasks(options.shared)}
    flat = [example for task in made.values() for example in task]
    if options.what == "further":
        return _further(options, flat)
    said, bent = cross_fitted(flat, options.folds)
    told: dict[str, Any] = {}
    at = 0
    for name, task in made.items():
        told[name] = {
            "reader": figures(task, said[at : at + len(task)]),
            "overlap": figures(task, [by_overlap(example) for example in task]),
        }
        at += len(task)
    if options.what == "train":
        save({**train(flat, options.nets), "platt": bent}, options.out or SHIPPED)
    if options.what == "tokens":
        told = {name: {"reader": told[name]["reader"]} for name in told}
        joined = _tokens(options, flat, said)
        at = 0
        for name, task in made.items():
            told[name]["with tokens"] = figures(task, joined[at : at + len(task)])
            at += len(task)
    emit(told) if options.json else _show(told)
    return DONE


def _tokens(options: Namespace, flat: list[Any], said: list[Any]) -> list[Any]:
    """Train and save the token reader; return what is said of each example with its net that has not seen it."""
    from bot.reader.token_net import SHIPPED, joined  # noqa: PLC0415
    from eval.reader.token_file import written  # noqa: PLC0415
    from eval.reader.token_samples import asked_of  # noqa: PLC0415
    from eval.reader.token_training import cross_read, first_trained, joining, own_trained  # noqa: PLC0415

    asked = asked_of(options.shared / "training" / "jaquad-train.json")
    start = first_trained(asked)
    found = cross_read(flat, said, start, options.folds)
    by = joining(flat, said, found)
    (options.out or SHIPPED).write_bytes(written(own_trained(flat, start), by))
    return [
        (
            joined(by["units"], units, read[0]),
            joined(by["passages"], passages, read[1]),
            float(joined(by["whole"], whole, read[1].max())),
        )
        if example.complete
        else (units, passages, whole)
        for example, (units, passages, whole), read in zip(flat, said, found, strict=True)
    ]


def _further(options: Namespace, flat: list[Any]) -> int:
    """Train the shipped token reader further and save it.

    How its logits are joined stays: no net is left that has not seen what that would be fitted on.
    """
    from bot.reader.token_net import SHIPPED  # noqa: PLC0415
    from eval.reader.token_file import trained_of, written  # noqa: PLC0415
    from eval.reader.token_training import own_trained  # noqa: PLC0415

    start, joined = trained_of(SHIPPED)
    (options.out or SHIPPED).write_bytes(written(own_trained(flat, start), joined))
    return DONE


def _show(told: dict[str, Any]) -> None:
    names = list(dict.fromkeys(name for each in told.values() for rates in each.values() for name in rates))
    table = Table("質問集", "", *names)
    for task, each in told.items():
        for how, rates in each.items():
            table.add_row(task, how, *(_written(rates.get(name, "")) for name in names))
    Console().print(table)


def _written(rate: Any) -> str:
    if isinstance(rate, tuple):
        return f"{rate[0]:.3f} ±{rate[1]:.3f}"
    return f"{rate:.3f}" if isinstance(rate, float) else str(rate)


READER = Command("reader", "読み取りのモデルを学習し、見ていない問いで測る", _arguments, _reader)
