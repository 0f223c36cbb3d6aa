"""Whether a statement says yes where its source says no: a verb denied, a word turned to its opposite, a plan done."""

import re
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import lru_cache

from bot.check.grounds import Grounds, nearest
from bot.check.pieces import Piece, subject_words
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
        (r"開館(?:し(?!な|ま?せ)|する)|営業(?:し(?!な|ま?せ)|する)", r"休館(?:し(?!な|ま?せ)|する)|休業(?:し|する)"),
        ("上が(?!らな|りませ)|引き?上げ|増額", "下が(?!らな|りませ)|引き?下げ|減額"),
        # What is only on weekdays is not at the week's end.
        (
            "(?:土曜日?|日曜日?|土日|週末|祝日|休日)(?:に|も|は)[^、。]{0,12}(?:て|で)い?(?:ます|る)",
            "平日(?:のみ|だけ|に限)",
        ),
        ("できることから", "できないことから"),
        ("より前|以前に|までに", "より後|以後に|以降に"),
        ("外部", "内部"),
        ("庁内", "庁外"),
        ("累計", "単年"),
    )
)
_PLANNED = re.compile(r"予定|見込み|方針|検討|めざ|目指|案|提案|継続審議|要望|求め|見通し")
# 短縮する案, 実施したい, 短縮してはどうか: what somebody means to do, or wishes.
_MEANT = re.compile(
    r"([一-龥ァ-ヶー]{2,}|[一-龥][ぁ-ん]?[一-龥][ぁ-ん](?=る))(?:(?:する|る|の)?(?:予定|案|方向|考え|見通し)|(?:を|に)?(?:した[いく]|してほしい|してはどうか|することを検討|を検討))"
)
_TOPIC = re.compile(
    r"(?:^|[はも]、|(?:はい|いいえ|ただし|なお|また|※)[、\s]*)((?:[^、。はも\s]{2,60}、){0,5}[^、。はも\s]{2,60})[はも](?![、,])"
)
# Of so many letters two texts have a phrase in common, not a word.
_PHRASE = 6
_DENIED = re.compile(r"([^、。\n]+?)(?:では|じゃ|で)(?:な[いく]|ありませ)")
_DONE = r"[をにと]?(?:し|され|られ|なり|なっ|決ま[りっ])?(?:ました|た[。、]|済み|ています|ている)"
# Whether a target was reached the figures tell (`outcome`).
_NO_VERB = frozenset({"達成", "届く", "為る", "居る", "有る", "成る", "出来る", "言う", "無い"})
_HELPERS = frozenset({"為る", "居る", "出来る", "有る", "成る", "訳", "事", "れる"})
_DENIALS = frozenset({"ない", "ず", "無い", "まい", "ぬ"})


def reversed_sense(statement: Statement, sources: Sequence[Grounds]) -> Iterator[str]:
    """Yield a reason for each word that the statement denies, affirms or turns against the pieces it speaks of."""
    text = statement.text
    near = nearest(text, sources)
    if not near:
        return
    of_topic = _of_one_topic(text, sources) or near
    if opposed(text, _joined(of_topic)):
        yield f"「{text}」は出典と逆のことを言っています"
    every = [piece for source in sources for piece in source.pieces]
    for word, denied in _predicates(text).items():
        # Who tells the rule and its exception, says both of one word.
        stated = _predicates(_joined(of_topic if len(denied) == 1 else every))
        if word in stated and not denied <= stated[word]:
            yield f"「{word}」を打ち消すかどうかが出典と合いません"
    yield from _denied_phrase(text, sources)
    yield from _planned_as_done(text, near)


def _joined(pieces: Sequence[Piece]) -> str:
    return "\n".join(piece.text for piece in pieces)


def _of_one_topic(text: str, sources: Sequence[Grounds]) -> list[Piece]:
    """Return the pieces with a topic of the statement and a further word of it, which go before what holds for all.

    Of 電子書籍 this is 電子書籍は延長できない, not the rule that what is lent can be prolonged.
    """
    topics = _topics(text)
    further = subject_words(text) - subject_words(" ".join(topics))
    return [
        piece
        for source in sources
        for piece in source.pieces
        if topics & _topics(piece.text) and further & subject_words(piece.text)
    ]


