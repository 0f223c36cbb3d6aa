"""Splits a text with several questions into turns and merges their answers into one."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import chain, groupby

from bot.conversation import has_no_subject, strip_courtesy
from bot.languages import nest_quotes
from bot.privacy.personal import mask_personal_data
from bot.question.query import JAPANESE, detect_language
from bot.question.question_splitting import find_questions, find_subjects, is_information_request
from bot.retrieval.retrieve import interleave
from bot.state import (
    AskedQuestions,
    Draft,
    Excerpt,
    Exchange,
    Part,
    Reading,
    Source,
    Status,
    Step,
    TableRows,
    Turn,
    cited_numbers,
    message,
    paragraph,
    shift_citations,
)
from bot.verification import CITED, render_text

# Questions answered at once, and suggestions and related passages of one answer.
MAX_QUESTIONS = 3
# Questions parsed; some of them turn out to belong to another.
_MAX_PARSED = 8
# As long as a single answer (bot/answers/length_budget.py).
_MAX_ANSWER_LENGTH = 500
# Groups that are always kept: the parts before the first place, and that place.
_FIRST_GROUPS = 2
_GAP = "\n\n"
# The generator named for a merged answer: a language model before staff, staff before excerpts.
_GENERATOR_ORDER = ("curated", "extractive")


def split_questions(turn: Turn, with_context: Step) -> list[Turn]:
    """Return one turn per question of the text, at most `MAX_QUESTIONS`, each completed from those before it.

    A request that completes the question before it is merged into it, and a repeated question is dropped. Where all
    following questions depend on the first, the text stays one question.
    """
    parts, questions, context = _split_turn(turn)[:_MAX_PARSED], list[Turn](), list[Turn]()
    for part in parts:
        completed = with_context(with_history(context, part))
        if questions and completed.typed and is_information_request(part.text):
            questions[-1] = replace(questions[-1], text=questions[-1].text + part.text)
        elif questions and completed.text == context[-1].text:
            questions[-1] = replace(questions[-1], question=completed.question)
        else:
            parts_of_completed = _split_turn(completed)  # もう一度 after several questions
            questions, context = [*questions, *parts_of_completed], [*context, *parts_of_completed]
    is_one_question = parts[1:] and all(question_turn.typed for question_turn in questions[1:])
    return [with_context(turn)] if is_one_question else questions[:MAX_QUESTIONS]


def _split_turn(turn: Turn) -> list[Turn]:
    """Return one turn per question; the turn itself for a single question or other languages.

    Text without a subject (もしもし、聞こえますか) is joined to the question after it.
    """
    is_japanese = {detect_language(turn.text), turn.question.language or JAPANESE} == {JAPANESE}
    parts = find_questions(turn.text) if is_japanese and turn.draft is None else ()
    texts, pending = list[str](), ""
    for part in parts:
        pending += part
        if part is parts[-1] or not has_no_subject(part) or texts:
            texts.append(pending)
            pending = ""
    return [replace(turn, text=strip_courtesy(text)) for text in texts] if texts[1:] else [turn]


def with_history(earlier: Sequence[Turn], turn: Turn) -> Turn:
    """Return the turn with `earlier` turns of the same text added to its history."""
    return replace(turn, history=(*turn.history, *map(_exchange, earlier))) if earlier else turn


def _exchange(turn: Turn) -> Exchange:
    scope = turn.query.scope if turn.query else None
    documents = (scope.named or scope.preferred) if scope else frozenset[str]()
    status = turn.draft.status if turn.draft else Status.ANSWERED
    return Exchange(understood=turn.text, subject="", parts=(), status=status, documents=documents)


def merge_turns(turn: Turn, turns: Sequence[Turn]) -> Turn:
    """Return one turn for several questions, one per line, with their hits and passages interleaved."""
    first, *others = turns
    if not others:
        return first
    readings = [question_turn.reading for question_turn in turns if question_turn.reading]
    passages = interleave([reading.passages for reading in readings], lambda scored: scored.hit.passage.id)
    return replace(
        first,
        text="\n".join(question_turn.text for question_turn in turns),
        history=turn.history,
        typed=_merge_typed(turns),
        alternative_text="",
        alternative_query=None,
        proposed_texts=tuple(text for question_turn in turns for text in question_turn.proposed_texts),
        hits=interleave([question_turn.hits for question_turn in turns], lambda hit: hit.passage.id),
        reading=Reading(passages, max(reading.confidence for reading in readings)) if readings else None,
        draft=None,
    )


def _merge_typed(turns: Sequence[Turn]) -> str:
    has_follow_up = any(question_turn.typed for question_turn in turns)
    return "\n".join(question_turn.typed or question_turn.text for question_turn in turns) if has_follow_up else ""


def merge_answers(turn: Turn, turns: Sequence[Turn]) -> Turn:
    """Return the turn with one draft for all questions, each answer under its question, citations renumbered.

    The status is answered where all are and partial where some are. A notice says when further questions were left out,
    and another which day was named in a question.
    """
    turns = [_with_day_notice(question_turn) for question_turn in turns]
    merged = merge_turns(turn, turns)
    draft = _merge_drafts(turns) if turns[1:] else merged.draft
    if draft and turns[1:] and max(len(find_questions(turn.text)), len(find_subjects(turn.text))) > MAX_QUESTIONS:
        draft = replace(draft, notices=(*draft.notices, paragraph(message("first_three"))))
    return replace(merged, draft=draft, rejected=tuple(one for each in turns for one in each.rejected))


def _with_day_notice(turn: Turn) -> Turn:
    """Return the turn with a notice of the day in its question."""
    day = turn.query.scope.day if turn.query else None
    if day is None or turn.draft is None:
        return turn
    notice = paragraph(message("for_day", date=day.written(turn.day)))
    return replace(turn, draft=replace(turn.draft, notices=(notice, *turn.draft.notices)))


def _merge_drafts(turns: Sequence[Turn]) -> Draft:
    drafts = [question_turn.draft or Draft() for question_turn in turns]
    parts, sources = list[Part](), list[Source]()
    for answered_turns, draft in _fit_drafts(turns):
        parts.append(AskedQuestions(tuple(_format_question(answered.text) for answered in answered_turns)))
        parts += [shift_citations(part, len(sources)) for part in draft.parts]
        days = {answered.query.scope.as_of for answered in answered_turns if answered.query}
        sources += [replace(source, as_of=min(days, default=None)) for source in draft.sources]
    is_cited = any(draft.status in CITED for draft in drafts)
    status = Status.PARTIAL if is_cited else drafts[0].status
    suggestions = interleave([draft.suggestions for draft in (drafts if is_cited else drafts[:1])], str)
    asked = {question_turn.text for question_turn in turns}
    return Draft(
        parts=tuple(parts),
        sources=tuple(sources),
        status=Status.ANSWERED if all(draft.status is Status.ANSWERED for draft in drafts) else status,
        subject=drafts[-1].subject,
        generator=min((draft.generator for draft in drafts), key=_generator_rank),
        suggestions=tuple(suggestion for suggestion in suggestions if suggestion not in asked)[:MAX_QUESTIONS],
        notices=tuple(dict.fromkeys(notice for draft in drafts for notice in draft.notices)),
        nearest=interleave([draft.nearest for draft in drafts], lambda source: source.passage.id)[:MAX_QUESTIONS],
    )


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
    compared = [bool(first.query and first.query.scope.compared) for (_, first), *_ in groups]
    counts = [
        len(sections) if both else min(_FIRST_GROUPS, len(sections))
        for sections, both in zip(places, compared, strict=True)
    ]
    languages = [_language(first) for (_, first), *_ in groups]
    lengths = [_lengths(sections, language) for sections, language in zip(places, languages, strict=True)]
    remaining = _MAX_ANSWER_LENGTH - sum(sum(sections[:count]) for sections, count in zip(lengths, counts, strict=True))
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
        if isinstance(part, Excerpt) or (isinstance(part, TableRows) and part.lines):
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
