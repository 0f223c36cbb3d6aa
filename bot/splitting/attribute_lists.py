"""Splits a message that only names what is asked about, without a verb: 市民プール 料金・駐車場の台数."""

import re
from itertools import pairwise

from bot.splitting.message_sentences import MessageQuestion
from bot.splitting.noun_phrases import ask_for, ends_in_attribute, is_noun_phrase, names_something

# What the attributes belong to, before a colon or a space: 図書館:, 市民プール .
_OWNER = re.compile(r"(?P<owner>[^、。?:\s]{2,30}?)(?::\s*|\s+)(?=\S)")
_SEPARATOR = re.compile(r"(?:、|,|・|/|および|及び|並びに|ならびに)\s*")
_LAST_JOINED = re.compile(r"[とや](?=[^、・]+$)")
# What is asked of two things together: 4月と6月の差.
_OF_BOTH = re.compile(r"の(?:差|違い|ちがい|合計|総計|平均|比較|関係)(?:額|数)?$")
_OPENING_BRACKETS = "「『(（【"
_CLOSING_BRACKETS = "」』)）】"


def split_attributes(text: str) -> tuple[MessageQuestion, ...]:
    """Return a question for each attribute that normalised `text` lists; none if it lists fewer than two.

    Things of one attribute (庭木、古布の出し方) are one question.
    """
    text = text.strip().rstrip("。")
    if re.search(r"[。?!\n]", text) or asks_of_both(text):
        return ()
    opening = _OWNER.match(text)
    owner = opening["owner"] if opening and is_noun_phrase(opening["owner"]) else ""
    nouns = _cut(text[opening.end() :] if opening and owner else text)
    if len(nouns) < 2 or not all(names_something(noun) and ends_in_attribute(noun) for noun in nouns):
        return ()
    first, *others = nouns
    if not owner and "の" in first and not any("の" in noun for noun in others):
        owner, _, first = first.rpartition("の")
    # The first question is shown with the owner as written.
    words = [text[: text.index(first) + len(first)], *others]
    asked = [f"{owner}の{noun}" if owner else noun for noun in (first, *others)]
    return tuple(map(MessageQuestion, words, map(ask_for, asked)))


def asks_of_both(text: str) -> bool:
    """Whether a text ends in what is asked of two things together: 4月と6月の差."""
    return bool(_OF_BOTH.search(text))


def bracket_depths(text: str) -> list[int]:
    """Return the depth of brackets at each character; a closing bracket is outside."""
    depth = 0
    depths = list[int]()
    for character in text:
        depth = max(0, depth - (character in _CLOSING_BRACKETS))
        depths.append(depth)
        depth += character in _OPENING_BRACKETS
    return depths


def _cut(text: str) -> list[str]:
    depths = bracket_depths(text)
    cuts = {match.span() for match in _SEPARATOR.finditer(text) if not depths[match.start()]}
    last = _LAST_JOINED.search(text)
    if last and not depths[last.start()] and ends_in_attribute(text[: last.start()]):
        cuts.add(last.span())
    bounds = [(0, 0), *sorted(cuts), (len(text), len(text))]
    return [part for (_, start), (end, _) in pairwise(bounds) if (part := text[start:end].strip())]