def _topics(text: str) -> frozenset[str]:
    """Return what the text speaks of: each noun that は or も sets as its topic, those joined by a comma too."""
    found = (part for topic in _TOPIC.findall(text) for part in re.split("[、,]|及び|並びに|又は", topic))
    return frozenset(part.strip() for part in found if part.strip())


def opposed(text: str, other: str) -> bool:
    """Whether a word of `text` has its opposite, and not itself, in `other`."""
    return any(
        said.search(text) and not opposite.search(text) and opposite.search(other) and not said.search(other)
        for pair in _OPPOSITES
        for said, opposite in (pair, pair[::-1])
    )


def denied_words(text: str) -> frozenset[str]:
    """Return what normalised `text` denies: verbs, nouns that stand for one, and 無い where something is not there."""
    said = morphemes(text)
    return frozenset(
        m.normal
        for n, m in enumerate(said)
        if (m.pos[0] == "形容詞" and m.normal == "無い")
        or ((m.pos[0] == "動詞" or _is_doing(m, said[n + 1 : n + 2])) and _denied(said[n + 1 : n + 9]))
    )


@lru_cache(maxsize=4096)
def _predicates(text: str) -> Mapping[str, AbstractSet[bool]]:
    """Return each verb (or noun of doing) of the text, and whether it is denied: {True}, {False} or both."""
    found: dict[str, set[bool]] = {}
    said = morphemes(text)
    for n, m in enumerate(said):
        behind = said[n + 1 : n + 3]
        if (m.pos[0] == "動詞" and m.normal not in _NO_VERB) or _is_doing(m, behind[:1]) or _is_told(m, behind):
            found.setdefault(m.normal, set()).add(_denied(said[n + 1 : n + 9]))
    return found


def _is_doing(noun: Morpheme, behind: Sequence[Morpheme]) -> bool:
    """Whether a noun stands for a verb: 受講する, 受講できる, and 受講 at the end of a sentence or of a cell."""
    return noun.pos[2].startswith("サ変") and (
        not behind or behind[0].normal in ("為る", "出来る") or behind[0].surface in ("\n", "。")
    )


def _is_told(noun: Morpheme, behind: Sequence[Morpheme]) -> bool:
    """Whether a noun is what its sentence says of something: 諮問です, 諮問ではない, 対象となる."""
    if not noun.is_noun or not behind:
        return False
    if behind[0].pos[0] == "助動詞" and behind[0].normal in ("だ", "です"):
        return True
    return behind[0].surface in ("と", "に") and behind[-1].normal == "成る"


def _denied(behind: Sequence[Morpheme]) -> bool:
    """Whether a verb is followed by a denial: ない, ず, ません, わけではない, before another noun or verb comes."""
    denied = False
    for m in behind:
        if m.pos[0] in ("助動詞", "形容詞") and m.normal in _DENIALS:
            denied = not denied
        elif m.pos[0] not in ("助動詞", "助詞") and m.normal not in _HELPERS:
            break
    return denied


def _denied_phrase(text: str, sources: Sequence[Grounds]) -> Iterator[str]:
    """Yield the phrases that a source denies word for word (前提とした諮問ではない) and the statement affirms."""
    for denied in _DENIED.finditer("\n".join(source.text for source in sources)):
        phrase = denied[1][-_PHRASE:]
        if len(phrase) == _PHRASE and re.search(rf"{re.escape(phrase)}(?:です|である|だ|で、|でした)", text):
            yield f"「{phrase}」は出典では否定されています"


def _planned_as_done(text: str, near: Sequence[Piece]) -> Iterator[str]:
    """Yield where what every piece means to do, or wishes, is told as done."""
    if _PLANNED.search(text):
        return
    for planned in _MEANT.findall("\n".join(piece.text for piece in near)):
        done = re.compile(planned[-2:] + _DONE)
        if done.search(text) and not any(done.search(piece.text) for piece in near):
            yield f"「{planned}」は出典では予定や案です"
