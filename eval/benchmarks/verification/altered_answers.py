"""Measures verification on right answers and on copies in which one figure, date or name is altered."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from bot.pipeline import Pipeline, build_pipeline
from bot.rendering.answer_text import parse_statements
from bot.runtime.outgoing_answer import build_answer
from bot.state import Draft, Paragraph, Question, Turn
from bot.state.citation_marks import CITATION_MARK
from bot.verification import CITED, check_draft, names, organisation_names
from eval.benchmarks.ranked.temporary_index import open_temporary_index
from eval.benchmarks.verification.scripted_replies import AS_OF
from eval.dataset.case import Case, load_cases
from eval.dataset.sets import corpus_sets
from eval.metrics.statistics import compute_pass_rate
from eval.scoring.score import score_answer
from eval.scoring.statement_support import stated_text
from eval.storage.progress import with_progress_bar
from ingest.configuration.settings import Settings
from ingest.documents import Document, ParsedDocument
from ingest.japanese import dates, nfkc
from ingest.japanese.figures import figures

AlteredKind = Literal["figure", "date", "name"]
# The numbers that replace a figure: small, large, and like a year.
_REPLACEMENT_NUMBERS = (7, 13, 4711, 2017)
_REPLACEMENT_NAME = "富山県高岡市"


@dataclass(frozen=True, slots=True)
class AlteredText:
    """An answer's text in which the words `original`, of one kind, are replaced by `replacement`."""

    text: str
    kind: AlteredKind
    original: str
    replacement: str


def alter_text(text: str) -> Iterator[AlteredText]:
    """Yield the normalised text with one change each; citation marks are not changed."""
    text = nfkc(text)
    marks = [match.span() for match in CITATION_MARK.finditer(text)]
    for kind, start, end, replacement in _possible_changes(text):
        is_in_mark = any(start < mark_end and mark_start < end for mark_start, mark_end in marks)
        original = text[start:end]
        if not is_in_mark and original != replacement:
            yield AlteredText(text[:start] + replacement + text[end:], kind, original, replacement)


def _possible_changes(text: str) -> Iterator[tuple[AlteredKind, int, int, str]]:
    for figure in figures(text):
        original = text[figure.start : figure.end]
        for number in _REPLACEMENT_NUMBERS:
            yield "figure", figure.start, figure.end, re.sub(r"[\d,.]+", str(number), original, count=1)
    for mention in dates(text):
        original = text[mention.start : mention.end]
        for digits in re.finditer(r"\d+", original):
            replacement = f"{original[: digits.start()]}{int(digits[0]) + 1}{original[digits.end() :]}"
            yield "date", mention.start, mention.end, replacement
    for name in dict.fromkeys([*(name for _, name in names(text)), *organisation_names(text)]):
        start = text.find(name)
        yield "name", start, start + len(name), _REPLACEMENT_NAME


@dataclass(frozen=True, slots=True)
class ComposedAnswer:
    """A right answer before verification, with its draft."""

    text: str
    draft: Draft
    documents: tuple[Document, ...]
    question: str

    def is_stopped(self, text: str) -> bool:
        """Whether the draft would be stopped with this text."""
        draft = replace(self.draft, parts=(Paragraph(parse_statements(text)),))
        return bool(check_draft(draft, self.documents, self.question))


def altered_figures(settings: Settings, readings: Sequence[ParsedDocument]) -> dict[str, Any]:
    """Return `caught` of the altered answers, also by what was altered, and `wrongly_stopped` of the originals.

    The answers are the distinct ones to single-turn questions that pass their case. Rates in 0-1, with `_se` and `_n`.
    """
    answers = {answer.text: answer for answer in _compose_answers(settings, readings)}
    verdicts: dict[AlteredKind, list[tuple[str, bool]]] = {"date": [], "figure": [], "name": []}
    for text, answer in with_progress_bar(list(answers.items()), "書き換えています"):
        for altered in alter_text(text):
            verdicts[altered.kind].append((text, answer.is_stopped(altered.text)))
    originals = compute_pass_rate((text, answer.is_stopped(text)) for text, answer in answers.items())
    return {
        **compute_pass_rate(verdict for of_kind in verdicts.values() for verdict in of_kind).figures("caught"),
        **originals.figures("wrongly_stopped"),
        "by_thing": {kind: compute_pass_rate(of_kind).figures("caught") for kind, of_kind in verdicts.items()},
    }


def _compose_answers(settings: Settings, readings: Sequence[ParsedDocument]) -> Iterator[ComposedAnswer]:
    cases = [case for case_set in corpus_sets() for case in load_cases(case_set.files) if len(case.turns) == 1]
    with open_temporary_index(settings, readings) as indexed:
        pipeline = build_pipeline(indexed.index, indexed.encoder, reranker=indexed.reranker, ranker=indexed.ranker)
        for case in with_progress_bar(cases, "答えています"):
            if answer := _compose_answer(case, pipeline):
                yield answer


def _compose_answer(case: Case, pipeline: Pipeline) -> ComposedAnswer | None:
    question = Question(question=case.turns[0])
    turn, timings = pipeline.answer(Turn(question, case.as_of or AS_OF))
    documents = tuple(pipeline.index.documents)
    answer = build_answer(turn, documents, "answer", "conversation", timings).model_dump(mode="json")
    if turn.draft is None or turn.draft.status not in CITED or not score_answer(case, answer).passed:
        return None
    return ComposedAnswer(stated_text(answer), turn.draft, documents, turn.texts.searched)
