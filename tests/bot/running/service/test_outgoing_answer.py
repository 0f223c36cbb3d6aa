from dataclasses import replace
from datetime import date

import pytest

from bot.answering.answers.notices import add_notices
from bot.answering.privacy.personal import UnmaskedText
from bot.answering.relevance.catalogue import DocumentCatalogue
from bot.answering.state import Answer, Question, QuestionTexts, Source, Turn
from bot.running.service.outgoing_answer import build_answer
from ingest.documents import Document, Passage, Period
from ingest.publications import Publications
from tests.bot.draft_rendering import draft_of

OLD = Document(
    "old", "計画", "old.md", published="2021-03", period=Period(date(2021, 4, 1), date(2025, 3, 31)),
    url="https://city.example.jp/plan",
)  # fmt: skip
NEW = Document(
    "new", "計画2.0", "new.md", published="2025-02", period=Period(date(2025, 4, 1), date(2029, 3, 31)),
    supersedes=("old",),
)  # fmt: skip
PAPER = Document("paper", "会議資料", "paper.md", published="2025-02")
DOCUMENTS = (OLD, NEW, PAPER)
TODAY = date(2026, 6, 1)


def source(doc_id: str, number: int = 1, quote: str = "期間は4か年です。") -> Source:
    text = "期間は4か年です。毎年見直します。"
    return Source(Passage(f"{doc_id}#{number:04d}", doc_id, "text", ("第1章", "1.3. 期間"), text, (3,), page=7), quote)


def cited(*sources: Source, text: str = "4か年です[1]。", as_of: date = TODAY, **changes: object) -> Answer:
    draft = replace(draft_of(text, sources), **changes)  # type: ignore[arg-type]
    turn = Turn(Question(question="期間は?"), as_of, texts=QuestionTexts(UnmaskedText("計画の期間は?")), draft=draft)
    turn = add_notices(DocumentCatalogue(Publications(DOCUMENTS), lambda _: ()), turn)
    return build_answer(turn, Publications(DOCUMENTS), "a1", "c1", {"total": 9.8})


def test_a_citation_names_its_section_and_page() -> None:
    (citation,) = cited(source("old")).citations
    assert citation.n == 1
    assert citation.passage_id == "old#0001"
    assert citation.doc_id == "old"
    assert citation.title == "計画"
    assert citation.section == "1.3. 期間"
    assert citation.page == 7
    assert citation.quote == "期間は4か年です。"
    assert citation.url == "https://city.example.jp/plan"
    assert citation.period == (date(2021, 4, 1), date(2025, 3, 31))


@pytest.mark.parametrize(
    ("doc_id", "as_of", "in_force", "successor"),
    [
        ("old", date(2023, 1, 1), True, None),
        ("old", TODAY, False, "new"),
        ("new", TODAY, True, None),
        ("new", date(2030, 1, 1), False, None),
        ("paper", TODAY, None, None),
    ],
)
def test_a_citation_has_the_validity_of_its_document(
    doc_id: str, as_of: date, *, in_force: bool | None, successor: str | None
) -> None:
    (citation,) = cited(source(doc_id), as_of=as_of).citations
    assert citation.in_force is in_force
    assert citation.superseded_by == successor


def test_a_replaced_document_is_noticed_with_its_successor() -> None:
    (notice,) = cited(source("old")).notices
    assert "「計画」は「計画2.0」に引き継がれた" in notice


def test_a_cited_document_of_what_is_cancelled_says_so_first() -> None:
    notice = Document("notice", "港まつり", "notice.md", kind="notice", state="cancelled")
    turn = Turn(Question(question="いつ?"), TODAY, texts=QuestionTexts(UnmaskedText("いつ?")))
    answer = build_answer(
        turn.with_draft(draft_of("10時です[1]。", (source("notice"),))), Publications([notice]), "a1", "c1", {}
    )
    assert answer.answer.startswith("「港まつり」は、中止のお知らせです。")
    assert "10時です[1]。" in answer.answer
