"""Splits a text with several questions into turns and merges their answers into one."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby, takewhile, zip_longest

from bot.conversation import has_no_subject, strip_courtesy
from bot.languages import message_text, nest_quotes
from bot.privacy.personal import mask_personal_data
from bot.question.query import JAPANESE, detect_language
from bot.question.question_splitting import find_questions, find_subjects, is_information_request
from bot.retrieval.retrieve import interleave
from bot.state import (
    Block,
    Draft,
    ExcerptBlock,
    Exchange,
    Reading,
    Source,
    Status,
    Step,
    TableBlock,
    TextBlock,
    Turn,
    split_at_source_lines,
)
from bot.verification import CITED, MARK, escape_marks

# Questions that are answered at once, suggestions of an answer, and places that are told as near.
MOST = 3
# Questions that are read to find those: some are wishes that lean on another.
_READ = 8
# Characters of the whole answer, as of that to one question: of each part its first place is shown, others as they fit.
_WHOLE = 500
# Pieces of an answer up to the end of its first place, as `cut_at_leads` cuts it.
_FIRST = 2
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
    return Exchange(turn.text, "", "", turn.draft.status if turn.draft else Status.ANSWERED, documents=documents)


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
        draft = replace(draft, notices=(*draft.notices, message_text("first_three", _language(whole))))
    return replace(whole, draft=draft)


def _merge_drafts(asked: Sequence[Turn]) -> Draft:
    drafts = [one.draft or Draft("") for one in asked]
    texts, blocks, sources = list[str](), list[Block](), list[Source]()
    for alike, draft in _fit_drafts(asked):
        lines = "\n".join(
            message_text("asked", _language(one), question=_plain(mask_personal_data(one.text))) for one in alike
        )
        texts.append(f"{lines}\n{_shift_marks(draft.text, len(sources))}")
        blocks += (TextBlock(text=lines), *_renumber_blocks(draft, len(sources)))
        days = {one.query.scope.as_of for one in alike if one.query}
        sources += [replace(source, as_of=min(days, default=None)) for source in draft.sources]
    shown = any(draft.status in CITED for draft in drafts)
    status = Status.PARTIAL if shown else drafts[0].status
    suggested = interleave([draft.suggestions for draft in (drafts if shown else drafts[:1])], str)
    return Draft(
        "\n\n".join(texts),
        tuple(sources),
        Status.ANSWERED if all(draft.status is Status.ANSWERED for draft in drafts) else status,
        drafts[-1].subject,
        min((draft.generator for draft in drafts), key=lambda one: one in _LATER and 1 + _LATER.index(one)),
        tuple(one for one in suggested if one not in {each.text for each in asked})[:MOST],
        tuple(dict.fromkeys(notice for draft in drafts for notice in draft.notices)),
        tuple(blocks),
        interleave([draft.nearest for draft in drafts], lambda one: one.passage.id)[:MOST],
        tuple(rejected for draft in drafts for rejected in draft.rejected),
    )


def _fit_drafts(asked: Sequence[Turn]) -> list[tuple[list[Turn], Draft]]:
    """Return the drafts, each with the turns that it answers: what two questions have in common is told once.

    Of each draft there is the first place, or both sides of a comparison, and of others what the whole holds, in turns.
    """
    told = [(draft, one) for one in asked if (draft := one.draft)]
    groups = [[*alike] for _, alike in groupby(told, lambda pair: (pair[0].text, pair[0].sources))]
    cut = [split_at_source_lines(draft.text, draft.blocks) for (draft, _), *_ in groups]
    compared = [bool(one.query and one.query.scope.compared) for (_, one), *_ in groups]
    kept = [pieces[: None if whole else _FIRST] for pieces, whole in zip(cut, compared, strict=True)]
    left = _WHOLE - sum(len(text) for pieces in kept for _, text in pieces)
    for further in zip_longest(*(pieces[_FIRST:] for pieces in cut)):
        for pieces, own, piece in zip(cut, kept, further, strict=True):
            if piece and len(own) < len(pieces) and pieces[len(own)] is piece and len(piece[1]) <= left:
                own.append(piece)
                left -= len(piece[1])
    return [
        ([one for _, one in group], _truncate_draft(group[0][0], pieces, len(own)))
        for group, pieces, own in zip(groups, cut, kept, strict=True)
    ]


def _truncate_draft(draft: Draft, pieces: Sequence[tuple[Block | None, str]], many: int) -> Draft:
    """Return a draft up to the first `many` of its `pieces`."""
    if many == len(pieces):
        return draft
    text, end = "".join(text for _, text in pieces[:many]).rstrip(), pieces[many][0]
    blocks = tuple(takewhile(lambda block: block is not end, draft.blocks))
    return replace(draft, text=text, blocks=blocks, sources=draft.sources[: max(map(int, MARK.findall(text)))])


def _renumber_blocks(draft: Draft, by: int) -> list[Block]:
    return [_renumber_block(block, by) for block in draft.blocks or (TextBlock(text=draft.text),)]


def _renumber_block(block: Block, by: int) -> Block:
    if isinstance(block, ExcerptBlock):
        return block.model_copy(update={"n": block.n + by})
    if isinstance(block, TableBlock):
        return block.model_copy(update={"cited": tuple(n + by for n in block.cited)})
    return TextBlock(text=_shift_marks(block.text, by))


def _shift_marks(text: str, by: int) -> str:
    return MARK.sub(lambda mark: f"[{int(mark[1]) + by}]", text)


def _plain(question: str) -> str:
    return escape_marks(nest_quotes(" ".join(question.split())))


def _language(turn: Turn) -> str:
    return turn.query.answer_language if turn.query else JAPANESE
