"""Splits a message that only names what is asked about, without a verb: 市民プール 料金・駐車場の台数."""

import re
from itertools import pairwise

from bot.splitting.message_sentences import MessageQuestion
from bot.splitting.noun_phrases import ask_for, ends_in_attribute, is_noun_phrase, names_something

# What the attributes belong to, before a colon or a space: 図書館:, 市民プール .
_OWNER = re.compile(r"(?P<owner>[^、。?:\s]{2,30}?)(?::\s*|\s+)(?=\S)")
_SEPARATOR = re.compile(r"(?:、|,|・|/|および|及び|並びに|ならびに)\s*")
_JOINED = re.compile(r"[とや](?=[^、・]+$)")
# What is asked of two things together: 4月と6月の差.
_RELATION = re.compile(r"の(?:差|違い|ちがい|合計|総計|平均|比較|関係)(?:額|数)?$")
_OPEN, _CLOSE = "「『(（【", "」』)）】"
_SEVERAL = 2


def split_attributes(text: str) -> tuple[MessageQuestion, ...]:
    """Return a question for each attribute that normalised `text` lists; none where it lists fewer than two.

    Things of one attribute (庭木、古布の出し方) are one question.
    """
    text = text.strip().rstrip("。")
    if re.search(r"[。?!\n]", text) or _RELATION.search(text):
        return ()
    opening = _OWNER.match(text)
    owner = opening["owner"] if opening and is_noun_phrase(opening["owner"]) else ""
    rest = text[opening.end() :] if opening and owner else text
    nouns = _cut(rest)
    if len(nouns) < _SEVERAL or not all(map(names_something, nouns)) or not all(map(ends_in_attribute, nouns)):
        return ()
    if not owner and "の" in nouns[0] and not any("の" in noun for noun in nouns[1:]):
        owner = nouns[0].rpartition("の")[0]
        nouns = [nouns[0].rpartition("の")[2], *nouns[1:]]
    asked = [f"{owner}の{noun}" if owner else noun for noun in nouns]
    return tuple(MessageQuestion(words, ask_for(one)) for words, one in zip(_words(text, nouns), asked, strict=True))


def _words(text: str, nouns: list[str]) -> list[str]:
    """Return the words of each attribute as written, the first with its owner."""
    return [text[: text.index(nouns[0]) + len(nouns[0])], *nouns[1:]]


def _cut(text: str) -> list[str]:
    """Return the parts of an enumeration; a separator in brackets separates nothing."""
    inside = [sum(map(text[:n].count, _OPEN)) > sum(map(text[:n].count, _CLOSE)) for n in range(len(text))]
    cuts = [(m.start(), m.end()) for m in _SEPARATOR.finditer(text) if not inside[m.start()]]
    last = _JOINED.search(text)
    if last and not inside[last.start()] and ends_in_attribute(text[: last.start()]):
        cuts = sorted({*cuts, last.span()})
    bounds = [(0, 0), *cuts, (len(text), len(text))]
    return [part for (_, start), (end, _) in pairwise(bounds) if (part := text[start:end].strip())]
