"""Golden answers: the stored answers to all regression cases, and their comparison with a run."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import unified_diff
from pathlib import Path
from typing import Any

from eval.dataset.sets import ROOT, project_sets
from eval.errors import RunFolderError
from eval.scoring.run_record import CaseKey, RunRow
from eval.storage.run_folder import convert_write_errors
from ingest.configuration.storage import replace_text

FOLDER = Path(__file__).parents[1] / "golden"
"""One file per question set, with one JSON object per case."""


@dataclass(frozen=True, slots=True)
class GoldenDifference:
    """A case with a changed answer; `diff` are the changed lines after `-` or `+`.

    `diff` is "" for documents that may not be committed.
    """

    set: str
    id: str
    question: str
    diff: str


def read_golden(folder: Path = FOLDER) -> dict[str, dict[str, dict[str, Any]]]:
    """Return the golden answers by set and id; raises RunFolderError if a file cannot be read."""
    try:
        return {
            path.stem: {record["id"]: record for record in map(json.loads, path.read_text("utf-8").splitlines())}
            for path in sorted(folder.glob("*.jsonl"))
        }
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise RunFolderError(
            f"{folder}: 回答の控えとして読めません({error})。git で元に戻すか、--accept で作り直してください。"
        ) from error


def write_golden(rows: Iterable[RunRow], folder: Path = FOLDER) -> int:
    """Replace the golden answers of the sets in `rows`, and return how many were written.

    Raises RunFolderError if the folder cannot be written.
    """
    recorded = _by_set(rows)
    with convert_write_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        for name, records in recorded.items():
            lines = (json.dumps(records[id_], ensure_ascii=False) for id_ in sorted(records))
            replace_text(folder / f"{name}.jsonl", "".join(f"{line}\n" for line in lines))
    return sum(map(len, recorded.values()))


def compare_golden(
    rows: Iterable[RunRow], golden: Mapping[str, Mapping[str, dict[str, Any]]]
) -> list[GoldenDifference]:
    """Return the cases of `rows` whose answers differ from `golden`, in the project's sets."""
    rows = list(rows)
    questions = {row.key: " / ".join(row.case.turns) for row in rows}
    differences = []
    for name, records in _by_set(rows).items():
        accepted = golden.get(name, {})
        for id_ in sorted(records.keys() | accepted.keys()):
            before, after = accepted.get(id_), records.get(id_)
            if before != after:
                lines = unified_diff(_lines(before), _lines(after), lineterm="", n=0)
                diff = "\n".join(line for line in lines if line[:3] not in ("---", "+++") and not line.startswith("@@"))
                differences.append(GoldenDifference(name, id_, questions.get(CaseKey(name, id_), ""), diff))
    return differences


def _by_set(rows: Iterable[RunRow]) -> dict[str, dict[str, dict[str, Any]]]:
    """Return the records of the project's sets, by set and id.

    Documents outside the checkout may not be committed, nor words of them: their answers are stored as digests.
    """
    is_committed = {
        case_set.name: all(corpus.resolve().is_relative_to(ROOT) for corpus in case_set.corpora)
        for case_set in project_sets()
    }
    recorded: dict[str, dict[str, dict[str, Any]]] = {}
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


def _lines(record: dict[str, Any] | None) -> tuple[str, ...]:
    if record is None or "digest" in record:
        return ()
    cited: Sequence[Sequence[str]] = record.get("citations", [])
    return (
        f"[{record['status']}]",
        *record.get("answer", "").split("\n"),
        *(f"出典 {doc_id} {section}: {quote}" for doc_id, section, quote in cited),
    )
