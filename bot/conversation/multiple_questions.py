"""Splits a text with several questions into turns and merges their answers into one."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby

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

# Questions that are answered at once, suggestions of an answer, and places that are told as near.
MOST = 3
# Questions that are read to find those: some are wishes that lean on another.
_READ = 8
# Characters of the whole answer, as of that to one question: of each part its first place is shown, others as they fit.
_WHOLE = 500
# Groups of parts up to the end of the first place: those before it, and the place itself.
_FIRST = 2
_GAP = "\n\n"
# Who is named as having written an answer of several parts: a language model before staff, both before nobody.
_LATER = ("curated", "extractive")


def split_questions(turn: Turn, made_whole: Step) -> list[Turn]:
    """Return a turn for each question of a turn's text, the first three, each `made_whole` behind those before it.

    A wish that leans on the question before it tells what that wants, and is no question of its own, nor is one that is
    that question once more. Where all lean on the first they are of one subject, and stay one question.
    """
    parts, asked, leaned_on = _split_turn(turn)[:_READ], list[Turn](), list[Turn]()
    for typed in parts:
        whole = made_whole(with_history(leaned_on, typed))
        if asked and whole.typed and is_information_request(typed.text):
            asked[-1] = replace(asked[-1], text=asked[-1].text + typed.text)
        elif asked and whole.text == leaned_on[-1].text:
            asked[-1] = replace(asked[-1], question=whole.question)
        else:
            again = _split_turn(whole)  # もう一度, behind several
            asked, leaned_on = [*asked, *again], [*leaned_on, *again]
    of_one = parts[1:] and all(one.typed for one in asked[1:])
    return [made_whole(turn)] if of_one else asked[:MOST]


def _split_turn(turn: Turn) -> list[Turn]:
    """Return a turn for each question of a turn's text; the turn itself where it asks one, or not in Japanese.

    What asks for nothing (もしもし、聞こえますか) goes with the question behind it.
    """
    speaks_japanese = {detect_language(turn.text), turn.question.language or JAPANESE} == {JAPANESE}
    parts = find_questions(turn.text) if speaks_japanese and turn.draft is None else ()
    asked, told = list[str](), ""
    for part in parts:
        told += part
        if part is parts[-1] or not has_no_subject(part) or asked:
            asked.append(told)
            told = ""
    return [replace(turn, text=strip_courtesy(one)) for one in asked] if asked[1:] else [turn]


def with_history(asked: Sequence[Turn], turn: Turn) -> Turn:
    """Return a turn behind those that were `asked` before it in the same breath."""
    return replace(turn, history=(*turn.history, *map(_exchange, asked))) if asked else turn


def _exchange(turn: Turn) -> Exchange:
    scope = turn.query.scope if turn.query else None
    documents = (scope.named or scope.preferred) if scope else frozenset[str]()
    return Exchange(turn.text, "", (), turn.draft.status if turn.draft else Status.ANSWERED, documents=documents)


def merge_turns(turn: Turn, asked: Sequence[Turn]) -> Turn:
    """Return all that was `asked` in one breath as one turn, a line a question: what each found is taken in turns."""
    first, *others = asked
    if not others:
        return first
    read = [one.reading for one in asked if one.reading]
    passages = interleave([reading.passages for reading in read], lambda one: one.hit.passage.id)
    return replace(
        first,
        text="\n".join(one.text for one in asked),
        history=turn.history,
        typed="\n".join(one.typed or one.text for one in asked) if any(one.typed for one in asked) else "",
        alternative_text="",
        alternative_query=None,
        hits=interleave([one.hits for one in asked], lambda hit: hit.passage.id),
        reading=Reading(passages, max(reading.confidence for reading in read)) if read else None,
        draft=None,
    )


def merge_answers(turn: Turn, asked: Sequence[Turn]) -> Turn:
    """Return the turn with one draft of all that was `asked`, each under its question, their citations numbered on.

    It is answered where all are, and partial where some are; what is asked beyond the first three is said to be left.
    """
    whole = merge_turns(turn, asked)
    draft = _merge_drafts(asked) if asked[1:] else whole.draft
    if draft and asked[1:] and max(len(find_questions(turn.text)), len(find_subjects(turn.text))) > MOST:
        draft = replace(draft, notices=(*draft.notices, paragraph(message("first_three"))))
    return replace(whole, draft=draft)


def _merge_drafts(turns: Sequence[Turn]) -> Draft:
    drafts = [one.draft or Draft() for one in turns]
    parts, sources = list[Part](), list[Source]()
    for alike, draft in _fit_drafts(turns):
        parts.append(AskedQuestions(tuple(_format_question(one.text) for one in alike)))
        parts += [shift_citations(part, len(sources)) for part in draft.parts]
        days = {one.query.scope.as_of for one in alike if one.query}
        sources += [replace(source, as_of=min(days, default=None)) for source in draft.sources]
    is_cited = any(draft.status in CITED for draft in drafts)
    status = Status.PARTIAL if is_cited else drafts[0].status
    suggestions = interleave([draft.suggestions for draft in (drafts if is_cited else drafts[:1])], str)
    return Draft(
        tuple(parts),
        tuple(sources),
        Status.ANSWERED if all(draft.status is Status.ANSWERED for draft in drafts) else status,
        drafts[-1].subject,
        min((draft.generator for draft in drafts), key=lambda one: one in _LATER and 1 + _LATER.index(one)),
        tuple(one for one in suggestions if one not in {each.text for each in turns})[:MOST],
        tuple(dict.fromkeys(notice for draft in drafts for notice in draft.notices)),
        interleave([draft.nearest for draft in drafts], lambda one: one.passage.id)[:MOST],
        tuple(rejected for draft in drafts for rejected in draft.rejected),
    )


def _fit_drafts(turns: Sequence[Turn]) -> list[tuple[list[Turn], Draft]]:
    """Return the drafts, each with the turns that it answers: what two questions have in common is shown once.

    Of each draft there is the first place, or both sides of a comparison, and of others what fits, in turns.
    """
    answered = [(draft, one) for one in turns if (draft := one.draft)]
    groups = [[*alike] for _, alike in groupby(answered, lambda pair: (pair[0].parts, pair[0].sources))]
    places = [_group_by_place(draft.parts) for (draft, _), *_ in groups]
    compared = [bool(one.query and one.query.scope.compared) for (_, one), *_ in groups]
    counts = [len(of) if both else min(_FIRST, len(of)) for of, both in zip(places, compared, strict=True)]
    languages = [_language(one) for (_, one), *_ in groups]
    lengths = [_lengths(of, language) for of, language in zip(places, languages, strict=True)]
    left = _WHOLE - sum(sum(of[:count]) for of, count in zip(lengths, counts, strict=True))
    for at in range(_FIRST, max(map(len, places), default=0)):
        for n, of in enumerate(lengths):
            if counts[n] == at < len(of) and of[at] <= left:
                counts[n] += 1
                left -= of[at]
    return [
        ([one for _, one in group], _truncate_draft(group[0][0], of[:count], complete=count == len(of)))
        for group, of, count in zip(groups, places, counts, strict=True)
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
    """Return the characters of each group of parts, with the empty line after it."""
    texts = [render_text(of, language) for of in places]
    last = len(texts) - 1
    return [len(text) + (len(_GAP) if text and at < last else 0) for at, text in enumerate(texts)]


def _truncate_draft(draft: Draft, places: Sequence[Sequence[Part]], *, complete: bool) -> Draft:
    """Return a draft with these of its places and the sources that they name."""
    if complete:
        return draft
    parts = tuple(part for of in places for part in of)
    last = max((n for part in parts for n in cited_numbers(part)), default=0)
    return replace(draft, parts=parts, sources=draft.sources[:last])


def _format_question(text: str) -> str:
    return nest_quotes(" ".join(mask_personal_data(text).split()))


def _language(turn: Turn) -> str:
    if turn.question.style == "easy":
        return "easy"
    return turn.query.answer_language if turn.query else JAPANESE
