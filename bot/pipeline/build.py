"""Builds the pipeline over one index: which steps and answerers there are, and their order."""

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, NamedTuple

from bot.answers.curated import CuratedAnswerer
from bot.answers.curated_records import CuratedRecords
from bot.answers.excerpt import ExcerptAnswerer
from bot.answers.related_passages import NoAnswer
from bot.answers.validity_period import ValidityPeriodAnswerer
from bot.easy_japanese import EasyJapanese, Rewrite
from bot.guardrails.prompt_injection import has_injection
from bot.guardrails.screen import screen_question
from bot.minutes.answerer import MinutesAnswerer
from bot.pipeline.pipeline import Answerers, Pipeline, Steps
from bot.provisions.answerer import ConsolidationAnswerer
from bot.question.dictionary import Pairs
from bot.question.follow_ups import FollowUpRewriter, HistoryStep
from bot.question.name_expansion import DictionaryStore, NameExpansion, add_name_notice
from bot.question.query_parser import QueryParser, QueryStep
from bot.question.spelling import SpellingCorrector
from bot.question.splitting import smalltalk
from bot.relevance import Reader
from bot.relevance.adjustments import SUBJECT
from bot.relevance.catalogue import DocumentCatalogue
from bot.relevance.passage_ranking import PassageRanker
from bot.relevance.subject import SubjectCheck, qualify_draft
from bot.retrieval.query_representation import QueryRepresentationCache
from bot.retrieval.ranking import Ranker
from bot.retrieval.reranking import Reranker
from bot.retrieval.retrieve import Retriever, search
from bot.state import Hit, Step
from bot.suggestions.suggest import Suggestions
from bot.tables.answerer import TableAnswerer
from bot.tables.lookup import Tables
from ingest.amendments.compilation import Consolidations
from ingest.documents import Passage
from ingest.embedding import Encoder
from ingest.embedding.encoder import CachingEncoder
from ingest.index.index import Index
from ingest.metadata.validity import Publications
from ingest.minutes.compiled import read_meetings

if TYPE_CHECKING:
    from bot.answers.generated import GeneratedAnswerer
    from bot.generation.generate import Generator


def build_pipeline(
    index: Index,
    encoder: Encoder,
    *,
    contact: str = "",
    generator: "Generator | None" = None,
    reranker: Reranker | None = None,
    ranker: Ranker | None = None,
    curated_store: CuratedRecords | None = None,
    dictionary: DictionaryStore | None = None,
    disabled_adjustments: Collection[str] = (),
) -> Pipeline:
    """Return the pipeline over one index.

    Args:
        contact: how to reach a person, "" if unknown.
        generator: an optional language model.
        reranker: an optional cross-encoder.
        ranker: replaces the fitted one.
        curated_store: the answers of staff.
        dictionary: the office's words.
        disabled_adjustments: the names of adjustments to switch off, for an evaluation run.
    """
    components = _SharedComponents(
        index,
        encoder,
        contact=contact,
        curated_store=curated_store,
        dictionary=dictionary,
        disabled_adjustments=disabled_adjustments,
    )
    with_model = _steps_with_model(generator, components)
    retriever = Retriever(components.representations, reranker, ranker)
    return Pipeline(
        index=index,
        encoder=components.encoder,
        publications=Publications(index.documents),
        parse_query=components.parser,
        spelling=components.spelling,
        names=components.names,
        curated=components.curated,
        suggestions=Suggestions(
            index, components.encoder, components.curated.similar_questions if components.curated else None
        ),
        consolidations=components.consolidations,
        conversation=HistoryStep(components.parser.scopes),
        message_steps=(("guard", screen_question), ("smalltalk", smalltalk)),
        context_steps=(("follow_up", with_model.follow_up),),
        search_steps=_search_steps(components, retriever),
        staff_answerers=(("curated", components.curated),) if components.curated else (),
        evidence_answerers=_evidence_answerers(components),
        generated=with_model.generated,
        fallback_answerers=(("excerpt", components.excerpt), ("no_answer", components.no_answer)),
        answer_qualifiers=(qualify_draft, add_name_notice),
        easy_japanese=EasyJapanese(index.documents, with_model.rewrite),
    )


