"""Sentences that a plan and its successor share."""

import pytest

from bot.relevance.shared_sentences import SharedSentences
from ingest.documents import Document
from tests.bot.retrieval.passages import document

SAID = "推進本部は、市長を本部長とする庁内横断組織です。"


def alike(text: str, *, doc_id: str = "new", replaced: tuple[str, ...] = ("old",)) -> list[str]:
    """Return the passages of a document that share a sentence with `text` of the plan that it replaces."""
    older, newer = document("old", text), document(doc_id, SAID)
    documents = (older.document, Document(doc_id, "", file=doc_id, supersedes=replaced))
    known = SharedSentences(documents, {"old": older.passages, doc_id: newer.passages}.__getitem__)
    return [passage.id for passage in known.find(older.passages[0], {doc_id})]


@pytest.mark.parametrize("text", [f"{SAID}構成員は次のとおりです。", SAID.replace("、", "、 ")])
def test_the_successor_is_known_to_say_the_same(text: str) -> None:
    """One whole sentence is enough, and spaces do not count."""
    assert alike(text) == ["new#0"]


@pytest.mark.parametrize("text", [SAID.replace("市長", "副市長"), "推進本部"])
def test_another_word_is_another_statement(text: str) -> None:
    """A sentence that differs, or a mere name, is not said again."""
    assert alike(text) == []


def test_only_what_replaces_a_plan_speaks_for_it() -> None:
    """A document beside it may say the same of something else."""
    assert alike(SAID, doc_id="other", replaced=()) == []
