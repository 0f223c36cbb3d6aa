"""Simplifies one sentence and repeats its sources on each part."""

from collections.abc import Sequence
from dataclasses import replace

from bot.easy_japanese.clause_splitting import split_clauses
from bot.easy_japanese.phrases import replace_phrases, split_by_form
from bot.easy_japanese.polite import to_polite_form
from bot.easy_japanese.wording import replace_hard_words
from bot.state import Statement

_STOPS = ("。", "！", "？", "!", "?")
# An answer in one word states nothing by itself and needs no source.
_YES_OR_NO = {"はい", "いいえ"}


def simplify_sentence(sentence: Sequence[Statement], *, cited: bool = True) -> list[list[Statement]]:
    """Return `sentence` as one or several sentences in easy words; unchanged where there is nothing to simplify.

    A sentence of several statements is not split, because it is unknown which source supports which part. With `cited`,
    neither is a sentence without sources, such as one that introduces a list.
    """
    *before, last = sentence
    if last.text.endswith(_STOPS) and not last.end:
        if last.cited:
            return [[*sentence]]
        last = replace(last, text=last.text[:-1], end=last.text[-1])
    stop = last.end.strip()
    is_one_piece = bool(before) or (cited and not last.cited) or stop not in {"", "。"}
    bodies = (
        [last.text] if is_one_piece else [part for piece in split_by_form(last.text) for part in split_clauses(piece)]
    )
    easy = [_end_politely(_replace_words(body), closed=bool(stop)) for body in bodies]
    sentences = [[replace(last, text=body, cited=() if body in _YES_OR_NO else last.cited, end=stop)] for body in easy]
    sentences[0] = [*(replace(statement, text=_replace_words(statement.text)) for statement in before), *sentences[0]]
    return sentences


def _replace_words(text: str) -> str:
    return replace_hard_words(replace_phrases(text))


def _end_politely(part: str, *, closed: bool) -> str:
    """Return the part in です・ます form, unchanged without a full stop, because list items are often names."""
    return (to_polite_form(part) or part) if closed else part
