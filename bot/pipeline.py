"""The question pipeline: steps, answerers and attempts in order, over one index generation."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from time import perf_counter
from typing import TYPE_CHECKING, TypeVar

from bot.answers.amendments.amendment_notices import AmendmentNotices
from bot.answers.amendments.consolidation_answerer import ConsolidationAnswerer
from bot.answers.definition import DefinitionAnswerer
from bot.answers.excerpt import ExcerptAnswerer
from bot.answers.listed import ListAnswerer
from bot.answers.minutes_answers import MinutesAnswerer
from bot.answers.no_answer import NoAnswer
from bot.answers.plans.plan_answerer import PlanAnswerer
from bot.answers.table import TableAnswerer
from bot.answers.validity_period import ValidityPeriodAnswerer
from bot.conversation import FollowUpRewriter, smalltalk
from bot.conversation.attempts import AsTyped, Attempt, CitedSections, OtherWordings, PerSubject, WithoutContext
from bot.curation.answerer import CuratedAnswerer, CuratedStore
from bot.curation.dictionary.expansion import DictionaryStore, NameExpansion, add_name_notice
from bot.easy_japanese import EasyJapanese, Rewrite
from bot.guardrails.prompt_injection import has_injection, remove_injected_hits
from bot.guardrails.screen import screen_question
from bot.merging.merged_answers import merge_answers
from bot.merging.merged_turns import have_one_subject, merge_turns
from bot.monitoring.tracing import Span, span
from bot.question.own_spelling import Respelling, find_respellings
from bot.question.query_parser import QueryParser
from bot.question.spelling import SpellingCorrector
from bot.relevance import Reader, raise_by_proposals
from bot.relevance.adjustments import SUBJECT, Adjustments
from bot.relevance.adjustments.catalogue import DocumentCatalogue
from bot.relevance.calibration import LIKELY, calibrate
from bot.relevance.subject import SubjectCheck, qualify_draft
from bot.relevance.wordings import read_wordings
from bot.retrieval.query_representation import QueryRepresentationCache
from bot.retrieval.ranking import Ranker
from bot.retrieval.retrieve import Reranker, Retriever
from bot.splitting.question_turns import split_questions, with_history
from bot.state import Answerer, Draft, Exchange, Question, Status, Step, Turn
from bot.suggestions import Suggestions
from bot.tables import Tables
from bot.verification import CITED
from ingest.amendments.consolidation import Consolidations
from ingest.amendments.document_lines import document_lines
from ingest.documents import Passage
from ingest.embedding import Encoder
from ingest.embedding.encoder import CachingEncoder
from ingest.index.index import Index
from ingest.japanese import nfkc
from ingest.metadata.validity import Publications
from ingest.overview import Overviews

if TYPE_CHECKING:
    from bot.answers.generated import GeneratedAnswerer, OnText
    from bot.generation.generate import Generator

_Result = TypeVar("_Result")
OnStage = Callable[[str], None]
OnProvisional = Callable[[Turn], None]
Steps = tuple[tuple[str, Step], ...]
Answerers = tuple[tuple[str, Answerer], ...]
MODEL = "model"
# Exchanges with another status, such as greetings and refusals, are not part of the conversation.
_CONTINUED = frozenset({Status.ANSWERED, Status.PARTIAL, Status.NO_ANSWER, Status.CLARIFY})
# Searches for one message, with all attempts, because each takes as long as a question.
_MAX_SEARCHES = 4
# Seconds after which no further question of a message is searched; the rest are named in the answer.
_MAX_SPLIT_S = 4.0
# Any question loads the word lists and models.
_WARM_UP_QUESTION = "窓口は何時から何時まで開いていますか"


@dataclass(frozen=True, slots=True)
class PlannedAttempt:
    """An attempt with the steps and answerers for its variants.

    `searches` if it counts against the search limit, `for_unsure` if it is also made for one of several questions whose
    answer is unsure.
    """

    attempt: Attempt
    steps: Steps
    answerers: Answerers
    searches: bool = True
    for_unsure: bool = False


class Pipeline:
    """Answers questions from an index; safe to share between threads.

    `contact` is how to reach a person, "" if unknown. `generator` is an optional language model, `reranker` an optional
    cross-encoder; `ranker` replaces the fitted one. `curated_store` has the answers of staff, `dictionary` the office's
    words, and `without` names the adjustments to switch off.
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
        curated_store: CuratedStore | None = None,
        dictionary: DictionaryStore | None = None,
        without: Collection[str] = (),
    ) -> None:
        self.index = index
        self.encoder = encoder = CachingEncoder(encoder)
        documents = index.documents
        self.publications = Publications(documents)
        issuers = {document.issuer for document in documents}
        self.spelling = SpellingCorrector(index.passages, index.keyword.vocabulary, issuers)
        self.read_query = QueryParser(documents, index.keyword.idf)
        self.names = NameExpansion(dictionary, index, self.read_query) if dictionary else None
        representations = QueryRepresentationCache(index, encoder)
        self.reader = Reader(representations)
        self.curated = CuratedAnswerer(curated_store, index, encoder, self.read_query) if curated_store else None
        self.suggestions = Suggestions(index, encoder, self.curated.similar_questions if self.curated else None)
        tables = Tables(index.passages, has_injection, index.passage_row)
        catalogue = DocumentCatalogue(documents, tables, index.document_passages)
        adjustments = Adjustments(catalogue, without)
        excerpt = ExcerptAnswerer(adjustments)
        no_answer = NoAnswer(documents, contact)
        minutes = MinutesAnswerer(catalogue, index.find_containing)

        rewriter = FollowUpRewriter(documents, passages_of=index.document_passages, find_tables=tables.find_by_ids)
        self.follow_up = _follow_up(generator, rewriter)
        self.easy_japanese: Step = EasyJapanese(index.find_containing, documents, _rewriter(generator))
        self.opening: Steps = (
            ("guard", screen_question),
            ("smalltalk", partial(smalltalk, contact=contact)),
        )
        self.context: Steps = (("spelling", self._respell), ("follow_up", self.follow_up))
        subject: Steps = () if SUBJECT in without else ((SUBJECT, SubjectCheck(index)),)
        retriever = Retriever(representations, adjustments.expand, reranker, ranker)
        self.steps: Steps = (
            ("query", self._parse),
            *((("names", self.names),) if self.names else ()),
            ("retrieve", retriever),
            ("injections", remove_injected_hits),
            *subject,
            ("relevance", self._score),
            ("adjustments", adjustments),
            ("calibration", calibrate),
        )
        self.overviews = Overviews(index)

        def find_passage(passage_id: str) -> Passage:
            return index.passages[index.passage_row(passage_id)]

        plan = PlanAnswerer(documents, self.overviews.find, index.document_passages, find_passage)
        listed, table = ListAnswerer(tables), TableAnswerer(documents, tables)
        extractive: Answerers = (
            ("minutes", minutes),
            ("validity_period", ValidityPeriodAnswerer(documents, index.document_passages, excerpt)),
            ("definition", DefinitionAnswerer(excerpt)),
            ("list", listed),
            ("table", table),
            ("excerpt", excerpt),
            ("no_answer", no_answer),
        )
        curated: Answerers = (("curated", self.curated),) if self.curated else ()
        self.consolidations = Consolidations(
            documents, lambda doc_id: document_lines(index.document_passages(doc_id), index.dropped_lines(doc_id))
        )
        self._add_amendment_notices = AmendmentNotices(self.consolidations)
        consolidation = ConsolidationAnswerer(
            self.consolidations, catalogue, lambda passage_id: index.passages[index.passage_row(passage_id)]
        )
        before_model: Answerers = (
            *curated,
            ("minutes_speakers", minutes.answer_about_speakers),
            ("absent_name", lambda turn: no_answer(turn) if turn.absent else None),
            ("consolidation", consolidation),
            ("plan", plan),
            # A model never counts, adds or compares the figures of a list or table.
            ("counted_list", listed.answer_counted),
            ("computed", table.answer_computed),
        )
        self._generated = _generated(generator, index, no_answer)
        self.answerers_before_model, self.extractive_answerers = before_model, extractive
        self.attempts = (
            PlannedAttempt(
                OtherWordings(),
                (
                    ("retrieve", retriever),
                    ("injections", remove_injected_hits),
                    ("relevance", self._score),
                    ("adjustments", adjustments),
                ),
                (*before_model, *extractive),
            ),
            PlannedAttempt(AsTyped(self.read_query), self.steps, (*before_model, *extractive), for_unsure=True),
            PlannedAttempt(WithoutContext(), self.steps, (*before_model, *extractive)),
            PlannedAttempt(PerSubject(), self.steps, (*before_model, *extractive)),
            PlannedAttempt(
                CitedSections(index),
                (("injections", remove_injected_hits), ("relevance", self._score), ("unsure", _as_likely)),
                (("excerpt", excerpt),),
                searches=False,
            ),
        )

    def warm(self, day: date) -> None:
        """Answer a question, so that word lists and models are loaded before the first request."""
        self.answer(Turn(Question(question=_WARM_UP_QUESTION, by_model=False), day))

    def answer(
        self,
        turn: Turn,
        on_stage: OnStage | None = None,
        on_text: "OnText | None" = None,
        on_provisional: OnProvisional | None = None,
    ) -> tuple[Turn, dict[str, float]]:
        """Return the turn with its draft and suggestions, and the milliseconds that each step took.

        A message with several questions becomes several turns, each with the earlier ones in its history; their answers
        are merged at the end. `on_stage` receives the name of each step, `on_text` the verified sentences of a language
        model, unless they will be rewritten in easy Japanese. `on_provisional` receives the turn with the draft that it
        gets without a language model, just before one is asked; not where that draft cites nothing.
        """
        run = _StepRunner(on_stage)
        text = nfkc(turn.texts.searched or turn.question.question).strip()
        turn = self._respell_history(turn).with_searched_text(text)
        history = turn.history
        turn = run.steps(self.opening, turn)
        turns, left_over = split_questions(turn, partial(run.steps, self.context))
        for i, question in enumerate(turns):
            if i and run.elapsed_s() > _MAX_SPLIT_S:
                left_over = (*(question.texts.as_written for question in turns[i:]), *left_over)
                turns = turns[:i]
                break
            turns[i] = run.steps(self.steps, with_history(turns[:i], replace(question, history=history)))
        turns = [run.answerers(self.answerers_before_model, question) for question in turns]
        if self._generated and turn.question.by_model:
            if on_provisional and not all(question.draft for question in turns):
                self._report_provisional(turn, turns, on_provisional)
            turns = self._generate(turn, turns, run, on_text)
        turns = [run.answerers(self.extractive_answerers, question) for question in turns]
        turns = self._answer_together(turn, self._try_attempts(turns, run), run)
        turns = [self._qualify(question) for question in turns]
        turns = [run("suggestions", self.suggestions, question) for question in turns]
        turns = [
            run("easy_japanese", self.easy_japanese, question) if question.question.style == "easy" else question
            for question in turns
        ]
        return merge_answers(turn, turns, left_over), run.timings

    def _report_provisional(self, message: Turn, turns: list[Turn], on_provisional: OnProvisional) -> None:
        """Report the answer from the ranking alone. It takes no part in the final one, its stages or its timings."""
        run, question = _StepRunner(None), message.question.model_copy(update={"by_model": False})
        drafted = [
            self._qualify(run.answerers(self.extractive_answerers, replace(turn, question=question))) for turn in turns
        ]
        provisional = merge_answers(message, [self.easy_japanese(turn) for turn in drafted])
        if _is_cited(provisional):
            on_provisional(provisional)

    def _generate(self, message: Turn, turns: list[Turn], run: "_StepRunner", on_text: "OnText | None") -> list[Turn]:
        """Return one turn with a language model's answer to all questions, or one each where some have an answer."""
        assert self._generated is not None, "only called with a language model"
        if any(turn.draft for turn in turns):
            return [turn if turn.draft else run(MODEL, self._generated, turn) for turn in turns]
        merged = merge_turns(message, turns)
        listener = on_text if merged.question.style == "standard" else None
        merged = run(MODEL, partial(self._generated, on_text=listener, on_stage=run.on_stage), merged)
        first, *others = turns
        return [merged] if merged.draft else [replace(first, rejected=merged.rejected), *others]

    def _try_attempts(self, turns: list[Turn], run: "_StepRunner") -> list[Turn]:
        """Return the turns, those without an answer replaced by the variants of the first attempt that is answered.

        One of several questions whose answer is unsure is replaced where a variant of an attempt for such is surely
        answered.
        """
        searches_left = max(1, _MAX_SEARCHES - len(turns))
        for planned in self.attempts:
            tried = list[Turn]()
            for turn in turns:
                is_unsure = planned.for_unsure and bool(turns[1:]) and _is_unsure(qualify_draft(turn))
                is_tried = is_unsure or _is_unanswered(turn)
                variants = planned.attempt.variants(turn, len(turns)) if is_tried else ()
                if planned.searches:
                    variants = variants[:searches_left]
                    searches_left -= len(variants)
                answered = [run.answerers(planned.answerers, run.steps(planned.steps, one)) for one in variants]
                is_better = any(_is_sure(qualify_draft(one)) if is_unsure else _is_cited(one) for one in answered)
                tried += answered if is_better else [turn]
            turns = tried
        return turns

    def _respell(self, turn: Turn) -> Turn:
        """Return the turn in the documents' spelling; the respellings lead back to what pages show."""
        text = self._correct_spelling(turn.texts.searched, turn)
        respellings = (*turn.respellings, *find_respellings(turn.texts.searched, text))
        return replace(turn, respellings=respellings).with_searched_text(text)

    def _correct_spelling(self, text: str, turn: Turn) -> str:
        """Return `text` in the documents' spelling, with the names of the office's dictionary as they are."""
        return self.names.keep_names(text, self.spelling, turn.tried_names) if self.names else self.spelling(text)

    def _respell_history(self, turn: Turn) -> Turn:
        """Return the turn with its history, which is recorded as people wrote it, in the documents' spelling.

        Towns that the person has removed from the conversation since are left out.
        """
        history, respellings = list[Exchange](), list[Respelling]()
        removals = [n for n, exchange in enumerate(turn.history) if exchange.town == ""]
        first_kept = len(turn.history) if turn.question.town is not None else max(removals, default=0)
        for n, exchange in enumerate(turn.history):
            if exchange.status not in _CONTINUED:
                continue
            understood = self._correct_spelling(nfkc(exchange.understood), turn)
            respellings += find_respellings(nfkc(exchange.understood), understood)
            understood = self.read_query.remove_towns(understood, turn.requested_day) if n < first_kept else understood
            history.append(replace(exchange, understood=understood))
        last_town = turn.history[-1].town if turn.history else None
        town = turn.question.town if turn.question.town is not None else last_town
        return replace(turn, history=tuple(history), respellings=tuple(respellings), town=town)

    def _answer_together(self, message: Turn, turns: list[Turn], run: "_StepRunner") -> list[Turn]:
        """Return the turns with one answer for all, where they have one subject and none is surely answered by itself.

        A passage that answers all of them together is found by their words together.
        """
        is_sure = any(turn.draft and turn.draft.status is Status.ANSWERED for turn in turns)
        if not have_one_subject(turns) or is_sure or not all(map(_is_extractive, turns)):
            return turns
        together = run.steps((*self.context, *self.steps), message)
        together = run.answerers((*self.answerers_before_model, *self.extractive_answerers), together)
        hits, reading, draft = together.hits, together.reading, together.draft
        return [replace(turn, hits=hits, reading=reading, draft=draft) for turn in turns]

    def _qualify(self, turn: Turn) -> Turn:
        """Return the turn with what limits its answer: unconfirmed names, the conversation's town, amendments."""
        return self._add_amendment_notices(add_name_notice(qualify_draft(turn)))

    def _parse(self, turn: Turn) -> Turn:
        documents = turn.history[-1].documents if turn.texts.typed_follow_up else frozenset()
        previous, language = _conversation_texts(turn), turn.question.language
        text = self.read_query.add_town(turn.texts.searched, previous, turn.requested_day, language)
        query = self.read_query(text, turn.requested_day, documents, language, turn.texts.typed_follow_up)
        other = (
            self.read_query(turn.texts.alternative, turn.requested_day, documents) if turn.texts.alternative else None
        )
        parsed = (self.read_query(one, turn.requested_day, documents) for one in turn.texts.proposed)
        proposed = tuple(replace(one, scope=query.scope) for one in parsed)
        understood = turn.texts.understood or turn.texts.searched
        if text != turn.texts.searched:
            understood = self.read_query.add_town(understood, previous, turn.requested_day, language)
        town = self.read_query.find_town([*previous, text], turn.requested_day) or ("" if turn.town == "" else None)
        texts = replace(turn.texts, searched=text, understood=understood)
        turn = replace(turn, texts=texts, town=town)
        return replace(turn, query=query, alternative_query=other, proposed_queries=proposed)

    def _score(self, turn: Turn) -> Turn:
        if turn.query is None:
            return turn
        turn = read_wordings(turn, self.reader.read)
        proposed = [self.reader.read(query, turn.hits) for query in turn.proposed_queries]
        return replace(turn, reading=raise_by_proposals(turn.reading, proposed)) if turn.reading else turn


