"""More of what was told, where no other piece speaks of it: what else stands in the passages that were cited."""

from bot.compose.corpus import Corpus
from bot.compose.listing import say_list
from bot.compose.sentence import say
from bot.compose.statement import Statement, assemble
from bot.find.evidence import Evidence, title_of
from bot.find.pieces import pieces
from bot.find.sought import Sought
from bot.find.told import is_told
from bot.turn import Draft

# So much more is still read at a glance.
_MOST = 3


def rest_of_passage(sought: Sought, corpus: Corpus) -> Draft | None:
    """Say what the cited passages and those around them under their heading have besides what was told."""
    told = sought.asked.told
    cited = [p for p in corpus.passages if p.id in sought.asked.beside]
    around = dict.fromkeys(p for passage in cited if passage.kind != "row" for p in corpus.section(passage))
    found = [e for passage in around for e in pieces(passage) if e.kind in {"sentence", "list"}]
    leads = {e.lead for e in found if e.kind == "list"}
    more = [e for e in found if not is_told(e, told) and e.text not in leads][:_MOST]
    return assemble([_say(e) for e in more], topic=title_of(more[0].passage.section)) if more else None


def _say(evidence: Evidence) -> Statement:
    return say_list(evidence) if evidence.kind == "list" else say(evidence)
