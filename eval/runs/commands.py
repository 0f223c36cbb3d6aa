"""The subcommands about runs: run, compare, golden, accept."""

import re
from argparse import Namespace
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from bot.cli.arguments import integer_between
from eval.benchmarks.ranked import compare_ranked, load_ranked, ranked_comparison_json, show_ranked_comparison
from eval.command import (
    BELOW_QUALITY,
    DONE,
    WITHOUT,
    command,
    emit,
    figure_table,
    one_of,
    option,
    path_option,
    paths_option,
)
from eval.errors import EvalError, RunFolderError
from eval.metrics.run_metrics import BY_NAME, METRICS, Metric, group_rows, latency, pass_rate
from eval.metrics.statistics import Mean, PassRate
from eval.runs.golden_answers import FOLDER, GoldenDifference, compare_golden, read_golden, write_golden
from eval.runs.language_models import show_models, summarise_models
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
    CaseChange,
    PassDifference,
    RowPair,
    RunComparison,
    compare_metrics,
    compare_passes,
    compare_passes_by,
    compare_runs,
    comparison_json,
)
from eval.runs.run_execution import (
    COMMAND,
    RunPlan,
    RunProgress,
    execute_run,
    plan_resumed_run,
    plan_run,
)
from eval.runs.run_plan import RunOptions
from eval.scoring.run_record import Run, RunRow, load_run
from eval.storage.progress import progress_bar
from eval.storage.run_folder import FIGURES, convert_write_errors, saved_command, to_pretty_json
from ingest.configuration.environment import read_settings

_BY = {"kind": "種類", "set": "質問集", "tag": "タグ"}


def show_run_difference(console: Console, pairs: Sequence[RowPair]) -> None:
    """Print cases gained and lost, overall and by kind, set and tag, then the metrics that changed."""
    table = figure_table([""], ("問い", "前", "後", "得た", "落とした", "p(McNemar)"), title="両方にある問い")
    _add_difference(table, "全体", compare_passes(pairs))
    for by, title in _BY.items():
        table.add_section()
        for name, difference in compare_passes_by(pairs, by).items():
            if difference.gained or difference.lost:
                _add_difference(table, f"{title}: {name}", difference)
    console.print(table)
    _show_metrics(console, pairs)


def _add_difference(table: Table, name: str, passes: PassDifference) -> None:
    counts = passes.n, passes.before, passes.after, passes.gained, passes.lost
    table.add_row(escape(name), *map(str, counts), f"{passes.p:.3f}")


def _show_metrics(console: Console, pairs: Sequence[RowPair]) -> None:
    changed = [metric for metric in compare_metrics(pairs) if metric.difference.difference]
    if not changed:
        return
    title = "変わった指標(差の95%区間と p は対応のあるブートストラップ)"
    table = figure_table(["指標"], ("前", "後", "差", "95%区間", "p", "n"), title=title)
    for one in changed:
        difference = one.difference
        means = f"{one.before:.3f}", f"{one.after:.3f}", f"{difference.difference:+.3f}"
        interval = f"{difference.low:+.3f} 〜 {difference.high:+.3f}"
        table.add_row(one.metric.title, *means, interval, f"{difference.p:.4f}", str(difference.n))
    console.print(table)


# The rates that fit beside each other on 80 columns; the table below has all metrics.
_MAIN_RATES = {
    "answered_right": "正答",
    "declined_where_due": "正しく\n不回答",
    "wrongly_declined": "誤って\n不回答",
    "from_superseded": "前の計画\nで回答",
    "citations_right": "出典が\n正しい",
}


def show_run(console: Console, rows: Sequence[RunRow]) -> None:
    """Print the figures by kind and set, then every failing case with question, answer and reasons."""
    console.print(_rate_table("種類", rows, [row.case.kind for row in rows]))
    console.print(_rate_table("質問集", rows, [row.set for row in rows]))
    console.print(_metric_table(rows))
    show_failures(console, [row for row in rows if not row.score.passed])


