"""The regression case: question, expected content, expected citations, expected behaviour."""

from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from bot.state import Audience, Style
from eval.dataset.case_labels import BEHAVIOUR_LABELS, field_label
from eval.dataset.matching import is_same_section
from eval.errors import SetFileError
from eval.storage.numbered_lines import read_numbered_lines

Behave = Literal["answer", "abstain", "clarify"]
Priority = Literal[1, 2, 3]
Provenance = Literal["written", "from-staff", "from-feedback"]
Words = Annotated[str, Field(min_length=1)]
Group = Annotated[tuple[Words, ...], Field(min_length=1)]
Cited = Annotated[str, Field(pattern=r"^[a-z0-9.-]+#.+$")]

# The heading in `cite` that accepts any section of the document.
_ANY_SECTION = "*"

# `_check_expectations` as JSON Schema, for editors and scripts that validate case files.
_EXPECTATIONS_SCHEMA: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "if": {"properties": {"behave": {"const": "answer"}}},
    "then": {"required": ["must", "cite"], "properties": {"must": {"minItems": 1}, "cite": {"minItems": 1}}},
    "else": {
        "if": {"properties": {"behave": {"const": "abstain"}}},
        "then": {"properties": {"must": {"maxItems": 0}, "cite": {"maxItems": 0}}},
    },
}


class Case(BaseModel):
    """One regression case, with the fields of `eval/cases/README.md`. The answer to the last turn is scored."""

    model_config = ConfigDict(frozen=True, extra="forbid", json_schema_extra=_EXPECTATIONS_SCHEMA)

    id: Annotated[Words, Field(description="変えない名前。どの質問集の id とも重ならない")]
    kind: Annotated[Words, Field(description="種類。集計の単位")]
    turns: Annotated[tuple[Words, ...], Field(min_length=1, description="発言の並び。最後の発言への回答を採点する")]
    must: Annotated[
        tuple[Group, ...],
        Field(
            description="群の並び。どの群も、言い方のどれか1つが回答に必要。聞き返す問いでは、聞き返さずに答えるときに必要"
        ),
    ] = ()
    must_not: Annotated[tuple[Words, ...], Field(description="回答にあってはならない言葉")] = ()
    cite: Annotated[
        tuple[Cited, ...],
        Field(description="文書ID#節 の並び。どれか1つが出典にあればよい。節が * ならその文書のどこでも"),
    ] = ()
    behave: Annotated[Behave, Field(description="answer 答える、abstain 答えない、clarify 聞き返す")]
    as_of: Annotated[date | None, Field(description="いつの時点の質問か。無ければ実行した日")] = None
    style: Annotated[Style, Field(description="easy なら、やさしい日本語で答えさせる")] = "standard"
    audience: Annotated[Audience, Field(description="だれが尋ねるか。citizen 市民、staff 職員")] = "citizen"
    tags: Annotated[tuple[Words, ...], Field(description="種類のほかに絞り込みと集計に使う言葉")] = ()
    priority: Annotated[Priority, Field(description="1 決して落とさない、2 ふつう、3 落ちても急がない")] = 2
    provenance: Annotated[
        Provenance, Field(description="written 書いた質問、from-staff 職員から、from-feedback 利用者の声から")
    ] = "written"
    note: Annotated[str, Field(description="迷いやすい点の覚え書き。採点には使わない")] = ""

    @model_validator(mode="after")
    def _check_expectations(self) -> "Case":
        if self.behave == "answer" and not (self.must and self.cite):
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
        for cite in self.cite:
            document, _, heading = cite.partition("#")
            if document == doc_id and (heading == _ANY_SECTION or is_same_section(heading, section)):
                return cite
        return None


def load_cases(files: Iterable[Path]) -> tuple[Case, ...]:
    """Return the cases of `files` in their order; blank lines are skipped.

    Raises SetFileError with file and line for an unreadable file, an invalid line or a repeated id, and if there are
    no cases.
    """
    cases: dict[str, Case] = {}
    for file in files:
        for location, line in read_numbered_lines(file):
            case = read_case(line, location)
            if case.id in cases:
                raise SetFileError(f"{location}: id「{case.id}」は2回目です。別の id にしてください。")
            cases[case.id] = case
    if not cases:
        raise SetFileError("評価の問いが1つもありません。--cases に問いのファイル(*.jsonl)を指定してください。")
    return tuple(cases.values())


def read_case(line: str, location: str) -> Case:
    """Return the case in a line; raises SetFileError, which names `location`, if it is not valid."""
    try:
        return Case.model_validate_json(line)
    except ValidationError as error:
        problems = "、".join(
            _describe_problem(".".join(map(str, detail["loc"])), detail["type"], detail["msg"])
            for detail in error.errors()
        )
        raise SetFileError(f"{location}: {problems}。書き方は eval/cases/README.ja.md にあります。") from error


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
