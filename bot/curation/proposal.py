"""Checks whether a proposed curated answer can be published."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

from bot.curation.answers import CuratedAnswer, Proposal, PublishedSource
from bot.curation.status import IndexedAnswer, SourceLookup, passage_digest
from bot.guardrails.prompt_injection import has_injection
from bot.privacy.personal import mask_personal_data
from bot.question.query import Query
from bot.question.query_parser import QueryParser
from bot.state import Draft, Paragraph, Source, Statement
from bot.verification import check_draft, parse_statements, render_text
from ingest.documents import Passage
from ingest.index.index import Index
from ingest.japanese import nfkc
from ingest.japanese.markers import ITEM_MARK
from ingest.japanese.sentences import sentences

# Characters of an answer: about what a citizen reads on a phone without scrolling twice.
_LONGEST = 800
# A word is common whose idf is under this share of the greatest: of 目標 and 会議 it is .25 to .35 in indexes of plans.
_COMMON = 0.4
_END = re.compile(r"[。!?！？]?\s*$")


@dataclass(frozen=True, slots=True)
class ProposalContext:
    """What a proposal is checked with; `served` tells the curated answer that a question gets already."""

    index: Index
    read: QueryParser
    day: date
    served: Callable[[str], CuratedAnswer | None]


def add_default_marks(text: str, sources: int) -> str:
    """Return the text with `[1]` at each sentence where it has no marks and one source; an item lends its lead's."""
    text = text.strip()
    if _has_marks(text) or sources != 1:
        return text
    lines = text.splitlines()
    return "\n".join(line if at and ITEM_MARK.match(line) else _marked_line(line) for at, line in enumerate(lines))


def _has_marks(text: str) -> bool:
    return any(statement.cited for statement in parse_statements(text))


def _marked_line(line: str) -> str:
    ends = [(sentence, _END.search(sentence)) for sentence in sentences(line)]
    statements = [Statement(one[: end.start()], (1,), end[0]) for one, end in ends if end]
    return render_text([Paragraph(tuple(statements))])


def to_curated_answer(proposal: Proposal, index: Index, before: CuratedAnswer) -> CuratedAnswer:
    """Return the proposal as it is kept: the version behind `before`, with its sources as they are in `index`.

    Raises KeyError for a passage that is not in the index.
    """
    found = [(source.quote, _passage(source.passage_id, index)) for source in proposal.sources]
    return replace(
        before,
        version=before.version + 1,
        text=add_default_marks(proposal.text, len(found)),
        sources=tuple(PublishedSource(p.id, p.doc_id, p.section, quote, passage_digest(p)) for quote, p in found),
        wordings=tuple(dict.fromkeys(wording.strip() for wording in proposal.wordings if wording.strip())),
        author=proposal.author.strip(),
        valid_from=proposal.valid_from,
        valid_until=proposal.valid_until,
        withdrawn=False,
        note="",
    )


def find_problems(proposal: Proposal, desktop: ProposalContext) -> list[str]:
    """Return what is wrong with a proposal, in Japanese."""
    missing = list(_missing_parts(proposal, desktop.index))
    if missing:
        return missing
    found = (
        *_text_problems(proposal, desktop),
        *_period_problems(proposal, desktop),
        *_wording_problems(proposal, desktop),
    )
    return list(dict.fromkeys(found))


def _missing_parts(proposal: Proposal, index: Index) -> Iterator[str]:
    """Yield what has to be there before anything can be checked."""
    if not proposal.text.strip():
        yield "回答の文が空です。"
    if not proposal.author.strip():
        yield "だれが書いたかを入れてください。"
    if not any(wording.strip() for wording in proposal.wordings):
        yield "この回答で答える質問を、1つ以上書いてください。"
    if not proposal.sources:
        yield "出典の箇所を、1つ以上選んでください。"
    for source in proposal.sources:
        try:
            _passage(source.passage_id, index)
        except KeyError:
            yield f"出典の箇所「{source.passage_id}」は今の文書にはありません。探し直して選んでください。"


def _text_problems(proposal: Proposal, desktop: ProposalContext) -> Iterator[str]:
    index = desktop.index
    sources = [Source(_passage(source.passage_id, index), source.quote) for source in proposal.sources]
    if len(proposal.text) > _LONGEST:
        yield f"回答が長すぎます（{len(proposal.text):,}文字）。{_LONGEST}文字以内にしてください。"
    if len(sources) > 1 and not _has_marks(proposal.text):
        yield "出典が2つ以上あります。どの文がどの出典によるかを、文の終わりに [1] や [2] と書いてください。"
        return
    if any(has_injection(source.passage) for source in sources):
        yield "出典の箇所に、機械への命令のような文があります。この箇所は出典にできません。"
    statements = parse_statements(add_default_marks(proposal.text, len(sources)))
    draft = Draft((Paragraph(statements),), tuple(sources))
    yield from (problem.message for problem in check_draft(draft, tuple(index.documents), proposal.wordings[0]))


def _period_problems(proposal: Proposal, desktop: ProposalContext) -> Iterator[str]:
    if proposal.valid_from and proposal.valid_until and proposal.valid_until < proposal.valid_from:
        yield "有効期間の終わりが、始まりより前になっています。"
        return
    kept = _as_if_published(proposal, desktop.index)
    standing = IndexedAnswer(kept, SourceLookup(desktop.index)).status_on(desktop.day)
    if standing.state in {"review", "expired"}:
        yield from (f"このままでは使われません: {reason}" for reason in standing.reasons)


def _wording_problems(proposal: Proposal, desktop: ProposalContext) -> Iterator[str]:
    for wording in filter(str.strip, proposal.wordings):
        if mask_personal_data(wording) != wording:
            yield f"質問「{mask_personal_data(wording)}」に個人の情報が入っています。消してください。"
            continue
        if _is_vague(desktop.read(nfkc(wording).strip(), desktop.day), desktop.index):
            yield f"質問「{wording}」だけでは、何についての質問か分かりません。計画や事業の名前を入れてください。"
        other = desktop.served(wording)
        if other is not None and other.id != proposal.curated_id:
            yield f"質問「{wording}」には、すでに「{other.wordings[0]}」への回答があります。そちらを改めてください。"


def _is_vague(query: Query, index: Index) -> bool:
    """Whether a question has only words that stand everywhere, and names no document and no day (目標は?)."""
    common = _COMMON * index.keyword.idf("")
    return not (query.scope.named or query.dates) and all(index.keyword.idf(t.text) < common for t in query.terms)


def _as_if_published(proposal: Proposal, index: Index) -> CuratedAnswer:
    return to_curated_answer(proposal, index, CuratedAnswer("", 0, "", "", (), (), "", datetime.now(UTC)))


def _passage(passage_id: str, index: Index) -> Passage:
    return index.passages[index.passage_row(passage_id)]
