"""What else there is, where a list has been told in full: that it names no more, on the list itself."""

from collections.abc import Sequence
from dataclasses import replace

from bot.compose.listing import say_list
from bot.compose.statement import assemble
from bot.find.evidence import Evidence, title_of
from bot.find.sought import Sought
from bot.find.told import is_told
from bot.find.weigh import Weighed
from bot.turn import Draft


def all_told(weighed: Sequence[Weighed], sought: Sought) -> Draft | None:
    """Say that a list of what is asked about has been told in full; None where no such list is there."""
    told = sought.asked.told
    lists = [w.evidence for w in weighed if w.fits and w.evidence.kind == "list" and is_told(w.evidence, told)]
    best = next((e for e in lists if _is_asked(e, sought)), None)
    if best is None:
        return None
    again = assemble([say_list(best)], topic=title_of(best.passage.section))
    return replace(again, text=f"お伝えしたもののほかには、書かれていません。\n{again.text}")


def _is_asked(evidence: Evidence, sought: Sought) -> bool:
    """Whether the list's announcement and headings hold all that the question names."""
    return bool(sought.strong) and sought.strong <= evidence.around | evidence.far
