"""From a finished turn to the Answer that goes out: citations are made by code from the passages, never by a model."""

import re
from collections.abc import Collection, Iterable, Sequence
from datetime import date

from bot.answer import Answer, Citation, TextBlock
from bot.answerers.leads import named_with, without_mark
from bot.answering import DocumentState
from bot.claims import days_without_year
from bot.languages import LANGUAGES, Language, retold, say, wholly_retold
from bot.query.query import language_of
from bot.turn import Source, Turn
from bot.validity import in_force, published_on, superseded_by
from ingest.documents import Document
from ingest.normalise import dates, nfkc

# What begins and has no end: 10月1日(水)から.
_BEGINS = re.compile(r"\s?(?:\([^()]*\))?\s?(?:から|より|以降)(?![^。\n]*(?:まで|\d[月日]))")
# A day of the paper's own month, or of the next: 12日(土), 28日まで.
_DAY_ALONE = re.compile(r"(?<![\d月])\d{1,2}日(?:\s?\([月火水木金土日]|まで(?!の間)|[~・]\d{1,2}日)")
# Months that a notice tells of ahead.
_AHEAD = 9


def cite(
    turn: Turn,
    documents: Sequence[Document],
    answer_id: str,
    conversation_id: str,
    timings_ms: dict[str, float],
    *,
    originals: Collection[str] = (),
) -> Answer:
    """Return the answer of a turn that has come to its end; `timings_ms` are milliseconds a step.

    `originals` are the ids of the documents whose files are kept.
    """
    draft = turn.draft
    assert draft is not None, "every way of a question ends with a draft"
    language = _language(turn)
    day = turn.query.scope.as_of if turn.query else turn.as_of

    def cited(sources: Sequence[Source]) -> tuple[Citation, ...]:
        return tuple(_citation(n, source, documents, originals, day) for n, source in enumerate(sources, start=1))

    citations = cited(draft.sources)
    text = draft.text if citations else wholly_retold(draft.text, language) or draft.text
    notices = (*draft.notices, *_notices(citations, documents, day))
    return Answer(
        answer_id=answer_id,
        conversation_id=conversation_id,
        status=draft.status,
        answer=text,
        blocks=draft.blocks or (TextBlock(text=text),),
        citations=citations,
        nearest=cited(draft.nearest),
        question_understood=turn.text,
        suggestions=draft.suggestions,
        notices=tuple(wholly_retold(one, language) or retold(one, language) for one in notices),
        generator=draft.generator,
        timings_ms=timings_ms,
    )


def _language(turn: Turn) -> Language:
    """Return the language in which what the service says itself is told."""
    if turn.question.style == "easy":
        return "easy"
    reader = turn.question.language
    told_in = turn.query.answer_language if turn.query else language_of(turn.text, reader)
    return next((one for one in LANGUAGES if one == told_in and one != "ja"), reader or "ja")


def _citation(n: int, source: Source, documents: Sequence[Document], originals: Collection[str], day: date) -> Citation:
    document = next(d for d in documents if d.id == source.passage.doc_id)
    day = source.as_of or day
    successor = superseded_by(document, day, documents)
    kept = DocumentState(document, has_file=document.id in originals)
    return Citation(
        n=n,
        passage_id=source.passage.id,
        doc_id=document.id,
        title=document.title,
        section=source.passage.section,
        within=without_mark(named_with(document, source.passage.path)),
        page=source.passage.page,
        quote=source.quote,
        url=document.url,
        file_url=kept.file_url(source.passage.page),
        page_url=kept.page_url(source.passage.page, source.passage.id),
        read_by_ocr=source.passage.confidence is not None,
        period=(document.period.start, document.period.end) if document.period else None,
        in_force=in_force(document, day, documents) if document.period else None,
        superseded_by=successor.id if successor else None,
    )


def _notices(citations: Sequence[Citation], documents: Sequence[Document], day: date) -> tuple[str, ...]:
    """Tell what has been replaced, and by which; of which notice all dates have passed; what is read from pictures."""
    known = {document.id: document for document in documents}
    replaced = (
        say("replaced", old=c.title, new=known[c.superseded_by].title) + say("of_then")
        for c in citations
        if c.superseded_by
    )
    past = [
        document.title
        for document in {c.doc_id: known[c.doc_id] for c in citations}.values()
        if _is_past(document, [c.quote for c in citations if c.doc_id == document.id], day)
    ]
    passed = [say("past", title="・".join(past))] if past else []
    read = (
        f"「{c.title}」{c.page}ページは画像から読み取った文字です。原本を確かめてください。"
        for c in citations
        if c.read_by_ocr  # every picture is a page
    )
    return tuple(dict.fromkeys((*replaced, *passed, *read)))


def _is_past(document: Document, quotes: Iterable[str], day: date) -> bool:
    """Whether all days and months that a notice tells of in these `quotes` had passed by `day`, and there are any.

    Without its year, a day counts as passed when its month has: 1月7日〜28日 goes on behind the first of the two. What
    had been when the paper came out is not told of ahead, and what begins without an end (10月から) goes on.
    """
    published = published_on(document)
    if document.kind != "notice" or published is None:
        return False
    texts = [nfkc(quote) for quote in quotes]
    ahead = [one for text in texts for one in dates(text) if one.last > published]
    told = [(text, one) for text in texts for one in days_without_year(text)]
    months_on = [(month - published.month) % 12 for text, (_, end, month, _) in told if not _BEGINS.match(text, end)]
    if not told and not ahead and any(_DAY_ALONE.search(text) for text in texts):
        months_on = [1]
    # One or two months before that of the paper have been, others are of the next year.
    last = _month(published) + max((on - 12 * (on > _AHEAD) for on in months_on), default=0)
    tells = bool(months_on) or any(one.granularity in {"day", "month"} for one in ahead)
    return tells and last < _month(day) and all(one.last < day for one in ahead)


def _month(day: date) -> int:
    """Return the number of a day's month, by which months can be set side by side."""
    return day.year * 12 + day.month
