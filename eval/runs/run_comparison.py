"""Compares two runs case by case, or two measurements of search query by query, and prints the comparison."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
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
    """Match the cases of two runs by set and id, in the order of the later run."""
    before_rows, after_rows = ({row.key: row for row in run.rows} for run in (before, after))
    pairs = tuple((before_rows[key], row) for key, row in after_rows.items() if key in before_rows)
    return RunComparison(
        before=before,
        after=after,
        better=tuple(pair for pair in pairs if _change(pair) > 0),
        worse=tuple(pair for pair in pairs if _change(pair) < 0),
        reworded=tuple(pair for pair in pairs if not _change(pair) and len({*map(_answer_text, pair)}) > 1),
        added=tuple(row for key, row in after_rows.items() if key not in before_rows),
        removed=tuple(row for key, row in before_rows.items() if key not in after_rows),
        pairs=pairs,
    )


def _change(pair: RowPair) -> int:
    return pair[1].score.passed - pair[0].score.passed


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
    """
    for metric in METRICS:
        by_question: dict[str, list[tuple[float, float]]] = {}
        for before, after in pairs:
            values = metric.measure(before), metric.measure(after)
            if values[0] is not None and values[1] is not None:
                by_question.setdefault(after.case.id, []).append((float(values[0]), float(values[1])))
        if by_question:
            before_means, after_means = (
                [fmean(pair[side] for pair in values) for values in by_question.values()] for side in (0, 1)
            )
            difference = paired_bootstrap(before_means, after_means)
            yield metric, fmean(before_means), fmean(after_means), difference


