"""Loads question sets in the towns format as regression cases.

Each `must` group needs one of its strings in the answer. If two towns answer a question differently, the answer may ask
back or name both. Any section of the expected document counts as its source. Without `support`, `doc` is that document.
"""

import json
from pathlib import Path
from typing import Any

from eval.dataset.case import Case
from eval.errors import SetFileError
from eval.storage.numbered_lines import read_numbered_lines


def load_towns(file: Path) -> tuple[Case, ...]:
    """Return the cases of questions.jsonl; raises SetFileError, with file and line, for an invalid one."""
    sections = file.with_name("support.json")
    support = json.loads(sections.read_text("utf-8")) if sections.is_file() else {}
    cases = []
    for place, line in read_numbered_lines(file):
        try:
            cases.append(_case(json.loads(line), support))
        except (ValueError, KeyError, TypeError) as error:
            raise SetFileError(f"{place}: 質問として読めません（{error}）。") from error
    return tuple(cases)


def _case(question: dict[str, Any], support: dict[str, Any]) -> Case:
    units = [support[unit] for unit in question.get("support", ())]
    documents = dict.fromkeys(unit["doc"] for unit in units or [question] if unit["doc"])
    return Case(
        id=f"{question['doc'] or 'none'}-{question['id']}" if "support" in question else question["id"],
        kind=question["kind"],
        turns=question["turns"],
        must=question["must"],
        must_not=question["must_not"],
        cite=[f"{doc_id}#*" for doc_id in documents],
        behave=question["behave"],
        note=question.get("note", ""),
    )
