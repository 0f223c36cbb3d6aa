"""Renders answers, passages and documents as plain text for MCP clients."""

from bot.http.schemas import DocumentEntry, FoundPassage
from bot.rendering.cited_sections import render_sources
from bot.rendering.escaping import escape_markdown
from bot.state import Answer


def answer_text(answer: Answer) -> str:
    """Return the answer, its sources, and the conversation id for the next question."""
    next_question = f"\n\n（続けて質問するときの conversation_id: {answer.conversation_id}）"
    return escape_markdown(answer.answer) + render_sources(answer) + next_question


def search_results_text(passages: list[FoundPassage], states: dict[str, DocumentEntry], withheld: int) -> str:
    """Return ranked passages, quoted under document and heading, and the number of `withheld` passages."""
    blocks = [_passage(number, passage, states.get(passage.doc_id)) for number, passage in enumerate(passages, 1)]
    if not passages:
        blocks.append("近い箇所は見つかりませんでした。")
    if withheld:
        blocks.append(f"※ 機械への命令が書かれた箇所が {withheld} 件あり、示していません。")
    return "\n\n".join(blocks)


def _passage(number: int, passage: FoundPassage, document: DocumentEntry | None) -> str:
    page = f" {passage.page}ページ" if passage.page else ""
    state = f"（{_validity(document)}）" if document and _validity(document) else ""
    quoted = "\n".join(f"> {escape_markdown(line)}" for line in passage.text.splitlines())
    place = escape_markdown(f"{passage.title}「{passage.section}」{page}{state} doc_id: {passage.doc_id}")
    return f"[{number}] {place}\n{quoted}"


def documents_text(documents: list[DocumentEntry]) -> str:
    """Return one line per document: id, title, issuer, publication, period, and whether it is in force."""
    return "\n".join(map(_document, documents)) or "索引に文書がありません。"


def _document(document: DocumentEntry) -> str:
    return escape_markdown(f"- {document.id}: {document.title}（{'、'.join(filter(None, _document_facts(document)))}）")


def _document_facts(document: DocumentEntry) -> tuple[str, ...]:
    period = "{}〜{}".format(*document.period) if document.period else ""
    published = f"{document.published}公表" if document.published else ""
    in_text = f"{document.date_in_text}（本文にある日付）" if document.date_in_text and not published else ""
    return document.issuer, published, in_text, period, _validity(document)


def _validity(document: DocumentEntry) -> str:
    if document.superseded_by:
        return f"旧。後の文書: {document.superseded_by}"
    return "" if document.in_force is None else "現行" if document.in_force else "期間外"
