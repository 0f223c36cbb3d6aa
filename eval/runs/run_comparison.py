"""Compares two measurements question by question: runs of cases, or searches over a judged set."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from statistics import fmean
from typing import Any

from rich.console import Console
from rich.markup import escape

from eval.command import figure_table
from eval.errors import RunFolderError
from eval.metrics.run_metrics import METRICS, Metric, latency_in_work, pass_rate
from eval.metrics.statistics import MeanDifference, mcnemar, paired_bootstrap
from eval.scoring.run_record import Run, RunRow

RowPair = tuple[RunRow, RunRow]
"""The rows of one case in the earlier and the later run."""
_BY = {"kind": "種類", "set": "質問集", "tag": "タグ"}


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
    better: tuple[RowPair, ...]
    worse: tuple[RowPair, ...]
    reworded: tuple[RowPair, ...]
    added: tuple[RunRow, ...]
    removed: tuple[RunRow, ...]
    pairs: tuple[RowPair, ...]


def compare_runs(before: Run, after: Run) -> RunComparison:
    """Match the cases of two runs by set and id, in the order of the later run.

    Raises RunFolderError if they have no case in common.
    """
    before_rows, after_rows = ({row.key: row for row in run.rows} for run in (before, after))
    pairs = tuple((before_rows[key], row) for key, row in after_rows.items() if key in before_rows)
    if not pairs:
        raise RunFolderError("2回の評価に同じ問いがありません。同じ問いで測った評価を指定してください。")
    change_of = {pair[1].key: pair[1].score.passed - pair[0].score.passed for pair in pairs}
    return RunComparison(
        before=before,
        after=after,
        better=tuple(pair for pair in pairs if change_of[pair[1].key] > 0),
        worse=tuple(pair for pair in pairs if change_of[pair[1].key] < 0),
        reworded=tuple(
            pair for pair in pairs if not change_of[pair[1].key] and _answer_text(pair[0]) != _answer_text(pair[1])
        ),
        added=tuple(row for key, row in after_rows.items() if key not in before_rows),
        removed=tuple(row for key, row in before_rows.items() if key not in after_rows),
        pairs=pairs,
    )


def _answer_text(row: RunRow) -> str | None:
    return row.answer["answer"] if row.answer else None


def compare_passes(pairs: Iterable[RowPair]) -> PassDifference:
    """Return the change of passed cases."""
    passed = [(before.score.passed, after.score.passed) for before, after in pairs]
    gained = passed.count((False, True))
    lost = passed.count((True, False))
    both = passed.count((True, True))
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
    searched = [Metric(name, name, partial(_search_metric, name)) for name in names]
    for metric in searched or METRICS:
        by_question: dict[str, list[tuple[float, float]]] = {}
        for before, after in pairs:
            values = metric.measure(before), metric.measure(after)
            if values[0] is not None and values[1] is not None:
                by_question.setdefault(after.case.id, []).append((float(values[0]), float(values[1])))
        if by_question:
            values_before, values_after = zip(
                *(map(fmean, zip(*values, strict=True)) for values in by_question.values()), strict=True
            )
            difference = paired_bootstrap(values_before, values_after)
            yield metric, fmean(values_before), fmean(values_after), difference


def _search_metric(name: str, row: RunRow) -> float | None:
    value: float | None = row.observations["metrics"].get(name)
    return value


def comparison_json(comparison: RunComparison) -> dict[str, Any]:
    """Return the comparison as JSON.

    It has the rates (0-1) of both runs; the change of passed cases overall, by kind, set and tag with McNemar's p; each
    metric's difference with 95 % interval and p; the times in units of the reference work; and the cases by change.
    """
    runs = {"before": comparison.before, "after": comparison.after}
    changes = {"better": comparison.better, "worse": comparison.worse, "reworded": comparison.reworded}
    return {
        "rate": {side: pass_rate(run.rows).rate for side, run in runs.items()},
        "moved": asdict(compare_passes(comparison.pairs)),
        **{
            f"by_{by}": {name: asdict(passes) for name, passes in compare_passes_by(comparison.pairs, by).items()}
            for by in _BY
        },
        "metrics": {
            metric.name: {"before": before, "after": after, **asdict(difference)}
            for metric, before, after, difference in compare_metrics(comparison.pairs)
        },
        "latency_in_work": {side: latency_in_work(run.rows) for side, run in runs.items()},
        **{name: [_pair_json(pair) for pair in pairs] for name, pairs in changes.items()},
        "added": [row.case.id for row in comparison.added],
        "removed": [row.case.id for row in comparison.removed],
    }


def _pair_json(pair: RowPair) -> dict[str, Any]:
    sides = {
        side: {
            "status": row.answer["status"] if row.answer else None,
            "answer": _answer_text(row),
            "reasons": list(row.score.reasons),
        }
        for side, row in zip(("before", "after"), pair, strict=True)
    }
    case = pair[1].case
    return {"set": pair[1].set, "id": case.id, "kind": case.kind, "question": case.turns[-1], **sides}


def show_comparison(console: Console, comparison: RunComparison) -> None:
    """Print both rates, what changed, the cases that got worse and better, and the ids of other changed cases."""
    table = figure_table([""], ("問い", "前", "後", "得た", "落とした", "p(McNemar)"), title="両方にある問い")
    groups = {"全体": compare_passes(comparison.pairs)}
    for by, title in _BY.items():
        differences = compare_passes_by(comparison.pairs, by).items()
        groups |= {f"{title}: {name}": passes for name, passes in differences if passes.gained or passes.lost}
    for name, of in groups.items():
        table.add_row(escape(name), *map(str, (of.n, of.before, of.after, of.gained, of.lost)), f"{of.p:.3f}")
    console.print(table)
    _show_metrics(console, comparison.pairs)
    for title, pairs in {"悪くなった問い": comparison.worse, "良くなった問い": comparison.better}.items():
        console.print(f"\n[bold]{title}: {len(pairs)}[/]")
        for pair in pairs:
            turns = " → ".join(pair[1].case.turns)
            console.print(f"  {escape(f'{pair[1].case.id}({pair[1].set}): {turns}')}", highlight=False)
            for label, row in zip("前後", pair, strict=True):
                show_answer(console, row, label)
    named = {
        "結果は同じで回答の文が変わった問い": [row for _, row in comparison.reworded],
        "加わった問い": comparison.added,
        "無くなった問い": comparison.removed,
    }
    for title, rows in named.items():
        if rows:
            names = "、".join(f"{row.case.id}({row.set})" for row in rows)
            console.print(f"\n[bold]{title}: {len(rows)}[/]\n  {escape(names)}", highlight=False)


def _show_metrics(console: Console, pairs: Sequence[RowPair]) -> None:
    title = "変わった指標(差の95%区間と p は対応のあるブートストラップ)"
    table = figure_table(["指標"], ("前", "後", "差", "95%区間", "p", "n"), title=title)
    for metric, before, after, of in compare_metrics(pairs):
        if of.difference:
            interval = f"{of.low:+.3f} 〜 {of.high:+.3f}"
            means = f"{before:.3f}", f"{after:.3f}", f"{of.difference:+.3f}"
            table.add_row(metric.title, *means, interval, f"{of.p:.4f}", str(of.n))
    if table.row_count:
        console.print(table)


def show_answer(console: Console, row: RunRow, label: str) -> None:
    """Print the answer of a row and the reasons why it fails."""
    text = f"[{row.answer['status']}] {row.answer['answer']}" if row.answer else "(なし)"
    console.print(f"  {label}: {escape(text)}", highlight=False)
    for reason in row.score.reasons:
        console.print(f"     [yellow]- {escape(reason)}[/]", highlight=False)