def _search_steps(components: "_SharedComponents", retriever: Step) -> Steps:
    return (
        ("query", QueryStep(components.parser, components.correct_spelling)),
        *((("names", components.names),) if components.names else ()),
        ("retrieve", retriever),
        *((("subject", SubjectCheck(components.index)),) if components.checks_subject else ()),
        ("relevance", components.rank),
    )


def _evidence_answerers(components: "_SharedComponents") -> Answerers:
    documents, find_passages = components.index.documents, components.index.document_passages
    return (
        ("minutes", components.minutes),
        ("absent_name", lambda turn: components.no_answer(turn) if turn.absent else None),
        (
            "consolidation",
            ConsolidationAnswerer(components.consolidations, components.catalogue, components.find_passage),
        ),
        ("validity_period", ValidityPeriodAnswerer(documents, find_passages, components.excerpt)),
        ("table", TableAnswerer(documents, components.tables)),
    )


class _SharedComponents:
    def __init__(
        self,
        index: Index,
        encoder: Encoder,
        *,
        contact: str,
        curated_store: CuratedRecords | None,
        dictionary: DictionaryStore | None,
        disabled_adjustments: Collection[str],
    ) -> None:
        documents = index.documents
        issuers = {document.issuer for document in documents}
        self.index = index
        self.encoder = CachingEncoder(encoder)
        self.representations = QueryRepresentationCache(index, self.encoder)
        self.parser = QueryParser(documents, index.keyword.idf)
        self.spelling = SpellingCorrector(index.passages, index.keyword.vocabulary, issuers)
        self.names = NameExpansion(dictionary, index, self.parser) if dictionary else None
        self.curated = CuratedAnswerer(curated_store, index, self.encoder, self.parser) if curated_store else None
        self.tables = Tables(index.passages, index.passage_row)
        self.catalogue = DocumentCatalogue(documents, self.tables, index.document_passages)
        self.rank = PassageRanker(self.catalogue, Reader(self.representations).read, disabled_adjustments)
        self.checks_subject = SUBJECT not in disabled_adjustments
        self.consolidations = Consolidations(index.folder, index.by_id)
        self.minutes = MinutesAnswerer(documents, self.catalogue.is_superseded, read_meetings(index, has_injection))
        self.excerpt = ExcerptAnswerer(self.catalogue)
        self.no_answer = NoAnswer(documents, contact)

    def find_passage(self, passage_id: str) -> Passage:
        return self.index.passages[self.index.passage_row(passage_id)]

    def correct_spelling(self, text: str, tried_names: Pairs | None) -> str:
        return self.names.keep_names(text, self.spelling, tried_names) if self.names else self.spelling(text)


class _StepsWithModel(NamedTuple):
    follow_up: Step
    generated: "GeneratedAnswerer | None" = None
    rewrite: Rewrite | None = None


def _steps_with_model(generator: "Generator | None", components: _SharedComponents) -> _StepsWithModel:
    index = components.index
    rules = FollowUpRewriter(index.documents)
    if generator is None:
        return _StepsWithModel(rules)
    # LangChain, which these modules use, imports for a second.
    from bot.answers.generated import GeneratedAnswerer  # noqa: PLC0415
    from bot.easy_japanese.llm_rewriter import EasyJapaneseModel  # noqa: PLC0415
    from bot.generation.followup_rewriting import LLMFollowUpRewriter  # noqa: PLC0415

    def search_again(text: str, doc_ids: Collection[str] | None) -> Sequence[Hit]:
        return search(index, components.encoder, text, doc_ids=doc_ids)

    return _StepsWithModel(
        LLMFollowUpRewriter(rules, generator.chat, generator.queries_s),
        GeneratedAnswerer(generator, index, components.no_answer, search_again),
        EasyJapaneseModel(generator.chat),
    )
