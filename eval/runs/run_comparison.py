"""Compares two measurements question by question."""

from argparse import Namespace
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from statistics import fmean
from typing import Any

from rich.console import Console
from rich.markup import escape

from eval.command import Measurement, command, figure_table
from eval.dataset.case_labels import KIND_LABELS
from eval.errors import RunFolderError
from eval.metrics.run_metrics import METRICS, Metric, latency_in_work, pass_rate
from eval.metrics.statistics import MeanDifference, mcnemar, paired_bootstrap
from eval.runs.release_gate import GATE_OPTION, find_shortfalls, gate_against_run, load_gate
from eval.runs.run_execution import show_rows
from eval.scoring.run_record import Run, RunRow, load_run
from eval.storage.run_folder import saved_command
from ingest.cli.command_line import option

RowPair = tuple[RunRow, RunRow]
"""The rows of one case in the earlier and the later run."""


@dataclass(frozen=True, slots=True)
class PassDifference:
    """How many of `n` cases passed in each run; `p` is McNemar's for `gained` and `lost`."""

    n: int
    before: int
    after: int
    gained: int
    lost: int
    p: float


@dataclass(frozen=True, slots=True)
class RunComparison:
    """The cases in both runs by change: `reworded` kept the result; `added` and `removed` are in one run only."""

    before: Run
    after: Run
    pairs: tuple[RowPair, ...]
    better: tuple[RowPair, ...]
    worse: tuple[RowPair, ...]
    reworded: tuple[RowPair, ...]
    added: tuple[RunRow, ...]
    removed: tuple[RunRow, ...]


def compare_runs(before: Run, after: Run) -> RunComparison:
    """Match the cases of two runs, in the order of the later one; raises RunFolderError if they have none in common."""
    before_rows, after_rows = ({row.key: row for row in run.rows} for run in (before, after))
    pairs = tuple((before_rows[key], row) for key, row in after_rows.items() if key in before_rows)
    if not pairs:
        raise RunFolderError("2回の評価に同じ問いがありません。同じ問いで測った評価を指定してください。")
    same = [pair for pair in pairs if pair[0].passed == pair[1].passed]
    return RunComparison(
        before,
        after,
        pairs,
        better=tuple(pair for pair in pairs if pair[0].passed < pair[1].passed),
        worse=tuple(pair for pair in pairs if pair[0].passed > pair[1].passed),
        reworded=tuple(pair for pair in same if _answer_text(pair[0]) != _answer_text(pair[1])),
        added=tuple(row for key, row in after_rows.items() if key not in before_rows),
        removed=tuple(row for key, row in before_rows.items() if key not in after_rows),
    )


def _answer_text(row: RunRow) -> str | None:
    return row.answer["answer"] if row.answer else None


def compare_passes(pairs: Iterable[RowPair]) -> PassDifference:
    """Return the change of passed cases."""
    passed = [(before.passed, after.passed) for before, after in pairs]
    gained, lost, both = (passed.count(change) for change in ((False, True), (True, False), (True, True)))
    return PassDifference(len(passed), both + lost, both + gained, gained, lost, mcnemar(gained, lost))


def compare_passes_by(pairs: Sequence[RowPair], by: str) -> dict[str, PassDifference]:
    """Return the change of passed cases by kind, set or tag; a case counts for each of its tags."""
    groups: dict[str, list[RowPair]] = {}
    for pair in pairs:
        row = pair[1]
        for name in {"kind": (row.case.kind,), "set": (row.set,), "tag": row.case.tags}[by]:
            groups.setdefault(name, []).append(pair)
    return {name: compare_passes(group) for name, group in groups.items()}


