"""Merges the turns and the answers of several questions of one message into one."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain, groupby
from operator import add

from bot.answering.languages import nest_quotes
from bot.answering.rendering.answer_text import render_text
from bot.answering.rendering.snippet import MAX_HEAD_LENGTH
from bot.answering.retrieval.retrieve import interleave
from bot.answering.state import (
    CITED,
    AskedQuestions,
    Draft,
    Excerpt,
    Paragraph,
    Part,
    QuestionTexts,
    Relevance,
    ServiceMessage,
    Source,
    Statement,
    Status,
    Turn,
    cited_numbers,
    paragraph,
    renumber_citations,
    service_message,
)
from bot.answering.state.length_budget import MAX_ANSWER_LENGTH
from bot.answering.state.query import JAPANESE

# Suggestions and related passages of one answer.
_MAX_SUGGESTIONS = 3
# Refusals that only say that nothing was found, as the line of the question does.
_PLAIN_REFUSALS = frozenset({"nothing", "nothing_in", "unclear"})


@dataclass(frozen=True, slots=True)
class _Section:
    questions: tuple[str, ...]
    status: Status
    parts: tuple[Part, ...]
    is_extractive: bool

    @property
    def head(self) -> AskedQuestions:
        return AskedQuestions(self.questions, (self.status.value,) * len(self.questions))

    @property
    def messages(self) -> tuple[ServiceMessage, ...]:
        first = self.parts[0] if self.parts and self.status is Status.NO_ANSWER else None
        sentences = first.sentences if isinstance(first, Paragraph) else ()
        return tuple(sentence for sentence in sentences if isinstance(sentence, ServiceMessage))

    def body(self) -> tuple[Part, ...]:
        if self.status is Status.NO_ANSWER:
            return tuple(paragraph(message) for message in self.messages[:1] if message.key not in _PLAIN_REFUSALS)
        return self.parts

    def first_place(self) -> tuple[Part, ...]:
        parts = [part for part in self.body() if not _is_preceding(part, min_length=MAX_HEAD_LENGTH + 1)]
        ends = (end for end, part in enumerate(parts, 1) if isinstance(part, Excerpt))
        end = next(ends, len(parts))
        return tuple(parts[: end + 1 if end < len(parts) and _is_preceding(parts[end]) else end])

    def answering_sentence(self) -> tuple[Part, ...]:
        first_place = self.first_place()
        part = next((part for part in first_place if cited_numbers(part)), None)
        if isinstance(part, Excerpt):
            headings = first_place[: first_place.index(part)]
            start, end = part.highlight
            sentence = replace(part, text=part.text[start:end].strip() or part.text, highlight=(0, end - start))
            return (*headings, sentence, *filter(_is_preceding, first_place))
        if isinstance(part, Paragraph):
            statement = next(one for one in part.sentences if isinstance(one, Statement) and one.cited)
            return (Paragraph((statement,)),)
        return first_place


def _is_preceding(part: Part, min_length: int = 0) -> bool:
    return isinstance(part, Excerpt) and part.is_preceding and len(part.text) >= min_length


def _merge_texts(all_texts: Sequence[QuestionTexts]) -> QuestionTexts:
    has_follow_up = any(texts.typed_follow_up for texts in all_texts)
    typed = [(texts.typed_follow_up or texts.searched).text for texts in all_texts] if has_follow_up else []
    understood = [" ".join((texts.understood or texts.searched).text.split()) for texts in all_texts]
    wording = all_texts[0].searched.with_text
    return QuestionTexts(
        searched=wording("\n".join(texts.searched.text for texts in all_texts)),
        understood=wording("\n".join(understood)),
        typed_follow_up=wording("\n".join(typed)),
        proposed=tuple(text for texts in all_texts for text in texts.proposed),
    )


def merge_turns(message: Turn, turns: Sequence[Turn]) -> Turn:
    """Return one turn with the texts, names and passages of the questions of a message, the best of each in turn."""
    merged, *others = turns
    if not others:
        return merged
    return replace(
        merged,
        texts=_merge_texts([turn.texts for turn in turns]),
        town=turns[-1].town,
        history=message.history,
        questions=tuple(question for turn in turns for question in turn.question_turns),
        searched_names=tuple(dict.fromkeys(name for turn in turns for name in turn.searched_names)),
        hits=interleave([turn.hits for turn in turns], lambda hit: hit.passage.id),
        absent=tuple(dict.fromkeys(name for turn in turns for name in turn.absent)),
        relevance=_merge_relevances([turn.relevance for turn in turns if turn.relevance]),
        curated=_merge_relevances([turn.curated for turn in turns]) or merged.curated,
    )


def _merge_relevances(relevances: Sequence[Relevance]) -> Relevance | None:
    if not relevances:
        return None
    passages, selected = (
        interleave([getattr(relevance, field) for relevance in relevances], lambda scored: scored.hit.passage.id)
        for field in ("passages", "selected")
    )
    statuses = {relevance.status for relevance in relevances}
    status = relevances[0].status if len(statuses) == 1 else Status.PARTIAL
    return Relevance(passages, max(relevance.confidence for relevance in relevances), selected, status=status)


def join_questions(message: Turn, turns: Sequence[Turn], left_over: Sequence[str]) -> Turn:
    """Return one turn that asks all questions of a message, also those `left_over`, for a model that reads it whole."""
    joined = replace(merge_turns(message, turns), draft=None)
    searched = joined.texts.searched
    joined = joined.with_searched_text("\n".join((searched.text, *left_over)))
    queries = [turn.query for turn in turns if turn.query]
    if not queries:
        return joined
    latest = max((query.scope for query in queries), key=lambda scope: scope.as_of)
    allowed = frozenset[str]().union(*(query.scope.allowed for query in queries))
    return replace(joined, query=replace(queries[0], scope=replace(latest, allowed=allowed)))


def merge_answers(turn: Turn, turns: Sequence[Turn], left_over: Sequence[str] = ()) -> Turn:
    """Return the turn with one draft for all questions, each answer under its question, citations renumbered.

    The status is answered if all questions are, and partial if some are. Questions `left_over` are named with what to
    do.
    """
    merged = merge_turns(turn, turns)
    draft = _merge_drafts(turns) if len(turns) > 1 else merged.draft
    if draft and left_over:
        questions = "」「".join(map(_format_question, left_over))
        remark = paragraph(service_message("left_over", questions=questions))
        status = Status.PARTIAL if draft.status is Status.ANSWERED else draft.status
        draft = replace(draft, parts=(*draft.parts, remark), status=status)
    rejected = chain.from_iterable(question_turn.rejected for question_turn in turns)
    return replace(merged, draft=draft, rejected=tuple(rejected))


def _merge_drafts(turns: Sequence[Turn]) -> Draft:
    drafts = [question_turn.draft or Draft() for question_turn in turns]
    parts, sources = _lay_out(turns)
    is_cited = any(draft.status in CITED for draft in drafts)
    is_answered = all(draft.status is Status.ANSWERED for draft in drafts)
    status = Status.ANSWERED if is_answered else Status.PARTIAL if is_cited else drafts[0].status
    suggestions = interleave([draft.suggestions for draft in (drafts if is_cited else drafts[:1])], str)
    questions = {question_turn.texts.searched.text for question_turn in turns}
    return Draft(
        parts=parts,
        sources=sources,
        status=status,
        subject=drafts[-1].subject,
        # A language model is named before staff, staff before excerpts.
        generator=max(drafts, key=lambda draft: (not draft.is_extractive, not draft.is_curated)).generator,
        suggestions=tuple(suggestion for suggestion in suggestions if suggestion not in questions)[:_MAX_SUGGESTIONS],
        notices=tuple(dict.fromkeys(notice for draft in drafts for notice in draft.notices)),
        nearest=interleave([draft.nearest for draft in drafts], lambda source: source.passage.id)[:_MAX_SUGGESTIONS],
    )


def _lay_out(turns: Sequence[Turn]) -> tuple[tuple[Part, ...], tuple[Source, ...]]:
    sections = list[_Section]()
    sources = list[Source]()
    answered = [(turn.draft, turn) for turn in turns if turn.draft]
    for _, group in groupby(answered, lambda pair: (pair[0].parts, pair[0].sources)):
        draft, *_ = (pairs := [*group])[0]
        sections.append(
            _Section(
                tuple(
                    _format_question((turn.texts.as_written or turn.texts.understood or turn.texts.searched).masked)
                    for _, turn in pairs
                ),
                draft.status,
                tuple(renumber_citations(part, partial(add, len(sources))) for part in draft.parts),
                draft.is_extractive,
            )
        )
        as_of = min((turn.query.scope.as_of for _, turn in pairs if turn.query), default=None)
        sources += [replace(source, as_of=as_of) for source in draft.sources]
    parts: tuple[Part, ...] = ()
    advice = max((section.messages[1:] for section in sections), key=len, default=())
    for shown in (_Section.body, _Section.first_place, _Section.answering_sentence):
        # Only quotes are shortened: what a model or staff wrote is whole.
        bodies = (shown(section) if section.is_extractive else section.body() for section in sections)
        parts = tuple(part for section, body in zip(sections, bodies, strict=True) for part in (section.head, *body))
        parts += (paragraph(*advice),) if advice else ()
        if len(render_text(parts, _language(turns[-1]))) <= MAX_ANSWER_LENGTH:
            break
    cited = sorted(frozenset().union(*map(cited_numbers, parts)))
    new_numbers = {number: position for position, number in enumerate(cited, 1)}
    renumbered = tuple(renumber_citations(part, new_numbers.__getitem__) for part in parts)
    return renumbered, tuple(sources[number - 1] for number in cited)


def _format_question(text: str) -> str:
    return nest_quotes(" ".join(text.split()))


def _language(turn: Turn) -> str:
    if turn.question.style == "easy":
        return "easy"
    return turn.query.answer_language if turn.query else JAPANESE
