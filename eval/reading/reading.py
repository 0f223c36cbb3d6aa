"""Reading: whether the product finds the passage that answers, a short answer in it, and the answer proper."""

from collections.abc import Sequence
from time import perf_counter

from bot.extract.reading import READ, read
from bot.understand.question import understand
from eval.metrics.contained import contained
from eval.metrics.em import exact_match
from eval.metrics.f1 import character_f1
from eval.ranked.indexed import Indexed, one_passage
from eval.ranked.rows import Measured
from eval.reading.squad import Context, SquadQuestion
from eval.runs.progress import tracked
from ingest.documents import Reading


def readings(contexts: Sequence[Context]) -> list[Reading]:
    """Return each context as a document of one passage, its article's title as heading; its number is its id."""
    return [one_passage(str(number), context.title, context.text) for number, context in enumerate(contexts)]


def measure(questions: Sequence[SquadQuestion], indexed: Indexed) -> tuple[Measured, ...]:
    """Search and read for each of `questions`; a progress bar shows on a terminal (stderr).

    The latency is that of both together: from the question to the answer.
    """
    # What the first question loads (the dictionary, Chroma's index, the weights) is start-up, not latency.
    read(understand("しるべ"), indexed.search("しるべ", READ), indexed.index.keyword.idf)
    return tuple(_measured(question, indexed) for question in tracked(questions, "読んでいます"))


def _measured(question: SquadQuestion, indexed: Indexed) -> Measured:
    started = perf_counter()
    hits = indexed.search(question.text, READ)
    extract = read(understand(question.text), hits, indexed.index.keyword.idf)
    latency_ms = (perf_counter() - started) * 1000
    found = [hit.passage.doc_id for hit in hits]
    answer, span = (extract.text, extract.span) if extract else ("", "")
    details = {"answer": answer, "span": span, "true": list(question.answers), "found": found}
    wanted = str(question.context)
    return Measured(question.id, question.text, metrics(found, wanted, answer, span, question), latency_ms, details)


def metrics(found: Sequence[str], wanted: str, answer: str, span: str, question: SquadQuestion) -> dict[str, float]:
    """Return the rates of one question: `found` are the ids of the passages, best first, `wanted` that of its own."""
    return {
        "passage_hit@1": float(wanted in found[:1]),
        "passage_hit@5": float(wanted in found[:5]),
        "contained": contained(answer, question.answers),
        "em": exact_match(span, question.answers),
        "f1": character_f1(span, question.answers),
    }
