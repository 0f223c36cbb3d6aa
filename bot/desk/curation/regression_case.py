"""Writes an answer of staff as a regression case into the office's folder of cases."""

import json
from datetime import date
from itertools import groupby

from bot.answering.verification.literals import names, organisation_names
from ingest.configuration.settings import Settings
from ingest.configuration.storage import exclusive_writer, replace_file
from ingest.japanese import dates, nfkc
from ingest.japanese.mentions.quantities import figures
from ingest.japanese.tokenise import morphemes
from ingest.readers.faq_file import ANSWER, FIRST, QUESTION, FaqRow

FILE = "staff-answers.jsonl"
"""The file of these cases."""
# Words that a case requires if an answer has no figure, date or name.
_MAX_WORDS = 3


def write_case(settings: Settings, doc_id: str, row: FaqRow, day: date) -> None:
    """Write the case of a row, in place of an earlier one. Raises StorageError."""
    folder = settings.data / "cases"
    case = {
        "id": f"staff-{doc_id}",
        "kind": "curated",
        "turns": [row.cell(QUESTION)],
        "must": [[literal] for literal in stated_literals(row.cell(ANSWER))],
        "cite": [f"{doc_id}#{row.cell(QUESTION)}"],
        "behave": "answer",
        "as_of": max(day.isoformat(), row.day(FIRST)),
        "tags": ["curated"],
        "provenance": "from-staff",
    }
    with exclusive_writer(settings.data, "cases.lock"):
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / FILE
        lines = path.read_text("utf-8").splitlines() if path.exists() else []
        kept = [line for line in lines if json.loads(line)["id"] != case["id"]]
        text = "\n".join([*kept, json.dumps(case, ensure_ascii=False), ""])
        replace_file(path, lambda temporary: temporary.write_text(text, "utf-8"))


def stated_literals(answer: str) -> list[str]:
    """Return the dates, figures and names of an answer, or its longest words if there are none."""
    text = nfkc(answer)
    literals = [
        *(text[one.start : one.end] for one in dates(text)),
        *(text[one.start : one.end] for one in figures(text)),
    ]
    found = dict.fromkeys([*(name for _, name in names(text)), *organisation_names(text)])
    literals += [name for name in found if not any(name in other for other in found if other != name)]
    if not literals:
        tokens = morphemes(text, "C")
        words = {"".join(m.surface for m in run) for is_noun, run in groupby(tokens, lambda m: m.is_noun) if is_noun}
        literals = sorted(words or {text}, key=lambda word: (-len(word), word))[:_MAX_WORDS]
    return list(dict.fromkeys(literals))
