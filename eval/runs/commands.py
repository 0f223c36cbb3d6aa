"""The subcommands about runs: run, compare, golden, accept."""

from argparse import Namespace
from dataclasses import asdict
from functools import partial
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from eval.command import WITHOUT, Measurement, command, figure_table, paths_option, show_figures
from eval.errors import EvalError, RunFolderError
from eval.metrics.run_metrics import METRICS
from eval.runs.release_gate import (
    BASELINE,
    GATE,
    Baseline,
    find_shortfalls,
    gate_against_run,
    load_baseline,
    load_gate,
    make_baseline,
    save_baseline,
)
from eval.runs.run_comparison import (
    CHANGE_HEADERS,
    GOLDEN,
    RunComparison,
    changed_figures,
    compare_golden,
    compare_runs,
    comparison_json,
    write_golden,
)
from eval.runs.run_execution import execute_run, plan_run
from eval.runs.run_plan import RunOptions
from eval.scoring.run_record import Run, RunRow, load_run
from eval.storage.progress import progress_bar
from eval.storage.run_folder import FIGURES, saved_command
from ingest.cli.command_line import integer_between, one_of, option, path_option
from ingest.configuration.environment import read_settings

_TITLES = {
    "n": "問い",
    "passed": "合格",
    "rate": "合格率",
    "by_kind": "種類ごと",
    "by_set": "質問集ごと",
    "p50_ms": "応答時間 p50(ミリ秒)",
    "p95_ms": "応答時間 p95(ミリ秒)",
    "latency_n": "時間を測った問い",
    **{metric.name: metric.title for metric in METRICS},
}


def _show_run(run: Run, out: Path, console: Console) -> None:
    overall = {name: value for name, value in run.figures.items() if name not in ("by_behave", "by_set")}
    by_set = {
        name: {of: figures[of] for of in ("n", "passed", "rate", "rate_se")}
        for name, figures in run.figures["by_set"].items()
    }
    show_figures(console, overall | {"by_set": by_set}, _TITLES)
    for row in run.rows:
        if not row.passed:
            _show_rows(console, row, ("回答", row))
    console.print(f"\n保存先: {out}", highlight=False, markup=False)


def _show_rows(console: Console, case_of: RunRow, *rows: tuple[str, RunRow]) -> None:
    """Print a question and, under its label, each answer with the reasons why it fails."""
    case, say = case_of.case, partial(console.print, highlight=False, markup=False)
    say(f"\n{case.id} ({case_of.set}, {case.kind})\n  質問: {' → '.join(case.turns)}")
    for label, row in rows:
        say(f"  {label}: " + (f"[{row.answer['status']}] {row.answer['answer']}" if row.answer else "(なし)"))
        for reason in row.reasons:
            say(f"     - {reason}", style="yellow")


GATE_OPTION = path_option(
    "--gate",
    "FILE",
    "後の評価がこの基準(既定: eval/gate.toml)を下回れば終了コード1で終わる",
    nargs="?",
    const=GATE,
)


@command(
    "run",
    "評価の問いに答えさせ、採点して保存する",
    one_of(
        paths_option("--cases", "FILE", "問いのファイル(*.jsonl)"),
        option(
            "--set",
            dest="sets",
            action="append",
            default=[],
            metavar="NAME",
            help="質問集の名前(既定: すべて。eval/cases/README.ja.md に一覧)",
        ),
    ),
    one_of(
        paths_option(
            "--corpus", "DIR", "この文書の索引を別に作って測る(既定: 質問集ごと。--cases では corpus/)", dest="corpora"
        ),
        path_option("--data", "DIR", "このフォルダーで使用中の索引を測る"),
        option("--url", help="動いているサーバーを測る(例: http://127.0.0.1:8000)"),
    ),
    option("--llm", metavar="NAME[=URL]", help="回答を書く言語モデル(設定にある名前、名前=URL、none はモデルなし)"),
    option(
        "--jobs",
        type=integer_between(1, 64),
        default=1,
        metavar="N",
        help="同時に尋ねる数(既定: 1)。回答は変わらない",
    ),
    WITHOUT,
    path_option("--dictionary", "CSV", "役所の言葉の辞書を加えて測る"),
    option("--called", default="", metavar="TEXT", help="この評価の呼び名(作業台の一覧に出る)"),
    option("--note", default="", metavar="TEXT", help="この評価についての覚え書き"),
    path_option("--out", "DIR", "保存先(既定: var/eval/日時)"),
    GATE_OPTION,
)
def run(options: Namespace) -> Measurement:
    """Ask and score the cases, and hold them against the gate."""
    gate = load_gate(options.gate) if options.gate else None
    if options.url and (options.llm or options.without or options.dictionary):
        raise EvalError(
            "--llm・--without・--dictionary は、この環境で答えさせるときの指定です。--url では外してください。"
        )
    given = {name: value for name, value in vars(options).items() if name in RunOptions.model_fields}
    planned = plan_run(RunOptions.model_validate(given), read_settings())
    out = planned.folder
    try:
        with progress_bar(len(planned.cases)) as show_progress:
            finished = execute_run(planned, show_progress)
    except KeyboardInterrupt as error:
        raise EvalError(f"中断しました。ここまでの回答は {out} の rows.jsonl にあります。") from error
    reasons = find_shortfalls(finished, gate) if gate else None
    return Measurement(finished.figures | {"out": str(out)}, show=partial(_show_run, finished, out), shortfalls=reasons)


