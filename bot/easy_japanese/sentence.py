"""Simplifies one sentence and repeats its sources on each part."""

from collections.abc import Sequence
from dataclasses import replace

from bot.easy_japanese.clause_splitting import split_clauses
from bot.easy_japanese.phrases import replace_phrases, split_by_form
from bot.easy_japanese.polite import to_polite_form
from bot.easy_japanese.wording import replace_hard_words
from bot.state import Statement

# An answer in one word states nothing by itself and needs no source.
_STOPS = ("。", "！", "？", "!", "?")
_YES_OR_NO = {"はい", "いいえ"}


def simplify_sentence(sentence: Sequence[Statement], *, cited: bool = True) -> list[list[Statement]]:
    """Return the sentences that say in easy words what `sentence` says; it alone where nothing is to be changed.

    A sentence of several statements stays in one piece: which source supports which part of it is not known. With
    `cited`, so does a sentence without sources (one that leads a list).
    """
    *before, last = sentence
    if last.text.endswith(_STOPS) and not last.end:
        if last.cited:
            return [[*sentence]]
        last = replace(last, text=last.text[:-1], end=last.text[-1])
    stop = last.end.strip()
    is_whole = bool(before) or (cited and not last.cited) or stop not in {"", "。"}
    bodies = [last.text] if is_whole else [part for piece in split_by_form(last.text) for part in split_clauses(piece)]
    easy = [_end_politely(_replace_words(body), closed=bool(stop)) for body in bodies]
    sentences = [[replace(last, text=body, cited=() if body in _YES_OR_NO else last.cited, end=stop)] for body in easy]
    sentences[0] = [*(replace(one, text=_replace_words(one.text)) for one in before), *sentences[0]]
    return sentences


def _replace_words(text: str) -> str:
    return replace_hard_words(replace_phrases(text))


def _end_politely(part: str, *, closed: bool) -> str:
    """Return the part in です・ます; as it is where no full stop ends it: items of a list are often names."""
    return (to_polite_form(part) or part) if closed else part
