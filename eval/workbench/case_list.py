"""Entries of the case list: cases of the sets or of a run, and how they are filtered."""

from dataclasses import dataclass

from bot.http.form_fields import Fields
from eval.dataset.case import Case
from eval.scoring.judgements import CaseKey
from eval.scoring.run_record import RunRow
from eval.workbench.bench import Bench
from ingest.japanese import nfkc

RESULTS = {"failed": "不合格", "passed": "合格"}


@dataclass(frozen=True, slots=True)
class CaseEntry:
    """A case of a set; `row` is its result in a run, None outside a run."""

    set: str
    case: Case
    row: RunRow | None = None

    @property
    def key(self) -> CaseKey:
        """The key of the case in a run."""
        return CaseKey(self.set, self.case.id)

    @property
    def result(self) -> str:
        """The key of `RESULTS` that applies; "" outside a run."""
        if self.row is None:
            return ""
        return "passed" if self.row.score.passed else "failed"

    def matches(self, filters: Fields) -> bool:
        """Whether the entry satisfies the filters of an address; `q` are words of the case or its answer."""
        case = self.case
        answer = self.row.answer if self.row else None
        values = {
            "set": (self.set,),
            "kind": (case.kind,),
            "tag": case.tags,
            "priority": (str(case.priority),),
            "result": (self.result,),
        }
        text = nfkc("\n".join([case.id, *case.turns, case.note, answer["answer"] if answer else ""])).lower()
        return all(
            not filters.one(name) or filters.one(name) in case_values for name, case_values in values.items()
        ) and all(word in text for word in nfkc(filters.one("q")).lower().split())


def load_entries(bench: Bench, run: str) -> list[CaseEntry]:
    """Return the cases of a run with their results, or those of all sets if `run` is "". Raises EvalError."""
    if run:
        return [CaseEntry(row.set, row.case, row) for row in bench.runs.load(run).rows]
    return [CaseEntry(stored.set, stored.case) for stored in bench.cases.all()]
