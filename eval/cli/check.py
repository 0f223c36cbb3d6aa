"""`python -m eval check`: finds errors in the cases before any question is asked."""

import sys
from argparse import ArgumentParser, Namespace
from dataclasses import replace
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape

from eval.checks.located_cases import CaseProblem
from eval.cli.command import BELOW_QUALITY, DONE, Command, emit
from eval.dataset.case import Case
from eval.dataset.sets import CaseSet, project_sets
from ingest.configuration.environment import read_settings
from ingest.configuration.settings import Settings


def _arguments(command: ArgumentParser) -> None:
    cases = command.add_mutually_exclusive_group()
    cases.add_argument("--cases", type=Path, action="append", metavar="FILE", help="問いのファイル(*.jsonl)")
    cases.add_argument("--set", action="append", metavar="NAME", help="質問集の名前(既定: すべて)")
    cases.add_argument("--schema", action="store_true", help="問いの JSON Schema を標準出力に出して終わる")
    command.add_argument(
        "--corpus",
        type=Path,
        action="append",
        metavar="DIR",
        help="問いが尋ねる文書(既定: 質問集ごとの文書。--cases では corpus/)",
    )


def _check(options: Namespace) -> int:
    if options.schema:
        emit(Case.model_json_schema())
        return DONE
    from eval.checks.all_checks import check_sets

    settings = read_settings()
    checked = check_sets(_sets(options, settings), settings)
    for name in checked.skipped:
        sys.stderr.write(f"質問集「{name}」の文書がこの環境にないので、問いは文書と照らし合わせていません。\n")
    if options.json:
        problems = [_as_json(problem) for problem in checked.problems]
        emit({"n": checked.n, "problems": problems, "skipped": list(checked.skipped)})
    else:
        _show(Console(), checked.n, checked.problems)
    return BELOW_QUALITY if checked.problems else DONE


def _sets(options: Namespace, settings: Settings) -> tuple[CaseSet, ...]:
    if options.cases:
        sets: tuple[CaseSet, ...] = (CaseSet("cases", tuple(options.cases), (settings.corpus,)),)
    else:
        sets = project_sets(options.set or (), settings)
    return tuple(replace(case_set, corpora=tuple(options.corpus)) for case_set in sets) if options.corpus else sets


def _as_json(problem: CaseProblem) -> dict[str, Any]:
    file, _, line = problem.location.rpartition(":")
    return {"file": file, "line": int(line), "id": problem.id, "check": problem.check, "problem": problem.text}


def _show(console: Console, n: int, problems: tuple[CaseProblem, ...]) -> None:
    for problem in problems:
        case_label = f" {problem.id}" if problem.id else ""
        console.print(
            f"[bold]{escape(problem.location)}[/]{escape(case_label)}: {escape(problem.text)}",
            highlight=False,
            soft_wrap=True,
        )
    summary = f"直すところが {len(problems)} 件あります。" if problems else "直すところはありません。"
    console.print(f"問い {n} 件を調べました。{summary}", style="yellow" if problems else "green", highlight=False)


CHECK = Command("check", "評価の問いの誤りを、尋ねる前に調べる", _arguments, _check)
