"""`python -m eval golden`: compares the answers of a saved run with the golden answers."""

from argparse import ArgumentParser, Namespace
from collections import Counter
from pathlib import Path

from rich.console import Console

from eval.cli.command import BELOW_QUALITY, DONE, Command, emit
from eval.errors import RunFolderError
from eval.runs.golden_answers import FOLDER, GoldenDifference, compare_golden, read_golden, write_golden
from eval.scoring.run_record import load_run
from eval.storage.run_folder import FIGURES
from ingest.configuration.environment import read_settings


def _arguments(command: ArgumentParser) -> None:
    command.add_argument(
        "run", type=Path, nargs="?", metavar="RUN", help="eval run の保存先(既定: var/eval の最も新しい評価)"
    )
    command.add_argument("--golden", type=Path, default=FOLDER, metavar="DIR", help="回答の控え(既定: eval/golden)")
    command.add_argument("--accept", action="store_true", help="この評価の回答を、これからの控えにする")
    command.add_argument("--strict", action="store_true", help="ひとつでも違えば終了コード1で終わる")


def _golden(options: Namespace) -> int:
    folder = options.run or _latest_run()
    rows = load_run(folder).rows
    if options.accept:
        n = write_golden(rows, options.golden)
        if options.json:
            emit({"accepted": n, "golden": str(options.golden)})
        else:
            Console().print(f"控えにしました: {n}問({options.golden})", highlight=False)
        return DONE
    differences = compare_golden(rows, read_golden(options.golden))
    if options.json:
        emit({"run": str(folder), "differences": [_as_json(difference) for difference in differences]})
    else:
        _show(Console(), differences)
    return BELOW_QUALITY if options.strict and differences else DONE


def _latest_run() -> Path:
    place = read_settings().data / "eval"
    runs = [path.parent for path in place.glob(f"*/{FIGURES}") if (path.parent / FIGURES).stat().st_size]
    if not runs:
        raise RunFolderError(f"{place}: 評価がありません。先に python -m eval run を実行してください。")
    return max(runs, key=lambda run: (run / FIGURES).stat().st_mtime)


def _as_json(difference: GoldenDifference) -> dict[str, str]:
    return {
        "set": difference.set,
        "id": difference.id,
        "question": difference.question,
        "diff": difference.diff,
    }


def _show(console: Console, differences: list[GoldenDifference]) -> None:
    by_set = Counter(difference.set for difference in differences)
    counts = "、".join(f"{name} {n}" for name, n in by_set.items())
    console.print(f"控えと違う回答: {len(differences)}{f'({counts})' if counts else ''}", highlight=False)
    for difference in differences:
        console.print(
            f"\n{difference.set} {difference.id} {difference.question}", style="bold", highlight=False, markup=False
        )
        if difference.diff:
            console.print(difference.diff, highlight=False, markup=False, soft_wrap=True)


GOLDEN = Command("golden", "保存した評価の回答を、控えておいた回答とくらべる", _arguments, _golden)
