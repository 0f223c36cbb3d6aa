"""The subcommands that measure search: retrieval (BEIR), pages (PDFs) and reading (SQuAD, with short answers)."""

import sys
from argparse import Namespace
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from hashlib import sha256
from math import log2
from time import perf_counter
from typing import Any, TypeVar

from rich.console import Console
from rich.progress import track

from bot.answering.question.query_parser import QueryParser
from bot.answering.relevance.scorer import RelevanceScorer
from bot.answering.rendering.snippet import PassageToShow, select_snippet
from bot.answering.retrieval.query_representation import QueryRepresentationCache
from bot.answering.state import ScoredPassage
from bot.answering.state.length_budget import LengthBudget
from bot.answering.state.query import AnswerType, Query
from eval.command import OUT, Measurement, command
from eval.metrics.statistics import compute_mean, percentiles
from ingest.cli.command_line import integer_between, option, path_option
from ingest.configuration.environment import read_settings
from ingest.japanese import dates, nfkc, normalise_without_spaces, quantities, telephones
from lab.benchmarks.judged_sets import (
    Grades,
    JudgedQuestion,
    JudgedSet,
    SearchableIndex,
    load_beir,
    load_pages,
    load_squad,
    open_temporary_index,
)

# Passages found for a question, and for one about pages: a page ranks by its best passage.
_DEPTH = 10
_PAGE_DEPTH = 100
# Maximum characters of a short answer; a longer one may have the true one by chance.
_LONGEST_ANSWER = 120
# Any day: contexts have no dates.
_DAY = date(2026, 1, 1)
T = TypeVar("T")
Answer = Callable[[str], tuple[list[str], dict[str, Any]]]
"""Returns for the text of a question the ranked keys, best first, and details."""
Metrics = Callable[[Sequence[str], JudgedQuestion, Mapping[str, Any]], dict[str, float]]


def recall(ranked: Sequence[str], grades: Mapping[str, int], k: int) -> float:
    """Return |relevant in the first k| / |relevant|, in 0-1; raises ZeroDivisionError without anything relevant.

    Source: Manning, Raghavan and Schütze 2008, Introduction to Information Retrieval, section 8.3, cut at k as in BEIR
    (Thakur et al. 2021, arXiv:2104.08663).
    """
    relevant = {doc_id for doc_id, grade in grades.items() if grade >= 1}
    return len(relevant.intersection(ranked[:k])) / len(relevant)


def ndcg(ranked: Sequence[str], grades: Mapping[str, int], k: int) -> float:
    """Return DCG@k / IDCG@k in 0-1, with DCG@k = sum over ranks r = 1…k of g(r) / log2(r + 1).

    The gain g is the grade itself, as in `trec_eval -m ndcg_cut` and BEIR, not 2^grade - 1; grades below 0 gain
    nothing. IDCG is the DCG of all judged entries in the best order; raises ZeroDivisionError if that is 0. Source:
    Järvelin and Kekäläinen 2002, "Cumulated gain-based evaluation of IR techniques", ACM TOIS 20(4).
    """
    gains = {doc_id: max(grade, 0) for doc_id, grade in grades.items()}
    best = sorted(gains.values(), reverse=True)
    found = [gains.get(doc_id, 0) for doc_id in ranked[:k]]
    dcg, idcg = (sum(gain / log2(n + 1) for n, gain in enumerate(each, start=1)) for each in (found, best[:k]))
    return dcg / idcg


def reciprocal_rank(ranked: Sequence[str], grades: Mapping[str, int], k: int) -> float:
    """Return 1 / the rank of the first relevant entry among the first k, 0 without one; its mean is the MRR.

    Source: Voorhees 1999, "The TREC-8 question answering track report".
    """
    return next((1 / rank for rank, doc_id in enumerate(ranked[:k], start=1) if grades.get(doc_id, 0) >= 1), 0.0)


def exact_match(answer: str, true: Sequence[str]) -> float:
    """Return 1 if `answer` equals one of `true` after NFKC and without spaces, else 0.

    Source: Rajpurkar et al. 2016, "SQuAD: 100,000+ Questions for Machine Comprehension of Text" (arXiv:1606.05250,
    section 6.1). It removes articles and punctuation for English; here nothing else is removed.
    """
    return float(normalise_without_spaces(answer) in map(normalise_without_spaces, true))


def character_f1(answer: str, true: Sequence[str]) -> float:
    """Return the best F1 (0-1) of `answer` with one of `true`, each a bag of characters after NFKC, without spaces.

    Source: Rajpurkar et al. 2016 (arXiv:1606.05250, section 6.1), over characters instead of words as in Kurihara et
    al. 2022, "JGLUE: Japanese General Language Understanding Evaluation" (section 3.2).
    """
    ours = Counter(normalise_without_spaces(answer))
    bags = [Counter(normalise_without_spaces(text)) for text in true]
    return max((2 * (ours & bag).total() / ((ours.total() + bag.total()) or 1) for bag in bags), default=0.0)


