"""`python -m eval run`: asks and scores the regression cases, and compares them with the gate."""

import re
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from bot.cli.arguments import integer_between
from bot.relevance.adjustments import NAMES
from eval.cli.command import BELOW_QUALITY, DONE, Command, emit
from eval.cli.run_tables import show_run, show_shortfalls
from eval.errors import EvalError
from eval.report.model_table import show_models
from eval.runs.language_models import summarise_models
from eval.runs.options import RunOptions
from eval.runs.release_gate import GATE, find_shortfalls, load_gate
from eval.runs.run_execution import (
    COMMAND,
    OnProgress,
    RunPlan,
    RunProgress,
    execute_run,
    plan_resumed_run,
    plan_run,
)
from eval.scoring.run_record import Run
from eval.storage.progress import progress_bar
from eval.storage.run_folder import convert_write_errors, to_pretty_json
from eval.systems.other_system import SystemEndpoint
from ingest.configuration.environment import read_settings


def add_gate_option(command: ArgumentParser, help_text: str) -> None:
    """Add `--gate [FILE]`, whose default file is the project's gate."""
    command.add_argument("--gate", type=Path, nargs="?", const=GATE, metavar="FILE", help=help_text)


def _arguments(command: ArgumentParser) -> None:
    _add_case_options(command)
    _add_system_options(command)
    _add_measurement_options(command)
    command.add_argument("--called", default="", metavar="TEXT", help="この評価の呼び名(作業台の一覧に出る)")
    command.add_argument("--note", default="", metavar="TEXT", help="この評価についての覚え書き")
    command.add_argument("--out", type=Path, metavar="DIR", help="保存先(既定: var/eval/日時)")
    add_gate_option(command, "この基準(既定: eval/gate.toml)を下回れば終了コード1で終わる")


def _add_case_options(command: ArgumentParser) -> None:
    cases = command.add_mutually_exclusive_group()
    cases.add_argument(
        "--cases", type=Path, action="append", default=[], metavar="FILE", help="問いのファイル(*.jsonl)"
    )
    cases.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="NAME",
        help="質問集の名前(既定: すべて。eval/cases/README.ja.md に一覧)",
    )
    cases.add_argument(
        "--towns",
        type=Path,
        metavar="DIR",
        help="questions.jsonl・support.json・corpus/ のあるフォルダー（実在の自治体の文書での質問集）",
    )
    cases.add_argument("--resume", type=Path, metavar="RUN", help="途中で止まった評価の続きを測る(ほかの指定は不要)")


def _add_measurement_options(command: ArgumentParser) -> None:
    command.add_argument(
        "--jobs", type=integer_between(1, 64), default=1, metavar="N", help="同時に尋ねる数(既定: 1)。回答は変わらない"
    )
    command.add_argument(
        "--without",
        type=parse_adjustments,
        default=(),
        metavar="NAME[,NAME]",
        help="この並べ替えの規則を使わずに測る(名前は python -m eval ablation の表にある)",
    )
    command.add_argument(
        "--robustness",
        action="append_const",
        dest="repetitions",
        const="variants",
        help="言い換え・誤字・かな・全角・和暦でも尋ねる",
    )
    command.add_argument(
        "--twice",
        action="append_const",
        dest="repetitions",
        const="again",
        help="同じ会話と新しい会話で、もう一度ずつ尋ねる",
    )


def _add_system_options(command: ArgumentParser) -> None:
    subject = command.add_mutually_exclusive_group()
    subject.add_argument(
        "--corpus",
        type=Path,
        action="append",
        default=[],
        metavar="DIR",
        help="この文書の索引を別に作って測る(既定: 質問集ごとの文書。--cases では corpus/)",
    )
    subject.add_argument("--data", type=Path, metavar="DIR", help="このフォルダーで使用中の索引を測る")
    subject.add_argument("--url", help="動いているサーバーを測る(例: http://127.0.0.1:8000)")
    subject.add_argument(
        "--openai",
        metavar="URL",
        help="OpenAI 互換のほかのシステムを測る(例: https://…/v1。--model も指定。鍵は SHIRUBE_EVAL_API_KEY)",
    )
    command.add_argument("--model", metavar="NAME", help="--openai で測るモデルの名前")
    command.add_argument(
        "--llm",
        action="append",
        default=[],
        metavar="NAME[=URL]",
        help="回答を書く言語モデル(設定にある名前、名前=URL、none はモデルなし)。並べて書けば、順に測って比べる",
    )


def parse_adjustments(text: str) -> tuple[str, ...]:
    """Return the adjustments in a comma-separated list; raises ArgumentTypeError for an unknown one."""
    names = tuple(name.strip() for name in text.split(","))
    if unknown := [name for name in names if name not in NAMES]:
        raise ArgumentTypeError(
            f"「{'」「'.join(unknown)}」という規則はありません。次から選んでください: {', '.join(NAMES)}"
        )
    return names


