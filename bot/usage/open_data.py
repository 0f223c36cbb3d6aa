"""Open data tables of questions, answers and statistics, without small counts.

A question is told where it was asked `LEAST` times in the same words; what fewer asked may be about one person, however
well personal data was masked. An answer that staff wrote and published is told whoever asked.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

from bot.curation.answers import GENERATOR
from bot.privacy.personal import mask_personal_data
from bot.state import Status
from bot.storage.recorded_usage import RecordedQuestion
from bot.usage.counts import LEAST, count_names, publishable_count
from bot.usage.month import ASKED_BY, OUTCOMES, RATED
from ingest.japanese import nfkc

Table = Literal["questions", "answers", "statistics"]
COLUMNS: Mapping[Table, tuple[str, ...]] = {
    "questions": ("month", "question", "count", "answered"),
    "answers": ("question", "answer", "outcome", "by_staff", "documents", "sections", "last_month"),
    "statistics": ("month", "kind", "name", "count"),
}
"""The columns of each table. `count` is empty where it is too small to be told."""


def export_table(table: Table, asked: Sequence[RecordedQuestion]) -> list[dict[str, Any]]:
    """Return the rows of a table over what was asked, the oldest month first."""
    talk = [one for one in asked if one.status is not Status.SMALLTALK]
    return {"questions": _questions, "answers": _answers, "statistics": _statistics}[table](talk)


def _questions(asked: Sequence[RecordedQuestion]) -> list[dict[str, Any]]:
    rows = []
    for month, of_month in _by_month(asked).items():
        told = _publishable_questions(of_month)
        for question, those in sorted(told.items(), key=lambda pair: (-len(pair[1]), pair[0])):
            answered = publishable_count(sum(one.status is Status.ANSWERED for one in those))
            unanswered = publishable_count(sum(one.status is not Status.ANSWERED for one in those))
            known = None if unanswered is None else answered  # one is the rest of the other
            rows.append({"month": month, "question": question, "count": len(those), "answered": known})
        left = len(of_month) - sum(map(len, told.values()))
        if left:
            name = f"（{LEAST}回に満たない質問の合計）"
            rows.append({"month": month, "question": name, "count": publishable_count(left), "answered": None})
    return rows


def _answers(asked: Sequence[RecordedQuestion]) -> list[dict[str, Any]]:
    """Return the last answer to each question that is told, without the numbers of its citations."""
    frequent = _publishable_questions(asked)
    newest = {
        _question_key(one.question): one
        for one in asked
        if one.generator == GENERATOR or _question_key(one.question) in frequent
    }
    return [
        {
            "question": question,
            "answer": mask_personal_data(one.answer),
            "outcome": OUTCOMES[one.status],
            "by_staff": one.generator == GENERATOR,
            "documents": " / ".join(dict(one.cited).values()),
            "sections": " / ".join(one.sections),
            "last_month": f"{one.day:%Y-%m}",
        }
        for question, one in sorted(newest.items())
        if question in frequent or one.generator == GENERATOR
    ]


def _statistics(asked: Sequence[RecordedQuestion]) -> list[dict[str, Any]]:
    rows = []
    for month, those in _by_month(asked).items():
        kinds = {
            "questions": count_names("すべて" for _ in those),
            "outcome": count_names((OUTCOMES[one.status] for one in those), order=OUTCOMES.values()),
            "audience": count_names((ASKED_BY[one.audience] for one in those), order=ASKED_BY.values()),
            "rating": count_names((RATED[one.rating] for one in those if one.rating), order=RATED.values()),
            "document": count_names(title for one in those for title in dict(one.cited).values()),
        }
        every = ((kind, one) for kind, found in kinds.items() for one in found)
        rows += [{"month": month, "kind": kind, "name": one.name, "count": one.n} for kind, one in every]
    return rows


def _by_month(asked: Iterable[RecordedQuestion]) -> dict[str, list[RecordedQuestion]]:
    found: dict[str, list[RecordedQuestion]] = defaultdict(list)
    for one in asked:
        found[f"{one.day:%Y-%m}"].append(one)
    return dict(sorted(found.items()))


def _publishable_questions(asked: Iterable[RecordedQuestion]) -> dict[str, list[RecordedQuestion]]:
    """Return those asked often enough to be told, by the question in normal form."""
    found: dict[str, list[RecordedQuestion]] = defaultdict(list)
    for one in asked:
        found[_question_key(one.question)].append(one)
    return {question: those for question, those in found.items() if len(those) >= LEAST}


def _question_key(question: str) -> str:
    return mask_personal_data(nfkc(question).strip())
