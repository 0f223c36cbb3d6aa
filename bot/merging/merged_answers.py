"""Merges the answers to several questions of one message into one answer."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain, groupby
from operator import add
from typing import Self

from bot.languages import nest_quotes
from bot.merging.merged_layout import MAX_LENGTH, MergedAnswer, lay_out
from bot.merging.merged_turns import merge_turns
from bot.privacy.personal import mask_personal_data
from bot.question.language import JAPANESE
from bot.rendering.answer_text import render_text
from bot.retrieval.retrieve import interleave
from bot.state import (
    CURATED,
    EXTRACTIVE,
    Draft,
    Excerpt,
    Part,
    Source,
    Status,
    TableRows,
    Turn,
    cited_numbers,
    paragraph,
    renumber_citations,
    service_message,
)
from bot.verification import CITED

# Suggestions and related passages of one answer.
_MAX_SUGGESTIONS = 3
# Groups that are always kept: the parts before the first place, and that place.
_FIRST_GROUPS = 2
_GAP = "\n\n"
# The generator named for a merged answer: a language model before staff, staff before excerpts.
_GENERATOR_ORDER = (CURATED, EXTRACTIVE)


def merge_answers(turn: Turn, turns: Sequence[Turn], left_over: Sequence[str] = ()) -> Turn:
    """Return the turn with one draft for all questions, each answer under its question, citations renumbered.

    The status is answered if all questions are, and partial if some are. Questions `left_over` are named with what to
    do. A notice says which day was named in a question.
    """
    turns = [_with_day_notice(question_turn) for question_turn in turns]
    merged = merge_turns(turn, turns)
    draft = _merge_drafts(turns) if turns[1:] else merged.draft
    if draft and left_over:
        draft = _name_left_over(draft, left_over)
    rejected = chain.from_iterable(question_turn.rejected for question_turn in turns)
    return replace(merged, draft=draft, rejected=tuple(rejected))


def _name_left_over(draft: Draft, left_over: Sequence[str]) -> Draft:
    questions = "」「".join(map(_format_question, left_over))
    remark = paragraph(service_message("left_over", questions=questions))
    status = Status.PARTIAL if draft.status is Status.ANSWERED else draft.status
    return replace(draft, parts=(*draft.parts, remark), status=status)


def _with_day_notice(turn: Turn) -> Turn:
    day = turn.query.scope.day if turn.query else None
    if day is None or turn.draft is None:
        return turn
    notice = paragraph(service_message("for_day", date=day.iso_text(turn.effective_day)))
    return replace(turn, draft=replace(turn.draft, notices=(notice, *turn.draft.notices)))


def _merge_drafts(turns: Sequence[Turn]) -> Draft:
    drafts = [question_turn.draft or Draft() for question_turn in turns]
    answers = list[MergedAnswer]()
    sources = list[Source]()
    for grouped in _fit_drafts(turns):
        answers.append(_merged_answer(grouped, source_count=len(sources)))
        days = {answered.query.scope.as_of for answered in grouped.turns if answered.query}
        sources += [replace(source, as_of=min(days, default=None)) for source in grouped.shown_draft().sources]
    parts, cited_sources = _drop_uncited(lay_out(answers), sources)
    is_cited = any(draft.status in CITED for draft in drafts)
    suggestions = interleave([draft.suggestions for draft in (drafts if is_cited else drafts[:1])], str)
    questions = {question_turn.texts.searched for question_turn in turns}
    return Draft(
        parts=parts,
        sources=cited_sources,
        status=_merged_status([draft.status for draft in drafts]),
        subject=drafts[-1].subject,
        generator=min((draft.generator for draft in drafts), key=_generator_rank),
        suggestions=tuple(suggestion for suggestion in suggestions if suggestion not in questions)[:_MAX_SUGGESTIONS],
        notices=tuple(dict.fromkeys(notice for draft in drafts for notice in draft.notices)),
        nearest=interleave([draft.nearest for draft in drafts], lambda source: source.passage.id)[:_MAX_SUGGESTIONS],
    )


def _merged_answer(grouped: "_GroupedDraft", source_count: int) -> MergedAnswer:
    draft = grouped.shown_draft()
    first_number = next((min(numbers) for numbers in map(cited_numbers, draft.parts) if numbers), 0)
    return MergedAnswer(
        questions=tuple(_format_question(_shown_question(answered)) for answered in grouped.turns),
        status=draft.status,
        parts=tuple(renumber_citations(part, partial(add, source_count)) for part in draft.parts),
        language=_language(grouped.turns[0]),
        passage_id=draft.sources[first_number - 1].passage.id if first_number else "",
    )


def _merged_status(statuses: Sequence[Status]) -> Status:
    if all(status is Status.ANSWERED for status in statuses):
        return Status.ANSWERED
    return Status.PARTIAL if any(status in CITED for status in statuses) else statuses[0]


def _drop_uncited(parts: Sequence[Part], sources: Sequence[Source]) -> tuple[tuple[Part, ...], tuple[Source, ...]]:
    cited = sorted(frozenset().union(*map(cited_numbers, parts)))
    new_numbers = {number: position for position, number in enumerate(cited, 1)}
    renumbered = tuple(renumber_citations(part, new_numbers.__getitem__) for part in parts)
    return renumbered, tuple(sources[number - 1] for number in cited)


def _shown_question(turn: Turn) -> str:
    return turn.texts.as_written or turn.texts.understood or turn.texts.searched


def _generator_rank(name: str) -> int:
    """Return the position in _GENERATOR_ORDER; language models come first."""
    return _GENERATOR_ORDER.index(name) if name in _GENERATOR_ORDER else -1


@dataclass(slots=True)
class _GroupedDraft:
    """A draft with the turns that it answers, and how much of it is shown.

    Attributes:
        turns: the neighbouring turns that have this draft.
        draft: their draft.
        places: its parts before the first place, then those of each place.
        lengths: the length of each of these groups of parts in characters.
        shown_count: the number of groups that are shown.
    """

    turns: list[Turn]
    draft: Draft
    places: list[list[Part]]
    lengths: list[int]
    shown_count: int

    @classmethod
    def of(cls, draft: Draft, turns: list[Turn]) -> Self:
        places = _group_by_place(draft.parts)
        query = turns[0].query
        is_comparison = bool(query and query.scope.required)
        return cls(
            turns=turns,
            draft=draft,
            places=places,
            lengths=_lengths(places, _language(turns[0])),
            shown_count=len(places) if is_comparison else min(_FIRST_GROUPS, len(places)),
        )

    @property
    def shown_length(self) -> int:
        return sum(self.lengths[: self.shown_count])

    def shown_draft(self) -> Draft:
        if self.shown_count == len(self.places):
            return self.draft
        parts = tuple(chain.from_iterable(self.places[: self.shown_count]))
        last_number = max((number for part in parts for number in cited_numbers(part)), default=0)
        return replace(self.draft, parts=parts, sources=self.draft.sources[:last_number])


def _fit_drafts(turns: Sequence[Turn]) -> list[_GroupedDraft]:
    """Return the drafts with the turns that they answer; equal neighbouring drafts are shown once.

    Each draft keeps its first place, or both sides of a comparison; further places are added in turn while they fit.
    """
    answered = [(question_turn.draft, question_turn) for question_turn in turns if question_turn.draft]
    groups = [[*pairs] for _, pairs in groupby(answered, lambda pair: (pair[0].parts, pair[0].sources))]
    drafts = [_GroupedDraft.of(pairs[0][0], [question_turn for _, question_turn in pairs]) for pairs in groups]
    remaining_length = MAX_LENGTH - sum(draft.shown_length for draft in drafts)
    most_places = max((len(draft.places) for draft in drafts), default=0)
    for position in range(_FIRST_GROUPS, most_places):
        for draft in drafts:
            is_next = draft.shown_count == position < len(draft.places)
            if is_next and draft.lengths[position] <= remaining_length:
                draft.shown_count += 1
                remaining_length -= draft.lengths[position]
    return drafts


def _group_by_place(parts: Sequence[Part]) -> list[list[Part]]:
    groups: list[list[Part]] = [[]]
    for part in parts:
        if (isinstance(part, Excerpt) and not part.is_preceding) or (isinstance(part, TableRows) and part.lines):
            groups.append([])
        groups[-1].append(part)
    return groups


def _lengths(places: Sequence[Sequence[Part]], language: str) -> list[int]:
    texts = [render_text(parts, language) for parts in places]
    lengths = [len(text) + len(_GAP) if text else 0 for text in texts]
    if texts[-1]:
        lengths[-1] -= len(_GAP)
    return lengths


def _format_question(text: str) -> str:
    return nest_quotes(" ".join(mask_personal_data(text).split()))


def _language(turn: Turn) -> str:
    if turn.question.style == "easy":
        return "easy"
    return turn.query.answer_language if turn.query else JAPANESE
