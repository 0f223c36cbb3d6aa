"""Loads question sets in the format of ../shared/data/towns as regression cases.

There one string of each `must` group has to be in the answer, and a question that two towns answer alike may be asked
back, or answered naming both; a source is right where it is of the document that answers.
"""

import json
from pathlib import Path
from typing import Any

from eval.dataset.case import Case
from eval.errors import CaseFileError
from eval.storage.numbered_lines import read_numbered_lines


def load_towns(file: Path) -> tuple[Case, ...]:
    """Return the cases of a set's questions.jsonl; raises CaseFileError, naming file and line, for a broken one."""
    support = json.loads(file.with_name("support.json").read_text("utf-8"))
    cases = []
    for place, line in read_numbered_lines(file):
        try:
            cases.append(_case(json.loads(line), support))
        except (ValueError, KeyError, TypeError) as error:
            raise CaseFileError(f"{place}: 質問として読めません（{error}）。") from error
    return tuple(cases)


def _case(question: dict[str, Any], support: dict[str, Any]) -> Case:
    documents = dict.fromkeys(support[unit]["doc"] for unit in question["support"])
    return Case(
        id=f"{question['doc'] or 'none'}-{question['id']}",
        kind=question["kind"],
        turns=question["turns"],
        must=question["must"],
        must_not=question["must_not"],
        cite=[f"{doc_id}#*" for doc_id in documents],
        behave=question["behave"],
        note=question.get("note", ""),
    )
