"""Lists the statements of an answer with what the cited passages do not support."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from bot.errors import UnknownPassageError
from bot.verification import MARK, check_text, escape_marks, split_statements, to_source_texts
from ingest.documents import Document, Passage
from ingest.japanese import nfkc


def check_support(
    answer: Mapping[str, Any],
    passage: Callable[[str], Passage],
    documents: Sequence[Document],
) -> list[dict[str, Any]]:
    """Return the statements of `answer` (an Answer of the API), each as `text` and `wrong`, what is not supported.

    They are held against the whole passages, which `passage` returns by their ids; where one of these is
    no longer there, nothing is supported. What the service says around a document's own words (where they stand, that
    it is not sure) is no statement of the documents. What an excerpt has letter for letter is supported, whatever the
    rules of `bot/verification` make of it. An answer without sources states nothing of them: then there are
    no statements. Whether a document still holds is not asked here: that is `from_superseded`.
    """
    if not answer["citations"]:
        return []
    text = stated_text(answer)
    told = split_statements(text)
    try:
        cited = [passage(citation["passage_id"]) for citation in answer["citations"]]
    except UnknownPassageError as error:
        return [{"text": one.text, "wrong": [str(error)]} for one in told]
    checked = check_text(text, to_source_texts(cited, documents), answer["question_understood"])
    verbatim = "\n".join(_letters_only(words) for words in _excerpts(answer, cited))
    return [
        {
            "text": one.statement.text,
            "wrong": [p.message for p in one.problems if _letters_only(one.statement.text) not in verbatim],
        }
        for one in checked
    ]


def _excerpts(answer: Mapping[str, Any], cited: Sequence[Passage]) -> list[str]:
    """Return the words that are shown as an excerpt and stand letter for letter in the passage that they are of."""
    shown = [block for block in answer.get("blocks", ()) if block["type"] == "excerpt"]
    named = ((block["text"], cited[block["n"] - 1]) for block in shown if 0 < block["n"] <= len(cited))
    return [text for text, passage in named if text in passage.text]


def _letters_only(text: str) -> str:
    """Return letters and digits alone: what a statement leaves of a line's marks differs."""
    return re.sub(r"[\W_]+", "", nfkc(escape_marks(text)))


def stated_text(answer: Mapping[str, Any]) -> str:
    """Return the text of an answer without the lines around what the documents tell; all of it where it has none.

    The mark behind an excerpt is that of each of its lines.
    """
    blocks, lines = answer.get("blocks", ()), answer["answer"].splitlines()
    around = {block.get("lead") or block.get("caption") for block in blocks}.intersection(lines)
    own = [block["text"] for block in blocks if block["type"] == "text" and not MARK.search(block["text"])]
    around |= {line for text in own for line in text.splitlines() if len(blocks) > 1}
    if not around:
        return str(answer["answer"])
    excerpts = (block for block in blocks if block["type"] == "excerpt")
    marks = {line: f"[{block['n']}]" for block in excerpts for line in escape_marks(block["text"]).splitlines()}
    return "\n".join(line + marks.get(line, "") for line in lines if line not in around)
