"""`python -m eval judge`: has a language model score the answers of a saved run."""

from argparse import ArgumentParser, Namespace
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bot.cli.arguments import integer_between
from eval.cli.command import DONE, Command, emit
from eval.errors import EvalError, UnreachableError
from eval.metrics.kappa import Agreement
from eval.metrics.registry import BY_NAME
from eval.runs.run_figures import run_figures
from eval.scoring.judgements import CRITERION_NAMES
from eval.scoring.run_record import Run, RunRow, load_run, save_run
from eval.storage.progress import with_progress_bar
from eval.storage.provenance import strip_credentials
from ingest.configuration.environment import read_settings
from ingest.configuration.language_model import LanguageModel
from ingest.configuration.settings import Settings


def show_judged(console: Console, rows: Sequence[RunRow], agreement: Mapping[str, Agreement]) -> None:
    """Print the mean mark and the agreement with people by criterion, then the number of answers without a verdict."""
    table = Table("観点", title="言語モデルの採点(1〜5。± は標準誤差)", title_justify="left")
    for column in ("平均", "回答", "人との一致(重み付き κ)", "人の採点"):
        table.add_column(column, justify="right")
    for criterion, name in CRITERION_NAMES.items():
        mean = BY_NAME[f"judged_{criterion}"].mean_over(rows)
        with_people = agreement[criterion]
        table.add_row(name, f"{mean.value:.2f}±{mean.se:.2f}", str(mean.n), _kappa(with_people), str(with_people.n))
    console.print(table)
    verdicts = [row.observations["verdict"] for row in rows if "verdict" in row.observations]
    if without := sum(verdict["marks"] is None for verdict in verdicts):
        console.print(f"採点できなかった回答: {without}(決められた形で返さないなど。平均に入れていません)")
    if not any(agreed.n for agreed in agreement.values()):
        console.print("人の採点がまだないので、この採点がどれだけ当てになるか分かりません。作業台で採点してください。")


def _kappa(agreement: Agreement) -> str:
    return "-" if agreement.kappa is None or agreement.se is None else f"{agreement.kappa:.2f}±{agreement.se:.2f}"


def _arguments(command: ArgumentParser) -> None:
    command.add_argument("run", type=Path, metavar="RUN", help="評価の保存先")
    command.add_argument(
        "--openai", required=True, metavar="URL", help="採点する OpenAI 互換の言語モデル(鍵は SHIRUBE_EVAL_API_KEY)"
    )
    command.add_argument("--model", required=True, metavar="NAME", help="そのモデルの名前")
    command.add_argument(
        "--sample", type=integer_between(1, 100_000), metavar="N", help="N 件だけ採点する(既定: すべて)"
    )


def _judge(options: Namespace) -> int:
    settings = read_settings()
    judged = _judge_run(options, settings, load_run(options.run))
    from eval.benchmarks.llm_judge import judge_agreement
    from eval.workbench.verdict_store import VerdictStore, current_verdicts

    verdicts = VerdictStore(settings)
    try:
        agreement = judge_agreement(judged.rows, current_verdicts(verdicts.scored(options.run.resolve().name)))
    finally:
        verdicts.close()
    if options.json:
        emit(
            _summary_json(judged, options.run)
            | {"agreement": {name: asdict(result) for name, result in agreement.items()}}
        )
    else:
        show_judged(Console(), judged.rows, agreement)
    return DONE


def _judge_run(options: Namespace, settings: Settings, run: Run) -> Run:
    """Return the run with the judge's verdicts; it is saved even if judging is interrupted.

    Raises UnreachableError if there is no verdict at all, EvalError on an interrupt.
    """
    from eval.benchmarks.llm_judge import LLMJudge, sample_indexes

    judge = LLMJudge(LanguageModel(model=options.model, base_url=options.openai, api_key=settings.eval_api_key))
    rows = list(run.rows)
    config = judge.identity | {"url": strip_credentials(options.openai), "sample": options.sample}
    try:
        for index in with_progress_bar(sample_indexes(rows, options.sample), "採点しています"):
            rows[index] = judge.judge(rows[index])
    except KeyboardInterrupt as error:
        raise EvalError("中断しました。同じ命令をもう一度実行すると、続きから採点します。") from error
    finally:
        judge.close()
        judged = Run(run.config | {"judge": config}, tuple(rows), run_figures(rows))
        if any(verdict["marks"] for verdict in _verdicts(judged)):
            save_run(options.run, judged)
    _require_verdict(judged)
    return judged


def _require_verdict(judged: Run) -> None:
    verdicts = _verdicts(judged)
    if not any(verdict["marks"] for verdict in verdicts):
        why = verdicts[0]["reason"] if verdicts else "採点できる回答がありません"
        raise UnreachableError(f"採点を1つも受け取れません({why})。URL とモデルの名前、鍵を確かめてください。")


def _verdicts(run: Run) -> list[dict[str, Any]]:
    return [row.observations["verdict"] for row in run.rows if "verdict" in row.observations]


def _summary_json(judged: Run, out: Path) -> dict[str, Any]:
    verdicts = _verdicts(judged)
    marks = {name: value for name, value in judged.figures.items() if name.startswith("judged_")}
    without = sum(verdict["marks"] is None for verdict in verdicts)
    return {"n": len(verdicts), "no_verdict": without, **marks, "out": str(out)}


JUDGE = Command("judge", "保存した評価の回答を、言語モデルに採点させる", _arguments, _judge)
