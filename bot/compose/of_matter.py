"""Answers about what a meeting did with one matter: the votes, who spoke against it, whether it is decided."""

from bot.answer import Status
from bot.compose.corpus import Corpus
from bot.compose.statement import Statement, assemble
from bot.find.evidence import title_of
from bot.find.matters import Matter, Said, about, is_open, matters
from bot.find.sought import Sought
from bot.turn import Draft
from bot.understand.of_meeting import Facet, beside

_NOT_NAMED = "反対した人の名前は、この会議録には書かれていません。"
# More matters than these are no answer to a question that names none.
_MOST = 3


def of_matter(facet: Facet, sought: Sought, corpus: Corpus) -> Draft | None:
    """Draft what is asked of the matters that the question is about; None where the minutes do not tell it."""
    found = _meant(sought, corpus)
    if facet is Facet.OPPOSED:
        return _against(found)
    if facet is Facet.VOTE:
        counted = [(matter, vote) for matter in found if (vote := matter.vote())]
        statements = [s for matter, vote in counted[:_MOST] for s in _vote(matter, vote)]
        return assemble(statements, topic=title_of(counted[0][0].heading)) if counted else None
    ended = [(matter, said) for matter in found if (said := matter.ending())]
    if len(ended) != 1 or not is_open(ended[0][1]):  # what was decided is told by its piece
        return None
    return assemble([_quoted(ended[0][1])], topic=title_of(ended[0][0].heading))


def _meant(sought: Sought, corpus: Corpus) -> list[Matter]:
    """Return the matters that hold most of the question's words; all that minutes tell of where it has none."""
    words = [term for term in sought.terms if term.is_strong and beside([term.text])]
    of_meetings = [d for d in corpus.documents if d.kind == "meeting" and d.id in sought.scope.allowed]
    told = [(about(words, m), m) for d in of_meetings for m in matters(corpus.passages_of(d.id))]
    most = max((share for share, _ in told), default=0.0)
    return [matter for share, matter in told if share == most] if most else []


def _against(found: list[Matter]) -> Draft | None:
    """Say who said to be against; where it was voted on and nobody is told to have, that no name is recorded."""
    against = [(matter, said) for matter in found for said in matter.against()]
    if against:
        return assemble([_quoted(said) for _, said in against[:_MOST]], topic=title_of(against[0][0].heading))
    spoken = any(matter.vote() or matter.ending() for matter in found)
    return Draft(_NOT_NAMED, status=Status.NO_ANSWER) if spoken else None


def _vote(matter: Matter, vote: Said) -> list[Statement]:
    """Say how the votes fell, and what the chair said came of it."""
    counted = vote.text.strip("()（）").rstrip("。")
    said = Statement(f"採決は「{counted}」でした。", (vote.source,))
    came = matter.came_of(vote)
    return [_quoted(vote) if vote.speaker else said, *([_quoted(came)] if came else [])]


def _quoted(said: Said) -> Statement:
    if said.speaker:
        return Statement(f"{said.speaker}は、「{said.text.rstrip('。')}」と述べています。", (said.source,))
    return Statement(f"会議録には、「{said.text.rstrip('。')}」と記載されています。", (said.source,))
