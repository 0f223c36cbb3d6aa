"""`python -m eval decision`: how well what can be answered is told from what cannot, and the fitted weights."""

import json
from argparse import ArgumentParser, Namespace
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bot.console.arguments import whole
from eval.commands.command import DONE, Command, emit
from eval.decision.decision import Tried, curve, figures, fitted
from eval.errors import EvalError
from ingest.settings import read_settings


def _arguments(command: ArgumentParser) -> None:
    command.add_argument("--squad", type=Path, action="append", default=[], metavar="FILE", help="SQuAD 形式の JSON")
    command.add_argument("--limit", type=whole(1, 10**9), default=500, metavar="N", help="その問いの数(既定: 500)")
    command.add_argument("--beir", type=Path, metavar="DIR", help="BEIR の形のフォルダー")
    command.add_argument("--split", default="dev", metavar="NAME", help="その判定の名前(既定: dev)")
    command.add_argument(
        "--unanswerable", type=Path, metavar="FILE", help="--beir の中に答えのない問い(text のある JSONL)"
    )
    command.add_argument("--own", action="store_true", help="eval/cases の一問一答も試す")
    command.add_argument("--out", type=Path, metavar="FILE", help="問いごとの結果の保存先(JSONL)")


def _decision(options: Namespace) -> int:
    if not (options.squad or options.beir or options.own):
        raise EvalError("--squad、--beir、--own のどれかを指定してください。")
    # Imported here: what opens an index costs half a second that the other commands need not pay.
    from eval.decision.sets import try_beir, try_own, try_squad  # noqa: PLC0415

    settings = read_settings()
    tried: list[Tried] = [t for file in options.squad for t in try_squad(settings, file, options.limit)]
    tried += try_beir(settings, options.beir, options.split, options.unanswerable) if options.beir else []
    tried += try_own(settings) if options.own else []
    if options.out:
        options.out.write_text("".join(json.dumps(asdict(t), ensure_ascii=False) + "\n" for t in tried), "utf-8")
    by_set, steps, weights = figures(tried), curve(tried), fitted(tried)
    if options.json:
        emit({"by_set": by_set, "curve": steps, "fitted": weights})
    else:
        _show(by_set, steps, weights)
    return DONE


def _show(by_set: dict[str, dict[str, float]], steps: list[dict[str, float]], weights: dict[str, float]) -> None:
    console = Console()
    sets = Table("質問集", "答えのある問い", "答えた", "正しく答えた", "答えのない問い", "答えなかった")
    for name, told in by_set.items():
        rates = {
            rate: f"{told[rate]:.3f} ±{told[f'{rate}_se']:.3f}" if rate in told else ""
            for rate in ("answered", "right", "declined")
        }
        sets.add_row(name, str(told["n"]), rates["answered"], rates["right"], str(told["n_absent"]), rates["declined"])
    console.print(sets)
    table = Table("確率のしきい値", "答えのある問いに答える", "答えのない問いに答えない")
    for step in steps:
        table.add_row(f"{step['from']:.2f}", f"{step['answered']:.3f}", f"{step['declined']:.3f}")
    console.print(table)
    console.print("、".join(f"{name} {weight:.3f}" for name, weight in weights.items()), highlight=False)


DECISION = Command("decision", "答える・答えないの判断を試し、その重みを求める", _arguments, _decision)
