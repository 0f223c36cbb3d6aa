"""The question pipeline: all steps and answerers in order, over one index generation."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from time import perf_counter
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from bot.answers.definition import DefinitionAnswerer
from bot.answers.excerpt import LIKELY, ExcerptAnswerer
from bot.answers.no_answer import NoAnswer
from bot.answers.table import TableAnswerer
from bot.answers.validity_period import ValidityPeriodAnswerer
from bot.conversation import FollowUpRewriter, is_vague, smalltalk
from bot.conversation.multiple_questions import MOST, merge_answers, merge_turns, split_questions, with_history
from bot.curation.answerer import CuratedAnswerer, CuratedStore
from bot.easy_japanese import EasyJapanese, Rewrite
from bot.guardrails.prompt_injection import has_injection, remove_injected_hits
from bot.guardrails.screen import screen_question
from bot.monitoring.tracing import Span, span
from bot.question.query_parser import QueryParser
from bot.question.question_splitting import find_subjects
from bot.question.spelling import SpellingCorrector
from bot.relevance import Reader
from bot.relevance.adjustments import Adjustments
from bot.relevance.adjustments.catalogue import DocumentCatalogue
from bot.retrieval.query_representation import QueryRepresentationCache
from bot.retrieval.ranking import Ranker
from bot.retrieval.retrieve import Reranker, Retriever
from bot.state import Answerer, Draft, Hit, Question, Status, Step, Turn
from bot.suggestions import Suggestions
from bot.tables import Tables
from bot.verification import CITED
from ingest.embedding import Encoder
from ingest.embedding.encoder import CachingEncoder
from ingest.index.index import Index
from ingest.japanese import nfkc
from ingest.metadata.validity import Publications

if TYPE_CHECKING:
    from bot.answers.generated import GeneratedAnswerer, OnText
    from bot.generation.generate import Generator

_Result = TypeVar("_Result")
OnStage = Callable[[str], None]
MODEL = "model"
# What a talk goes on from: not a greeting, nor what was refused, of which nothing goes any further.
_SPOKEN_OF = frozenset({Status.ANSWERED, Status.PARTIAL, Status.NO_ANSWER, Status.CLARIFY})
# Passages of a section that are read again for a follow-up: as many as a search finds.
_AGAIN = 24
# So often at most the documents are searched and read for one text: each takes the time of a question.
_PASSES = 4
# Asked of no document in particular.
_ANY = "窓口は何時から何時まで開いていますか"


class Pipeline:
    """Answers from `index`; safe to share between threads. `generator` is a language model, if there is one.

    `shelf` holds the answers that staff wrote, if there are any to hold. `without` names the adjustments that are
    switched off.
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
        shelf: CuratedStore | None = None,
        without: Collection[str] = (),
    ) -> None:
        self.index = index
        self.encoder = encoder = CachingEncoder(encoder)
        self.publications = Publications(index.documents)
        issuers = {document.issuer for document in index.documents}
        self.spelling = SpellingCorrector(index.passages, index.keyword.vocabulary, issuers)
        self.read_query = QueryParser(index.documents, index.keyword.idf)
        asked = QueryRepresentationCache(index, encoder)
        self.reader = Reader(asked)
        self.curated = CuratedAnswerer(shelf, index, encoder, self.read_query) if shelf else None
        self.suggestions = Suggestions(index, encoder, self.curated.near if self.curated else None)
        tables = Tables(index.passages, has_injection, index.row)
        adjustments = Adjustments(DocumentCatalogue(index.documents, tables, index.document_passages), without)
        self.opening: tuple[tuple[str, Step], ...] = (
            ("guard", screen_question),
            ("smalltalk", partial(smalltalk, contact=contact)),
            ("spelling", lambda turn: replace(turn, text=self.spelling(turn.text))),
        )
        self.follow_up = _follow_up(generator, FollowUpRewriter(index.documents, of_document=index.document_passages))
        self.steps: tuple[tuple[str, Step], ...] = (
            ("query", self._query),
            ("search", Retriever(asked, adjustments.expand, reranker, ranker)),
            ("planted", remove_injected_hits),
            ("read", self._read),
            ("adjust", adjustments),
        )
        self.excerpt = excerpt = ExcerptAnswerer(adjustments)
        nothing = NoAnswer(index.documents, contact)
        self._generated = _open_generated(generator, index, nothing)
        self.answerers: tuple[tuple[str, Answerer], ...] = (
            *((("curated", self.curated),) if self.curated else ()),
            *(((MODEL, self._generated),) if self._generated else ()),
            ("in_force", ValidityPeriodAnswerer(index.documents, index.document_passages, excerpt)),
            ("definition", DefinitionAnswerer(excerpt)),
            ("computed", TableAnswerer(index.documents, tables)),
            ("excerpt", excerpt),
            ("nothing", nothing),
        )
        # For who asks for it, and whatever answered: refusals too are said in easy words.
        self.plain: Step = EasyJapanese(index.find_containing, index.documents, _easy(generator))

    def warm(self, day: date) -> None:
        """Take a question through the steps, so that what is read with the first one is read: word lists, models."""
        self.answer(Turn(Question(question=_ANY, by_model=False), day))

    def answer(
        self, turn: Turn, on_stage: OnStage | None = None, on_text: "OnText | None" = None
    ) -> tuple[Turn, dict[str, float]]:
        """Take the turn through the steps, to the first answerer that has an answer, and add what may be asked next.

        A text that asks several things is several turns from the follow-up on, each behind the one before, and one
        again with the answer; a language model reads them all at once. Returns the turn with its draft and the
        milliseconds that each step took. `on_stage` receives each step's name, `on_text` the verified sentences of a
        language model, unless they are to be rewritten in easy Japanese.
        """
        take = _StepRunner(on_stage)
        history = tuple(one for one in turn.history if one.status in _SPOKEN_OF)
        whole = take.run_steps(
            self.opening, replace(turn, text=nfkc(turn.text or turn.question.question).strip(), history=history)
        )
        # The fork: from here on a turn a question.
        asked = split_questions(whole, partial(take.run_steps, (("followup", self.follow_up),)))
        for at, one in enumerate(asked):
            asked[at] = take.run_steps(self.steps, with_history(asked[:at], replace(one, history=whole.history)))
        for name, answerer in self.answerers:
            if name != MODEL:
                asked = [take.answer(name, answerer, one) for one in asked]
            elif whole.question.by_model:
                asked = self._generate_answers(whole, asked, take, on_text)
        asked = [take("suggest", self.suggestions, one) for one in self._retry_unanswered(asked, take)]
        # Asked for, or wished for in the talk.
        asked = [take("plain", self.plain, one) if one.question.style == "easy" else one for one in asked]
        return merge_answers(whole, asked), take.timings

    def _retry_unanswered(self, asked: list[Turn], take: "_StepRunner") -> list[Turn]:
        """Return the turns, those to which nothing was found asked otherwise, where that is answered.

        A follow-up as it was typed, and several subjects in one (検診と、ごみの日を教えて) one by one. What a language
        model says of the passages stands.
        """
        typed = [one.typed if _is_unanswered(one) and one.typed and self._names_subject(one) else "" for one in asked]
        left = max(1, _PASSES - len(asked))
        again = [at for at, text in enumerate(typed) if text][:left]
        for at in again:
            asked[at] = self._rerun_with_texts(asked[at], [typed[at]], take)[0]
        if len(asked) == 1 and _is_unanswered(asked[0]):
            asked = self._rerun_with_texts(asked[0], find_subjects(asked[0].text)[: min(MOST, left - len(again))], take)
        return [self._answer_from_previous_sections(one) if _is_unanswered(one) else one for one in asked]

    def _answer_from_previous_sections(self, turn: Turn) -> Turn:
        """Return a follow-up with what was shown before it, read anew and said to be unsure.

        Notices tell much without naming it (無料): of 59 such follow-ups to which nothing was found
        what answers 46 stands there (decision 028). What was asked once more of something else is left out.
        """
        before = turn.history[-1] if turn.typed and turn.text.endswith(turn.typed) else None
        if before is None or turn.query is None:
            return turn
        doc_ids = before.documents & turn.query.scope.preferred
        told = [self.index.passages[row] for row in np.flatnonzero(self.index.document_mask(doc_ids)).tolist()]
        sections = {(passage.doc_id, passage.path) for passage in told if passage.id in before.passages}
        beside = [passage for passage in told if (passage.doc_id, passage.path) in sections]
        beside.sort(key=lambda passage: passage.id not in before.passages)
        hits = tuple(Hit(passage, 1.0) for passage in beside[:_AGAIN])
        read = self._read(remove_injected_hits(replace(turn, hits=hits)))
        reading = read.reading and replace(read.reading, confidence=LIKELY)
        return replace(turn, draft=self.excerpt(replace(read, reading=reading)) or turn.draft)

    def _names_subject(self, turn: Turn) -> bool:
        """Whether what was typed names a subject, neither a town alone (青葉市では?) nor what one has (費用は?)."""
        query = self.read_query(turn.typed, turn.as_of)
        is_town = bool(query.scope.issuers) and query.topic == query.text
        return not is_town and not is_vague(turn.typed)

    def _rerun_with_texts(self, turn: Turn, texts: Sequence[str], take: "_StepRunner") -> list[Turn]:
        """Return a turn for each text, taken through the way once more; the turn itself where none is answered."""
        again = []
        for text in texts:
            one = take.run_steps(self.steps, replace(turn, text=text, typed="", alternative_text="", draft=None))
            for name, answerer in self.answerers:
                one = one if name == MODEL else take.answer(name, answerer, one)
            again.append(one)
        return again if any(one.draft and one.draft.status in CITED for one in again) else [turn]

    def _generate_answers(
        self, whole: Turn, asked: list[Turn], take: "_StepRunner", on_text: "OnText | None"
    ) -> list[Turn]:
        """Return what a language model makes of all that was asked, at once; where staff answer a part, of each."""
        assert self._generated is not None, "only called where there is a language model"
        if any(one.draft for one in asked):
            return [take.answer(MODEL, self._generated, one) for one in asked]
        merged = merge_turns(whole, asked)
        listener = on_text if merged.question.style == "standard" else None
        at_once = take.answer(MODEL, partial(self._generated, on_text=listener), merged)
        return [at_once] if at_once.draft else asked

    def _query(self, turn: Turn) -> Turn:
        within = turn.history[-1].documents if turn.typed else frozenset()
        before, reader = [nfkc(one.understood) for one in turn.history], turn.question.language
        text = self.read_query.add_town(turn.text, before, turn.as_of, reader)
        query = self.read_query(text, turn.as_of, within, reader, turn.typed)
        alternative = self.read_query(turn.alternative_text, turn.as_of, within) if turn.alternative_text else None
        return replace(turn, text=text, query=query, alternative_query=alternative)

    def _read(self, turn: Turn) -> Turn:
        return replace(turn, reading=self.reader.read(turn.query, turn.hits)) if turn.query else turn


