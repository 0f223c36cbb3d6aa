"""Renders an answer with its sources as plain text for e-mail, escaped in case it is pasted as markup."""

from collections.abc import Iterator, Sequence
from datetime import date
from urllib.parse import quote

from bot.pages.staff.answer_comparison import AnswerComparison, Side
from bot.pages.staff.call import Lookup
from bot.rendering.cited_sections import cited_sections, unquoted_citations, validity_label
from bot.rendering.escaping import escape_plain, is_web_address
from bot.rendering.html.date_format import format_day, format_period
from bot.state import Answer, Citation


def mail_text(lookup: Lookup, today: date, site: str, lost: Sequence[str] = ()) -> str:
    """Return question, answer, sources and as-of date as plain text.

    `lost` are notices about documents that are no longer available. Each source has the address of its passage on the
    server at `site`.
    """
    day = lookup.as_of or today
    read_as = (f"（「{lookup.read_as}」についてのお尋ねとして調べました）",) if lookup.read_as else ()
    caution = ["※ この日に効力のある計画はありません。", ""] if lookup.ungoverned else []
    caution += [line for notice in lost for line in (f"※ {notice}", "")]
    answer = _answer_lines(lookup.answer, site, past=lookup.is_past(today))
    lines = ("【お尋ね】", lookup.question, *read_as, "", *caution, *answer)
    return escape_plain("\n".join((*lines, "", f"（{format_day(day)}の時点でお答えしています）")))


def comparison_mail_text(comparison: AnswerComparison, today: date, site: str) -> str:
    """Return a question with the answers of the old and the new document and their sources as plain text."""
    sides = (("旧", comparison.old), ("新", comparison.new))
    lines = (line for name, side in sides for line in ("", *_side(name, side, today, site)))
    return escape_plain("\n".join(("【お尋ね】", comparison.question, *lines)))


def _side(name: str, side: Side, today: date, site: str) -> Iterator[str]:
    yield f"■ {name}：{side.state.document.title}（{format_day(side.day)}の時点）"
    if not side.hits:
        yield from _answer_lines(side.answer, site, past=side.day < today)
        return
    yield "この文書だけから答えられるところは見つかりませんでした。近い箇所は次のとおりです。"
    for hit in side.hits:
        yield f"・「{hit.passage.section}」"
        yield from _quote_lines(hit.passage.text)


def _answer_lines(answer: Answer, site: str, *, past: bool) -> Iterator[str]:
    yield from ("【回答】", answer.answer)
    yield from (f"※ {notice}" for notice in answer.notices)
    if answer.citations:
        yield from ("", "【根拠】")
    for place in cited_sections(answer):
        marks = "".join(f"[{citation.n}]" for citation in place.citations)
        yield f"{marks} {_format_place(place.first, past=past)}"
        for citation in unquoted_citations(place.citations, answer.answer):
            yield from _quote_lines(citation.quote)
        yield f"　{site}/documents/{quote(place.first.doc_id)}?passage={quote(place.first.passage_id)}"
        if is_web_address(place.first.url):
            yield f"　{place.first.url}"
    if answer.nearest:
        yield from ("", "【近いことが書かれている箇所】")
    for citation in answer.nearest:
        yield f"・{_format_place(citation, past=past)}"
        if not answer.citations:
            yield from _quote_lines(citation.quote)


def _quote_lines(text: str) -> Iterator[str]:
    return (f"　{line}" for line in f"「{text}」".splitlines())


def _format_place(citation: Citation, *, past: bool) -> str:
    page = f"（{citation.page}ページ）" if citation.page else ""
    section = f"「{citation.section}」" if citation.section else ""
    validity = "この日に有効" if past and citation.in_force else validity_label(citation)
    period = format_period(citation.period) if citation.period else ""
    state = "、".join(filter(None, (validity, period)))
    return f"{citation.title}{section}{page}" + (f"［{state}］" if state else "")