def compare_metrics(pairs: Sequence[RowPair]) -> Iterator[tuple[Metric, float, float, MeanDifference]]:
    """Yield each metric that is measured in both runs, with both means and the paired bootstrap of the difference.

    Questions are resampled. A question over several corpora has the mean of its values, as these are not independent.
    Searches over a judged set have the metrics that their rows have.
    """
    names = dict.fromkeys(name for _, row in pairs for name in row.observations.get("metrics", ()))
    searched = [Metric(name, name, partial(_search_metric, name), ("abstain",)) for name in names]
    for metric in searched or METRICS:
        by_question: dict[str, list[tuple[float, float]]] = {}
        for before, after in pairs:
            values = metric.measure(before), metric.measure(after)
            if values[0] is not None and values[1] is not None:
                by_question.setdefault(after.case.id, []).append((float(values[0]), float(values[1])))
        if by_question:
            means = [tuple(map(fmean, zip(*values, strict=True))) for values in by_question.values()]
            befores, afters = zip(*means, strict=True)
            yield metric, fmean(befores), fmean(afters), paired_bootstrap(befores, afters)


def _search_metric(name: str, row: RunRow) -> Any:
    return row.observations["metrics"].get(name)


CHANGE_HEADERS = ("項目", "問い", "前", "後", "得た", "失った", "差の95%区間", "p")
"""The heads of `changed_figures`; p is McNemar's of passed cases, of metrics that of the paired bootstrap."""


def changed_figures(pairs: Sequence[RowPair]) -> list[list[str]]:
    """Return as text the passed cases overall and of each kind, set and tag that changed, and the changed metrics."""
    passes = {"合格": compare_passes(pairs)}
    for by, called in {"kind": "種類", "set": "質問集", "tag": "タグ"}.items():
        for name, of in compare_passes_by(pairs, by).items():
            if of.gained or of.lost:
                passes[f"{called}: {KIND_LABELS.get(name, name) if by == 'kind' else name}"] = of
    rows = [
        [title, *map(str, (of.n, of.before, of.after, of.gained, of.lost)), "", f"{of.p:.3f}"]
        for title, of in passes.items()
    ]
    for metric, before, after, change in compare_metrics(pairs):
        if change.difference:
            interval = f"{change.low:+.3f}〜{change.high:+.3f}"
            means = (f"{before:.3f}", f"{after:.3f}")
            rows.append([metric.title, str(change.n), *means, "", "", interval, f"{change.p:.4f}"])
    return rows


def comparison_json(comparison: RunComparison) -> dict[str, Any]:
    """Return the comparison as JSON.

    It has the rates (0-1) of both runs; the change of passed cases overall, by kind, set and tag with McNemar's p; each
    metric's difference with 95 % interval and p; the times in units of the reference work; and the cases by change.
    """
    runs, pairs = {"before": comparison.before, "after": comparison.after}, comparison.pairs
    changes = {"better": comparison.better, "worse": comparison.worse, "reworded": comparison.reworded}
    return {
        "rate": {side: pass_rate(run.rows).value for side, run in runs.items()},
        "moved": asdict(compare_passes(pairs)),
        **{
            f"by_{by}": {name: asdict(passes) for name, passes in compare_passes_by(pairs, by).items()}
            for by in ("kind", "set", "tag")
        },
        "metrics": {
            metric.name: {"before": before, "after": after, **asdict(difference)}
            for metric, before, after, difference in compare_metrics(pairs)
        },
        "latency_in_work": {side: latency_in_work(run.rows) for side, run in runs.items()},
        **{name: list(map(_pair_json, changed)) for name, changed in changes.items()},
        "added": [row.case.id for row in comparison.added],
        "removed": [row.case.id for row in comparison.removed],
    }


def _pair_json(pair: RowPair) -> dict[str, Any]:
    sides = {
        side: {
            "status": row.answer["status"] if row.answer else None,
            "answer": _answer_text(row),
            "reasons": list(row.reasons),
        }
        for side, row in zip(("before", "after"), pair, strict=True)
    }
    case = pair[1].case
    return {"set": pair[1].set, "id": case.id, "kind": case.kind, "question": case.turns[-1], **sides}


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
            show_rows(console, after, ("前", before), ("後", after))
    named = {
        "結果は同じで回答の文が変わった問い": [after for _, after in compared.reworded],
        "加わった問い": compared.added,
        "無くなった問い": compared.removed,
    }
    for title, rows in named.items():
        if rows:
            names = "、".join(f"{row.case.id}({row.set})" for row in rows)
            console.print(f"\n[bold]{title}: {len(rows)}[/]\n  {escape(names)}", highlight=False)