class _StepRunner:
    """Takes turns through steps; tells each step's name, and keeps the milliseconds that each took."""

    def __init__(self, on_stage: OnStage | None) -> None:
        self.timings: dict[str, float] = {}
        self._on_stage = on_stage

    def __call__(self, name: str, step: Callable[[Turn], _Result], turn: Turn) -> _Result:
        if self._on_stage:
            self._on_stage(name)
        start = perf_counter()
        with span(f"shirube.{name}") as traced:
            result = step(turn)
            _trace_result(traced, result)
        self.timings[name] = round(self.timings.get(name, 0.0) + (perf_counter() - start) * 1000, 2)
        return result

    def run_steps(self, steps: Sequence[tuple[str, Step]], turn: Turn) -> Turn:
        """Return a turn behind the steps, up to the one that ends it."""
        for name, step in steps:
            turn = turn if turn.draft else self(name, step, turn)
        return turn

    def answer(self, name: str, answerer: Answerer, turn: Turn) -> Turn:
        """Return a turn with what the answerer has to say, one that has been answered as it is."""
        return turn if turn.draft else replace(turn, draft=self(name, answerer, turn))


def _is_unanswered(turn: Turn) -> bool:
    """Whether nothing was found, and no language model said so."""
    return bool(turn.draft and (turn.draft.status, turn.draft.generator) == (Status.NO_ANSWER, "extractive"))


def _trace_result(traced: Span, result: object) -> None:
    """Note what a step found, in numbers and words of the code."""
    if isinstance(result, Turn):
        traced.note(shirube__passages=len(result.hits))
    draft = result.draft if isinstance(result, Turn) else result
    if isinstance(draft, Draft):
        traced.note(shirube__status=draft.status.value, shirube__citations=len(draft.sources))


def _follow_up(generator: "Generator | None", rules: Step) -> Step:
    if generator is None:
        return rules
    from bot.generation.followup_rewriting import LLMFollowUpRewriter  # noqa: PLC0415 -- LangChain takes a second to import

    return LLMFollowUpRewriter(rules, generator.chat)


def _open_generated(generator: "Generator | None", index: Index, nothing: NoAnswer) -> "GeneratedAnswerer | None":
    if generator is None:
        return None
    from bot.answers.generated import GeneratedAnswerer  # noqa: PLC0415 -- as above

    return GeneratedAnswerer(generator, index, nothing)


def _easy(generator: "Generator | None") -> Rewrite | None:
    if generator is None:
        return None
    from bot.easy_japanese.llm_rewriter import EasyJapaneseModel  # noqa: PLC0415 -- as above

    return EasyJapaneseModel(generator.chat)
