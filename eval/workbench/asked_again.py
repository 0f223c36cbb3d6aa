"""A case asked again now, and held against what a run had saved."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Any, Literal, NamedTuple

from eval.regression.score import Score


class Piece(NamedTuple):
    """A piece of a text: in both answers, or in this one only."""

    kind: Literal["same", "own"]
    text: str


@dataclass(frozen=True, slots=True)
class AskedAgain:
    """The answer of now (None where the question was refused) with its score, and what the door saw beside it."""

    answer: dict[str, Any] | None
    score: Score
    beside: Mapping[str, Any] = field(default_factory=dict)


def side_by_side(before: str, after: str) -> tuple[list[Piece], list[Piece]]:
    """Cut two answers into what both hold and what only one of them does."""
    told: tuple[list[Piece], list[Piece]] = ([], [])
    for kind, i, j, k, m in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        for side, text in zip(told, (before[i:j], after[k:m]), strict=True):
            if text:
                side.append(Piece("same" if kind == "equal" else "own", text))
    return told
