"""The regression case: question, expected content, expected citations, expected behaviour."""

import json
from collections.abc import Iterable
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from bot.answering.state import Audience, Status, Style
from eval.dataset.case_labels import BEHAVIOUR_LABELS, field_label
from eval.dataset.matching import canonical_heading
from eval.errors import SetFileError
from eval.storage.numbered_lines import read_numbered_lines

Behave = Literal["answer", "abstain", "clarify"]
Priority = Literal[1, 2, 3]
Provenance = Literal["written", "from-staff", "from-feedback"]
Words = Annotated[str, Field(min_length=1)]
Group = Annotated[tuple[Words, ...], Field(min_length=1)]
Cited = Annotated[str, Field(pattern=r"^[a-z0-9.-]+#.+$")]

# The heading in `cite` that accepts any section of the document.
ANY_SECTION = "*"


class Case(BaseModel):
    """One regression case, with the fields of `eval/cases/README.ja.md`. The answer to the last turn is scored.

    Attributes:
        documents: the only files that are indexed for the case, without suffix; none for all of its set.
        status: what the answer's status may be, instead of those that `behave` allows.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Words
    kind: Words
    turns: Annotated[tuple[Words, ...], Field(min_length=1)]
    must: tuple[Group, ...] = ()
    must_not: tuple[Words, ...] = ()
    cite: tuple[Cited, ...] = ()
    behave: Behave
    documents: tuple[Words, ...] = ()
    status: tuple[Status, ...] = ()
    as_of: date | None = None
    style: Style = "standard"
    audience: Audience = "citizen"
    tags: tuple[Words, ...] = ()
    priority: Priority = 2
    provenance: Provenance = "written"
    note: str = ""

    @model_validator(mode="after")
    def _check_expectations(self) -> "Case":
        if self.behave == "answer" and not self.status and not (self.must and self.cite):
            raise ValueError(
                f"{field_label('behave')}が「{BEHAVIOUR_LABELS['answer']}」の問いには、{field_label('must')}と{field_label('cite')}が要ります"
            )
        if self.behave == "abstain" and (self.must or self.cite):
            raise ValueError(
                f"{field_label('behave')}が「{BEHAVIOUR_LABELS['abstain']}」の問いには、{field_label('must')}と{field_label('cite')}は書けません"
            )
        return self

    def accepts_source(self, doc_id: str, section: str) -> bool:
        """Whether the case accepts this section as a source; False if it names none."""
        return self.matching_citation(doc_id, section) is not None

    def matching_citation(self, doc_id: str, section: str) -> str | None:
        """Return the entry of `cite` that matches this section, or None."""
        accepted = {ANY_SECTION, canonical_heading(section)}
        for cite in self.cite:
            document, _, heading = cite.partition("#")
            if document == doc_id and accepted & {heading, canonical_heading(heading)}:
                return cite
        return None


def load_cases(files: Iterable[Path]) -> tuple[Case, ...]:
    """Return the cases of `files` in their order; raises SetFileError with file and line, also if there are none."""
    cases: dict[str, Case] = {}
    for file in files:
        for location, line in read_numbered_lines(file):
            case = read_case(line, location, kind=file.resolve().parent.name)
            if case.id in cases:
                raise SetFileError(f"{location}: id「{case.id}」は2回目です。別の id にしてください。")
            cases[case.id] = case
    if not cases:
        raise SetFileError("評価の問いが1つもありません。--cases に問いのファイル(*.jsonl)を指定してください。")
    return tuple(cases.values())


def read_case(line: str, location: str, kind: str = "") -> Case:
    """Return the case in a line; raises SetFileError, which names `location`, if it is not valid.

    Lines of scenarios and of sets of attacks are completed; `kind` is theirs if they have none.
    """
    row: Any = None
    with suppress(ValueError):
        row = json.loads(line)
    try:
        if isinstance(row, dict) and "cite" not in row and row.keys() & _FOREIGN_FIELDS:
            return Case.model_validate_json(json.dumps(_complete_row(row, kind)))
        return Case.model_validate_json(line)
    except ValidationError as error:
        problems = "、".join(
            _describe_problem(".".join(map(str, detail["loc"])), detail["type"], detail["msg"])
            for detail in error.errors()
        )
        raise SetFileError(f"{location}: {problems}。書き方は eval/cases/README.ja.md にあります。") from error


# A line with one of these and without `cite` is of a scenario, or of a set of attacks and harmless texts.
_FOREIGN_FIELDS = {"documents", "question", "doc", "label", "text"}


def _complete_row(row: dict[str, Any], kind: str) -> dict[str, Any]:
    """Return the fields of a case: such lines leave out what follows from the rest, and have fields of their own."""
    must = [[group] if isinstance(group, str) else group for group in row.get("must", ())]
    answered = [Status.ANSWERED, Status.PARTIAL]
    status = answered if must else [status for status in Status if status not in answered]
    if row.keys() & {"label", "text"}:
        is_attack = row.get("label") == "ng"
        status = [status for status in Status if (status is Status.BLOCKED) == is_attack]
        row = row | {"turns": [row.get("title") or row["text"]], "behave": "abstain" if is_attack else "answer"}
        row |= {"id": str(row.get("id", row.get("_id"))), "kind": row.get("about")}
    completed = {
        "turns": row.get("turns") or [row.get("question")],
        "kind": row.get("kind") or kind,
        "behave": row.get("behave") or ("answer" if must else "abstain"),
        "status": row.get("status") or status,
        "must": must,
    }
    return {name: value for name, value in row.items() if name in Case.model_fields} | completed


# Messages for the user, by pydantic's type of error.
_PROBLEMS = {
    "json_invalid": "JSON として読めません",
    "missing": "がありません",
    "extra_forbidden": "という項目は知りません",
    "literal_error": "の値は決められた言葉のどれかにしてください",
    "string_too_short": "が空です",
    "too_short": "が空です",
    "string_pattern_mismatch": "は「文書ID#節」の形で書いてください",
    "string_type": "は文字列にしてください",
    "tuple_type": "は配列にしてください",
}


def _describe_problem(path: str, error_type: str, message: str) -> str:
    if error_type == "value_error":
        return message.removeprefix("Value error, ")
    if error_type.startswith("date_"):
        return f"{field_label(path)}は YYYY-MM-DD の日付にしてください"
    field, _, index = path.partition(".")
    label = f"{field_label(field)} {index}".strip()
    space = "" if label.endswith("）") else " "
    return f"{label}{space}{_PROBLEMS.get(error_type, 'の形が違います')}"
