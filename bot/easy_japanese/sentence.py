"""Simplifies one sentence and repeats its citation marks on each part."""

import re

from bot.easy_japanese.clause_splitting import split_clauses
from bot.easy_japanese.phrases import replace_phrases, split_by_form
from bot.easy_japanese.polite import to_polite_form
from bot.easy_japanese.wording import replace_hard_words
from bot.verification import MARK

PARTS = re.compile(
    r"(?P<body>.*?)(?P<marks>(?:\s*\[\d{1,3}\])*)(?P<stop>[。!?！？]?)(?P<behind>\s*(?:\[\d{1,3}\])*)", re.DOTALL
)
# An answer in one word states nothing by itself and stands on no passage.
_YES_OR_NO = {"はい", "いいえ"}


def simplify_sentence(sentence: str, *, cited: bool = True) -> list[str]:
    """Return the sentences that say in easy words what `sentence` says; it alone where nothing is to be changed.

    With `cited`, a sentence without marks (one that leads a list) stays in one piece, and so does one with marks in
    its middle: which part they stand for is not known.
    """
    match = PARTS.fullmatch(sentence)
    if match is None or match["behind"]:
        return [sentence]
    body, marks, stop = match["body"], match["marks"], match["stop"]
    whole = bool(MARK.search(body)) or (cited and not marks) or stop not in {"", "。"}
    parts = [body] if whole else [part for piece in split_by_form(body) for part in split_clauses(piece)]
    parts = [_ended(replace_hard_words(replace_phrases(part)), closed=bool(stop)) for part in parts]
    return [f"{part}{'' if part in _YES_OR_NO else marks}{stop}" for part in parts]


def _ended(part: str, *, closed: bool) -> str:
    """Return the part in です・ます, or as it is where no full stop ends it: what a list names is a name."""
    return (to_polite_form(part) or part) if closed else part
