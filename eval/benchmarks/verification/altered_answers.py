"""Measures verification on right answers and on copies with one alteration each."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from bot.pipeline import Pipeline, build_pipeline
from bot.rendering.text import parse_statements
from bot.runtime.outgoing_answer import build_answer
from bot.state import Draft, Paragraph, Question, Turn
from bot.verification import CITED, check_draft
from eval.benchmarks.ranked.temporary_index import open_temporary_index
from eval.benchmarks.verification.altered_texts import alter_text
from eval.benchmarks.verification.scripted_replies import AS_OF
from eval.dataset.case import Case, load_cases
from eval.dataset.sets import corpus_sets
from eval.metrics.statistics import compute_pass_rate
from eval.scoring.score import score_answer
from eval.scoring.statement_support import stated_text
from eval.storage.progress import with_progress_bar
from ingest.configuration.settings import Settings
from ingest.documents import Document, ParsedDocument


@dataclass(frozen=True, slots=True)
class ComposedAnswer:
    """A right answer before verification, with its draft."""

    text: str
    draft: Draft
    documents: tuple[Document, ...]
    question: str

    def stopped(self, text: str) -> bool:
        """Whether the draft would be stopped with this text."""
        draft = replace(self.draft, parts=(Paragraph(parse_statements(text)),))
        return bool(check_draft(draft, self.documents, self.question))


def altered_figures(settings: Settings, readings: Sequence[ParsedDocument]) -> dict[str, Any]:
    """Return `caught` of the altered answers, also by what was altered, and `wrongly_stopped` of the originals.

    The answers are the distinct ones to single-turn questions that pass their case. Rates in 0-1, with `_se` and `_n`.
    """
    composed = {one.text: one for one in _compose_answers(settings, readings)}
    stopped = [(text, one.stopped(text)) for text, one in composed.items()]
    caught = [
        (change.thing, text, one.stopped(change.text))
        for text, one in with_progress_bar(list(composed.items()), "書き換えています")
        for change in alter_text(one.text)
    ]
    things = sorted({thing for thing, *_ in caught})
    by_thing = {
        thing: _share_json("caught", [(text, stopped) for kind, text, stopped in caught if kind == thing])
        for thing in things
    }
    overall = _share_json("caught", [(text, good) for _, text, good in caught])
    return overall | _share_json("wrongly_stopped", stopped) | {"by_thing": by_thing}


def _compose_answers(settings: Settings, readings: Sequence[ParsedDocument]) -> Iterator[ComposedAnswer]:
    cases = [case for one in corpus_sets() for case in load_cases(one.files) if len(case.turns) == 1]
    with open_temporary_index(settings, readings) as searched:
        pipeline = build_pipeline(searched.index, searched.encoder, reranker=searched.reranker, ranker=searched.ranker)
        for case in with_progress_bar(cases, "答えています"):
            yield from _compose_answer(case, pipeline)


def _compose_answer(case: Case, pipeline: Pipeline) -> Iterator[ComposedAnswer]:
    """Yield the answer to a case if it states facts and passes."""
    question = Question(question=case.turns[0])
    turn, timings = pipeline.answer(Turn(question, case.as_of or AS_OF))
    documents = tuple(pipeline.index.documents)
    answer = build_answer(turn, documents, "answer", "conversation", timings).model_dump(mode="json")
    if turn.draft and turn.draft.status in CITED and score_answer(case, answer).passed:
        yield ComposedAnswer(stated_text(answer), turn.draft, documents, turn.texts.searched)


def _share_json(name: str, verdicts: Sequence[tuple[str, bool]]) -> dict[str, Any]:
    share = compute_pass_rate(verdicts)
    return {name: share.rate, f"{name}_se": share.se, f"{name}_n": share.n}
