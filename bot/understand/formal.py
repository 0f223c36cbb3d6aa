"""Nouns of a question that name nothing: 開ける話, の件で, 予定どおり, 会議で, 到達目標."""

import re
from collections.abc import Sequence

from ingest.tokenise import Morpheme

# Behind a clause or の they only hold it together (…する件, …という話), in other places they are a matter.
_JOINING = frozenset({"件", "話"})
_PARTICLES_BEFORE = {"件": frozenset({"の", "って", "と"}), "話": frozenset({"って", "と"})}
# どおり joins a noun as an adverb; the street is 通り.
_IN_KANA = frozenset({"どおり", "とおり"})
# What only tells of which kind a target is (到達目標, 数値目標): each document calls them by another.
_OF_A_TARGET, _TARGET = frozenset({"到達", "達成", "数値", "成果"}), frozenset({"目標", "目標値"})
# Where something was said: the minutes that tell it need not say so again.
_TALKS = frozenset({"会議"})
_SAID = re.compile(
    r"説明|報告|発言|質問|提案|指摘|意見|議論|やりとり|反対|賛成|決ま|決め|決定|言[っいう]|述べ|話[しさ]|答え|どうな"
)
# そのような仕組み, こうした事業: what was told of, and nothing new.
_POINTING = re.compile(r"[そこあ](?:の(?:よう|様)な|うした|んな|ういう)$")


def is_formal(ms: Sequence[Morpheme], i: int) -> bool:
    """Whether the `i`-th of the morphemes of a question only joins its clauses."""
    m = ms[i]
    if m.pos[1] == "助動詞語幹" or m.surface in _IN_KANA:  # …があるそうですが
        return True
    if m.normal in _OF_A_TARGET and i + 1 < len(ms) and ms[i + 1].normal in _TARGET:
        return True
    if m.normal not in _JOINING or i == 0 or (i + 1 < len(ms) and ms[i + 1].is_noun):
        return False
    before = ms[i - 1]
    return before.pos[0] in {"動詞", "助動詞"} or before.surface in _PARTICLES_BEFORE[m.normal]


def is_where_said(ms: Sequence[Morpheme], i: int) -> bool:
    """Whether the noun tells in which talk something was said (会議で説明された), and is no part of a name."""
    if ms[i].normal not in _TALKS or (i and ms[i - 1].is_noun):
        return False
    behind = "".join(m.surface for m in ms[i + 1 :])
    return behind.startswith("で") and bool(_SAID.search(behind))


def is_pointed_at(ms: Sequence[Morpheme], i: int) -> bool:
    """Whether the noun stands behind a word that points back: what it means was told before."""
    return bool(_POINTING.search("".join(m.surface for m in ms[max(0, i - 3) : i])))
