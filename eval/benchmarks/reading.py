"""Passages and short answers on a set in SQuAD 1.1 format (Rajpurkar et al. 2016, arXiv:1606.05250)."""

from argparse import Namespace
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from time import perf_counter

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.answers.length_budget import LengthBudget
from bot.answers.snippet import PassageToShow, select_snippet
from bot.question.query import AnswerType, Query
from bot.question.query_parser import QueryParser
from bot.relevance import Reader
from bot.retrieval.query_representation import QueryRepresentationCache
from bot.state import ScoredPassage
from eval.benchmarks.ranked import (
    HALF,
    MeasuredQuery,
    choose_half,
    ranked_measurement,
)
from eval.benchmarks.temporary_index import SearchableIndex, open_temporary_index, single_passage_document
from eval.command import OUT, Measurement, command, option, path_option
from eval.errors import SetFileError
from eval.metrics.ranking import character_f1, contained, exact_match
from eval.storage.progress import with_progress_bar
from ingest.cli.command_line import integer_between
from ingest.configuration.environment import read_settings
from ingest.documents import ParsedDocument
from ingest.japanese import dates, nfkc, quantities, telephones

# Separates title and paragraph in JSQuAD.
_SEPARATOR = " [SEP] "


class _Answer(BaseModel):
    text: str = Field(min_length=1)


class _Question(BaseModel):
    id: str = Field(min_length=1)
    question: str
    answers: list[_Answer]


class _Paragraph(BaseModel):
    context: str
    qas: list[_Question]


class _Article(BaseModel):
    title: str = ""
    paragraphs: list[_Paragraph]


class _Set(BaseModel):
    model_config = ConfigDict(extra="ignore")

    data: list[_Article]


@dataclass(frozen=True, slots=True)
class SquadContext:
    """A paragraph with the title of its article."""

    title: str
    text: str


@dataclass(frozen=True, slots=True)
class SquadQuestion:
    """A question, its true answers, and the index of its context."""

    id: str
    text: str
    answers: tuple[str, ...]
    context: int


@dataclass(frozen=True, slots=True)
class SquadSet:
    """The distinct contexts of a set, and its questions with an answer in file order."""

    contexts: tuple[SquadContext, ...]
    questions: tuple[SquadQuestion, ...]


def load_squad(file: Path) -> SquadSet:
    """Return the set in `file`; equal contexts are merged.

    Raises SetFileError if the file is unreadable or not SQuAD JSON, repeats an id, or has no question with an answer.
    """
    contexts: dict[str, int] = {}
    titled: list[SquadContext] = []
    questions: dict[str, SquadQuestion] = {}
    for article in _parse_file(file).data:
        for paragraph in article.paragraphs:
            place = contexts.setdefault(paragraph.context, len(titled))
            if place == len(titled):
                titled.append(_context(article.title, paragraph.context))
            for question in paragraph.qas:
                if question.id in questions:
                    raise SetFileError(f"{file}: id「{question.id}」は2回目です。別の id にしてください。")
                answers = tuple(answer.text for answer in question.answers)
                questions[question.id] = SquadQuestion(question.id, question.question, answers, place)
    answered = tuple(question for question in questions.values() if question.answers)
    if not answered:
        raise SetFileError(f"{file}: 答えのある問いが1つもありません。SQuAD 形式の JSON を指定してください。")
    return SquadSet(tuple(titled), answered)


