"""The composer's right answers to the project's own questions, as they are and with one thing altered in each."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from bot.answer import Question
from bot.citations import cite
from bot.claims import CITED, check_draft
from bot.pipeline import Pipeline
from bot.turn import Draft, Turn
from eval.dataset.case import Case, load_cases
from eval.dataset.sets import sets_of_corpus
from eval.metrics.pass_rate import rate_of
from eval.ranked.indexed import indexed
from eval.runs.progress import tracked
from eval.scoring.score import score
from eval.scoring.supported import stated
from eval.verification.altered import altered
from eval.verification.scripted_replies import AS_OF
from ingest.documents import Document, Reading
from ingest.settings import Settings


@dataclass(frozen=True, slots=True)
class Composed:
    """A right answer that nothing has verified, and what it was written from."""

    draft: Draft
    documents: tuple[Document, ...]
    question: str

    def stopped(self, text: str) -> bool:
        """Whether the draft with this text would be stopped."""
        return bool(check_draft(replace(self.draft, text=text), self.documents, self.question))


def altered_figures(settings: Settings, readings: Sequence[Reading]) -> dict[str, Any]:
    """Return `caught` of the altered answers, also by what was altered, and `wrongly_stopped` of the unaltered ones.

    The answers are those to questions of one turn that pass their case, each once. Rates in 0-1, with `_se` and `_n`.
    """
    composed = {one.draft.text: one for one in _composed(settings, readings)}
    stopped = [(text, one.stopped(text)) for text, one in composed.items()]
    caught = [
        (change.thing, text, one.stopped(change.text))
        for text, one in tracked(list(composed.items()), "書き換えています")
        for change in altered(one.draft)
    ]
    things = sorted({thing for thing, *_ in caught})
    by_thing = {thing: _share("caught", [(t, good) for of, t, good in caught if of == thing]) for thing in things}
    every = _share("caught", [(text, good) for _, text, good in caught])
    return every | _share("wrongly_stopped", stopped) | {"by_thing": by_thing}


def _composed(settings: Settings, readings: Sequence[Reading]) -> Iterator[Composed]:
    cases = [case for one in sets_of_corpus() for case in load_cases(one.files) if len(case.turns) == 1]
    with indexed(settings, readings) as searched:
        pipeline = Pipeline(searched.index, searched.encoder, reranker=searched.reranker, ranker=searched.ranker)
        for case in tracked(cases, "答えています"):
            yield from _answered(case, pipeline)


def _answered(case: Case, pipeline: Pipeline) -> Iterator[Composed]:
    """Yield what the answer to a case states, where it states facts and passes."""
    question = Question(question=case.turns[0])
    turn, timings = pipeline.answer(Turn(question, case.as_of or AS_OF))
    documents = tuple(pipeline.index.documents)
    answer = cite(turn, documents, "answer", "conversation", timings).model_dump(mode="json")
    if turn.draft and turn.draft.status in CITED and score(case, answer).passed:
        yield Composed(replace(turn.draft, text=stated(answer)), documents, turn.text)


def _share(name: str, verdicts: Sequence[tuple[str, bool]]) -> dict[str, Any]:
    share = rate_of(verdicts)
    return {name: share.rate, f"{name}_se": share.se, f"{name}_n": share.n}
