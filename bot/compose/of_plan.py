"""Answers about a plan as a whole, from its own sections and its period: nothing of them stands in one passage."""

from collections.abc import Sequence
from dataclasses import replace

from bot.answer import Status
from bot.compose.corpus import Corpus
from bot.compose.finish import finish
from bot.compose.in_force import say_holds
from bot.compose.pillars import chapters_of, pillars_of
from bot.compose.plans_meant import plans_meant
from bot.compose.sentence import say
from bot.compose.stated import IDEA, period_of, purpose_of, stated
from bot.compose.statement import Statement, assemble
from bot.compose.targets import targets_of
from bot.find.evidence import Evidence
from bot.find.sought import Sought
from bot.turn import Draft, Turn
from bot.understand.of_plan import Facet, facet_of
from bot.validity import in_force
from ingest.documents import Document, Passage
from ingest.normalise import era_year, fiscal_year

# More plans than these are no answer to which of them holds; each of so many can be told with its period.
_MOST = 8
_ASKED = {
    Facet.AIMS: "の目標は?",
    Facet.IDENTITY: "とは何ですか?",
    Facet.CONTENT: "の概要を教えてください",
    Facet.PERIOD: "の期間は?",
    Facet.PILLARS: "の柱は何ですか?",
    Facet.BEGUN: "はもう始まっていますか?",
    Facet.HOLDS: "は今も有効ですか?",
}
_NO_FIGURES = "数値で示した目標は、この計画には書かれていません。"
_WHICH_PLAN = "どの計画についてのご質問でしょうか。番号か言葉でお答えください。"


class OfPlan:
    """Drafts the answer to a question about a plan as a whole; `passages` are all of the index, in order."""

    def __init__(self, passages: Sequence[Passage], documents: Sequence[Document]) -> None:
        self._corpus = Corpus(passages, documents)

    def __call__(self, turn: Turn) -> Turn:
        """Return the turn with a draft where the question is about a plan as a whole, and the plan tells of it."""
        if turn.draft is not None or turn.asked is None or turn.scope is None:
            return turn
        facet = facet_of(turn.asked)
        if facet is Facet.HOLDS and turn.scope.consumed:  # a title that others continue is told apart there
            return turn
        sought = Sought(turn.asked, turn.scope, turn.hits)
        meant = plans_meant(sought, self._corpus.documents, every=facet is Facet.WHICH) if facet else []
        if facet is None or not meant or len(meant) > _MOST:
            return turn
        if facet is not Facet.WHICH and len(meant) > 1:
            choices = tuple(f"{document.title}{_ASKED[facet]}" for document in meant[:4])
            numbered = "\n".join(f"{n}. {choice}" for n, choice in enumerate(choices, 1))
            return turn.finish(Draft(f"{_WHICH_PLAN}\n{numbered}", status=Status.CLARIFY, suggestions=choices))
        draft = (
            _which(meant, sought, self._corpus)
            if facet is Facet.WHICH
            else _of_one(facet, meant[0], sought, self._corpus)
        )
        return replace(turn, draft=draft and finish(draft, sought, self._corpus.documents))


def _of_one(facet: Facet, document: Document, sought: Sought, corpus: Corpus) -> Draft | None:
    if facet is Facet.HOLDS:
        return say_holds(document, sought, corpus)
    if facet is Facet.BEGUN:
        return _begun(document, sought, corpus)
    told = {
        Facet.AIMS: _aims,
        Facet.IDENTITY: _identity,
        Facet.CONTENT: _content,
        Facet.PERIOD: _period,
        Facet.PILLARS: _pillars,
    }[facet](document, corpus)
    return assemble(told, topic=document.title) if told else None


def _which(documents: Sequence[Document], sought: Sought, corpus: Corpus) -> Draft | None:
    """Say which plans hold on the day, or which came before or follow, each with what it says of its period."""
    told = []
    for document in documents:
        holds = in_force(document, sought.scope.as_of, corpus.documents)
        coming = document.period and document.period.start > sought.scope.as_of
        when = "いま有効な" if holds else "これから始まる" if coming else "以前の"
        if piece := period_of(document, corpus):
            period = say(piece)
            told += [Statement(f"{when}計画は「{document.title}」です。", period.sources), period]
    return assemble(told, topic=documents[-1].title) if told else None


def _begun(document: Document, sought: Sought, corpus: Corpus) -> Draft | None:
    """Say yes or no, and since when or from when on."""
    piece = period_of(document, corpus)
    if piece is None or document.period is None:
        return None
    begun = document.period.start <= sought.scope.as_of
    first = f"{era_year(fiscal_year(document.period.start))}年度"
    said = f"はい、{document.title}は{first}に始まりました" if begun else f"いいえ、{document.title}は{first}からです"
    period = say(piece)
    return assemble([Statement(f"{said}。", period.sources), period], topic=document.title)


def _aims(document: Document, corpus: Corpus) -> list[Statement]:
    """Return the targets; where none is set in figures, that this is so, with the idea and what it stands on."""
    if targets := targets_of(document.id, corpus):
        return targets
    idea, pillars = stated(IDEA, document, corpus), pillars_of(document, corpus)
    found = [*([say(idea)] if idea else []), *([pillars] if pillars else [])]
    return [Statement(_NO_FIGURES, ()), *found] if found else []


def _identity(document: Document, corpus: Corpus) -> list[Statement]:
    pieces = [*purpose_of(document, corpus), period_of(document, corpus), stated(IDEA, document, corpus)]
    return _said(pieces)


def _content(document: Document, corpus: Corpus) -> list[Statement]:
    found = _said([period_of(document, corpus), stated(IDEA, document, corpus)])
    return [*found, *(part for part in (pillars_of(document, corpus) or chapters_of(document, corpus),) if part)]


def _period(document: Document, corpus: Corpus) -> list[Statement]:
    return _said([period_of(document, corpus)])


def _pillars(document: Document, corpus: Corpus) -> list[Statement]:
    pillars = pillars_of(document, corpus)
    return [pillars] if pillars else []


def _said(pieces: Sequence[Evidence | None]) -> list[Statement]:
    return [say(piece) for piece in dict.fromkeys(pieces) if piece]
