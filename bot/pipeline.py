"""The way of a question, top to bottom: every step it takes, in order, over one opened generation of the index."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from time import perf_counter
from typing import TYPE_CHECKING

from bot.answer import Question, Status
from bot.check.verify import Verify
from bot.compose import Compose
from bot.compose.both_asks import BothAsks
from bot.compose.of_meeting import OfMeeting
from bot.compose.of_plan import OfPlan
from bot.curated.sense import Senses
from bot.curated.served import ServeCurated, Shelf
from bot.find.decide import Decide
from bot.find.defined import definer
from bot.find.likeness import Likeness
from bot.find.weigh import Scale
from bot.further import Further
from bot.guard.planted import planted
from bot.guard.screen import screen
from bot.plain import Plain, Rewrite
from bot.search.ranker import Ranker
from bot.search.rerank import Reranker
from bot.search.retrieve import Retrieve
from bot.turn import Draft, Step, Turn
from bot.understand.followup import FollowUp
from bot.understand.frame import unframe
from bot.understand.located import understood
from bot.understand.respell import Respell
from bot.understand.smalltalk import smalltalk
from bot.validity import Publications
from ingest.documents import Document
from ingest.encoders import Encoder
from ingest.index import Index
from ingest.normalise import nfkc

if TYPE_CHECKING:
    from bot.model.generate import Generator

# The steps that answer a question made from the documents' own words.
_EXTRACTING = frozenset({"read", "retrieve", "of_plan", "of_meeting", "decide", "compose", "verify"})
OnStage = Callable[[str], None]
# Asked of no document in particular.
_ANY = "窓口は何時から何時まで開いていますか"


class Pipeline:
    """Answers from `index`; safe to share between threads. `generator` is a language model, if there is one.

    `shelf` holds the answers that staff wrote, if there are any to hold.
    """

    def __init__(
        self,
        index: Index,
        encoder: Encoder,
        *,
        contact: str = "",
        generator: "Generator | None" = None,
        reranker: Reranker | None = None,
        ranker: Ranker | None = None,
        shelf: Shelf | None = None,
    ) -> None:
        self.index = index
        self.encoder = encoder
        self.senses = Senses(index.documents)
        self.curated = ServeCurated(shelf, index, encoder, self.senses) if shelf else None
        self.publications = Publications(index.documents)
        self.respell = Respell(index.passages, index.keyword.vocabulary)
        likeness = Likeness(encoder, index.keyword.vocabulary)
        vocabulary = frozenset(index.keyword.vocabulary)
        scale = Scale(index.keyword.idf, vocabulary.__contains__, likeness, {d.id: d for d in index.documents})
        # Which reading of a follow-up the documents cover is the same in any order of the passages.
        glance, decide = Retrieve(index, encoder, ranker=ranker), Decide(scale, contact)

        def probe(turn: Turn) -> float:
            return decide.coverage(glance(turn))

        compose, verify = Compose(index.passages, index.documents), Verify(index.documents)

        def told(turn: Turn) -> Turn:
            return verify(compose(turn))

        self.further = Further(index.passages, index.documents, self._extract)
        self.steps: tuple[tuple[str, Step], ...] = (
            ("read", read),
            ("screen", screen),
            ("smalltalk", smalltalk),
            ("unframe", unframe),
            ("respell", self.respell),
            ("followup", _follow_up(generator, FollowUp(probe, index.documents, definer(index.passages)))),
            ("retrieve", Retrieve(index, encoder, reranker, ranker)),
            *((("curated", self.curated),) if self.curated else ()),
            ("planted", planted),
            ("of_plan", OfPlan(index.passages, index.documents)),
            ("of_meeting", OfMeeting(index.passages, index.documents)),
            # A language model answers both of two questions by itself.
            *(() if generator else (("both_asks", BothAsks(index.passages, index.documents, glance, decide, told)),)),
            ("decide", decide),
            *_generation(generator, index.documents),
            ("compose", compose),
            ("verify", verify),
            ("further", self.further),
        )
        # Behind whatever refused: what lies near and can be asked instead.
        self.near: tuple[str, Step] = ("near", self.further.near)
        # For who asks for it, and whatever ended the way: refusals too are said in easy words.
        self.plain: tuple[str, Step] = ("plain", Plain(index.passages, index.documents, _easy(generator)))

    def warm(self, day: date) -> None:
        """Take a question through the steps, so that what is read with the first one is read: word lists, rules."""
        turn = read(Turn(Question(question=_ANY), day))
        screen(turn)
        self._extract(self.respell(turn))

    def _extract(self, turn: Turn) -> Draft | None:
        """Return what is answered from the documents alone, without history, staff's answers or a language model."""
        for name, step in self.steps:
            if name in _EXTRACTING and not turn.finished:
                turn = step(turn)
        return turn.draft

    def answer(self, turn: Turn, on_stage: OnStage | None = None) -> tuple[Turn, dict[str, float]]:
        """Take the turn through the steps until one finishes it, and through the last one where its style asks for it.

        Returns the turn with its draft and the milliseconds that each step took; `on_stage` is told each step's name.
        """
        timings: dict[str, float] = {}

        def take(name: str, step: Step) -> None:
            nonlocal turn
            if on_stage:
                on_stage(name)
            start = perf_counter()
            turn = step(turn)
            timings[name] = round((perf_counter() - start) * 1000, 2)

        for name, step in self.steps:
            if not turn.finished:
                take(name, step)
        if turn.draft and turn.draft.status is Status.NO_ANSWER:
            take(*self.near)
        if turn.question.style == "easy":  # asked for, or wished for in the talk
            take(*self.plain)
        return turn, timings


def read(turn: Turn) -> Turn:
    """Return the turn with its text in normal form and understood."""
    text = nfkc(turn.question.question).strip()
    return replace(turn, text=text, asked=understood(text, turn.as_of))


def _follow_up(generator: "Generator | None", rules: Step) -> Step:
    if generator is None:
        return rules
    from bot.model.whole import ModelFollowUp  # noqa: PLC0415

    return ModelFollowUp(rules, generator.chat)


def _easy(generator: "Generator | None") -> Rewrite | None:
    if generator is None:
        return None
    from bot.model.easy import Easy  # noqa: PLC0415

    return Easy(generator.chat)


def _generation(generator: "Generator | None", documents: Sequence[Document]) -> tuple[tuple[str, Step], ...]:
    if generator is None:
        return ()
    from bot.model.write import Write  # noqa: PLC0415 -- LangChain takes a second to import

    return (("generate", Write(generator, documents)),)
