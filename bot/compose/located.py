"""Where something is written: the document and its heading, and what stands there."""

from collections.abc import Sequence

from bot.compose.corpus import Corpus
from bot.compose.piece import best_piece
from bot.compose.statement import Statement, assemble
from bot.find.evidence import topic_of
from bot.find.sought import Sought
from bot.find.weigh import Weighed
from bot.turn import Draft, Source


def located(sought: Sought, fitting: Sequence[Weighed], corpus: Corpus) -> Draft | None:
    """Name the document and the heading of the best piece; None where it is not asked for its place."""
    if not sought.asked.located:
        return None
    best = fitting[0].evidence
    document, section = corpus.document(best.passage), best.passage.section
    place = f"「{document.title}」" + (f"の「{section}」" if section and section != document.title else "")
    said = Statement(f"{place}に書かれています。", (Source(best.passage, best.text),))
    told = best_piece(sought, fitting, corpus)
    placed = assemble([said], topic=topic_of(best))
    if told is None or told.sources[0].passage != best.passage:
        return placed
    return Draft(f"{placed.text}\n{told.text}", told.sources, topic=told.topic)
