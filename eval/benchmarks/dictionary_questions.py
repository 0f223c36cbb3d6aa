"""Measures a dictionary: questions with its names and other questions, without and with its entries."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from bot.dictionary.entries import DictionaryEntry
from bot.state import Status
from eval.dataset.case import Case, Group, Words
from eval.dataset.matching import contains_words
from eval.dataset.sets import project_sets
from eval.errors import CaseFileError, RefusedError, SetFileError
from eval.scoring.score import score_answer
from eval.storage.numbered_lines import read_numbered_lines
from eval.systems.asking import Ask, ask_case
from eval.systems.local import open_run_index
from ingest.configuration.settings import Settings

_ANSWERING = (Status.ANSWERED, Status.PARTIAL)


class NameQuestion(BaseModel):
    """A question with a name that people use; the answer to its last turn is scored.

    Attributes:
        turns: what is said, in order; `question` in the file is a single turn.
        must: each group needs one of its wordings in the answer, a single one may be a string; none for a question that
            nothing answers.
        status: what the answer's status may be; by default answered or partial, or anything else without `must`.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: Words
    turns: Annotated[tuple[Words, ...], Field(min_length=1)]
    must: tuple[Group, ...] = ()
    must_not: tuple[Words, ...] = ()
    status: tuple[Status, ...] = ()
    as_of: date | None = None

    @model_validator(mode="before")
    @classmethod
    def _read_short_forms(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        question = {"turns": [value["question"]]} if "turns" not in value and "question" in value else {}
        must = [[group] if isinstance(group, str) else group for group in value.get("must", ())]
        return value | question | {"must": must}

    def is_right(self, answer: dict[str, Any]) -> bool:
        """Whether an answer has the status and the words that are wanted, and none that are not."""
        answering = answer["status"] in _ANSWERING
        has_status = answer["status"] in self.status if self.status else answering == bool(self.must)
        text = answer["answer"]
        has_facts = all(any(contains_words(text, words) for words in group) for group in self.must)
        return has_status and has_facts and not any(contains_words(text, words) for words in self.must_not)


@dataclass(frozen=True, slots=True)
class QuestionEffect:
    """A question without and with the entries."""

    id: str
    question: str
    set: str
    right_before: bool
    right_after: bool
    answer_before: str
    answer_after: str

    @property
    def is_worse(self) -> bool:
        """Whether it is right only without the entries."""
        return self.right_before and not self.right_after


def load_name_questions(file: Path) -> tuple[NameQuestion, ...]:
    """Return the questions of a file of JSON lines. Raises CaseFileError with file and line."""
    try:
        lines = read_numbered_lines(file)
    except SetFileError as error:
        raise CaseFileError(str(error)) from error
    questions = list[NameQuestion]()
    for place, line in lines:
        try:
            questions.append(NameQuestion.model_validate_json(line))
        except ValidationError as error:
            problems = "、".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())
            raise CaseFileError(f"{place}: 質問として読めません({problems})。") from error
    return tuple(questions)


def measure_names(
    questions: Sequence[NameQuestion], corpora: Sequence[Path], entries: Sequence[DictionaryEntry], settings: Settings
) -> Iterator[QuestionEffect]:
    """Yield the outcome of each question about the documents of `corpora`."""
    answers = [[_converse(ask, question) for question in questions] for ask in _systems(corpora, entries, settings)]
    for question, before, after in zip(questions, *answers, strict=True):
        right = question.is_right(before), question.is_right(after)
        yield QuestionEffect(question.id, question.turns[-1], "", *right, _text(before), _text(after))


def measure_others(
    names: Iterable[str], entries: Sequence[DictionaryEntry], settings: Settings
) -> Iterator[QuestionEffect]:
    """Yield the outcome of each case of the sets, or of `all` that are on this machine, over their own documents."""
    wanted = set(names)
    for chosen in project_sets(() if "all" in wanted else wanted) if wanted else ():
        if not chosen.is_available:
            continue
        cases = chosen.load(chosen.files)
        answers = [[_ask(ask, case) for case in cases] for ask in _systems(chosen.corpora, entries, settings)]
        for case, (right_before, before), (right_after, after) in zip(cases, *answers, strict=True):
            yield QuestionEffect(case.id, case.turns[-1], chosen.name, right_before, right_after, before, after)


def _systems(corpora: Sequence[Path], entries: Sequence[DictionaryEntry], settings: Settings) -> Iterator[Ask]:
    for in_force in ((), entries):
        with open_run_index(settings, corpora, entries=in_force) as system:
            yield system.ask


def _converse(ask: Ask, question: NameQuestion) -> dict[str, Any]:
    answer = dict[str, Any]()
    for turn in question.turns:
        body: dict[str, Any] = {"question": turn}
        if question.as_of:
            body["as_of"] = question.as_of.isoformat()
        if answer:
            body["conversation_id"] = answer["conversation_id"]
        answer = ask(body)
    return answer


def _ask(ask: Ask, case: Case) -> tuple[bool, str]:
    try:
        answer = ask_case(ask, case)
    except RefusedError as error:
        return False, str(error)
    return score_answer(case, answer).passed, _text(answer)


def _text(answer: dict[str, Any]) -> str:
    return f"{answer['status']} {answer['answer']}"