def contained(answer: str, true: Sequence[str]) -> float:
    """Return 1 if `answer`, if short enough, contains one of `true` after NFKC, without spaces."""
    text = normalise_without_spaces(answer)
    wanted = filter(None, map(normalise_without_spaces, true))
    return float(len(answer) <= _LONGEST_ANSWER and any(each in text for each in wanted))


LIMIT = option(
    "--limit",
    type=integer_between(1, 10**9),
    metavar="N",
    help="ファイル全体から均等に選んだ N 問だけ測る(文章はすべて索引に入る)",
)


def measure_search(
    options: Namespace,
    judged: JudgedSet,
    open_answer: Callable[[SearchableIndex], Answer],
    metrics: Metrics,
    inputs: Mapping[str, Any],
) -> Measurement:
    """Ask the questions that `--limit` selects; a rate for each metric, also over the fitting and the judging half."""
    rows: list[dict[str, Any]] = []
    with open_temporary_index(read_settings(), judged.readings) as indexed:
        answer = open_answer(indexed)
        answer("しるべ")  # so that loading dictionary, index and models is not measured
        for question in with_progress_bar(sample_evenly(judged.questions, options.limit), "検索しています"):
            started = perf_counter()
            ranked, details = answer(question.text)
            measured = {"metrics": metrics(ranked, question, details), "latency_ms": (perf_counter() - started) * 1000}
            details |= {"ranked": ranked[:_DEPTH], "grades": dict(question.grades), "answers": list(question.answers)}
            rows.append({"id": question.id, "text": question.text, **measured, "details": details})
    halves = {half: query_figures([row for row in rows if half_for_id(row["id"]) == half]) for half in HALVES}
    return Measurement(query_figures(rows) | {"halves": halves}, rows, {**inputs, "limit": options.limit})