def sample_evenly(questions: Sequence[SquadQuestion], limit: int | None) -> Sequence[SquadQuestion]:
    """Return up to `limit` of the questions, evenly spread over the file; all without a limit."""
    if limit is None or limit >= len(questions):
        return questions
    return [questions[i * len(questions) // limit] for i in range(limit)]


def _context(title: str, text: str) -> SquadContext:
    own_title, separator, body = text.partition(_SEPARATOR)
    return SquadContext(own_title, body) if separator else SquadContext(title, text)


def _parse_file(file: Path) -> _Set:
    try:
        return _Set.model_validate_json(file.read_bytes())
    except OSError as error:
        raise SetFileError(f"{file}: 読めません({error})。--squad に SQuAD 形式の JSON を指定してください。") from error
    except ValidationError as error:
        place = ".".join(map(str, error.errors()[0]["loc"]))
        where = f"{place} が足りないか、形が違います" if place else "JSON として読めません"
        raise SetFileError(
            f"{file}: {where}。SQuAD 形式(data[].paragraphs[].context と qas[].id・question・answers[].text)の"
            "ファイルを指定してください。"
        ) from error


# Retrieved passages.
_DEPTH = 10
# Maximum characters of a short answer.
_LONGEST_ANSWER = 120
# Any day: contexts have no dates.
_DAY = date(2026, 1, 1)


def context_readings(contexts: Sequence[SquadContext]) -> list[ParsedDocument]:
    """Return each context as a document of one passage with the title as heading and its index as id."""
    return [
        single_passage_document(str(number), context.title, context.text) for number, context in enumerate(contexts)
    ]


@dataclass(frozen=True)
class _SquadReader:
    """Retrieves and reads as the product does."""

    indexed: SearchableIndex
    query: QueryParser
    reader: Reader

    def answer(self, question: str) -> tuple[list[str], str, str]:
        query = self.query(question, _DAY)
        reading = self.reader.read(query, self.indexed.search(query.topic, _DEPTH))
        doc_ids = [scored.hit.passage.doc_id for scored in reading.passages]
        if not reading.passages:
            return doc_ids, "", ""
        best = reading.passages[0]
        text = best.hit.passage.text
        snippet = select_snippet(
            PassageToShow(best.hit.passage, best.units), query, LengthBudget(_LONGEST_ANSWER, len(text))
        )
        short = text[snippet.start : snippet.end][:_LONGEST_ANSWER]
        return doc_ids, short, extract_exact_answer(query, best) or short


def measure_reading(questions: Sequence[SquadQuestion], indexed: SearchableIndex) -> tuple[MeasuredQuery, ...]:
    """Retrieve and read for each of `questions`, with a progress bar.

    The latency includes both.
    """
    index = indexed.index
    reader = Reader(QueryRepresentationCache(index, indexed.encoder))
    squad_reader = _SquadReader(indexed, QueryParser(index.documents, index.keyword.idf), reader)
    # Warm up, so that loading the dictionary, Chroma's index and the models is not measured.
    squad_reader.answer("しるべ")
    return tuple(_measure_question(question, squad_reader) for question in with_progress_bar(questions, "読んでいます"))


def _measure_question(question: SquadQuestion, squad_reader: _SquadReader) -> MeasuredQuery:
    started = perf_counter()
    ranked_ids, answer, span = squad_reader.answer(question.text)
    latency_ms = (perf_counter() - started) * 1000
    details = {"answer": answer, "span": span, "true": list(question.answers), "found": ranked_ids}
    context_id = str(question.context)
    return MeasuredQuery(
        question.id, question.text, reading_metrics(ranked_ids, context_id, answer, span, question), latency_ms, details
    )


def reading_metrics(
    ranked_ids: Sequence[str], context_id: str, answer: str, span: str, question: SquadQuestion
) -> dict[str, float]:
    """Return the rates of one question: `ranked_ids` are passages, best first, `context_id` is the right one."""
    return {
        "passage_hit@1": float(context_id in ranked_ids[:1]),
        "passage_hit@5": float(context_id in ranked_ids[:5]),
        "contained": contained(answer, question.answers),
        "em": exact_match(span, question.answers),
        "f1": character_f1(span, question.answers),
    }


def extract_exact_answer(query: Query, best: ScoredPassage) -> str:
    """Return the exact answer in the most relevant unit, or "" if it is uncertain.

    It is certain if it is the only date, quantity with the requested counter, amount or telephone number there that is
    not in the question. Over JSQuAD .87 of dates and .86 of quantities are exactly a true answer (F1 .96, .94), over
    JaQuAD .53 and .57 (F1 .79, .92), whose answers often include more or fewer words. Of person names only .55 are, so
    none is returned (decision 037).
    """
    unit = max(best.units, key=lambda unit: unit.probability, default=None)
    text = best.hit.passage.text[unit.start : unit.end] if unit else ""
    normal = nfkc(text)
    if len(normal) != len(text):  # offsets would not match the text
        return ""
    candidates = [(start, end) for start, end in _spans_of_type(query, normal) if normal[start:end] not in query.text]
    is_certain = len({normal[start:end] for start, end in candidates}) == 1
    return text[slice(*candidates[0])] if is_certain else ""


def _spans_of_type(query: Query, text: str) -> Iterator[tuple[int, int]]:
    match query.answer_type:
        case AnswerType.DATE:
            yield from ((date.start, date.end) for date in dates(text))
        case AnswerType.QUANTITY | AnswerType.MONEY:
            unit = query.counter or ("円" if query.answer_type is AnswerType.MONEY else "")
            yield from ((q.start, q.end) for q in quantities(text) if unit and q.unit == unit)
        case AnswerType.CONTACT:
            yield from ((number.start, number.end) for number in telephones(text))
        case _:
            pass


@command(
    "reading",
    "SQuAD の形の問いで、文章から短い答えを選ぶ質と速さを測る",
    path_option("--squad", "FILE", "SQuAD 形式の JSON ファイル", required=True),
    HALF,
    option(
        "--limit",
        type=integer_between(1, 10**9),
        metavar="N",
        help="ファイル全体から均等に選んだ N 問だけ測る(文章はすべて索引に入る)",
    ),
    OUT,
)
def reading(options: Namespace) -> Measurement:
    """Measure retrieval over all contexts, and the short answers."""
    squad = load_squad(options.squad)
    chosen = choose_half(squad.questions, options.half, options.squad)
    with open_temporary_index(read_settings(), context_readings(squad.contexts)) as indexed:
        rows = measure_reading(sample_evenly(chosen, options.limit), indexed)
    return ranked_measurement(options, rows, {"squad": str(options.squad), "limit": options.limit})
