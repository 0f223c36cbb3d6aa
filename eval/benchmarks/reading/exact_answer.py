"""Extracts the exact answer, a date, figure or number, from the best unit where it is certain."""

from collections.abc import Iterator

from bot.question.query import AnswerType, Query
from bot.state import ScoredPassage
from ingest.japanese import dates, nfkc, quantities, telephones


def extract_exact_answer(query: Query, best: ScoredPassage) -> str:
    """Return the answer proper in the likeliest unit of what was read, or "" where that is not sure.

    Sure is the only date, figure with the asked counter, sum or telephone number there that the question does not hold
    itself. Of the dates and figures so given .87 and .86 are a true answer letter for letter over JSQuAD (F1 .96, .94),
    .53 and .57 over JaQuAD (F1 .79, .92), whose answers often have more or less around them. Of names of persons .55
    are over JSQuAD, so none is given (decision 037).
    """
    unit = max(best.units, key=lambda unit: unit.probability, default=None)
    text = best.hit.passage.text[unit.start : unit.end] if unit else ""
    normal = nfkc(text)
    if len(normal) != len(text):  # what was found in normal form has no place in the text
        return ""
    found = [(start, end) for start, end in _spans_of_type(query, normal) if normal[start:end] not in query.text]
    sure = len({normal[start:end] for start, end in found}) == 1
    return text[slice(*found[0])] if sure else ""


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
