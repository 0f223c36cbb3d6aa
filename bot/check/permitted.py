"""Whether what may be done, and what it costs, is told of the very thing of which the source says it."""

import re
from collections.abc import Iterator, Sequence

from bot.check.grounds import Grounds
from bot.check.statements import Statement

_MAY = re.compile(
    r"[えけげせてねべめれ]ます(?!か)|られます|できます|可能(?!性)|[えけせめれ]る(?=[。、]|$)|できる(?=[。、]|$)"
)
_MAY_NOT = re.compile(r"禁止|[えけげせてねべめれ]ません|できません|できない|不可(?!欠)|お断り|遠慮")
# What a thing costs, in a word.
_PRICE = re.compile("無料|無償|半額|全額|実費|有料")
_CLAUSE = re.compile(r"(?:が|けれど|ものの)、|[。\n]|(?<=[料額償])、")
_TOPIC = re.compile(r"((?:[一-龥ァ-ヶー]{1,8}[いえきけしちびみめりれ])?[一-龥ァ-ヶー]{1,12})(?:で|に|へ)?は")
_SAME_PRICE = {"無償": "無料"}


def wrongly_permitted(statement: Statement, sources: Sequence[Grounds]) -> Iterator[str]:
    """Yield the things that a clause of a source permits, forbids or prices otherwise than the statement does."""
    text = statement.text
    clauses = [clause for source in sources for clause in _CLAUSE.split(source.text) if clause]
    may, may_not = bool(_MAY.search(_MAY_NOT.sub("", text))), bool(_MAY_NOT.search(text))
    told = _prices(text)
    for topic in {name for clause in clauses for name in _TOPIC.findall(clause) if len(name) > 1}:
        of_topic = [clause for clause in clauses if topic in clause]
        if not re.search(rf"{re.escape(topic)}(?:で|に|へ)?[はもがの]", text):
            continue
        prices = set[str]().union(*(_prices(clause) for clause in of_topic if topic in _TOPIC.findall(clause)))
        if len(told) == 1 and prices and not told & set[str]().union(*map(_prices, of_topic)):
            yield f"「{topic}」の料金が出典と合いません"
        if may != may_not and _all_contrary(of_topic, forbidden=may_not):
            yield f"「{topic}」ができるかどうかが出典と合いません"


def _prices(text: str) -> set[str]:
    return {_SAME_PRICE.get(price, price) for price in _PRICE.findall(text)}


def _all_contrary(clauses: Sequence[str], *, forbidden: bool) -> bool:
    """Whether the clauses that say of a thing what may be done all say the contrary."""
    says = [(bool(_MAY.search(_MAY_NOT.sub("", clause))), bool(_MAY_NOT.search(clause))) for clause in clauses]
    clear = [not_allowed for allowed, not_allowed in says if allowed != not_allowed]
    return bool(clear) and all(not_allowed is not forbidden for not_allowed in clear)
