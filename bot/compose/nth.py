"""One member of a list by its place, where the list itself was not told before (行動指針の二つ目は?)."""

import re
from collections.abc import Sequence

from bot.compose.corpus import Corpus
from bot.compose.statement import Statement, assemble, closed
from bot.find.evidence import Evidence, title_of
from bot.find.sought import Sought
from bot.find.weigh import Weighed
from bot.turn import Draft, Source
from bot.understand.members import key_of
from ingest.normalise import number

_PLACE = re.compile(r"(?P<number>\d{1,2}|[一二三四五六七八九十])(?:つ|番|個|点|本)(?:目|め)")


def nth(sought: Sought, fitting: Sequence[Weighed], _: Corpus) -> Draft | None:
    """Say the member at the place that the question names; None where it names none or no list has so many."""
    place = _PLACE.search(sought.asked.text)
    if place is None:
        return None
    at = int(number(place["number"]))
    best = next(
        (w.evidence for w in fitting if _is_asked(w.evidence, sought) and 0 < at <= len(w.evidence.items)), None
    )
    if best is None:
        return None
    member = best.items[at - 1]
    said = f"「{title_of(best.passage.section)}」の{place[0]}に挙げられているのは、「{member.rstrip('。')}」です"
    return assemble([Statement(closed(said), (Source(best.passage, best.text),))], topic=key_of(member))


def _is_asked(evidence: Evidence, sought: Sought) -> bool:
    return evidence.kind == "list" and bool(sought.strong) and sought.strong <= evidence.around | evidence.far
