"""`python -m eval spans`: the weights of the span model, fitted on the fitting halves of SQuAD sets."""

import json
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from bot.console.arguments import whole
from eval.commands.command import DONE, Command, emit
from eval.errors import EvalError
from ingest.settings import read_settings

if TYPE_CHECKING:
    from eval.reading.spans import SpanWeights


def _arguments(command: ArgumentParser) -> None:
    command.add_argument(
        "--squad", type=Path, action="append", required=True, metavar="FILE", help="SQuAD 形式の JSON ファイル"
    )
    command.add_argument("--limit", type=whole(1, 10**9), metavar="N", help="ファイルごとに、均等に選んだ N 問だけ使う")
    command.add_argument("--out", type=Path, required=True, metavar="FILE", help="重みの保存先")


def _spans(options: Namespace) -> int:
    _check(options.out)
    # Imported here: what opens an index costs half a second that the other commands need not pay.
    from eval.reading.spans import fit_spans  # noqa: PLC0415
    from eval.reading.spans_examples import span_examples  # noqa: PLC0415

    settings = read_settings()
    found = {file: span_examples(settings, file, options.limit) for file in options.squad}
    on = {file.name: len(made) for file, made in found.items() if made}
    if not on:
        raise EvalError(
            "重みを決められる問いがありません。本文の中に答えのある問いが、決める半分(fit)に要ります。"
            "問いの id と答えを確かめてください。"
        )
    weights = fit_spans([example for made in found.values() for example in made])
    _save(options.out, weights, on)
    told = {"numbers": len(weights.numbers), "classes": len(weights.classes), "fitted_on": on, "out": str(options.out)}
    if options.json:
        emit(told)
    else:
        console = Console()
        console.print(f"使った問い: {'、'.join(f'{name} {n}' for name, n in on.items())}", highlight=False)
        console.print(f"重み: 数値 {told['numbers']}、分類 {told['classes']}", highlight=False)
        console.print(f"保存先: {options.out}", highlight=False)
    return DONE


def _check(out: Path) -> None:
    """Raise EvalError where the weights cannot be written to `out`, before minutes have been spent on them."""
    if out.is_dir() or not out.parent.is_dir():
        raise EvalError(f"{out}: 書き込めません。--out に、今あるフォルダーの中のファイルを指定してください。")


def _save(out: Path, weights: "SpanWeights", on: dict[str, int]) -> None:
    """Write the weights by name, one a line, so that a change of them reads well; raises EvalError."""
    file = {"classes": weights.classes, "fitted_on": on, "numbers": weights.numbers}
    try:
        out.write_text(json.dumps(file, ensure_ascii=False, indent=0, sort_keys=True) + "\n", "utf-8")
    except OSError as error:
        raise EvalError(f"{out}: 書き込めません({error})。--out に別のファイルを指定してください。") from error


SPANS = Command("spans", "SQuAD の形の問いの半分で、短い答えを選ぶ重みを決める", _arguments, _spans)
