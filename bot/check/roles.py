"""Whether a figure is a target or a result, as the column of a table or the words before it say."""

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Literal

from bot.check.figure import Figure
from ingest.tokenise import morphemes

Role = Literal["目標", "実績", ""]

_LABELS: dict[Role, str] = {
    "目標": "目標|目安|計画値|想定値|推計値|予測値|見込み?値",
    "実績": "実績|達成状況|達成値|結果|現状",
}
# A label inside a word that means a comparison of the two is none: 目標比, 達成率, 目標との差.
_LABEL = re.compile(
    "|".join(rf"(?P<{role}>{words})(?!比|差|達成|との|と比|まで|超|未)" for role, words in _LABELS.items())
)
# What may stand between a label and its figure: 目標値は, 実績として, 目標(累計): — not 目標を…上回る, 目標より….
_BEFORE = re.compile(r"(?:値|数|件数|人数|割合)?(?:\([^()]*\))?\s?(?:は|が|の|も|である|:|=|、|\(|「|\d|$)")
# What is set against a target is the result: 1,500人の目標に対し1,655人, 目標の825時間減を上回る836時間減.
_AGAINST = re.compile(r"[増減]?(?:\([^()]*\))?(?:の?目標値?)?(?:に対し|を(?:[上下]回|超え))")
# As the topic of its sentence it holds over verbs too: 実績は、2021年度と比べて2,300件増.
_TOPIC = re.compile(r"(?:値|数|件数|人数|割合)?は")
# 目標と実績は…: which figure is which the words alone do not tell.
_TOGETHER = re.compile(r"値?(?:と|・|や|及び|および)")
_BEHIND = re.compile(
    r"\s?(?:の?(?:増加?|減少?|削減|縮減))?(?:以上|以下)?\s?(?:という|の|(?:の[^、。\d]{1,8})?を|(?P<told>が|は)[^、。\d]{0,12}?)\s?「?"
)
# 836時間が目標です names what 836時間 is; 1,655人が目標の1,500人を上回る does not.
_TOLD = re.compile(r"(?:値|数|件数)?(?:で(?!も)|だ|と[しなさ]|[。、]|$)")


def role_of_column(name: str) -> Role:
    """Return the role that the header of a column gives to the figures under it."""
    labels = list(_LABEL.finditer(name))
    return _role(labels[-1]) if labels else ""


def _role(label: re.Match[str]) -> Role:
    return "目標" if label["目標"] else "実績"


def roles(text: str, figures: Sequence[Figure]) -> list[Role]:
    """Return for each of the figures of normalised `text` the role that its words give it.

    The label stands right behind the figure (1,500人の目標) or before it in the same clause (目標は1,500人).
    """
    free = _labels(text)
    found: list[Role] = []
    for i, figure in enumerate(figures):
        before = figures[i - 1] if i else None
        label = _label_behind(text, free, figure.end) or _label_before(
            text, free, before.end if before else 0, figure.start
        )
        if label:
            free.remove(label)
            found.append(_role(label))
        elif before and re.fullmatch(r"[増減]?\s?\(", text[before.end : figure.start]):
            found.append(found[-1])
        elif before and found[-1] == "目標" and _AGAINST.match(text, before.end, figure.start):
            found.append("実績")
        else:
            found.append("")
    return found


def _labels(text: str) -> list[re.Match[str]]:
    labels = list(_LABEL.finditer(text))
    together = [pair for pair in pairwise(labels) if _TOGETHER.fullmatch(text[pair[0].end() : pair[1].start()])]
    return [label for label in labels if not any(label in pair for pair in together)]


def _label_behind(text: str, labels: Sequence[re.Match[str]], end: int) -> re.Match[str] | None:
    label = next((label for label in labels if label.start() >= end), None)
    behind = _BEHIND.fullmatch(text[end : label.start()]) if label else None
    if label is None or behind is None or (behind["told"] and not _TOLD.match(text, label.end())):
        return None
    return label


def _label_before(text: str, labels: Sequence[re.Match[str]], start: int, end: int) -> re.Match[str] | None:
    label = next((label for label in reversed(labels) if start <= label.start() and label.end() <= end), None)
    if label is None:
        return None
    between = text[label.end() : end]
    same_clause = _TOPIC.match(between) or not any(
        m.pos[0] == "動詞" and m.pos[1] == "一般" for m in morphemes(between)
    )
    return label if same_clause and _BEFORE.match(between) else None