def query_figures(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return `n`, each metric's mean and `<name>_se`, `p50_ms` and `p95_ms`; a mean is over the rows that have it."""
    figures: dict[str, Any] = {"n": sum(bool(row["metrics"]) for row in rows)}
    for name in dict.fromkeys(name for row in rows for name in row["metrics"]):
        figures |= sample_figures(name, [row["metrics"][name] for row in rows if name in row["metrics"]])
    return figures | percentiles([row["latency_ms"] for row in rows], 50, 95)


HALVES = ("fit", "judge")


def half_for_id(query_id: str) -> str:
    """Return the half of a question, by the first byte of the SHA-256 of its id: the same for every selection."""
    return HALVES[sha256(query_id.encode()).digest()[0] % 2]


def sample_evenly(questions: Sequence[JudgedQuestion], limit: int | None) -> Sequence[JudgedQuestion]:
    """Return up to `limit` of the questions, evenly spread over the file; all without a limit."""
    if limit is None or limit >= len(questions):
        return questions
    return [questions[i * len(questions) // limit] for i in range(limit)]


def with_progress_bar(items: Sequence[T], doing: str) -> Iterable[T]:
    """Iterate over `items` with a progress bar called `doing` on stderr, if that is a terminal."""
    return track(items, doing, console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty())


def sample_figures(name: str, values: Sequence[float]) -> dict[str, float]:
    """Return the mean of independent values as `name`, with `name_se` and `name_n`; empty without values."""
    return compute_mean((str(n), value) for n, value in enumerate(values)).figures(name)


def _measure_ranking(
    options: Namespace,
    judged: JudgedSet,
    depth: int,
    metrics: Callable[[Sequence[str], Grades], dict[str, float]],
    *inputs: str,
) -> Measurement:
    """Measure the first `depth` passages by what they belong to; `inputs` are the options that name the set."""

    def open_search(indexed: SearchableIndex) -> Answer:
        return lambda text: (list(dict.fromkeys(judged.key(hit.passage) for hit in indexed.search(text, depth))), {})

    given = {name: str(getattr(options, name)) for name in inputs}
    return measure_search(options, judged, open_search, lambda ranked, q, _: metrics(ranked, q.grades), given)


def retrieval_metrics(ranked: Sequence[str], grades: Grades) -> dict[str, float]:
    """Return recall@1, @5 and @10, ndcg@10 and mrr@10 of ranked keys; empty if none is relevant."""
    if not any(grade >= 1 for grade in grades.values()):
        return {}
    recalls = {f"recall@{k}": recall(ranked, grades, k) for k in (1, 5, 10)}
    return recalls | {"ndcg@10": ndcg(ranked, grades, 10), "mrr@10": reciprocal_rank(ranked, grades, 10)}


@command(
    "retrieval",
    "BEIR の形の問いと判定で、検索の質と速さを測る",
    path_option("--beir", "DIR", "corpus.jsonl、queries.jsonl、qrels/ のあるフォルダー", required=True),
    option("--split", required=True, metavar="NAME", help="判定の名前(qrels/NAME.tsv)"),
    LIMIT,
    OUT,
)
def retrieval(options: Namespace) -> Measurement:
    """Measure recall, nDCG, MRR and latency of the search."""
    beir = load_beir(options.beir, options.split)
    return _measure_ranking(options, beir, _DEPTH, retrieval_metrics, "beir", "split")


def page_metrics(ranked: Sequence[str], grades: Grades) -> dict[str, float]:
    """Return hit@1, hit@5 and mrr of the right one among ranked pages (FILE#PAGE), and file_hit@1 of its file."""
    (right,) = grades
    files = {page.rpartition("#")[0] for page in (*ranked[:1], right)}
    return {
        "hit@1": float(right in ranked[:1]),
        "hit@5": float(right in ranked[:5]),
        "mrr": reciprocal_rank(ranked, grades, len(ranked)),
        "file_hit@1": float(bool(ranked) and len(files) == 1),
    }


@command(
    "pages",
    "PDF を索引にし、答えのあるページが見つかるかを測る",
    path_option("--pdfs", "DIR", "PDF のあるフォルダー", required=True),
    path_option("--questions", "FILE", "問いと答えのページ(1行に1件の JSON: id、question、file、page)", required=True),
    LIMIT,
    OUT,
)
def pages(options: Namespace) -> Measurement:
    """Measure whether the right page, and the right file, is found."""
    judged = load_pages(options.pdfs, options.questions)
    for reason in judged.unread:
        sys.stderr.write(f"注意: {reason}\n")
    measured = _measure_ranking(options, judged, _PAGE_DEPTH, page_metrics, "pdfs", "questions")
    counts = {"files": len(judged.readings), "unread": len(judged.unread), "no_answer": judged.unanswered}
    return replace(measured, figures=measured.figures | counts)


def _open_reader(indexed: SearchableIndex) -> Answer:
    index = indexed.index
    scorer = RelevanceScorer(QueryRepresentationCache(index, indexed.encoder))
    parse = QueryParser(index.documents, index.keyword.idf)

    def answer(text: str) -> tuple[list[str], dict[str, Any]]:
        query = parse(text, _DAY)
        passages = scorer.score(query, indexed.search(query.topic, _DEPTH)).passages
        ranked = [scored.hit.passage.doc_id for scored in passages]
        if not passages:
            return ranked, {"answer": "", "span": ""}
        best = passages[0]
        body = best.hit.passage.text
        budget = LengthBudget(_LONGEST_ANSWER, len(body))
        snippet = select_snippet(PassageToShow(best.hit.passage, best.units), query, budget)
        short = body[snippet.start : snippet.end][:_LONGEST_ANSWER]
        return ranked, {"answer": short, "span": extract_exact_answer(query, best) or short}

    return answer


def reading_metrics(ranked: Sequence[str], question: JudgedQuestion, read: Mapping[str, Any]) -> dict[str, float]:
    """Return whether the right passage is first and among five, and how good the answer and its span are."""
    return {
        "passage_hit@1": float(any(key in ranked[:1] for key in question.grades)),
        "passage_hit@5": float(any(key in ranked[:5] for key in question.grades)),
        "contained": contained(read["answer"], question.answers),
        "em": exact_match(read["span"], question.answers),
        "f1": character_f1(read["span"], question.answers),
    }


def extract_exact_answer(query: Query, best: ScoredPassage) -> str:
    """Return the exact answer in the most relevant unit, or "" if it is uncertain.

    It is certain if it is the only date, quantity with the requested counter, amount or telephone number there that is
    not in the question. Over JSQuAD .87 of dates and .86 of quantities are exactly a true answer (F1 .96, .94), over
    JaQuAD .53 and .57 (F1 .79, .92), whose answers often include more or fewer words. Of person names only .55 are, so
    none is returned (decision 082).
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
            yield from telephones(text)
        case _:
            pass


@command(
    "reading",
    "SQuAD の形の問いで、文章から短い答えを選ぶ質と速さを測る",
    path_option("--squad", "FILE", "SQuAD 形式の JSON ファイル", required=True),
    LIMIT,
    OUT,
)
def reading(options: Namespace) -> Measurement:
    """Measure retrieval over all contexts, and the short answers."""
    squad = load_squad(options.squad)
    return measure_search(options, squad, _open_reader, reading_metrics, {"squad": str(options.squad)})
