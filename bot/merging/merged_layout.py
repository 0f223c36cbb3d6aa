"""Lays out the answers to several questions within the length of one answer."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain

from bot.rendering.text import render_text
from bot.state import (
    AskedQuestions,
    Excerpt,
    Message,
    Paragraph,
    Part,
    SourceLine,
    Statement,
    Status,
    TableRows,
    cited_numbers,
    message,
    paragraph,
)
from bot.verification import CITED

MAX_LENGTH = 500
"""The answers to all questions together are as long as a single answer (bot/answers/length_budget.py)."""
# Within so many characters a reader sees the answer to each question; otherwise these come first by themselves.
_AT_A_GLANCE = 200
# The first statements of a paragraph or rows of a table that answer a question at a glance.
_MAX_SUMMARY_LENGTH = 120
# An excerpt that is hardly longer than its answering sentence is shown once.
_HARDLY_LONGER = 40
# Refusals that only say that nothing was found, as the line of the question does.
_PLAIN_REFUSALS = frozenset({"nothing", "nothing_in"})
# Say that an excerpt is truncated, which a single sentence is not.
_REMARKS_ON_CUTS = frozenset({"cut", "cut_list"})
_UNSURE = paragraph(message("unsure"))


@dataclass(frozen=True, slots=True)
class MergedAnswer:
    """The parts that answer one or more questions, with their status and the passage that answers ("" without one)."""

    questions: tuple[str, ...]
    status: Status
    parts: tuple[Part, ...]
    language: str
    passage_id: str = ""

    def head(self, *, is_brief: bool = False) -> AskedQuestions:
        """Return the questions with their status."""
        return AskedQuestions(self.questions, (self.status.value,) * len(self.questions), is_brief)

    def summarise(self) -> Part | None:
        """Return the sentence or row that answers; None where nothing does or the whole is hardly longer."""
        answering = next((part for part in self.parts if cited_numbers(part)), None)
        if self.status not in CITED or answering is None:
            return None
        summary = Paragraph(tuple(_first_statements(answering)))
        is_longer = self.length() > len(render_text([summary], self.language)) + _HARDLY_LONGER
        return summary if is_longer else None

    def body(self) -> tuple[Part, ...]:
        """Return the parts without what the line of the question says already."""
        if self.status is Status.NO_ANSWER:
            return tuple(paragraph(one) for one in self._refusal()[:1] if one.key not in _PLAIN_REFUSALS)
        return self.parts[1:] if self.parts[:1] == (_UNSURE,) and self.parts[1:] else self.parts

    def advice(self) -> tuple[Message, ...]:
        """Return what to do where nothing was found."""
        return self._refusal()[1:] if self.status is Status.NO_ANSWER else ()

    def length(self) -> int:
        """Return the length of the body as text."""
        return len(render_text(self.body(), self.language))

    def without_preceding(self) -> "MergedAnswer":
        """Return the answer without the text that only precedes an excerpt in its passage."""
        kept = (part for part in self.parts if not (isinstance(part, Excerpt) and part.is_preceding))
        return replace(self, parts=tuple(kept))

    def first_place(self) -> "MergedAnswer":
        """Return the answer up to its first excerpt or rows of a table."""
        places = (n for n, part in enumerate(self.parts, 1) if isinstance(part, Excerpt | TableRows))
        return replace(self, parts=self.parts[: next(places, len(self.parts))])

    def source_line(self) -> SourceLine | None:
        """Return the source line of the part that answers; None where it is a statement."""
        answering = next((part for part in self.parts if cited_numbers(part)), None)
        if not isinstance(answering, Excerpt | TableRows):
            return None
        segments = answering.source_line.segments
        kept = (one for one in segments if not (isinstance(one, Message) and one.key in _REMARKS_ON_CUTS))
        return SourceLine(tuple(kept))

    def _refusal(self) -> tuple[Message, ...]:
        first = self.parts[0] if self.parts else None
        return tuple(one for one in first.sentences if isinstance(one, Message)) if isinstance(first, Paragraph) else ()


def lay_out(answers: Sequence[MergedAnswer]) -> tuple[Part, ...]:
    """Return the answers under their questions, as complete as the length of an answer allows.

    Where the last answer would begin far down, the answering sentence of each question comes first, then the details.
    If all are too long, a passage that answers several questions is shown once; then the text that only precedes an
    answer is left out, then all places of an answer but its first, then the details that do not fit.
    """
    summaries = [answer.summarise() for answer in answers]
    shorter = [answer.without_preceding() for answer in answers]
    if _are_seen_at_a_glance(answers, summaries[-1]):
        none = [None] * len(answers)
        for versions in (answers, shorter):
            if _fits(parts := _arrange(versions, none, ()), answers):
                return parts
    every = [(n,) for n in range(len(answers))]
    if _fits(parts := _arrange(answers, summaries, every), answers):
        return parts
    groups = _group_by_passage(answers, summaries)
    first = [answer.first_place() for answer in shorter]
    for versions in (answers, shorter, first):
        if _fits(parts := _arrange(versions, summaries, groups), answers):
            return parts
    detailed = list[tuple[int, ...]]()
    for group in groups:
        if _fits(_arrange(first, summaries, [*detailed, group]), answers):
            detailed.append(group)
    return _arrange(first, summaries, detailed)


def _group_by_passage(answers: Sequence[MergedAnswer], summaries: Sequence[Part | None]) -> list[tuple[int, ...]]:
    """Return the positions of the summarised answers, those from one passage together."""
    groups = dict[str, tuple[int, ...]]()
    for n, (answer, summary) in enumerate(zip(answers, summaries, strict=True)):
        if summary:
            key = answer.passage_id or str(n)
            groups[key] = (*groups.get(key, ()), n)
    return list(groups.values())


def _are_seen_at_a_glance(answers: Sequence[MergedAnswer], last_summary: Part | None) -> bool:
    before_last = [part for answer in answers[:-1] for part in (answer.head(), *answer.body())]
    last = answers[-1]
    first_read = [*before_last, last.head(), *([last_summary] if last_summary else last.body())]
    return len(render_text(first_read, last.language)) <= _AT_A_GLANCE


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
        if any(summaries[n] for n in group):
            longest = max((answers[n] for n in group), key=MergedAnswer.length)
            parts += (AskedQuestions(tuple(one for n in group for one in answers[n].questions)), *longest.body())
    with_details = set(chain.from_iterable(detailed))
    parts += _source_lines(
        (answer, summary)
        for n, (answer, summary) in enumerate(zip(answers, summaries, strict=True))
        if summary and n not in with_details
    )
    if advice := [answer.advice() for answer in answers if answer.advice()]:
        parts.append(paragraph(*max(advice, key=lambda messages: message("nearest") in messages)))
    return tuple(parts)


def _source_lines(summarised: Iterable[tuple[MergedAnswer, Part]]) -> Iterator[Part]:
    """Yield each source line of summaries that have no details, with the numbers of its sources."""
    numbers = dict[SourceLine, set[int]]()
    for answer, summary in summarised:
        if line := answer.source_line():
            numbers.setdefault(line, set()).update(cited_numbers(summary))
    for line, cited in numbers.items():
        yield Paragraph((line, Statement("", tuple(sorted(cited)))))


def _first_statements(part: Part) -> Iterator[Statement]:
    """Yield the statements of a part that answer: the best sentence of an excerpt, the first row of a table."""
    if isinstance(part, Excerpt):
        start, end = part.highlight
        yield Statement(part.text[start:end].strip() or part.text.strip(), (part.n,))
        return
    statements = part.lines if isinstance(part, TableRows) else part.sentences if isinstance(part, Paragraph) else ()
    length = 0
    for statement in statements:
        if isinstance(statement, Statement):
            length += len(statement.text)
            if length > _MAX_SUMMARY_LENGTH and length > len(statement.text):
                return
            yield statement