def _run(options: Namespace) -> int:
    gate = load_gate(options.gate) if options.gate else None
    if len(options.llm) > 1:
        return _run_models(options)
    planned = _plan_from_options(options)
    finished = execute_with_progress(planned)
    reasons = find_shortfalls(finished, gate) if gate else ()
    out = planned.recording.folder
    if options.json:
        emit(finished.figures | {"out": str(out)} | ({"shortfalls": list(reasons)} if gate else {}))
    else:
        _show(finished, out, reasons if gate else None)
    return BELOW_QUALITY if reasons else DONE


def _run_models(options: Namespace) -> int:
    if options.gate or options.resume:
        raise EvalError("--llm を並べるときは、--gate と --resume を使えません。--llm をひとつにしてください。")
    started = datetime.now(UTC).astimezone()
    place = options.out or read_settings().data / "eval" / f"{started:%Y%m%d-%H%M%S}"
    plans = {
        llm.partition("=")[0]: _plan_from_options(
            Namespace(**vars(options) | {"llm": [llm], "out": _sibling_path(place, llm)})
        )
        for llm in options.llm
    }
    if len(plans) < len(options.llm):
        raise EvalError("--llm の名前が重なっています。別の名前のモデルを並べてください。")
    models = summarise_models({name: execute_with_progress(planned) for name, planned in plans.items()})
    table = _sibling_path(place, "models").with_suffix(".json")
    with convert_write_errors(table.parent):
        table.write_text(to_pretty_json({"models": models}), "utf-8")
    folders = [str(planned.recording.folder) for planned in plans.values()]
    if options.json:
        emit({"models": models, "out": folders, "table": str(table)})
    else:
        console = Console()
        show_models(console, models)
        console.print(f"\n保存先: {'、'.join(folders)}、{table}", highlight=False)
        console.print(f"問いごとの違い: python -m eval compare {' '.join(folders[:2])}", highlight=False)
    return DONE


def _sibling_path(place: Path, name: str) -> Path:
    return place.with_name(f"{place.name}-{re.sub(r'[^0-9A-Za-z_-]', '-', name.partition('=')[0])}")


def execute_with_progress(planned: RunPlan) -> Run:
    """Execute a run with a progress bar on a terminal."""
    with _show_progress(planned) as on_progress:
        return execute_run(planned, on_progress)


def _plan_from_options(options: Namespace) -> RunPlan:
    if (options.openai is None) != (options.model is None):
        raise EvalError("--openai と --model は、両方指定してください。")
    if options.llm and (options.url or options.openai):
        raise EvalError("--llm は、この環境で答えさせるときの指定です。--url と --openai からは外してください。")
    if options.without and (options.url or options.openai):
        raise EvalError("--without は、この環境で答えさせるときの指定です。--url と --openai からは外してください。")
    settings = read_settings()
    if options.resume:
        return plan_resumed_run(options.resume, settings)
    endpoint = SystemEndpoint(options.openai, options.model) if options.openai else None
    chosen = RunOptions(
        sets=tuple(options.set),
        cases=tuple(options.cases),
        towns=options.towns,
        corpora=tuple(options.corpus),
        data=options.data,
        url=options.url,
        endpoint=endpoint,
        llm=next(iter(options.llm), None),
        jobs=options.jobs,
        without=options.without,
        repetitions=tuple(dict.fromkeys(options.repetitions or ())),
        called=options.called,
        note=options.note,
        out=options.out,
    )
    return plan_run(chosen, settings)


@contextmanager
def _show_progress(planned: RunPlan) -> Iterator[OnProgress]:
    try:
        with progress_bar(len(planned.order)) as update:
            yield _progress_callback(update)
    except KeyboardInterrupt as error:
        folder = planned.recording.folder
        raise EvalError(f"中断しました。続きは python -m eval run --resume {folder} でできます。") from error


def _progress_callback(update: Callable[[str, int], None]) -> OnProgress:
    def on_progress(progress: RunProgress) -> None:
        doing = "評価しています" if progress.row else "文書を用意しています"
        update(f"{doing}({progress.doing})", progress.done)

    return on_progress


def _show(finished: Run, out: Path, reasons: tuple[str, ...] | None) -> None:
    console = Console()
    show_run(console, finished.rows)
    console.print(f"\n保存先: {out}", highlight=False)
    if reasons is not None:
        show_shortfalls(console, reasons)


RUN = Command(COMMAND, "評価の問いに答えさせ、採点して保存する", _arguments, _run)
