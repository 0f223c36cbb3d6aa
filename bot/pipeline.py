"""The way of a question, top to bottom: every step it takes, in order, over one opened generation of the index."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from time import perf_counter
from typing import TYPE_CHECKING, TypeVar

from bot.answer import Question
from bot.answerers.computed import Computed
from bot.answerers.curated import CuratedAnswers, Shelf
from bot.answerers.definition import Definition
from bot.answerers.excerpt import Excerpt
from bot.answerers.in_force import InForce
from bot.answerers.nothing import Nothing
from bot.guard.planted import is_planted, planted
from bot.guard.screen import screen
from bot.plain import Plain, Rewrite
from bot.query.read import QueryReader
from bot.query.spelling import Spelling
from bot.reader import Reader
from bot.search.asked_words import AskedOnce
from bot.search.ranking import Ranker
from bot.search.retrieve import Reranker, Retrieve
from bot.suggestions import Suggestions
from bot.tables import Tables
from bot.talk import FollowUp, smalltalk
from bot.tracing import Span, span
from bot.turn import Answerer, Draft, Step, Turn
from bot.validity import Publications
from ingest.encoders import Encoder
from ingest.encoders.encoder import EncodedOnce
from ingest.index import Index
from ingest.normalise import nfkc

if TYPE_CHECKING:
    from bot.writing.generate import Generator

_Result = TypeVar("_Result")
OnStage = Callable[[str], None]
MODEL = "model"
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
        self.encoder = encoder = EncodedOnce(encoder)
        self.publications = Publications(index.documents)
        issuers = {document.issuer for document in index.documents}
        self.spelling = Spelling(index.passages, index.keyword.vocabulary, issuers)
        self.read_query = QueryReader(index.documents, index.keyword.idf)
        asked = AskedOnce(index, encoder)
        self.reader = Reader(asked)
        self.curated = CuratedAnswers(shelf, index, encoder, self.read_query) if shelf else None
        self.suggestions = Suggestions(index, encoder, self.curated.near if self.curated else None)
        tables = Tables(index.passages, is_planted, index.row)
        self.steps: tuple[tuple[str, Step], ...] = (
            ("guard", screen),
            ("smalltalk", smalltalk),
            ("followup", _follow_up(generator, FollowUp(index.documents))),
            ("query", self._query),
            ("search", Retrieve(asked, reranker, ranker)),
            ("planted", planted),
            ("read", self._read),
        )
        excerpt, nothing = Excerpt(index.documents, tables, index.of_document), Nothing(index.documents, contact)
        self.answerers: tuple[tuple[str, Answerer], ...] = (
            *((("curated", self.curated),) if self.curated else ()),
            *_model(generator, index, nothing),
            ("in_force", InForce(index.documents, index.of_document, excerpt)),
            ("definition", Definition(excerpt)),
            ("computed", Computed(index.documents, tables)),
            ("excerpt", excerpt),
            ("nothing", nothing),
        )
        # For who asks for it, and whatever answered: refusals too are said in easy words.
        self.plain: Step = Plain(index.containing, index.documents, _easy(generator))

    def warm(self, day: date) -> None:
        """Take a question through the steps, so that what is read with the first one is read: word lists, models."""
        self.answer(Turn(Question(question=_ANY), day))

    def answer(self, turn: Turn, on_stage: OnStage | None = None) -> tuple[Turn, dict[str, float]]:
        """Take the turn through the steps, to the first answerer that has an answer, and add what may be asked next.

        Returns the turn with its draft and the milliseconds that each step took; `on_stage` is told each step's name.
        """
        timings: dict[str, float] = {}

        def take(name: str, step: Callable[[Turn], _Result]) -> _Result:
            if on_stage:
                on_stage(name)
            start = perf_counter()
            with span(f"shirube.{name}") as traced:
                result = step(turn)
                _note(traced, result)
            timings[name] = round((perf_counter() - start) * 1000, 2)
            return result

        turn = replace(turn, text=nfkc(turn.question.question).strip())
        for name, step in self.steps:
            if turn.draft is None:
                turn = take(name, step)
        for name, answerer in self.answerers:
            if turn.draft is None and (turn.question.by_model or name != MODEL):
                turn = replace(turn, draft=take(name, answerer))
        turn = take("suggest", self.suggestions)
        if turn.question.style == "easy":  # asked for, or wished for in the talk
            turn = take("plain", self.plain)
        return turn, timings

    def _query(self, turn: Turn) -> Turn:
        text = self.spelling(turn.text)
        within = turn.history[-1].documents if turn.made_whole else frozenset()
        typed = self.spelling(nfkc(turn.question.question)) if turn.made_whole else ""
        query = self.read_query(text, turn.as_of, within, turn.question.language, typed)
        other = self.read_query(turn.otherwise, turn.as_of, within) if turn.otherwise else None
        return replace(turn, text=text, query=query, other_query=other)

    def _read(self, turn: Turn) -> Turn:
        return replace(turn, reading=self.reader.read(turn.query, turn.hits)) if turn.query else turn


def _note(traced: Span, result: object) -> None:
    """Note what a step found, in numbers and words of the code."""
    if isinstance(result, Turn):
        traced.note(shirube__passages=len(result.hits))
    draft = result.draft if isinstance(result, Turn) else result
    if isinstance(draft, Draft):
        traced.note(shirube__status=draft.status.value, shirube__citations=len(draft.sources))


def _follow_up(generator: "Generator | None", rules: Step) -> Step:
    if generator is None:
        return rules
    from bot.model.whole import ModelFollowUp  # noqa: PLC0415 -- LangChain takes a second to import

    return ModelFollowUp(rules, generator.chat)


def _model(generator: "Generator | None", index: Index, nothing: Nothing) -> tuple[tuple[str, Answerer], ...]:
    if generator is None:
        return ()
    from bot.answerers.model import Written  # noqa: PLC0415 -- as above

    return ((MODEL, Written(generator, index, nothing)),)


def _easy(generator: "Generator | None") -> Rewrite | None:
    if generator is None:
        return None
    from bot.plain.model import Easy  # noqa: PLC0415 -- as above

    return Easy(generator.chat)
