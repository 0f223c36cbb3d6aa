"""Open data tables of questions, answers and statistics, without small counts.

A question is published if it was asked `MIN_COUNT` times in the same words; a rarer one may identify a person even with
personal data masked. An answer that staff wrote and published is always included.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

from bot.privacy.personal import mask_personal_data
from bot.state import CURATED, Status
from bot.storage.usage_records import RecordedQuestion
from bot.usage.month import ASKED_BY, MIN_COUNT, OUTCOMES, RATED, count_names, publishable_count
from ingest.japanese import nfkc

Table = Literal["questions", "answers", "statistics"]
COLUMNS: Mapping[Table, tuple[str, ...]] = {
    "questions": ("month", "question", "count", "answered"),
    "answers": ("question", "answer", "outcome", "by_staff", "documents", "sections", "last_month"),
    "statistics": ("month", "kind", "name", "count"),
}
"""The columns of each table. `count` is empty if it is too small to be published."""


def export_table(table: Table, recorded: Sequence[RecordedQuestion]) -> list[dict[str, Any]]:
    """Return the rows of a table over the recorded questions, the oldest month first."""
    questions = [question for question in recorded if question.status is not Status.SMALLTALK]
    return {"questions": _questions, "answers": _answers, "statistics": _statistics}[table](questions)


def _questions(recorded: Sequence[RecordedQuestion]) -> list[dict[str, Any]]:
    rows = []
    for month, questions in _by_month(recorded).items():
        frequent = _publishable_questions(questions)
        for question, group in sorted(frequent.items(), key=lambda pair: (-len(pair[1]), pair[0])):
            answers = sum(repetition.status is Status.ANSWERED for repetition in group)
            answered = publishable_count(answers)
            unanswered = publishable_count(len(group) - answers)
            # The count of the answered would reveal a small count of the unanswered.
            published = None if unanswered is None else answered
            rows.append({"month": month, "question": question, "count": len(group), "answered": published})
        rare = len(questions) - sum(map(len, frequent.values()))
        if rare:
            name = f"（{MIN_COUNT}回に満たない質問の合計）"
            rows.append({"month": month, "question": name, "count": publishable_count(rare), "answered": None})
    return rows


def _answers(recorded: Sequence[RecordedQuestion]) -> list[dict[str, Any]]:
    frequent = _publishable_questions(recorded)
    latest: dict[str, RecordedQuestion] = {}
    for question in recorded:
        key = _question_key(question.question)
        if question.generator == CURATED or key in frequent:
            latest[key] = question
    return [_answer_row(key, question) for key, question in sorted(latest.items())]


def _answer_row(key: str, question: RecordedQuestion) -> dict[str, Any]:
    return {
        "question": key,
        "answer": mask_personal_data(question.answer),
        "outcome": OUTCOMES[question.status],
        "by_staff": question.generator == CURATED,
        "documents": " / ".join(dict(question.cited).values()),
        "sections": " / ".join(question.sections),
        "last_month": f"{question.day:%Y-%m}",
    }


def _statistics(recorded: Sequence[RecordedQuestion]) -> list[dict[str, Any]]:
    rows = []
    for month, questions in _by_month(recorded).items():
        counts_by_kind = {
            "questions": count_names("すべて" for _ in questions),
            "outcome": count_names((OUTCOMES[q.status] for q in questions), order=OUTCOMES.values()),
            "audience": count_names((ASKED_BY[q.audience] for q in questions), order=ASKED_BY.values()),
            "rating": count_names((RATED[q.rating] for q in questions if q.rating), order=RATED.values()),
            "document": count_names(title for q in questions for title in dict(q.cited).values()),
        }
        for kind, counts in counts_by_kind.items():
            rows += [{"month": month, "kind": kind, "name": count.name, "count": count.n} for count in counts]
    return rows


def _by_month(recorded: Iterable[RecordedQuestion]) -> dict[str, list[RecordedQuestion]]:
    months: dict[str, list[RecordedQuestion]] = defaultdict(list)
    for question in recorded:
        months[f"{question.day:%Y-%m}"].append(question)
    return dict(sorted(months.items()))


def _publishable_questions(recorded: Iterable[RecordedQuestion]) -> dict[str, list[RecordedQuestion]]:
    groups: dict[str, list[RecordedQuestion]] = defaultdict(list)
    for question in recorded:
        groups[_question_key(question.question)].append(question)
    return {key: group for key, group in groups.items() if len(group) >= MIN_COUNT}


def _question_key(question: str) -> str:
    return mask_personal_data(nfkc(question).strip())
