"""Merges the answers to several questions of one message into one answer."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from itertools import chain, groupby
from operator import add

from bot.languages import nest_quotes
from bot.merging.merged_layout import MAX_LENGTH, MergedAnswer, lay_out
from bot.merging.merged_turns import merge_turns
from bot.privacy.personal import mask_personal_data
from bot.question.language import JAPANESE
from bot.rendering.text import render_text
from bot.retrieval.retrieve import interleave
from bot.splitting.question_turns import MAX_QUESTIONS
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
    message,
    paragraph,
    renumber_citations,
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

    The status is answered where all are and partial where some are. Questions `left_over` are named with what to do. A
    notice says which day was named in a question.
    """
    turns = [_with_day_notice(question_turn) for question_turn in turns]
    merged = merge_turns(turn, turns)
    draft = _merge_drafts(turns) if turns[1:] else merged.draft
    if draft and left_over:
        draft = _name_left_over(draft, left_over)
    return replace(merged, draft=draft, rejected=tuple(one for each in turns for one in each.rejected))


def _name_left_over(draft: Draft, left_over: Sequence[str]) -> Draft:
    named = "」「".join(_format_question(one) for one in left_over)
    rest = paragraph(message("left_over", questions=named, most=str(MAX_QUESTIONS)))
    status = Status.PARTIAL if draft.status is Status.ANSWERED else draft.status
    return replace(draft, parts=(*draft.parts, rest), status=status)


def _with_day_notice(turn: Turn) -> Turn:
    """Return the turn with a notice of the day in its question."""
    day = turn.query.scope.day if turn.query else None
    if day is None or turn.draft is None:
        return turn
    notice = paragraph(message("for_day", date=day.iso_text(turn.effective_day)))
    return replace(turn, draft=replace(turn.draft, notices=(notice, *turn.draft.notices)))


def _merge_drafts(turns: Sequence[Turn]) -> Draft:
    drafts = [question_turn.draft or Draft() for question_turn in turns]
    answers, sources = list[MergedAnswer](), list[Source]()
    for answered_turns, draft in _fit_drafts(turns):
        questions = tuple(_format_question(_own_words(answered)) for answered in answered_turns)
        parts = tuple(renumber_citations(part, partial(add, len(sources))) for part in draft.parts)
        number = next((min(cited) for cited in map(cited_numbers, draft.parts) if cited), 0)
        passage_id = draft.sources[number - 1].passage.id if number else ""
        answers.append(MergedAnswer(questions, draft.status, parts, _language(answered_turns[0]), passage_id))
        days = {answered.query.scope.as_of for answered in answered_turns if answered.query}
        sources += [replace(source, as_of=min(days, default=None)) for source in draft.sources]
    is_cited = any(draft.status in CITED for draft in drafts)
    status = Status.PARTIAL if is_cited else drafts[0].status
    suggestions = interleave([draft.suggestions for draft in (drafts if is_cited else drafts[:1])], str)
    asked = {question_turn.texts.searched for question_turn in turns}
    parts, cited = _drop_uncited(lay_out(answers), sources)
    return Draft(
        parts=parts,
        sources=cited,
        status=Status.ANSWERED if all(draft.status is Status.ANSWERED for draft in drafts) else status,
        subject=drafts[-1].subject,
        generator=min((draft.generator for draft in drafts), key=_generator_rank),
        suggestions=tuple(suggestion for suggestion in suggestions if suggestion not in asked)[:_MAX_SUGGESTIONS],
        notices=tuple(dict.fromkeys(notice for draft in drafts for notice in draft.notices)),
        nearest=interleave([draft.nearest for draft in drafts], lambda source: source.passage.id)[:_MAX_SUGGESTIONS],
    )


def _drop_uncited(parts: Sequence[Part], sources: Sequence[Source]) -> tuple[tuple[Part, ...], tuple[Source, ...]]:
    """Return the parts with consecutive numbers, and the sources that they cite."""
    cited = sorted(frozenset().union(*map(cited_numbers, parts)))
    numbers = {n: position for position, n in enumerate(cited, 1)}
    renumbered = tuple(renumber_citations(part, numbers.__getitem__) for part in parts)
    return renumbered, tuple(sources[n - 1] for n in cited)


def _own_words(turn: Turn) -> str:
    return turn.texts.as_written or turn.texts.understood or turn.texts.searched


def _generator_rank(name: str) -> int:
    """Return the position in _GENERATOR_ORDER; language models come first."""
    return _GENERATOR_ORDER.index(name) if name in _GENERATOR_ORDER else -1


def _fit_drafts(turns: Sequence[Turn]) -> list[tuple[list[Turn], Draft]]:
    """Return the drafts with the turns that they answer; equal neighbouring drafts are shown once.

    Each draft keeps its first place, or both sides of a comparison; further places are added in turn while they fit.
    """
    answered = [(draft, question_turn) for question_turn in turns if (draft := question_turn.draft)]
    groups = [[*matching] for _, matching in groupby(answered, lambda pair: (pair[0].parts, pair[0].sources))]
    places = [_group_by_place(draft.parts) for (draft, _), *_ in groups]
    compared = [bool(first.query and first.query.scope.required) for (_, first), *_ in groups]
    counts = [
        len(sections) if both else min(_FIRST_GROUPS, len(sections))
        for sections, both in zip(places, compared, strict=True)
    ]
    languages = [_language(first) for (_, first), *_ in groups]
    lengths = [_lengths(sections, language) for sections, language in zip(places, languages, strict=True)]
    remaining = MAX_LENGTH - sum(sum(sections[:count]) for sections, count in zip(lengths, counts, strict=True))
    for position in range(_FIRST_GROUPS, max(map(len, places), default=0)):
        for n, sections in enumerate(lengths):
            if counts[n] == position < len(sections) and sections[position] <= remaining:
                counts[n] += 1
                remaining -= sections[position]
    return [
        (
            [question_turn for _, question_turn in group],
            _truncate_draft(group[0][0], sections[:count], complete=count == len(sections)),
        )
        for group, sections, count in zip(groups, places, counts, strict=True)
    ]


def _group_by_place(parts: Sequence[Part]) -> list[list[Part]]:
    """Return the parts before the first place, then those of each place: an excerpt or the rows of a table."""
    groups: list[list[Part]] = [[]]
    for part in parts:
        if (isinstance(part, Excerpt) and not part.is_preceding) or (isinstance(part, TableRows) and part.lines):
            groups.append([])
        groups[-1].append(part)
    return groups


def _lengths(places: Sequence[Sequence[Part]], language: str) -> list[int]:
    """Return the length of each group of parts in characters, with the empty line after it."""
    texts = [render_text(parts, language) for parts in places]
    last = len(texts) - 1
    return [len(text) + (len(_GAP) if text and i < last else 0) for i, text in enumerate(texts)]


def _truncate_draft(draft: Draft, places: Sequence[Sequence[Part]], *, complete: bool) -> Draft:
    """Return a draft with only these places and the sources that they cite."""
    if complete:
        return draft
    parts = tuple(chain.from_iterable(places))
    last = max((n for part in parts for n in cited_numbers(part)), default=0)
    return replace(draft, parts=parts, sources=draft.sources[:last])


def _format_question(text: str) -> str:
    return nest_quotes(" ".join(mask_personal_data(text).split()))


def _language(turn: Turn) -> str:
    if turn.question.style == "easy":
        return "easy"
    return turn.query.answer_language if turn.query else JAPANESE