class _StepRunner:
    """Runs steps on turns; reports each step's name and records the milliseconds that each took."""

    def __init__(self, on_stage: OnStage | None) -> None:
        self.timings: dict[str, float] = {}
        self._start = perf_counter()
        self.on_stage = on_stage

    def __call__(self, name: str, step: Callable[[Turn], _Result], turn: Turn) -> _Result:
        if self.on_stage:
            self.on_stage(name)
        start = perf_counter()
        with span(f"shirube.{name}") as traced:
            result = step(turn)
            _trace_result(traced, result)
        self.timings[name] = round(self.timings.get(name, 0.0) + (perf_counter() - start) * 1000, 2)
        return result

    def elapsed_s(self) -> float:
        """Return the seconds since the first step."""
        return perf_counter() - self._start

    def steps(self, steps: Sequence[tuple[str, Step]], turn: Turn) -> Turn:
        """Return the turn after the steps, up to the one that gives it a draft."""
        for name, step in steps:
            turn = turn if turn.draft else self(name, step, turn)
        return turn

    def answerer(self, name: str, answerer: Answerer, turn: Turn) -> Turn:
        """Return the turn with the answerer's draft, if it has none yet.

        Some answerers look passages up themselves, so that their sources are screened as the hits of a search are.
        """
        if turn.draft:
            return turn
        draft = self(name, answerer, turn)
        is_screened = draft is None or not any(has_injection(source.passage) for source in draft.sources)
        return replace(turn, draft=draft if is_screened else None)

    def answerers(self, answerers: Answerers, turn: Turn) -> Turn:
        """Return the turn with the first draft of the answerers."""
        for name, answerer in answerers:
            turn = self.answerer(name, answerer, turn)
        return turn


