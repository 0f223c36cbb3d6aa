"""Compares the answers of a run with the stored golden answers."""

import hashlib
import json
from argparse import Namespace
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from difflib import unified_diff
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape

from eval.command import Measurement, command
from eval.dataset.sets import ROOT, project_sets
from eval.errors import RunFolderError
from eval.scoring.run_record import CaseKey, RunRow, load_run
from eval.storage.run_folder import FIGURES, convert_write_errors
from ingest.cli.command_line import option, path_option
from ingest.configuration.environment import read_settings
from ingest.configuration.storage import replace_text

GOLDEN = Path(__file__).parents[1] / "golden"
"""The golden answers: one file per question set, with one JSON object per case."""
Records = dict[str, dict[str, dict[str, Any]]]
"""Status, answer and citations by set and id of the case."""


@dataclass(frozen=True, slots=True)
class GoldenDifference:
    """A changed answer with its lines after `-` or `+`; `diff` is "" for documents that may not be committed."""

    set: str
    id: str
    question: str
    diff: str


def compare_golden(rows: Sequence[RunRow], folder: Path = GOLDEN) -> list[GoldenDifference]:
    """Return the cases of the project's sets whose answers differ from those in `folder`; raises RunFolderError."""
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
    """Replace the golden answers of the sets in `rows`, and return how many were written; raises RunFolderError."""
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
