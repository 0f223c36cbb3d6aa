"""What so many hours, sheets or nights cost at the price for one that a sentence tells (1時間700円, 2時間)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.check.claims import figures
from bot.check.figure import Figure
from bot.compose.corpus import Corpus
from bot.compose.sentence import say
from bot.compose.statement import MARK, Statement, assemble
from bot.find.evidence import content_terms_cached, speaker_of, topic_of
from bot.find.sought import Sought
from bot.find.weigh import Weighed
from bot.turn import Draft
from bot.understand.asked import Kind
from bot.understand.reckoning import Operation
from bot.understand.weekdays import days_asked
from ingest.normalise import Quantity, nfkc, quantities

_PER = r"1(?:[^\d\s、。]{1,3}1)?(?P<unit>時間|泊|枚|台|個|本|冊|袋|人|名|kg|トン|t|m3|m2)(?:\s?1?(?:回|日))?"
# 1時間700円, 1面1時間につき500円, 1枚1日120円.
_RATE = re.compile(rf"{_PER}(?:につき|当たり|あたり|ごとに)?、?\s?(?P<price>\d[\d,]*円)")
# More of one price in a sum are not read.
_MOST = 6
_SAME = {"名": "人", "トン": "t"}
_CLAUSE = re.compile(r"[、。]")


@dataclass(frozen=True, slots=True)
class _Rate:
    """A price for one `unit`, told in `clause`."""

    clause: str
    unit: str
    price: Figure


def at_rate(sought: Sought, fitting: Sequence[Weighed], _: Corpus) -> Draft | None:
    """Say the best sentence with its price for one times as many as the question names; None where it has none."""
    best = fitting[0].evidence
    sums = sought.reckoning is None or sought.reckoning.operation is Operation.SUM
    if best.kind not in {"sentence", "item"} or sought.asked.kind is not Kind.MONEY or not sums or speaker_of(best):
        return None
    rates = _rates(best.normal)
    many = _many(sought, rates)
    rate = _meant([r for r in rates if many and r.unit == _SAME.get(many.unit, many.unit)], sought)
    if many is None or rate is None:
        return None
    price = f"{rate.price.value:,}{rate.price.unit}"
    total = f"{rate.price.value * many.value:,}{rate.price.unit}"
    text = f"合わせて{' + '.join([price] * int(many.value))} = {total}です。"
    said = say(best)
    first = said.text.rstrip("。").replace("。", f"{MARK}。")
    return assemble([Statement(f"{first}{MARK}。{text}", said.sources)], topic=topic_of(best))


def _rates(text: str) -> list[_Rate]:
    """Return the prices for one that normalised `text` tells, each with its clause and what stands before that."""
    found = []
    begin = 0
    for match in _RATE.finditer(text):
        clause = text[begin : match.end()]
        price = figures(match["price"])[0]
        found.append(_Rate(clause, _SAME.get(match["unit"], match["unit"]), price))
        end = _CLAUSE.search(text, match.end())
        begin = end.end() if end else len(text)
    return found


def _many(sought: Sought, rates: Sequence[_Rate]) -> Quantity | None:
    """Return the only figure of the question, above one and small, in a unit for which there is a price."""
    units = {rate.unit for rate in rates}
    found = [q for q in quantities(nfkc(sought.asked.text)) if _SAME.get(q.unit, q.unit) in units]
    several = len(found) == 1 and 1 < found[0].value <= _MOST and not found[0].value % 1
    return found[0] if several else None


def _meant(rates: Sequence[_Rate], sought: Sought) -> _Rate | None:
    """Return the price of the day or with the words that the question says; None where several are meant alike."""
    days = days_asked(sought.asked.text)
    of_day = [r for r in rates if days and days <= days_asked(r.clause)]
    rates = of_day or [r for r in rates if len(rates) == 1 or not days_asked(r.clause)]
    said = [r for r in rates if content_terms_cached(r.clause) & sought.strong]
    best = said if len(rates) > 1 and not of_day else rates
    return best[0] if len(best) == 1 else None
