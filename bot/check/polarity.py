"""Whether a statement says yes where its source says no: a verb denied, a word turned to its opposite, a plan done."""

import re
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import lru_cache

from bot.check.grounds import Grounds, nearest
from bot.check.pieces import Piece
from bot.check.statements import Statement
from ingest.tokenise import Morpheme, morphemes

# Words of opposite meaning. Where the source has one alone, a statement with the other alone says the reverse.
_OPPOSITES = tuple(
    (re.compile(one), re.compile(other))
    for one, other in (
        (
            r"含(?:む|ま(?!ない|れない|れませ|ず)|み|め|んで)",
            r"除[くいかき]|除外|対象外|含まない|含まれ(?:ない|ませ|ず)|含みません",
        ),
        ("増(?:加|え|や|減(?!少))|増$|上昇|伸び", "減(?:少|っ|ら|り)|減$|低下|削減|縮減"),
        ("拡[大充]", "縮小|削減"),
        ("継続|継承|引き継|続け", "廃止|打ち切|中止|見直して|取りやめ|刷新"),
        ("(?<!不)可能|できます|できる", "不可能|できません|できない"),
        ("有料", "無料|無償"),
        ("(?<!非)公開", "非公開"),
        ("必要(?!な?い|ありま|が?ない|は?ない)|必須|義務", "不要|必要(?:な|が|は|では)?(?:な|あ)(?:い|く|りませ)|任意"),
        ("開始|始ま|始め|着手", "終了|終わ|完了|廃止"),
        ("原則として|原則(?!.{0,6}ない)", "例外として|例外的"),
        ("新設|設置", "廃止|解散"),
        ("全て|すべて|全員|全課|全施策", "一部(?!門)|半数|ほとんど|大半"),
        ("上位計画", "下位計画"),
        ("後継", "前身"),
        ("高め|向上|強化", "低下|弱め|悪化"),
        ("促進|推進", "抑制|停止|凍結|中止"),
        ("毎年", "隔年|[2-9]年に1|[2-9]年ごと|1度も"),
        ("動的", "固定|静的"),
        ("できることから", "できないことから"),
        ("より前|以前に|までに", "より後|以後に|以降に"),
        ("外部", "内部"),
        ("庁内", "庁外"),
        ("累計", "単年"),
    )
)
_PLANNED = re.compile(r"予定|見込み|方針|検討|めざ|目指")
# Whether a target was reached the figures tell (`outcome`).
_NO_VERB = frozenset({"達成", "届く", "為る", "居る", "有る", "成る", "出来る", "言う", "無い"})
_HELPERS = frozenset({"為る", "居る", "出来る", "有る", "訳", "事", "れる"})
_DENIALS = frozenset({"ない", "ず", "無い", "まい", "ぬ"})


def reversed_sense(statement: Statement, sources: Sequence[Grounds]) -> Iterator[str]:
    """Yield a reason for each word that the statement denies, affirms or turns against the pieces it speaks of."""
    text = statement.text
    near = nearest(text, sources)
    if not near:
        return
    joined = "\n".join(piece.text for piece in near)
    for one, other in _OPPOSITES:
        for said, opposite in ((one, other), (other, one)):
            if said.search(text) and not opposite.search(text) and opposite.search(joined) and not said.search(joined):
                yield f"「{text}」は出典と逆のことを言っています"
    stated = _predicates(joined)
    for word, denied in _predicates(text).items():
        if word in stated and not denied <= stated[word]:
            yield f"「{word}」を打ち消すかどうかが出典と合いません"
    yield from _planned_as_done(text, near)


@lru_cache(maxsize=4096)
def _predicates(text: str) -> Mapping[str, AbstractSet[bool]]:
    """Return each verb (or noun of doing) of the text, and whether it is denied: {True}, {False} or both."""
    found: dict[str, set[bool]] = {}
    said = morphemes(text)
    for n, m in enumerate(said):
        if (m.pos[0] == "動詞" and m.normal not in _NO_VERB) or _is_doing(m, said[n + 1 : n + 2]):
            found.setdefault(m.normal, set()).add(_denied(said[n + 1 : n + 9]))
    return found


def _is_doing(noun: Morpheme, behind: Sequence[Morpheme]) -> bool:
    """Whether a noun stands for a verb: 受講する, 受講できる, and 受講 at the end of a sentence or of a cell."""
    return noun.pos[2].startswith("サ変") and (
        not behind or behind[0].normal in ("為る", "出来る") or behind[0].surface in ("\n", "。")
    )


def _denied(behind: Sequence[Morpheme]) -> bool:
    """Whether a verb is followed by a denial: ない, ず, ません, わけではない, before another noun or verb comes."""
    denied = False
    for m in behind:
        if m.pos[0] in ("助動詞", "形容詞") and m.normal in _DENIALS:
            denied = not denied
        elif m.pos[0] not in ("助動詞", "助詞") and m.normal not in _HELPERS:
            break
    return denied


def _planned_as_done(text: str, near: Sequence[Piece]) -> Iterator[str]:
    """Yield where 〜する予定 of every piece is told as done."""
    for planned in re.findall(r"([一-龥ァ-ヶー]{2,})(?:する|の)?予定", "\n".join(piece.text for piece in near)):
        told = re.search(rf"{planned[-2:]}(?:を)?(?:し|され)?(?:ました|た[。、]|済み|ています|ている)", text)
        if told and not _PLANNED.search(text):
            yield f"「{planned}」は出典では予定です"
