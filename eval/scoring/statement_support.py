"""Lists the statements of an answer with what their cited passages do not support."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from bot.answering.question.language import detect_language
from bot.answering.state.citation_marks import CITATION_MARK, escape_marks, read_marks, remove_marks
from bot.answering.state.query import JAPANESE
from bot.answering.verification.source_text import to_source_texts
from bot.answering.verification.statement_check import check_text
from bot.answering.verification.statements import split_statements
from bot.errors import UnknownPassageError
from ingest.documents import Document, Passage
from ingest.japanese import nfkc


def check_support(
    answer: Mapping[str, Any],
    passage: Callable[[str], Passage],
    documents: Sequence[Document],
) -> list[dict[str, Any]]:
    """Return the statements of `answer` (of the API), each as `text` and `wrong`, the unsupported parts.

    They are verified against the complete passages, which `passage` returns by id; if one no longer exists, nothing is
    supported. The service's sentences around excerpts are not statements. Words of a verbatim excerpt are always
    supported. An answer without sources has no statements. The metric `from_superseded` checks validity.
    """
    if not answer["citations"]:
        return []
    text = stated_text(answer)
    statements = split_statements(text)
    try:
        cited = [passage(citation["passage_id"]) for citation in answer["citations"]]
    except UnknownPassageError as error:
        return [{"text": statement.text, "wrong": [str(error)]} for statement in statements]
    question = answer["question_understood"]
    language = detect_language(nfkc(question)) or JAPANESE
    checked = check_text(text, to_source_texts(cited, documents), question, language)
    verbatim = "\n".join(_letters_only(words) for words in _excerpts(answer, cited))
    return [
        {
            "text": statement.statement.text,
            "wrong": [p.message for p in statement.problems if _letters_only(statement.statement.text) not in verbatim],
        }
        for statement in checked
    ]


def _excerpts(answer: Mapping[str, Any], cited: Sequence[Passage]) -> list[str]:
    blocks = answer.get("blocks", ())
    cited_lines = [(block["text"], block["n"]) for block in blocks if block["type"] == "excerpt"]
    for text in (block["text"] for block in blocks if block["type"] == "text"):
        numbers = set(read_marks(text))
        cited_lines += [(line, n) for n in numbers for line in remove_marks(text).splitlines() if line.strip()]
    return [text for text, n in cited_lines if 0 < n <= len(cited) and text in cited[n - 1].text]


def _letters_only(text: str) -> str:
    return re.sub(r"[\W_]+", "", nfkc(escape_marks(text)))


def stated_text(answer: Mapping[str, Any]) -> str:
    """Return an answer's text without the service's own lines; each line of an excerpt gets the excerpt's mark."""
    blocks = answer.get("blocks", ())
    lines = answer["answer"].splitlines()
    framing = {block.get("lead") for block in blocks}.intersection(lines)
    own_texts = [
        block["text"] for block in blocks if block["type"] == "text" and not CITATION_MARK.search(block["text"])
    ]
    framing |= {line for text in own_texts for line in text.splitlines() if len(blocks) > 1}
    if not framing:
        return str(answer["answer"])
    excerpts = (block for block in blocks if block["type"] == "excerpt")
    marks = {line: f"[{block['n']}]" for block in excerpts for line in escape_marks(block["text"]).splitlines()}
    return "\n".join(line + marks.get(line, "") for line in lines if line not in framing)