def _rate_table(title: str, rows: Sequence[RunRow], names: Sequence[str]) -> Table:
    columns = ("合格", "率(%)", *_MAIN_RATES.values())
    table = figure_table([title], columns, box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for name, group in {**group_rows(rows, names), "全体": rows}.items():
        rate = pass_rate(group)
        shares = (_value(BY_NAME[metric], BY_NAME[metric].mean_over(group)) for metric in _MAIN_RATES)
        table.add_row(escape(name), f"{rate.passed}/{rate.n}", _percent(rate), *shares)
    return table


def show_failures(console: Console, rows: Iterable[RunRow]) -> None:
    """Print question, answer and reasons of each row."""
    for row in rows:
        console.print(
            f"\n[bold red]✗ {escape(row.case.id)}[/] ({escape(row.set)}, {escape(row.case.kind)})", highlight=False
        )
        console.print(f"  質問: {escape(' → '.join(row.case.turns))}", highlight=False)
        _print_answer(console, row, "回答")


def show_shortfalls(console: Console, reasons: Sequence[str]) -> None:
    """Print whether the gate is passed, and the reasons if not."""
    if not reasons:
        console.print("[green]基準を満たしています。[/]")
        return
    console.print("\n[bold red]基準を満たしていません。[/]")
    for reason in reasons:
        console.print(f"  - {escape(reason)}", highlight=False)


def show_comparison(console: Console, comparison: RunComparison) -> None:
    """Print both rates, the cases that got worse and better, and the ids of other changed cases."""
    before = pass_rate(comparison.before.rows)
    after = pass_rate(comparison.after.rows)
    console.print(
        f"合格 {before.passed}/{before.n}({before.rate:.1%}) → {after.passed}/{after.n}({after.rate:.1%})",
        highlight=False,
    )
    show_run_difference(console, comparison.pairs)
    _print_changes(console, "悪くなった問い", comparison.worse)
    _print_changes(console, "良くなった問い", comparison.better)
    _print_names(console, "結果は同じで回答の文が変わった問い", [c.after for c in comparison.reworded])
    _print_names(console, "加わった問い", comparison.added)
    _print_names(console, "無くなった問い", comparison.removed)


def _metric_table(rows: Sequence[RunRow]) -> Table:
    title = "すべての指標(率は%、± は標準誤差)"
    table = figure_table(["指標"], ("値", "件数"), title=title, box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for metric in METRICS:
        mean = metric.mean_over(rows)
        if mean.n:
            table.add_row(metric.title, _value(metric, mean), str(mean.n))
    if times := latency(rows):
        for name in ("p50_ms", "p95_ms"):
            shown = f"{times[name]:.1f}±{times[f'{name}_se']:.1f}"
            table.add_row(f"応答時間 {name.removesuffix('_ms')}(ミリ秒)", shown, str(times["latency_n"]))
    return table


def _value(metric: Metric, mean: Mean) -> str:
    if not mean.n:
        return "-"
    scale = 100 if metric.unit == "rate" else 1
    return f"{scale * mean.value:.1f}±{scale * mean.se:.1f}"


def _percent(rate: PassRate) -> str:
    return f"{100 * rate.rate:.1f}±{100 * rate.se:.1f}" if rate.n else "-"


def _print_changes(console: Console, title: str, changes: Sequence[CaseChange]) -> None:
    console.print(f"\n[bold]{title}: {len(changes)}[/]")
    for change in changes:
        console.print(
            f"  {escape(_name(change.after))}: {escape(' → '.join(change.after.case.turns))}", highlight=False
        )
        _print_answer(console, change.before, "前")
        _print_answer(console, change.after, "後")


def _print_names(console: Console, title: str, rows: Sequence[RunRow]) -> None:
    if rows:
        console.print(f"\n[bold]{title}: {len(rows)}[/]")
        console.print(f"  {escape('、'.join(map(_name, rows)))}", highlight=False)


def _name(row: RunRow) -> str:
    return f"{row.case.id}({row.set})"


def _print_answer(console: Console, row: RunRow, name: str) -> None:
    text = f"[{row.answer['status']}] {row.answer['answer']}" if row.answer else "(なし)"
    console.print(f"  {name}: {escape(text)}", highlight=False)
    for reason in row.score.reasons:
        console.print(f"     [yellow]- {escape(reason)}[/]", highlight=False)


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
            action="append",
            default=[],
            metavar="NAME",
            help="質問集の名前(既定: すべて。eval/cases/README.ja.md に一覧)",
        ),
        path_option(
            "--towns",
            "DIR",
            "questions.jsonl・support.json・corpus/ のあるフォルダー（実在の自治体の文書での質問集）",
        ),
        path_option("--resume", "RUN", "途中で止まった評価の続きを測る(ほかの指定は不要)"),
    ),
    one_of(
        paths_option("--corpus", "DIR", "この文書の索引を別に作って測る(既定: 質問集ごとの文書。--cases では corpus/)"),
        path_option("--data", "DIR", "このフォルダーで使用中の索引を測る"),
        option("--url", help="動いているサーバーを測る(例: http://127.0.0.1:8000)"),
    ),
    option(
        "--llm",
        action="append",
        default=[],
        metavar="NAME[=URL]",
        help="回答を書く言語モデル(設定にある名前、名前=URL、none はモデルなし)。並べて書けば、順に測って比べる",
    ),
    option(
        "--jobs",
        type=integer_between(1, 64),
        default=1,
        metavar="N",
        help="同時に尋ねる数(既定: 1)。回答は変わらない",
    ),
    WITHOUT,
    option("--called", default="", metavar="TEXT", help="この評価の呼び名(作業台の一覧に出る)"),
    option("--note", default="", metavar="TEXT", help="この評価についての覚え書き"),
    path_option("--out", "DIR", "保存先(既定: var/eval/日時)"),
    GATE_OPTION,
)
def run(options: Namespace) -> int:
    """Ask and score the cases, and hold them against the gate."""
    gate = load_gate(options.gate) if options.gate else None
    if len(options.llm) > 1:
        return _run_models(options)
    planned = _plan(options)
    finished = execute_with_progress(planned)
    reasons = find_shortfalls(finished, gate) if gate else ()
    out = planned.recording.folder
    if options.json:
        emit(finished.figures | {"out": str(out)} | ({"shortfalls": list(reasons)} if gate else {}))
    else:
        console = Console()
        show_run(console, finished.rows)
        console.print(f"\n保存先: {out}", highlight=False)
        if gate:
            show_shortfalls(console, reasons)
    return BELOW_QUALITY if reasons else DONE


