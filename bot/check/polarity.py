"""Whether a statement says yes where its source says no: a verb denied, a word turned to its opposite, a plan done."""

import re
from collections.abc import Iterator, Sequence

from bot.check.denial import predicates
from bot.check.grounds import Grounds, nearest
from bot.check.opposites import opposed
from bot.check.pieces import Piece, subject_words
from bot.check.statements import Statement

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
    for word, denied in predicates(text).items():
        # Who tells the rule and its exception, says both of one word.
        stated = predicates(_joined(of_topic if len(denied) == 1 else every))
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