@command(
    "compare",
    "2回の評価を比べ、良くなった問いと悪くなった問いを示す",
    option("before", type=Path, metavar="前のRUN", help="前の評価の保存先"),
    option("after", type=Path, metavar="後のRUN", help="後の評価の保存先"),
    GATE_OPTION,
)
def compare(options: Namespace) -> Measurement:
    """Compare two saved measurements of the same subcommand."""
    commands = saved_command(options.before), saved_command(options.after)
    if commands[0] != commands[1]:
        raise RunFolderError(
            f"{options.before} は {commands[0]}、{options.after} は {commands[1]} の評価です。"
            "同じ命令で測った評価を2つ指定してください。"
        )
    before, after = load_run(options.before), load_run(options.after)
    compared = compare_runs(before, after)
    reasons = find_shortfalls(after, gate_against_run(load_gate(options.gate), before, after)) if options.gate else None
    return Measurement(comparison_json(compared), show=partial(_show_comparison, compared), shortfalls=reasons)


def _show_comparison(compared: RunComparison, console: Console) -> None:
    table = figure_table(CHANGE_HEADERS[:1], CHANGE_HEADERS[1:], title="両方にある問いと、変わった指標")
    for cells in changed_figures(compared.pairs):
        table.add_row(*map(escape, cells))
    console.print(table, "p は合格では McNemar、指標では対応のあるブートストラップ")
    for title, pairs in {"悪くなった問い": compared.worse, "良くなった問い": compared.better}.items():
        console.print(f"\n[bold]{title}: {len(pairs)}[/]")
        for before, after in pairs:
            _show_rows(console, after, ("前", before), ("後", after))
    named = {
        "結果は同じで回答の文が変わった問い": [after for _, after in compared.reworded],
        "加わった問い": compared.added,
        "無くなった問い": compared.removed,
    }
    for title, rows in named.items():
        if rows:
            names = "、".join(f"{row.case.id}({row.set})" for row in rows)
            console.print(f"\n[bold]{title}: {len(rows)}[/]\n  {escape(names)}", highlight=False)


@command(
    "golden",
    "保存した評価の回答を、控えておいた回答とくらべる",
    option(
        "run",
        type=Path,
        nargs="?",
        metavar="RUN",
        help="eval run の保存先(既定: var/eval の最も新しい評価)",
    ),
    path_option("--golden", "DIR", "回答の控え(既定: eval/golden)", default=GOLDEN),
    option("--accept", action="store_true", help="この評価の回答を、これからの控えにする"),
    option("--strict", action="store_true", help="ひとつでも違えば終了コード1で終わる"),
)
def golden(options: Namespace) -> Measurement:
    """Compare the answers of a saved run with the golden answers, or accept them."""
    folder = options.run or _latest_run()
    rows = load_run(folder).rows
    if options.accept:
        n = write_golden(rows, options.golden)
        accepted = f"控えにしました: {n}問({options.golden})"
        return Measurement({"accepted": n, "golden": str(options.golden)}, show=lambda console: console.print(accepted))
    differences = compare_golden(rows, options.golden)

    def show(console: Console) -> None:
        console.print(f"控えと違う回答: {len(differences)}")
        for one in differences:
            console.print(
                f"\n[bold]{escape(f'{one.set} {one.id} {one.question}')}[/]\n{escape(one.diff)}", soft_wrap=True
            )

    different = [f"{one.set}: {one.id}: 控えと違う回答" for one in differences]
    figures = {"run": str(folder), "differences": list(map(asdict, differences))}
    return Measurement(figures, show=show, shortfalls=different if options.strict else None)


def _latest_run() -> Path:
    place = read_settings().data / "eval"
    runs = [path.parent for path in place.glob(f"*/{FIGURES}") if path.stat().st_size]
    if not runs:
        raise RunFolderError(f"{place}: 評価がありません。先に python -m eval run を実行してください。")
    return max(runs, key=lambda folder: (folder / FIGURES).stat().st_mtime)


@command(
    "accept",
    "保存した評価を、これからの基準にする",
    option("run", type=Path, metavar="RUN", help="評価の保存先"),
    path_option("--baseline", "FILE", "基準のファイル(既定: eval/baseline.json)", default=BASELINE),
)
def accept(options: Namespace) -> Measurement:
    """Make a saved run the baseline of the gate; sets that the run does not have keep theirs."""
    previous_sets = load_baseline(options.baseline).sets if options.baseline.exists() else {}
    accepted = make_baseline(load_run(options.run))
    baseline = Baseline(sets=previous_sets | accepted.sets, latency=accepted.latency)
    save_baseline(options.baseline, baseline)
    n, passed = (sum(getattr(one, field) for one in baseline.sets.values()) for field in ("n", "passed"))
    text = f"基準にしました: 合格 {passed}/{n}({options.baseline})"
    figures = {"n": n, "passed": passed, "baseline": str(options.baseline)}
    return Measurement(figures, show=lambda console: console.print(text))
