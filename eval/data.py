"""Regression cases: what is asked, and what an answer must and must not hold."""

from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from eval.errors import CaseFileError

Behave = Literal["answer", "abstain", "clarify"]
Words = Annotated[str, Field(min_length=1)]


class Case(BaseModel):
    """One regression case; the fields are those of `eval/cases/README.md`. The last turn is the one that is scored."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Words
    kind: Words
    turns: Annotated[tuple[Words, ...], Field(min_length=1)]
    must: tuple[Annotated[tuple[Words, ...], Field(min_length=1)], ...] = ()
    must_not: tuple[Words, ...] = ()
    cite: tuple[Annotated[str, Field(pattern=r"^[a-z0-9.-]+#.+$")], ...] = ()
    behave: Behave
    as_of: date | None = None
    style: Literal["standard", "easy"] = "standard"
    note: str = ""

    @model_validator(mode="after")
    def _has_what_it_is_scored_by(self) -> "Case":
        if self.behave == "answer" and not (self.must and self.cite):
            raise ValueError("behave が answer の問いには must と cite が要ります")
        if self.behave != "answer" and (self.must or self.cite):
            raise ValueError("must と cite は behave が answer の問いにだけ書けます")
        return self


def load_cases(files: Iterable[Path]) -> tuple[Case, ...]:
    """Return the cases of `files` in their order; blank lines count as nothing.

    Raises CaseFileError, naming file and line, for a file that cannot be read, a broken line, an id used twice,
    and where there is no case at all.
    """
    cases: dict[str, Case] = {}
    for file in files:
        for number, line in enumerate(_text(file).splitlines(), start=1):
            if not line.strip():
                continue
            case = _case(line, f"{file}:{number}")
            if case.id in cases:
                raise CaseFileError(f"{file}:{number}: id「{case.id}」は2回目です。別の id にしてください。")
            cases[case.id] = case
    if not cases:
        raise CaseFileError("評価の問いが1つもありません。--cases に問いのファイル(*.jsonl)を指定してください。")
    return tuple(cases.values())


def _text(file: Path) -> str:
    try:
        return file.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise CaseFileError(f"{file}: 読めません({error})。UTF-8 の JSON Lines ファイルを指定してください。") from error


def _case(line: str, where: str) -> Case:
    try:
        return Case.model_validate_json(line)
    except ValidationError as error:
        problems = "、".join(_problem(".".join(map(str, e["loc"])), e["type"], e["msg"]) for e in error.errors())
        raise CaseFileError(f"{where}: {problems}。書き方は eval/cases/README.md にあります。") from error


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


def _problem(place: str, kind: str, message: str) -> str:
    if kind == "value_error":
        return message.removeprefix("Value error, ")
    if kind.startswith("date_"):
        return f"{place} は YYYY-MM-DD の日付にしてください"
    return f"{place}{' ' if place else ''}{_PROBLEMS.get(kind, 'の形が違います')}"