def _run_models(options: Namespace) -> int:
    """Run the cases with each model, and save and print the figures side by side."""
    if options.gate or options.resume:
        raise EvalError("--llm を並べるときは、--gate と --resume を使えません。--llm をひとつにしてください。")
    started = datetime.now(UTC).astimezone()
    place = options.out or read_settings().data / "eval" / f"{started:%Y%m%d-%H%M%S}"
    plans = {
        llm.partition("=")[0]: _plan(Namespace(**vars(options) | {"llm": [llm], "out": _sibling_path(place, llm)}))
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
    """Execute a run with a progress bar on a terminal; Ctrl+C becomes an error that says how to resume."""
    try:
        with progress_bar(len(planned.order)) as update:

            def on_progress(progress: RunProgress) -> None:
                doing = "評価しています" if progress.row else "文書を用意しています"
                update(f"{doing}({progress.doing})", progress.done)

            return execute_run(planned, on_progress)
    except KeyboardInterrupt as error:
        folder = planned.recording.folder
        raise EvalError(f"中断しました。続きは python -m eval run --resume {folder} でできます。") from error


def _plan(options: Namespace) -> RunPlan:
    if options.url and (options.llm or options.without):
        raise EvalError("--llm と --without は、この環境で答えさせるときの指定です。--url からは外してください。")
    settings = read_settings()
    if options.resume:
        return plan_resumed_run(options.resume, settings)
    chosen = RunOptions(
        sets=options.set,
        cases=options.cases,
        towns=options.towns,
        corpora=options.corpus,
        data=options.data,
        url=options.url,
        llm=next(iter(options.llm), None),
        jobs=options.jobs,
        without=options.without,
        called=options.called,
        note=options.note,
        out=options.out,
    )
    return plan_run(chosen, settings)


@command(
    "compare",
    "2回の評価を比べ、良くなった問いと悪くなった問いを示す",
    option("before", type=Path, metavar="前のRUN", help="前の評価の保存先"),
    option("after", type=Path, metavar="後のRUN", help="後の評価の保存先"),
    GATE_OPTION,
)
def compare(options: Namespace) -> int:
    """Compare two saved runs of the same subcommand."""
    commands = saved_command(options.before), saved_command(options.after)
    if len(set(commands)) > 1:
        raise RunFolderError(
            f"{options.before} は {commands[0]}、{options.after} は {commands[1]} の評価です。"
            "同じ命令で測った評価を2つ指定してください。"
        )
    if commands[0] != COMMAND:
        return _compare_queries(options)
    before = load_run(options.before)
    after = load_run(options.after)
    gate = gate_against_run(load_gate(options.gate), before, after) if options.gate else None
    comparison = compare_runs(before, after)
    reasons = find_shortfalls(after, gate) if gate else ()
    if options.json:
        emit(comparison_json(comparison) | ({"shortfalls": list(reasons)} if gate else {}))
    else:
        console = Console()
        show_comparison(console, comparison)
        if gate:
            show_shortfalls(console, reasons)
    return BELOW_QUALITY if reasons else DONE


def _compare_queries(options: Namespace) -> int:
    if options.gate:
        raise RunFolderError("--gate は、python -m eval run の評価を比べるときに使えます。--gate を外してください。")
    comparison = compare_ranked(load_ranked(options.before), load_ranked(options.after))
    if options.json:
        emit(ranked_comparison_json(comparison))
    else:
        show_ranked_comparison(Console(), comparison)
    return DONE


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
    path_option("--golden", "DIR", "回答の控え(既定: eval/golden)", default=FOLDER),
    option("--accept", action="store_true", help="この評価の回答を、これからの控えにする"),
    option("--strict", action="store_true", help="ひとつでも違えば終了コード1で終わる"),
)
def golden(options: Namespace) -> int:
    """Compare the answers of a saved run with the golden answers, or accept them."""
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
        listed = [{"set": d.set, "id": d.id, "question": d.question, "diff": d.diff} for d in differences]
        emit({"run": str(folder), "differences": listed})
    else:
        _show_differences(Console(), differences)
    return BELOW_QUALITY if options.strict and differences else DONE


