"""Whether a plan still holds: 応援プランは今も有効? — its period, and what has taken its place."""

import re
from collections.abc import Sequence

from bot.compose.corpus import Corpus
from bot.compose.stated import period_of
from bot.compose.statement import Statement, assemble
from bot.find.evidence import Evidence
from bot.find.sought import Sought
from bot.find.weigh import Weighed
from bot.turn import Draft, Source
from bot.validity import in_force, superseded_by
from ingest.documents import Document
from ingest.normalise import era_year, fiscal_year, nfkc

_HOLDS = re.compile(r"有効|現行|生きて|(?:今|いま|まだ|現在)(?:も|でも)?(?:続|使わ)|続いて(?:い|る|ます)")
_OVER = re.compile(r"終わっ|終了し|切れ|古い(?:計画|プラン)")


def still_in_force(sought: Sought, _: Sequence[Weighed], corpus: Corpus) -> Draft | None:
    """Say yes or no, until when the plan that the question names holds, and what replaced it."""
    text = sought.asked.text
    # The full title of a plan whose successor is called alike names a family elsewhere; here its age is asked about.
    titled = {d.id for d in corpus.documents if re.sub(r"\s", "", nfkc(d.title)) in text}
    named = sought.scope.named or titled
    if len(named) != 1 or not sought.asked.yesno or not (_OVER.search(text) or _HOLDS.search(text)):
        return None
    return say_holds(corpus.by_id(next(iter(named))), sought, corpus)


def say_holds(document: Document, sought: Sought, corpus: Corpus) -> Draft | None:
    """Say whether the document holds (or is over, where that is asked), until when, and what replaced it."""
    period = period_of(document, corpus)
    if period is None or document.period is None:
        return None
    over = bool(_OVER.search(sought.asked.text))
    day, known = sought.scope.as_of, corpus.documents
    holds = in_force(document, day, known)
    verdict = "はい" if holds != over else "いいえ"
    until = f"{era_year(fiscal_year(document.period.end))}年度まで"
    said = f"{verdict}、{document.title}の期間は{until}{'です' if holds else 'でした'}"
    statements = [Statement(f"{said}。", (_source(period),))]
    successor = superseded_by(document, day, known)
    if successor and (following := period_of(successor, corpus)):
        statements.append(Statement(f"いまは{successor.title}に引き継がれています。", (_source(following),)))
    return assemble(statements, topic=document.title)


def _source(piece: Evidence) -> Source:
    return Source(piece.passage, piece.text)
