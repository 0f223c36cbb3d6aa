"""Compares two measurements question by question, and the answers of a run with the stored golden answers."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from difflib import unified_diff
from functools import partial
from pathlib import Path
from statistics import fmean
from typing import Any

from eval.dataset.case_labels import KIND_LABELS
from eval.dataset.sets import ROOT, project_sets
from eval.errors import RunFolderError
from eval.metrics.run_metrics import METRICS, Metric, latency_in_work, pass_rate
from eval.metrics.statistics import MeanDifference, mcnemar, paired_bootstrap
from eval.scoring.run_record import CaseKey, Run, RunRow
from eval.storage.run_folder import convert_write_errors
from ingest.configuration.storage import replace_text

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
    """Match the cases of two runs by set and id, in the order of the later run.

    Raises RunFolderError if they have no case in common.
    """
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
    searched = [Metric(name, name, partial(_search_metric, name)) for name in names]
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


def _search_metric(name: str, row: RunRow) -> float | None:
    value: float | None = row.observations["metrics"].get(name)
    return value


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


GOLDEN = Path(__file__).parents[1] / "golden"
"""The golden answers: one file per question set, with one JSON object per case."""
Records = dict[str, dict[str, dict[str, Any]]]
"""Status, answer and citations by set and id of the case."""


@dataclass(frozen=True, slots=True)
class GoldenDifference:
    """A case with a changed answer; `diff` are the changed lines after `-` or `+`.

    `diff` is "" for documents that may not be committed.
    """

    set: str
    id: str
    question: str
    diff: str


def compare_golden(rows: Sequence[RunRow], folder: Path = GOLDEN) -> list[GoldenDifference]:
    """Return the cases of `rows` whose answers differ from the golden ones in `folder`, in the project's sets.

    Raises RunFolderError if these cannot be read.
    """
    try:
        golden: Records = {
            path.stem: {record["id"]: record for record in map(json.loads, path.read_text("utf-8").splitlines())}
            for path in folder.glob("*.jsonl")
        }
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise RunFolderError(
            f"{folder}: 回答の控えとして読めません({error})。git で元に戻すか、--accept で作り直してください。"
        ) from error
    questions = {row.key: " / ".join(row.case.turns) for row in rows}
    differences = []
    for name, records in _golden_records(rows).items():
        accepted = golden.get(name, {})
        for id_ in sorted(records.keys() | accepted.keys()):
            before, after = accepted.get(id_), records.get(id_)
            if before != after:
                lines = list(unified_diff(_golden_lines(before), _golden_lines(after), lineterm="", n=0))[2:]
                diff = "\n".join(line for line in lines if not line.startswith("@@"))
                differences.append(GoldenDifference(name, id_, questions.get(CaseKey(name, id_), ""), diff))
    return differences


def write_golden(rows: Iterable[RunRow], folder: Path = GOLDEN) -> int:
    """Replace the golden answers of the sets in `rows`, and return how many were written.

    Raises RunFolderError if the folder cannot be written.
    """
    recorded = _golden_records(rows)
    with convert_write_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        for name, records in recorded.items():
            lines = (json.dumps(records[id_], ensure_ascii=False) for id_ in sorted(records))
            replace_text(folder / f"{name}.jsonl", "".join(f"{line}\n" for line in lines))
    return sum(map(len, recorded.values()))


def _golden_records(rows: Iterable[RunRow]) -> Records:
    """Return the records of the project's sets.

    Documents outside the checkout may not be committed, nor words of them: their answers are stored as digests.
    """
    is_committed = {
        case_set.name: all(corpus.resolve().is_relative_to(ROOT) for corpus in case_set.corpora)
        for case_set in project_sets()
    }
    recorded: Records = {}
    for row in rows:
        if row.set not in is_committed:
            continue
        record: dict[str, Any] = {"id": row.case.id, "status": "refused"}
        if row.answer is not None:
            cited = row.answer["citations"]
            record["status"], record["answer"] = row.answer["status"], row.answer["answer"]
            record["citations"] = [[one["doc_id"], one.get("section", ""), one.get("quote", "")] for one in cited]
        if not is_committed[row.set]:
            text = json.dumps(record, ensure_ascii=False, sort_keys=True)
            record = {"id": row.case.id, "digest": hashlib.sha256(text.encode()).hexdigest()[:16]}
        recorded.setdefault(row.set, {})[row.case.id] = record
    return recorded


def _golden_lines(record: Mapping[str, Any] | None) -> tuple[str, ...]:
    if record is None or "digest" in record:
        return ()
    cited: Sequence[Sequence[str]] = record.get("citations", [])
    return (
        f"[{record['status']}]",
        *record.get("answer", "").split("\n"),
        *(f"出典 {doc_id} {section}: {quote}" for doc_id, section, quote in cited),
    )