def _conversation_texts(turn: Turn) -> list[str]:
    """Return the texts that name the town of the conversation: that of the request, else the earlier questions."""
    if turn.question.town is not None:
        return [f"{turn.question.town}の"] if turn.question.town else []
    return [exchange.understood for exchange in turn.history]


def _is_unanswered(turn: Turn) -> bool:
    """Whether the answerers found nothing; a language model's "no answer" counts as an answer."""
    return bool(turn.draft and turn.draft.is_extractive and turn.draft.status is Status.NO_ANSWER)


def _is_unsure(turn: Turn) -> bool:
    return bool(turn.draft and turn.draft.is_extractive and turn.draft.status is Status.PARTIAL)


def _is_sure(turn: Turn) -> bool:
    return bool(turn.draft and turn.draft.status is Status.ANSWERED)


def _is_extractive(turn: Turn) -> bool:
    return turn.draft is not None and turn.draft.is_extractive


def _is_cited(turn: Turn) -> bool:
    return turn.draft is not None and turn.draft.status in CITED


def _as_likely(turn: Turn) -> Turn:
    """Call the answer likely at most, because the passages were not retrieved for this question."""
    return replace(turn, reading=turn.reading and replace(turn.reading, correctness=LIKELY))


def _trace_result(traced: Span, result: object) -> None:
    """Record the counts and status of a step's result in its span, but no text."""
    if isinstance(result, Turn):
        traced.note(shirube__passages=len(result.hits))
    draft = result.draft if isinstance(result, Turn) else result
    if isinstance(draft, Draft):
        traced.note(shirube__status=draft.status.value, shirube__citations=len(draft.sources))


def _follow_up(generator: "Generator | None", rules: Step) -> Step:
    if generator is None:
        return rules
    from bot.generation.followup_rewriting import LLMFollowUpRewriter  # noqa: PLC0415 -- LangChain imports for a second

    return LLMFollowUpRewriter(rules, generator.chat, generator.queries_s)


def _generated(generator: "Generator | None", index: Index, no_answer: NoAnswer) -> "GeneratedAnswerer | None":
    if generator is None:
        return None
    from bot.answers.generated import GeneratedAnswerer  # noqa: PLC0415 -- as above

    return GeneratedAnswerer(generator, index, no_answer)


def _rewriter(generator: "Generator | None") -> Rewrite | None:
    if generator is None:
        return None
    from bot.easy_japanese.llm_rewriter import EasyJapaneseModel  # noqa: PLC0415 -- as above

    return EasyJapaneseModel(generator.chat)
