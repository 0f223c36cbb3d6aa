"""The way of a question, top to bottom: every step it takes, in order, over one opened generation of the index."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from time import perf_counter
from typing import TYPE_CHECKING

from bot.check.verify import Verify
from bot.compose import Compose
from bot.find.decide import Decide
from bot.find.likeness import Likeness
from bot.find.weigh import Scale
from bot.guard.planted import planted
from bot.guard.screen import screen
from bot.plain import Plain, Rewrite
from bot.search.ranker import Ranker
from bot.search.rerank import Reranker
from bot.search.retrieve import Retrieve
from bot.turn import Step, Turn
from bot.understand.followup import FollowUp
from bot.understand.question import understand
from bot.understand.respell import Respell
from bot.understand.smalltalk import smalltalk
from bot.validity import Publications
from ingest.documents import Document
from ingest.encoders import Encoder
from ingest.index import Index
from ingest.normalise import nfkc

if TYPE_CHECKING:
    from bot.model.generate import Generator

OnStage = Callable[[str], None]


class Pipeline:
    """Answers from `index`; safe to share between threads. `generator` is a language model, if there is one."""

    def __init__(
        self,
        index: Index,
        encoder: Encoder,
        *,
        contact: str = "",
        generator: "Generator | None" = None,
        reranker: Reranker | None = None,
        ranker: Ranker | None = None,
    ) -> None:
        self.index = index
        self.encoder = encoder
        self.publications = Publications(index.documents)
        self.respell = Respell(index.passages, index.keyword.vocabulary)
        likeness = Likeness(encoder, index.keyword.vocabulary)
        vocabulary = frozenset(index.keyword.vocabulary)
        scale = Scale(index.keyword.idf, vocabulary.__contains__, likeness, {d.id: d for d in index.documents})
        # Which reading of a follow-up the documents cover is the same in any order of the passages.
        glance, decide = Retrieve(index, encoder, ranker=ranker), Decide(scale, contact)

        def probe(turn: Turn) -> float:
            return decide.coverage(glance(turn))

        self.steps: tuple[tuple[str, Step], ...] = (
            ("read", read),
            ("screen", screen),
            ("smalltalk", smalltalk),
            ("respell", self.respell),
            ("followup", _follow_up(generator, FollowUp(probe, index.documents))),
            ("retrieve", Retrieve(index, encoder, reranker, ranker)),
            ("planted", planted),
            ("decide", decide),
            *_generation(generator, index.documents),
            ("compose", Compose(index.passages, index.documents)),
            ("verify", Verify(index.documents)),
        )
        # For who asks for it, and whatever ended the way: refusals too are said in easy words.
        self.plain: tuple[str, Step] = ("plain", Plain(index.passages, index.documents, _easy(generator)))

    def answer(self, turn: Turn, on_stage: OnStage | None = None) -> tuple[Turn, dict[str, float]]:
        """Take the turn through the steps until one finishes it, and through the last one where its style asks for it.

        Returns the turn with its draft and the milliseconds that each step took; `on_stage` is told each step's name.
        """
        timings: dict[str, float] = {}
        last = (self.plain,) if turn.question.style == "easy" else ()
        for name, step in (*self.steps, *last):
            if turn.finished and (name, step) not in last:
                continue
            if on_stage:
                on_stage(name)
            start = perf_counter()
            turn = step(turn)
            timings[name] = round((perf_counter() - start) * 1000, 2)
        return turn, timings


def read(turn: Turn) -> Turn:
    """Return the turn with its text in normal form and understood."""
    text = nfkc(turn.question.question).strip()
    return replace(turn, text=text, asked=understand(text, turn.as_of))


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
