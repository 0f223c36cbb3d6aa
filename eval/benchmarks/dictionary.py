"""A dictionary measured by questions with its names and by other questions, without and with its entries."""

from argparse import Namespace
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, model_validator
from rich.console import Console

from bot.curation.dictionary.csv_file import read_csv
from bot.dictionary.entries import DictionaryEntry
from bot.state import Status
from eval.command import OUT, Measurement, command, means_json, option, path_option, paths_option
from eval.dataset.case import Case, Group, Words
from eval.dataset.matching import contains_all_facts, contains_words
from eval.dataset.sets import project_sets
from eval.errors import RefusedError, SetFileError
from eval.metrics.statistics import compute_mean
from eval.scoring.score import PASSING, score_answer
from eval.storage.numbered_lines import read_models
from eval.systems.asking import Ask, ask_case, ask_turns
from eval.systems.local import open_run_index
from ingest.configuration.environment import read_settings
from ingest.configuration.settings import Settings


class NameQuestion(BaseModel):
    """A question with a name that people use; the answer to its last turn is scored.

    Attributes:
        turns: the messages in order; `question` in the file is a single turn.
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
        """Whether an answer has an accepted status, every required fact and no forbidden words."""
        is_answered = answer["status"] in PASSING["answer"]
        has_status = answer["status"] in self.status if self.status else is_answered == bool(self.must)
        text = answer["answer"]
        is_forbidden = any(contains_words(text, words) for words in self.must_not)
        return has_status and contains_all_facts(text, self.must) and not is_forbidden


@dataclass(frozen=True, slots=True)
class QuestionEffect:
    """The answers to a question without and with the entries of the dictionary."""

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

    @property
    def is_better(self) -> bool:
        """Whether it is right only with the entries."""
        return self.right_after and not self.right_before

    @property
    def is_changed(self) -> bool:
        """Whether the entries change the answer."""
        return self.answer_before != self.answer_after


def load_name_questions(file: Path) -> tuple[NameQuestion, ...]:
    """Return the questions of a file of JSON lines. Raises SetFileError with file and line."""
    return tuple(question for _, question in read_models(file, NameQuestion, "質問"))


def measure_names(
    questions: Sequence[NameQuestion], corpora: Sequence[Path], entries: Sequence[DictionaryEntry], settings: Settings
) -> Iterator[QuestionEffect]:
    """Yield the effect on each question about the documents of `corpora`."""
    without_entries, with_entries = (
        [ask_turns(ask, question.turns, question.as_of) for question in questions]
        for ask in _systems(corpora, entries, settings)
    )
    for question, without_entry, with_entry in zip(questions, without_entries, with_entries, strict=True):
        yield QuestionEffect(
            id=question.id,
            question=question.turns[-1],
            set="",
            right_before=question.is_right(without_entry),
            right_after=question.is_right(with_entry),
            answer_before=_answer_text(without_entry),
            answer_after=_answer_text(with_entry),
        )


def measure_others(
    names: Iterable[str], entries: Sequence[DictionaryEntry], settings: Settings
) -> Iterator[QuestionEffect]:
    """Yield the effect on each case of the named sets, or of `all` sets on this machine, over their documents."""
    wanted_names = set(names)
    for chosen in project_sets(() if "all" in wanted_names else wanted_names) if wanted_names else ():
        if not chosen.is_available:
            continue
        cases = chosen.load(chosen.files)
        without_entries, with_entries = (
            [_ask_and_score(ask, case) for case in cases] for ask in _systems(chosen.corpora, entries, settings)
        )
        for case, without_entry, with_entry in zip(cases, without_entries, with_entries, strict=True):
            yield QuestionEffect(
                id=case.id,
                question=case.turns[-1],
                set=chosen.name,
                right_before=without_entry[0],
                right_after=with_entry[0],
                answer_before=without_entry[1],
                answer_after=with_entry[1],
            )


def _systems(corpora: Sequence[Path], entries: Sequence[DictionaryEntry], settings: Settings) -> Iterator[Ask]:
    for active_entries in ((), entries):
        with open_run_index(settings, corpora, entries=active_entries) as system:
            yield system.ask


def _ask_and_score(ask: Ask, case: Case) -> tuple[bool, str]:
    try:
        answer = ask_case(ask, case)
    except RefusedError as error:
        return False, str(error)
    return score_answer(case, answer).passed, _answer_text(answer)


def _answer_text(answer: dict[str, Any]) -> str:
    return f"{answer['status']} {answer['answer']}"


@command(
    "dictionary",
    "役所の言葉の辞書を、呼び名の質問とほかの問いで測る",
    path_option("--entries", "FILE", "辞書(CSV)", required=True),
    path_option("--questions", "FILE", "呼び名の質問(1行に1件の JSON)", required=True),
    paths_option("--corpus", "DIR", "その文書", required=True),
    option("--others", action="append", default=[], metavar="SET", help="ほかの問いの質問集(all: すべて)"),
    option("--changed", action="store_true", help="正しくない質問と、変わった問いの回答を表示する"),
    OUT,
)
def dictionary(options: Namespace) -> Measurement:
    """Measure what the entries change for questions with their names, and for other questions."""
    settings = read_settings()
    try:
        entries = read_csv(options.entries.read_bytes())
    except OSError as error:
        raise SetFileError(f"辞書 {options.entries} を読めません({error.strerror})。") from error
    named = list(measure_names(load_name_questions(options.questions), options.corpus, entries, settings))
    others = list(measure_others(options.others, entries, settings))
    means = {
        "right_before": compute_mean((effect.id, effect.right_before) for effect in named),
        "right_after": compute_mean((effect.id, effect.right_after) for effect in named),
        "difference": compute_mean((effect.id, effect.right_after - effect.right_before) for effect in named),
        "others_worse": compute_mean((effect.id, effect.is_worse) for effect in others),
        "others_better": compute_mean((effect.id, effect.is_better) for effect in others),
        "others_changed": compute_mean((effect.id, effect.is_changed) for effect in others),
    }
    counts = {
        "worse": sum(effect.is_worse for effect in others),
        "named_worse": sum(effect.is_worse for effect in named),
    }

    def show_changed(console: Console) -> None:
        shown = [effect for effect in named if not effect.right_after]
        for effect in [*shown, *(effect for effect in others if effect.is_changed)] if options.changed else ():
            marks = f"{'○' if effect.right_before else '×'}→{'○' if effect.right_after else '×'}"
            console.print(f"{marks} {effect.set} {effect.id} {effect.question}", style="bold", markup=False)
            for text in (effect.answer_before, effect.answer_after):
                console.print(f"  {text}\n", highlight=False, markup=False)

    return Measurement(
        means_json(means) | counts,
        map(asdict, [*named, *others]),
        {"entries": str(options.entries), "questions": str(options.questions), "others": options.others},
        {
            "right_before": "呼び名の質問に正しく答えた(辞書なし)",
            "right_after": "呼び名の質問に正しく答えた(辞書あり)",
            "difference": "その差",
            "others_worse": "ほかの問いで、辞書があると落ちた",
            "others_better": "ほかの問いで、辞書があると通った",
            "others_changed": "ほかの問いで、回答が変わった",
            "worse": "落ちたほかの問い",
            "named_worse": "落ちた呼び名の質問",
        },
        show_changed,
    )
