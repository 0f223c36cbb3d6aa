"""An answer with its sources as plain text for a mail.

What would be markup where the text is pasted is escaped (`bot/escaping.py`).
"""

from collections.abc import Iterator, Sequence
from datetime import date
from urllib.parse import quote

from bot.answer import Answer, Citation
from bot.escaping import escape_plain, is_web_address
from bot.pages.days import day_said, period_said
from bot.sources import places, unsaid, validity
from bot.ui.staff.call import Lookup
from bot.ui.staff.compare import Comparison, Side


def mail(lookup: Lookup, today: date, site: str, lost: Sequence[str] = ()) -> str:
    """Return question, answer and sources as plain text; the day tells for when it holds.

    `lost` says which of its documents answer no more.

    Each source has the address at which citizens read its passage, on the server at `site`.
    """
    day = lookup.as_of or today
    read_as = (f"（「{lookup.read_as}」についてのお尋ねとして調べました）",) if lookup.read_as else ()
    caution = ["※ この日に効力のある計画はありません。", ""] if lookup.ungoverned else []
    caution += [line for notice in lost for line in (f"※ {notice}", "")]
    answered = _told(lookup.answer, site, past=lookup.is_past(today))
    told = ("【お尋ね】", lookup.question, *read_as, "", *caution, *answered)
    return escape_plain("\n".join((*told, "", f"（{day_said(day)}の時点でお答えしています）")))


def comparison_mail(comparison: Comparison, today: date, site: str) -> str:
    """Return a question with what the old and the new document say to it, each with its sources as in `mail`."""
    sides = (("旧", comparison.old), ("新", comparison.new))
    lines = (line for name, side in sides for line in ("", *_side(name, side, today, site)))
    return escape_plain("\n".join(("【お尋ね】", comparison.question, *lines)))


def _side(name: str, side: Side, today: date, site: str) -> Iterator[str]:
    yield f"■ {name}：{side.state.document.title}（{day_said(side.day)}の時点）"
    if not side.own:
        yield from _told(side.answer, site, past=side.day < today)
        return
    yield "この文書だけから答えられるところは見つかりませんでした。近い箇所は次のとおりです。"
    for hit in side.own:
        yield f"・「{hit.passage.section}」"
        yield from _quoted(hit.passage.text)


def _told(answer: Answer, site: str, *, past: bool) -> Iterator[str]:
    yield from ("【回答】", answer.answer)
    yield from (f"※ {notice}" for notice in answer.notices)
    if answer.citations:
        yield from ("", "【根拠】")
    for place in places(answer):
        marks = "".join(f"[{citation.n}]" for citation in place.citations)
        yield f"{marks} {_place(place.first, past=past)}"
        for citation in unsaid(place.citations, answer.answer):
            yield from _quoted(citation.quote)
        yield f"　{site}/documents/{quote(place.first.doc_id)}?passage={quote(place.first.passage_id)}"
        if is_web_address(place.first.url):
            yield f"　{place.first.url}"
    if answer.nearest:
        yield from ("", "【近いことが書かれている箇所】")
    for citation in answer.nearest:
        yield f"・{_place(citation, past=past)}"
        if not answer.citations:
            yield from _quoted(citation.quote)


def _quoted(text: str) -> Iterator[str]:
    """Return a quote with each of its lines set in: the line after a break is no less quoted than the first."""
    return (f"　{line}" for line in f"「{text}」".splitlines())


def _place(citation: Citation, *, past: bool) -> str:
    page = f"（{citation.page}ページ）" if citation.page else ""
    section = f"「{citation.section}」" if citation.section else ""
    held = "この日に有効" if past and citation.in_force else validity(citation)
    told = [held, period_said(citation.period) if citation.period else ""]
    state = "、".join(filter(None, told))
    return f"{citation.title}{section}{page}" + (f"［{state}］" if state else "")