def _latest_run() -> Path:
    place = read_settings().data / "eval"
    runs = [path.parent for path in place.glob(f"*/{FIGURES}") if path.stat().st_size]
    if not runs:
        raise RunFolderError(f"{place}: 評価がありません。先に python -m eval run を実行してください。")
    return max(runs, key=lambda folder: (folder / FIGURES).stat().st_mtime)


def _show_differences(console: Console, differences: list[GoldenDifference]) -> None:
    by_set = Counter(difference.set for difference in differences)
    counts = "、".join(f"{name} {n}" for name, n in by_set.items())
    console.print(f"控えと違う回答: {len(differences)}{f'({counts})' if counts else ''}", highlight=False)
    for difference in differences:
        title = f"\n{difference.set} {difference.id} {difference.question}"
        console.print(title, style="bold", highlight=False, markup=False)
        if difference.diff:
            console.print(difference.diff, highlight=False, markup=False, soft_wrap=True)


@command(
    "accept",
    "保存した評価を、これからの基準にする",
    option("run", type=Path, metavar="RUN", help="評価の保存先"),
    path_option("--baseline", "FILE", "基準のファイル(既定: eval/baseline.json)", default=BASELINE),
)
def accept(options: Namespace) -> int:
    """Make a saved run the baseline of the gate; sets that the run does not have keep theirs."""
    previous_sets = load_baseline(options.baseline).sets if options.baseline.exists() else {}
    accepted = make_baseline(load_run(options.run))
    baseline = Baseline(sets=previous_sets | accepted.sets, latency=accepted.latency)
    save_baseline(options.baseline, baseline)
    n, passed = (sum(getattr(one, field) for one in baseline.sets.values()) for field in ("n", "passed"))
    if options.json:
        emit({"n": n, "passed": passed, "baseline": str(options.baseline)})
    else:
        Console().print(f"基準にしました: 合格 {passed}/{n}({options.baseline})", highlight=False)
    return DONE
