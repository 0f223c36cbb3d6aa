"""Verifies a whole draft: its statements, citation marks and quotes."""

from collections.abc import Iterator, Sequence

from bot.state import Draft, Status, cited_numbers
from bot.verification.check import Problem, check_text
from bot.verification.marked_text import render_text
from bot.verification.source_text import SourceText, to_source_text
from ingest.documents import Document, Passage

CITED = frozenset({Status.ANSWERED, Status.PARTIAL})
"""The statuses whose answers carry citations; the others carry none and state no facts of the documents."""


def to_source_texts(passages: Sequence[Passage], documents: Sequence[Document]) -> list[SourceText]:
    """Return the passages as premises, with what is known of their documents."""
    known = {document.id: document for document in documents}
    return [to_source_text(passage, known.get(passage.doc_id)) for passage in passages]


def check_draft(draft: Draft, documents: Sequence[Document] = (), question: str = "") -> list[Problem]:
    """Return what is wrong with `draft`; an empty list means that all of it is supported by what it cites."""
    if draft.status not in CITED:
        wrong = draft.sources or any(map(cited_numbers, draft.parts))
        return [Problem("citation", "", "出典のつかない種類の回答に出典があります")] if wrong else []
    premises = to_source_texts([source.passage for source in draft.sources], documents)
    text = render_text(draft.parts)
    found = (problem for one in check_text(text, premises, question) for problem in one.problems)
    return list(dict.fromkeys([*_citations(draft), *found]))


def _citations(draft: Draft) -> Iterator[Problem]:
    """Yield the marks without a source, the sources without a mark, and the quotes that are not the passage's."""
    named, numbers = frozenset().union(*map(cited_numbers, draft.parts)), set(range(1, len(draft.sources) + 1))
    messages = [] if numbers else ["出典がひとつもありません"]
    messages += [f"[{n}] にあたる出典がありません" for n in sorted(named - numbers)]
    messages += [f"出典 {n} が本文に出てきません" for n in sorted(numbers - named)]
    messages += [
        f"出典 {n} の引用が原文と一致しません"
        for n, source in enumerate(draft.sources, 1)
        if not source.quote.strip() or source.quote not in source.passage.text
    ]
    yield from (Problem("citation", "", message) for message in messages)
