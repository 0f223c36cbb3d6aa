"""Whether a statement says yes where its source says no: a verb denied, a word turned to its opposite, a plan done."""

import re
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet

from bot.check.denial import predicates
from bot.check.grounds import Grounds, nearest
from bot.check.opposites import opposed, opposed_of
from bot.check.pieces import Piece, subject_words
from bot.check.planned import planned_as_done
from bot.check.statements import Statement

_TOPIC = re.compile(
    r"(?:^|[はも]、|(?:はい|いいえ|ただし|なお|また|※)[、\s]*)((?:[^、。はも\s]{2,60}、){0,5}[^、。はも\s]{2,60})[はも](?![、,])"
)
# A denial that is no verb's own: 対象外です, 使えません needs none of these.
_ALSO_DENIED = re.compile(
    r"対象外|除[かき外]|でき(?:ません|ない)|に限|必要(?![はもが]?(?:あ?りませ|な))|[はがも](?<!必要は)(?:ありませ|な[いく])"
)
# What only sets a case: 改定されても、 雨のときは、.
_IF = re.compile(r"[^、。]{1,60}(?:[てで]も|場合[はにも]?|とき[はにも]?|れば|たら)、")
_AND = re.compile(r"と(?!し)|や|及び|並びに|又は|または|・")
_PARTICLE = re.compile(r"(?:で|に|へ|から|まで|と|について|については)$")
_SHORTEST_NAME = 2
# Of so many letters two texts have a phrase in common, not a word.
_PHRASE = 6
_DENIED = re.compile(r"([^、。\n]+?)(?:では|じゃ|で)(?:な[いく]|ありませ)")


def reversed_sense(statement: Statement, sources: Sequence[Grounds]) -> Iterator[str]:
    """Yield a reason for each word that the statement denies, affirms or turns against the pieces it speaks of."""
    text = statement.text
    near = nearest(text, sources)
    if not near:
        return
    of_topic = _of_one_topic(text, sources) or near
    every = [piece for source in sources for piece in source.pieces]
    if opposed(_IF.sub("", text) or text, _joined(of_topic)) or opposed_of(text, every):
        yield f"「{text}」は出典と逆のことを言っています"
    for word, denied in predicates(text).items():
        # Who tells the rule and its exception, says both of one word.
        stated = predicates(_joined(of_topic if len(denied) == 1 else every))
        if word not in stated and not _twice_denied(text):
            stated = predicates(_joined(_nearest_with(word, text, every)))
        if (word in stated and not denied <= stated[word]) or _excepted(word, denied, text, every):
            yield f"「{word}」を打ち消すかどうかが出典と合いません"
    yield from _denied_phrase(text, sources)
    yield from planned_as_done(text, near, every)


def _twice_denied(text: str) -> bool:
    """Whether two things are denied: that what is not registered is not paid for, says what the rule says."""
    return sum(True in denied for denied in predicates(text).values()) + bool(_ALSO_DENIED.search(text)) > 1


def _nearest_with(word: str, text: str, pieces: Sequence[Piece]) -> list[Piece]:
    """Return the pieces with the predicate that share most of the statement's nouns, and any of them."""
    subject = subject_words(text)
    scored = [(len(subject & piece.own), piece) for piece in pieces if word in predicates(piece.text)]
    best = max((score for score, _ in scored), default=0)
    return [piece for score, piece in scored if best and score == best]


def _excepted(word: str, denied: AbstractSet[bool], text: str, pieces: Sequence[Piece]) -> bool:
    """Whether a piece says the contrary of one that the statement names, and none the same of it.

    The rule is that all are open till seven; of the one that a further sentence excepts, it does not hold.
    """
    if len(denied) > 1 or _twice_denied(text):
        return False
    said = [(predicates(piece.text).get(word, frozenset[bool]()), _named_in(piece.text)) for piece in pieces]
    contrary = {name for stated, named in said if stated and not stated & denied for name in named if name in text}
    return any(
        not any(stated & denied and name in named for stated, named in said)
        and re.search(rf"{re.escape(name)}(?:で|に|へ|から|など)?[もはが]", text)
        for name in contrary
    )


def _named_in(text: str) -> frozenset[str]:
    """Return the topics of `text`, each for itself and without the particle behind it: 東館と西館では."""
    parts = [part for topic in _topics(text) for part in _AND.split(topic)]
    parts += [part.split(of, 1)[0] for part in parts for of in ("での", "への", "からの") if of in part]
    return frozenset(bare for part in parts if len(bare := _PARTICLE.sub("", part)) >= _SHORTEST_NAME)


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
