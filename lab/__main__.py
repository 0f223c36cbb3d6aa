"""Command line of `python -m lab`: trains one of the models that ship."""

import os
import signal
import sys
from argparse import Namespace
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

from bot.errors import BotError
from eval.command import BAD_INPUT, COMMANDS, Measurement, command, paths_option
from eval.errors import EvalError
from ingest.cli.command_line import AddOption, JapaneseArgumentParser, integer_between, option, path_option
from ingest.errors import IngestError
from lab.training.sources import SETS

ROOT = Path(__file__).parents[1]
Files = Mapping[str, bytes]
Train = Callable[[Namespace], tuple[bytes | Files, dict[str, Any]]]


class Trainer(NamedTuple):
    """The module with `train`, what it writes, the model's description, and further options."""

    module: str
    shipped: str
    description: str
    options: tuple[AddOption, ...] = ()


TRAINERS = {
    "ranker": Trainer(
        "lab.training.ranker",
        "bot/answering/retrieval/ranker.json",
        "検索の並べ方の重み",
        (
            paths_option("--beir", "DIR", "自分の問いで決めるとき: BEIR の形のフォルダー"),
            option("--split", default="dev", metavar="NAME", help="その判定の名前(既定: dev)"),
            paths_option("--squad", "FILE", "同じく: SQuAD 形式の JSON"),
        ),
    ),
    "relevance": Trainer(
        "lab.training.relevance", "bot/answering/relevance/reader.onnx", "箇所と文が答えるかを見るモデル"
    ),
    "tokens": Trainer(
        "lab.training.tokens", "bot/answering/relevance/token_reader.onnx", "同じことを語の並びから見るモデル"
    ),
    "follow-ups": Trainer("lab.training.follow_ups", "bot/answering/question/followup.onnx", "会話の続きを補うモデル"),
    "words": Trainer("lab.training.words", "ingest/embedding/words/shirube-words", "単語ベクトル"),
    "emergencies": Trainer(
        "lab.training.emergencies", "bot/answering/screening/classifier.json", "危険にある人に気づく重み"
    ),
}
_COMMON: tuple[AddOption, ...] = (
    option("--small", action="store_true", help="リポジトリにある少しのデータで学習し、動くことだけを確かめる"),
    option("--seed", type=integer_between(0, 10**8), default=0, metavar="N", help="乱数の種(既定: 0)"),
    path_option("--out", "FILE", "保存先(既定: 同梱のファイル。--small では必ず指定する)", dest="file"),
    path_option("--sets", "DIR", "公開のデータのフォルダー(既定: ../shared/data)", default=SETS),
)


def build_parser() -> JapaneseArgumentParser:
    """Return the command line with its help in Japanese."""
    top = JapaneseArgumentParser(prog="python -m lab", description="同梱のモデルを学習します。")
    commands = top.add_subparsers(required=True, metavar="命令")
    train = commands.add_parser("train", help="モデルを一つ学習して保存する")
    models = train.add_subparsers(required=True, metavar="モデル")
    for name, trainer in TRAINERS.items():
        command(name, trainer.description, *_COMMON, *trainer.options)(partial(_train, trainer))
        COMMANDS[name](models)
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Train one model and return the exit status: 0 done, 2 wrong use or bad input."""
    try:
        options = build_parser().parse_args(arguments)
        return int(options.handle(options))
    except (EvalError, IngestError, BotError) as error:
        sys.stderr.write(f"エラー: {error}\n")
        return BAD_INPUT


def _train(trainer: Trainer, options: Namespace) -> Measurement:
    # Whether the file can be written is checked before hours of training.
    if options.small and not options.file:
        raise EvalError("--small で学習したものは使えません。--out に別の保存先を指定してください。")
    out = options.file or ROOT / trainer.shipped
    folder = next(folder for folder in out.absolute().parents if folder.exists())
    if not os.access(folder, os.W_OK):
        raise EvalError(f"{folder}: 書き込めません。--out に別の場所を指定してください。")
    train: Train = import_module(trainer.module).train
    made, figures = train(options)
    _write(out, made)
    return Measurement({**figures, "out": str(out)})


def _write(out: Path, made: bytes | Files) -> None:
    """Write a file, or the files of a folder, each under a temporary name first: what is interrupted leaves no half."""
    files = {out: made} if isinstance(made, bytes) else {out / name: content for name, content in made.items()}
    temporary = {path: path.with_name(f".{path.name}.{os.getpid()}") for path in files}
    try:
        for path, content in files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            temporary[path].write_bytes(content)
        for path, written in temporary.items():
            written.replace(path)
    except OSError as error:
        raise EvalError(f"{out}: 書き込めません({error})。--out に別の場所を指定してください。") from error
    finally:
        for written in temporary.values():
            written.unlink(missing_ok=True)


if __name__ == "__main__":
    # Who stops a training by a signal leaves no temporary folder behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(BAD_INPUT))
    sys.exit(main())
