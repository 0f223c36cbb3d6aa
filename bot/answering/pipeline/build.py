"""Builds the pipeline over one index: which steps and answerers there are, and their order."""

from collections.abc import Collection
from dataclasses import dataclass
from functools import partial

from bot.answering.answers.excerpt import ExcerptAnswerer
from bot.answering.answers.generated import GeneratedAnswerer
from bot.answering.answers.notices import add_notices
from bot.answering.answers.related_passages import NoAnswer
from bot.answering.answers.sure_answers import select_sure_answers
from bot.answering.answers.validity_period import ValidityPeriodAnswerer
from bot.answering.easy_japanese import EasyJapanese, rewrite_with_model
from bot.answering.llm.chat_model import Task
from bot.answering.model_answers.followup_rewriting import LLMFollowUpRewriter
from bot.answering.model_answers.generate import Generator
from bot.answering.pipeline.pipeline import Answerers, Pipeline, Steps
from bot.answering.question.follow_ups import FollowUpRewriter, prepare_history
from bot.answering.question.name_expansion import NameExpansion
from bot.answering.question.query_parser import QueryParser, parse_turn
from bot.answering.question.spelling import SpellingCorrector
from bot.answering.question.splitting import smalltalk
from bot.answering.relevance.catalogue import DocumentCatalogue
from bot.answering.relevance.passage_ranking import PassageRanker
from bot.answering.relevance.scorer import RelevanceScorer
from bot.answering.relevance.subject import SubjectCheck, qualify_draft
from bot.answering.retrieval.query_representation import QueryRepresentationCache
from bot.answering.retrieval.ranking import Ranker
from bot.answering.retrieval.retrieve import Retriever, search
from bot.answering.screening.refusals import screen_question
from bot.answering.staff_answers.answer import FaqAnswerer
from bot.answering.suggestions import Suggestions
from ingest.embedding import Encoder
from ingest.index.index import Index


@dataclass(frozen=True, slots=True, weakref_slot=True, eq=False)
class OpenedIndex:
    """An index, the pipeline over it, and those of its parts that are also used without a question.

    Attributes:
        names: the step that searches official names, with the office's dictionary.
        faq: answers with the answers of staff.
    """

    index: Index
    encoder: Encoder
    spelling: SpellingCorrector
    names: NameExpansion
    faq: FaqAnswerer
    suggestions: Suggestions
    pipeline: Pipeline


def open_pipeline(
    index: Index,
    encoder: Encoder,
    *,
    contact: str = "",
    generator: Generator | None = None,
    ranker: Ranker | None = None,
    disabled_adjustments: Collection[str] = (),
) -> OpenedIndex:
    """Return an index with the pipeline over it.

    Args:
        contact: how to reach a person, "" if unknown.
        generator: an optional language model.
        ranker: replaces the fitted one.
        disabled_adjustments: the names of adjustments to switch off, for an evaluation run.
    """
    documents = index.documents
    representations = QueryRepresentationCache(index, encoder)
    parser = QueryParser(documents, index.keyword.idf)
    spelling = SpellingCorrector(index.passages, index.keyword.vocabulary, {document.issuer for document in documents})
    names = NameExpansion(index, parser)
    faq = FaqAnswerer(index, parser)
    catalogue = DocumentCatalogue(index.publications, index.document_passages)
    excerpt = ExcerptAnswerer(catalogue)
    no_answer = NoAnswer(documents, contact, faq.likely_questions)

    follow_up = FollowUpRewriter(documents)
    context_steps: Steps = (("follow_up", follow_up),)
    generated = rewrite = None
    if generator:
        rewriter = LLMFollowUpRewriter(follow_up, generator.chat, proposes_queries=generator.proposes_queries)
        context_steps = (("follow_up", rewriter),)
        generated = GeneratedAnswerer(generator, index, no_answer, partial(search, index, encoder))
        rewrite = partial(rewrite_with_model, Task("easy", generator.chat))
    score = RelevanceScorer(representations).score
    search_steps: Steps = (
        ("query", partial(parse_turn, parser, partial(names.keep_names, correct=spelling))),
        ("names", names),
        ("retrieve", Retriever(representations, ranker)),
        ("subject", SubjectCheck(index)),
        ("relevance", PassageRanker(catalogue, score, disabled_adjustments, len(index.passages))),
    )
    extractive_answerers: Answerers = (
        ("absent_name", lambda turn: no_answer(turn) if turn.absent else None),
        ("validity_period", ValidityPeriodAnswerer(index.publications, index.document_passages, excerpt)),
        ("excerpt", excerpt),
        ("no_answer", no_answer),
    )
    suggestions = Suggestions(index, encoder, faq.similar_questions)
    pipeline = Pipeline(
        conversation=partial(prepare_history, parser.scopes),
        message_steps=(("guard", screen_question), ("smalltalk", smalltalk)),
        context_steps=context_steps,
        search_steps=search_steps,
        staff_answerers=(("curated", faq),),
        generated=generated,
        extractive_answerers=extractive_answerers,
        qualify=qualify_draft,
        sure_answers=partial(select_sure_answers, contact),
        notices=partial(add_notices, catalogue),
        suggestions=suggestions,
        easy_japanese=EasyJapanese(documents, rewrite),
    )
    return OpenedIndex(index, encoder, spelling, names, faq, suggestions, pipeline)