def comparison_json(comparison: RunComparison) -> dict[str, Any]:
    """Return the comparison as JSON.

    It has the rates (0-1) of both runs; the change of passed cases overall, by kind, set and tag with McNemar's p; each
    metric's difference with 95 % interval and p; the times in units of the reference work; and the cases by change.
    """
    runs = {"before": comparison.before, "after": comparison.after}
    by = {
        f"by_{by}": {name: asdict(passes) for name, passes in compare_passes_by(comparison.pairs, by).items()}
        for by in _BY
    }
    metrics = {
        metric.name: {"before": before, "after": after, **asdict(difference)}
        for metric, before, after, difference in compare_metrics(comparison.pairs)
    }
    changes = {"better": comparison.better, "worse": comparison.worse, "reworded": comparison.reworded}
    return {
        "rate": {side: pass_rate(run.rows).rate for side, run in runs.items()},
        "moved": asdict(compare_passes(comparison.pairs)),
        **by,
        "metrics": metrics,
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
    before, after = pass_rate(comparison.before.rows), pass_rate(comparison.after.rows)
    console.print(
        f"合格 {before.passed}/{before.n}({before.rate:.1%}) → {after.passed}/{after.n}({after.rate:.1%})",
        highlight=False,
    )
    _show_passes(console, comparison.pairs)
    _show_metrics(console, comparison.pairs)
    for title, pairs in {"悪くなった問い": comparison.worse, "良くなった問い": comparison.better}.items():
        console.print(f"\n[bold]{title}: {len(pairs)}[/]")
        for pair in pairs:
            case = pair[1].case
            name = f"{case.id}({pair[1].set})"
            console.print(f"  {escape(name)}: {escape(' → '.join(case.turns))}", highlight=False)
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


def _show_passes(console: Console, pairs: Sequence[RowPair]) -> None:
    table = figure_table([""], ("問い", "前", "後", "得た", "落とした", "p(McNemar)"), title="両方にある問い")
    groups = {"全体": compare_passes(pairs)}
    for by, title in _BY.items():
        differences = compare_passes_by(pairs, by).items()
        groups |= {f"{title}: {name}": passes for name, passes in differences if passes.gained or passes.lost}
    for name, passes in groups.items():
        counts = passes.n, passes.before, passes.after, passes.gained, passes.lost
        table.add_row(escape(name), *map(str, counts), f"{passes.p:.3f}")
    console.print(table)


def _show_metrics(console: Console, pairs: Sequence[RowPair]) -> None:
    compared = compare_metrics(pairs)
    _print_metrics(console, ((metric.title, before, after, change) for metric, before, after, change in compared))


def _print_metrics(console: Console, compared: Iterable[tuple[str, float, float, MeanDifference]]) -> None:
    title = "変わった指標(差の95%区間と p は対応のあるブートストラップ)"
    table = figure_table(["指標"], ("前", "後", "差", "95%区間", "p", "n"), title=title)
    for name, before, after, difference in compared:
        if difference.difference:
            means = f"{before:.3f}", f"{after:.3f}", f"{difference.difference:+.3f}"
            interval = f"{difference.low:+.3f} 〜 {difference.high:+.3f}"
            table.add_row(name, *means, interval, f"{difference.p:.4f}", str(difference.n))
    if table.row_count:
        console.print(table)


def show_answer(console: Console, row: RunRow, label: str) -> None:
    """Print the answer of a row and the reasons why it fails."""
    text = f"[{row.answer['status']}] {row.answer['answer']}" if row.answer else "(なし)"
    console.print(f"  {label}: {escape(text)}", highlight=False)
    for reason in row.score.reasons:
        console.print(f"     [yellow]- {escape(reason)}[/]", highlight=False)


# Changed queries to print, the most changed first; `--json` has all.
_MOST_PRINTED = 20
_CHANGES = {
    "worse": "悪くなった問い",
    "better": "良くなった問い",
    "mixed": "指標によって良くも悪くもなった問い",
}


def compare_queries(before: Sequence[Mapping[str, Any]], after: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return each metric's difference over the queries of both measurements, and the changed ones, most first.

    Rows have `id`, `text` and `metrics`. `better` and `worse` changed in the sum of their metrics, `mixed` changed with
    the same sum. Raises RunFolderError for different sets: no common query, or different texts for one id.
    """
    old, new = ({row["id"]: row for row in rows} for rows in (before, after))
    pairs = [(old[id_], row) for id_, row in new.items() if id_ in old]
    if not pairs or any(one["text"] != other["text"] for one, other in pairs):
        raise RunFolderError("2回の評価の問いが違います。同じ問いで測った評価を指定してください。")
    changed: dict[str, list[dict[str, Any]]] = {name: [] for name in _CHANGES}
    values: dict[str, list[tuple[float, float]]] = {}
    for one, other in pairs:
        both = {name: (one["metrics"][name], of) for name, of in other["metrics"].items() if name in one["metrics"]}
        for name, pair in both.items():
            values.setdefault(name, []).append(pair)
        gains = {name: later - earlier for name, (earlier, later) in both.items()}
        if any(gains.values()):
            gain = round(sum(gains.values()), 9)  # smaller sums are rounding errors
            row = {"id": other["id"], "question": other["text"], "gains": gains}
            row |= {"before": one["metrics"], "after": other["metrics"]}
            changed["better" if gain > 0 else "worse" if gain < 0 else "mixed"].append(row)
    for rows in changed.values():
        rows.sort(key=lambda row: -abs(sum(row["gains"].values())))
    metrics = {}
    for name, of_name in values.items():
        earlier, later = zip(*of_name, strict=True)
        metrics[name] = {"before": fmean(earlier), "after": fmean(later), **asdict(paired_bootstrap(earlier, later))}
    only = {"added": [id_ for id_ in new if id_ not in old], "removed": [id_ for id_ in old if id_ not in new]}
    return {"n": len(pairs), "metrics": metrics, **changed, **only}


def show_query_comparison(console: Console, comparison: Mapping[str, Any]) -> None:
    """Print each changed metric with its difference, then the queries that got worse and better."""
    console.print(f"両方にある問い: {comparison['n']}", highlight=False)
    differences = {name: dict(of) for name, of in comparison["metrics"].items()}
    _print_metrics(
        console,
        ((name, of.pop("before"), of.pop("after"), MeanDifference(**of)) for name, of in differences.items()),
    )
    for name, title in _CHANGES.items():
        console.print(f"\n{title}: {len(comparison[name])}", style="bold", highlight=False)
        for row in comparison[name][:_MOST_PRINTED]:
            moved = (f"{n} {row['before'][n]:.3f}→{row['after'][n]:.3f}" for n, gain in row["gains"].items() if gain)
            console.print(f"  {row['id']}: {row['question']}", highlight=False, markup=False)
            console.print(f"     {'、'.join(moved)}", highlight=False, soft_wrap=True)
