"""The regression case: question, expected content, expected citations, expected behaviour."""

from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from bot.state import Audience, Style
from eval.dataset.case_labels import BEHAVIOUR_LABELS, field_label
from eval.errors import CaseFileError, SetFileError
from eval.storage.numbered_lines import read_numbered_lines

Behave = Literal["answer", "abstain", "clarify"]
Priority = Literal[1, 2, 3]
Provenance = Literal["written", "from-staff", "from-feedback"]
Words = Annotated[str, Field(min_length=1)]
Group = Annotated[tuple[Words, ...], Field(min_length=1)]
Cited = Annotated[str, Field(pattern=r"^[a-z0-9.-]+#.+$")]

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


def load_cases(files: Iterable[Path]) -> tuple[Case, ...]:
    """Return the cases of `files` in their order; blank lines are skipped.

    Raises CaseFileError with file and line for an unreadable file, an invalid line or a repeated id, and if there are
    no cases.
    """
    cases: dict[str, Case] = {}
    for file in files:
        for place, line in read_case_lines(file):
            case = read_case(line, place)
            if case.id in cases:
                raise CaseFileError(f"{place}: id「{case.id}」は2回目です。別の id にしてください。")
            cases[case.id] = case
    if not cases:
        raise CaseFileError("評価の問いが1つもありません。--cases に問いのファイル(*.jsonl)を指定してください。")
    return tuple(cases.values())


def read_case_lines(file: Path) -> list[tuple[str, str]]:
    """Return the non-blank lines of `file`, each after its location "file:line".

    Raises CaseFileError if the file cannot be read.
    """
    try:
        return read_numbered_lines(file)
    except SetFileError as error:
        raise CaseFileError(str(error)) from error


def read_case(line: str, place: str) -> Case:
    """Parse one line; raises CaseFileError, which names `place`, if it is not a valid case."""
    try:
        return Case.model_validate_json(line)
    except ValidationError as error:
        problems = "、".join(
            _describe_problem(".".join(map(str, e["loc"])), e["type"], e["msg"]) for e in error.errors()
        )
        raise CaseFileError(f"{place}: {problems}。書き方は eval/cases/README.ja.md にあります。") from error


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


def _describe_problem(place: str, kind: str, message: str) -> str:
    if kind == "value_error":
        return message.removeprefix("Value error, ")
    if kind.startswith("date_"):
        return f"{field_label(place)}は YYYY-MM-DD の日付にしてください"
    field, _, rest = place.partition(".")
    label = f"{field_label(field)} {rest}".strip()
    return f"{label}{'' if label.endswith('）') else ' '}{_PROBLEMS.get(kind, 'の形が違います')}"
