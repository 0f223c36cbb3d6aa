"""Lays out the answers to several questions within the length of one answer."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain

from bot.rendering.answer_text import render_text
from bot.state import (
    AskedQuestions,
    Excerpt,
    Paragraph,
    Part,
    ServiceMessage,
    SourceLine,
    Statement,
    Status,
    TableRows,
    cited_numbers,
    paragraph,
    service_message,
)
from bot.verification import CITED

MAX_LENGTH = 500
"""The answers to all questions together are as long as a single answer (bot/answers/length_budget.py)."""
# Characters that a reader sees at a glance; if an answer begins after them, summaries come first.
_GLANCE_LENGTH = 200
# Characters of the first statements of a paragraph or rows of a table that make a summary.
_MAX_SUMMARY_LENGTH = 120
# An excerpt that is longer than its answering sentence by fewer characters is shown once.
_MIN_SAVED_LENGTH = 40
# Refusals that only say that nothing was found, as the line of the question does.
_PLAIN_REFUSALS = frozenset({"nothing", "nothing_in"})
_UNSURE = paragraph(service_message("unsure"))


@dataclass(frozen=True, slots=True)
class MergedAnswer:
    """The answer to one or more questions.

    Attributes:
        questions: the questions as they are shown above the answer.
        status: how the answer ended.
        parts: the parts of the answer.
        language: the language in which it is shown.
        passage_id: the id of the passage that answers, "" without one.
    """

    questions: tuple[str, ...]
    status: Status
    parts: tuple[Part, ...]
    language: str
    passage_id: str = ""

    def head(self, *, is_brief: bool = False) -> AskedQuestions:
        """Return the questions with their status."""
        return AskedQuestions(self.questions, (self.status.value,) * len(self.questions), is_brief)

    def summarise(self) -> Part | None:
        """Return the sentence or row that answers; None if nothing does or the whole is hardly longer."""
        answering = next((part for part in self.parts if cited_numbers(part)), None)
        if self.status not in CITED or answering is None:
            return None
        summary = Paragraph(tuple(_first_statements(answering)))
        is_longer = self.length() > len(render_text([summary], self.language)) + _MIN_SAVED_LENGTH
        return summary if is_longer else None

    def body(self) -> tuple[Part, ...]:
        """Return the parts without what the line of the question says already."""
        if self.status is Status.NO_ANSWER:
            first_message = self._refusal()[:1]
            return tuple(paragraph(sentence) for sentence in first_message if sentence.key not in _PLAIN_REFUSALS)
        has_more = len(self.parts) > 1
        return self.parts[1:] if has_more and self.parts[0] == _UNSURE else self.parts

    def advice(self) -> tuple[ServiceMessage, ...]:
        """Return advice if nothing was found."""
        return self._refusal()[1:] if self.status is Status.NO_ANSWER else ()

    def length(self) -> int:
        """Return the length of the body as text."""
        return len(render_text(self.body(), self.language))

    def without_preceding(self) -> "MergedAnswer":
        """Return the answer without the text that only precedes an excerpt in its passage."""
        parts = (part for part in self.parts if not (isinstance(part, Excerpt) and part.is_preceding))
        return replace(self, parts=tuple(parts))

    def first_place(self) -> "MergedAnswer":
        """Return the answer up to its first excerpt or rows of a table."""
        ends = (end for end, part in enumerate(self.parts, 1) if isinstance(part, Excerpt | TableRows))
        return replace(self, parts=self.parts[: next(ends, len(self.parts))])

    def source_line(self) -> SourceLine | None:
        """Return the source line of the part that answers; None if it is a statement."""
        answering = next((part for part in self.parts if cited_numbers(part)), None)
        if not isinstance(answering, Excerpt | TableRows):
            return None
        return answering.source_line

    def _refusal(self) -> tuple[ServiceMessage, ...]:
        first = self.parts[0] if self.parts else None
        sentences = first.sentences if isinstance(first, Paragraph) else ()
        return tuple(sentence for sentence in sentences if isinstance(sentence, ServiceMessage))


def lay_out(answers: Sequence[MergedAnswer]) -> tuple[Part, ...]:
    """Return the answers under their questions, as complete as the length of an answer allows.

    If the last answer would begin far down, the answering sentence of each question comes first, then the details.
    If all are too long, a passage that answers several questions is shown once; then the text that only precedes an
    answer is left out, then all places of an answer but its first, then the details that do not fit.
    """
    summaries = [answer.summarise() for answer in answers]
    shorter = [answer.without_preceding() for answer in answers]
    if _are_seen_at_a_glance(answers, summaries[-1]):
        no_summaries = [None] * len(answers)
        for versions in (answers, shorter):
            if _fits(parts := _arrange(versions, no_summaries, ()), answers):
                return parts
    each_alone = [(position,) for position in range(len(answers))]
    if _fits(parts := _arrange(answers, summaries, each_alone), answers):
        return parts
    groups = _group_by_passage(answers, summaries)
    first_places = [answer.first_place() for answer in shorter]
    for versions in (answers, shorter, first_places):
        if _fits(parts := _arrange(versions, summaries, groups), answers):
            return parts
    detailed = list[tuple[int, ...]]()
    for group in groups:
        if _fits(_arrange(first_places, summaries, [*detailed, group]), answers):
            detailed.append(group)
    return _arrange(first_places, summaries, detailed)


def _group_by_passage(answers: Sequence[MergedAnswer], summaries: Sequence[Part | None]) -> list[tuple[int, ...]]:
    groups = dict[str, tuple[int, ...]]()
    for position, (answer, summary) in enumerate(zip(answers, summaries, strict=True)):
        if summary:
            key = answer.passage_id or str(position)
            groups[key] = (*groups.get(key, ()), position)
    return list(groups.values())


def _are_seen_at_a_glance(answers: Sequence[MergedAnswer], last_summary: Part | None) -> bool:
    *earlier, last = answers
    parts = [part for answer in earlier for part in (answer.head(), *answer.body())]
    parts += [last.head(), *([last_summary] if last_summary else last.body())]
    return len(render_text(parts, last.language)) <= _GLANCE_LENGTH


def _fits(parts: Sequence[Part], answers: Sequence[MergedAnswer]) -> bool:
    return len(render_text(parts, answers[-1].language)) <= MAX_LENGTH


def _arrange(
    answers: Sequence[MergedAnswer], summaries: Sequence[Part | None], detailed: Sequence[tuple[int, ...]]
) -> tuple[Part, ...]:
    """Return each answer or its summary, then details and source lines.

    Each group of positions in `detailed` gets the longest of its details; the other summaries get their source lines.
    """
    parts = list[Part]()
    for answer, summary in zip(answers, summaries, strict=True):
        parts += (answer.head(is_brief=summary is not None), *((summary,) if summary else answer.body()))
    for group in detailed:
        if any(summaries[position] for position in group):
            grouped = [answers[position] for position in group]
            questions = chain.from_iterable(answer.questions for answer in grouped)
            parts += (AskedQuestions(tuple(questions)), *max(grouped, key=MergedAnswer.length).body())
    with_details = set(chain.from_iterable(detailed))
    parts += _source_lines(
        (answer, summary)
        for position, (answer, summary) in enumerate(zip(answers, summaries, strict=True))
        if summary and position not in with_details
    )
    if advice := [answer.advice() for answer in answers if answer.advice()]:
        parts.append(paragraph(*max(advice, key=lambda messages: service_message("nearest") in messages)))
    return tuple(parts)


def _source_lines(summarised: Iterable[tuple[MergedAnswer, Part]]) -> Iterator[Part]:
    numbers = dict[SourceLine, set[int]]()
    for answer, summary in summarised:
        if line := answer.source_line():
            numbers.setdefault(line, set()).update(cited_numbers(summary))
    for line, cited in numbers.items():
        yield Paragraph((line, Statement("", tuple(sorted(cited)))))


def _first_statements(part: Part) -> Iterator[Statement]:
    if isinstance(part, Excerpt):
        start, end = part.highlight
        yield Statement(part.text[start:end].strip() or part.text.strip(), (part.n,))
        return
    length = 0
    for statement in _sentences(part):
        if isinstance(statement, Statement):
            length += len(statement.text)
            if length > _MAX_SUMMARY_LENGTH and length > len(statement.text):
                return
            yield statement


def _sentences(part: Part) -> Sequence[Statement | ServiceMessage | SourceLine]:
    if isinstance(part, TableRows):
        return part.lines
    return part.sentences if isinstance(part, Paragraph) else ()
