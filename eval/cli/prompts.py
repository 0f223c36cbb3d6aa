"""`python -m eval prompts`: compares variants of the answer prompt over cases with the configured language model."""

from argparse import ArgumentParser, Namespace
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from eval.cli.command import DONE, Command, emit
from eval.cli.run import execute_with_progress
from eval.errors import EvalError
from eval.metrics.model_use import model_calls
from eval.metrics.statistics import compute_pass_rate
from eval.runs.language_models import with_language_model
from eval.runs.options import RunOptions
from eval.runs.run_execution import plan_run
from eval.scoring.run_record import RunRow
from ingest.configuration.environment import read_settings

# Part of the reason that `bot.generation.non_answers` gives for an echo.
_ECHO = "質問を繰り返した"
_COLUMNS = {
    "right": "正しい",
    "written": "モデルの文",
    "blocked": "止めた文のある回答",
    "echoed": "質問の繰り返し",
    "declined": "答えなし",
    "prompt_tokens": "入力",
    "completion_tokens": "出力",
    "p50_s": "秒(中央値)",
}


def summarise_prompt(rows: Sequence[RunRow]) -> dict[str, Any]:
    """Return the figures of a run with one prompt; rates in 0-1 of the cases, tokens and seconds as medians a case.

    `right` are the cases passed (with `right_se`), `written` answers with text of the model, `blocked` those with a
    rejected sentence or reply, `echoed` those with a sentence that repeats the question, `declined` those that say that
    the documents do not answer.
    """
    right = compute_pass_rate((row.case.id, row.score.passed) for row in rows)
    calls = [model_calls(row) for row in rows]
    models = {call["model"] for row_calls in calls for call in row_calls}
    answers = [row.answer or {} for row in rows]
    reasons = [" ".join(sentence["why"] for sentence in row.observations.get("stopped", ())) for row in rows]
    shares = {
        "written": [answer.get("generator") in models for answer in answers],
        "blocked": [bool(reason) for reason in reasons],
        "echoed": [_ECHO in reason for reason in reasons],
        "declined": [answer.get("status") == "no_answer" for answer in answers],
    }
    return {
        "n": right.n,
        "right": right.rate,
        "right_se": right.se,
        **{name: sum(flags) / max(1, len(flags)) for name, flags in shares.items()},
        "prompt_tokens": _median([sum(call["tokens"]["prompt"] for call in row_calls) for row_calls in calls]),
        "completion_tokens": _median([sum(call["tokens"]["completion"] for call in row_calls) for row_calls in calls]),
        "p50_s": _median([row.observations["timing"]["ms"] / 1000 for row in rows if "timing" in row.observations]),
    }


def _median(values: Sequence[float]) -> float:
    return round(median(values), 2) if values else 0.0


def show_prompts(console: Console, figures: Mapping[str, Mapping[str, Any]]) -> None:
    """Print a row for each prompt."""
    table = Table("指示", "件数", title="指示の比較", title_justify="left")
    for name in _COLUMNS.values():
        table.add_column(name, justify="right")
    for prompt, figures_of_prompt in figures.items():
        cells = [f"{figures_of_prompt['right']:.1%} ±{figures_of_prompt['right_se']:.1%}"]
        cells += [f"{figures_of_prompt[name]:.1%}" for name in ("written", "blocked", "echoed", "declined")]
        cells += [f"{figures_of_prompt[name]:g}" for name in ("prompt_tokens", "completion_tokens", "p50_s")]
        table.add_row(escape(prompt), str(figures_of_prompt["n"]), *cells)
    console.print(table)


def _arguments(command: ArgumentParser) -> None:
    command.add_argument(
        "variants", nargs="+", metavar="PROMPT", help="指示の名前（answer、answer-compact）か .md のファイル"
    )
    command.add_argument("--cases", type=Path, action="append", default=[], metavar="FILE", help="問いのファイル")
    command.add_argument("--set", action="append", default=[], metavar="NAME", help="質問集の名前")
    command.add_argument("--towns", type=Path, metavar="DIR", help="実在の自治体の文書での質問集")
    command.add_argument(
        "--corpus", type=Path, action="append", default=[], metavar="DIR", help="この文書の索引を作って測る"
    )
    command.add_argument("--llm", metavar="MODEL", help="設定にあるモデルの名前か、名前=URL")
    command.add_argument("--out", type=Path, metavar="DIR", help="回答と採点を書き出すフォルダー")


def _prompts(options: Namespace) -> int:
    settings = with_language_model(options.llm, read_settings())
    if not (settings.llm or settings.llm_gguf):
        raise EvalError("言語モデルの設定がありません。SHIRUBE_LLM__1__BASE_URL か --llm 名前=URL を指定してください。")
    figures = {}
    for number, variant in enumerate(options.variants, 1):
        run_options = RunOptions(
            cases=tuple(options.cases),
            sets=tuple(options.set),
            towns=options.towns,
            corpora=tuple(options.corpus),
            out=options.out and options.out / str(number),
        )
        plan = plan_run(run_options, settings.model_copy(update={"llm_prompt": variant}))
        figures[variant] = summarise_prompt(execute_with_progress(plan).rows)
    if options.json:
        emit({"prompts": figures})
    else:
        show_prompts(Console(), figures)
    return DONE


PROMPTS = Command("prompts", "回答を書かせる指示をいくつか、同じ問いでくらべる", _arguments, _prompts)
