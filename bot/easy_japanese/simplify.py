"""Simplifies a draft sentence by sentence; a sentence whose facts would change is kept."""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import replace

from bot.easy_japanese.same_facts import find_fact_differences
from bot.easy_japanese.sentence import PARTS, simplify_sentence
from bot.state import Block, Draft, ExcerptBlock, Source, TextBlock, split_at_source_lines
from bot.verification import MARK, SourceText, check_statements, escape_marks, split_statements
from ingest.japanese.markers import ITEM_MARK
from ingest.japanese.sentences import sentences

# Characters of the first and the second place of an excerpt that are told: some four short sentences, and some two.
_ROOM = (120, 60)
_log = logging.getLogger(__name__)


def simplify_draft(draft: Draft, premises: Sequence[SourceText] | None = None, question: str = "") -> tuple[str, bool]:
    """Return a draft's text in easy words, a sentence a line, and whether a sentence had to stay as it was.

    With `premises`, each sentence in its new form must also be as well supported by them as it was.
    """
    lines: list[str] = []
    kept = False
    for sentence in _sentences(draft.text):
        easy = simplify_sentence(sentence)
        if easy != [sentence] and (problems := list(_problems(sentence, "\n".join(easy), premises, question))):
            _log.warning("やさしい日本語にすると変わってしまう文です: %s", " / ".join(problems))
            easy, kept = [sentence], True
        lines += easy
    return "\n".join(lines), kept


def truncate_excerpts(draft: Draft) -> Draft:
    """Return a draft of excerpts with what matters most of its first places: who learns the language reads slowly.

    Of each place these are the sentences around its best one, of a list all items; what was told stays its quote. The
    rest stands in the sources. Any other draft is returned as it is.
    """
    remark, pieces = "", [(b, text) for b, text in split_at_source_lines(draft.text, draft.blocks) if b or text.strip()]
    if pieces and pieces[0][0] is None:
        remark, pieces = pieces[0][1], pieces[1:]
    kept, said, sources = list[Block](), list[str](), list[Source]()
    for room, (block, text) in zip(_ROOM, pieces, strict=False):
        if not isinstance(block, ExcerptBlock) or block.n != len(sources) + 1:
            return draft
        start, end = _truncated_span(block, room)
        part = block.text[start:end].strip("\n")
        whole = len(part) >= len(block.text.strip())
        told = text.strip() if whole else f"{block.lead}\n{escape_marks(part)}[{block.n}]"
        said.append(told)
        kept.append(block if whole else block.model_copy(update={"text": part, "highlight": (0, len(part))}))
        sources.append(draft.sources[block.n - 1] if whole else Source(draft.sources[block.n - 1].passage, part))
    if not kept or len(draft.sources) < len(sources):
        return draft
    text = remark + "\n\n".join(said)
    first = [block for block in draft.blocks[:1] if isinstance(block, TextBlock)]
    return replace(draft, text=text, blocks=(*first, *kept), sources=tuple(sources))


def _truncated_span(block: ExcerptBlock, room: int) -> tuple[int, int]:
    """Return from where to where an excerpt is told: its best unit, and those around it that `room` characters hold."""
    units = list(_units(block.text))
    best = next((at for at, (_, end) in enumerate(units) if end > block.highlight[0]), 0)
    first = last = best
    while True:
        around = [at for at in (last + 1, first - 1) if 0 <= at < len(units)]
        fits = [at for at in around if units[max(last, at)][1] - units[min(first, at)][0] <= room]
        if not fits:
            return units[first][0], units[last][1]
        first, last = min(first, fits[0]), max(last, fits[0])


def _units(text: str) -> Iterator[tuple[int, int]]:
    """Yield from where to where the sentences of an excerpt stand; a list is one with the line that leads it."""
    start, end = 0, 0
    for line in text.splitlines(keepends=True):
        of_list = bool(ITEM_MARK.match(line))
        for sentence in [line] if of_list else (sentences(line) or [line]):
            if not of_list and end > start:
                yield start, end
                start = end
            end += len(sentence)
        end += 0 if of_list else len(line) - sum(map(len, sentences(line) or [line]))
    if end > start:
        yield start, end


def mark_every_sentence(draft: Draft) -> str:
    """Return a draft's text in which every sentence of an excerpt bears the mark that stands behind the whole of it.

    A sentence is simplified and checked by itself, and must tell what it stands on; so must the line that leads.
    """
    return "".join(_marked(text) if block else text for block, text in split_at_source_lines(draft.text, draft.blocks))


def _marked(text: str) -> str:
    """Return a text in which a sentence without marks bears those of the next one that has any."""
    lines, marks = list[str](), ""
    for line in reversed(text.split("\n")):
        told = ""
        for sentence in reversed(sentences(line)):
            parts = PARTS.fullmatch(sentence)
            if parts is None or MARK.search(parts["body"]):
                told = sentence + told
                continue
            marks = parts["marks"] or parts["behind"] or marks
            told = f"{parts['body']}{marks}{parts['stop']}{told}"
        lines.append(told)
    return "\n".join(reversed(lines))


def _sentences(text: str) -> Iterator[str]:
    """Yield the sentences of a text; an item of a list is one whatever it holds, and so is a line with nothing."""
    for line in text.splitlines():
        yield from [line] if ITEM_MARK.match(line) or not line.strip() else sentences(line)


def _problems(sentence: str, easy: str, premises: Sequence[SourceText] | None, question: str) -> Iterator[str]:
    """Yield what the easy form says otherwise, or says without the support that the sentence had."""
    yield from find_fact_differences(sentence, easy)
    if premises is not None:
        before = set(_unsupported(sentence, premises, question))
        yield from (problem for problem in _unsupported(easy, premises, question) if problem not in before)


def _unsupported(text: str, premises: Sequence[SourceText], question: str) -> Iterator[str]:
    said = [statement for statement in split_statements(text) if statement.cited]
    yield from (problem.message for one in check_statements(said, premises, question) for problem in one.problems)
