"""What an answer states, each statement with what the passages it cites do not support."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from bot.check.given import Given
from bot.check.statements import statements
from bot.check.verify import wrong_in
from bot.errors import UnknownPassageError
from ingest.documents import Document, Passage


def supported(
    answer: Mapping[str, Any],
    passage: Callable[[str], Passage],
    documents: Sequence[Document],
    as_of: date,
) -> list[dict[str, Any]]:
    """Return the statements of `answer` (an Answer of the API), each as `text` and `wrong`, what is not supported.

    They are held, as of a day, against the whole passages, which `passage` returns by their ids; where one of these is
    no longer there, nothing is supported. An answer without sources states nothing of the documents: then there are no
    statements. Whether a document still holds is not asked here: that is `from_superseded`.
    """
    if not answer["citations"]:
        return []
    told = statements(answer["answer"])
    try:
        cited = [passage(citation["passage_id"]) for citation in answer["citations"]]
    except UnknownPassageError as error:
        return [{"text": one.text, "wrong": [str(error)]} for one in told]
    given = Given(
        tuple(documents),
        question=answer["question_understood"],
        as_of=as_of,
        meant=frozenset(source.doc_id for source in cited),
    )
    return [{"text": one.text, "wrong": list(wrong_in(one, cited, given))} for one in told]
