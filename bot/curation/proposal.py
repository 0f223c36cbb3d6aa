"""Checks whether a proposed curated answer can be published."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from bot.answers.curated_records import AnswerProposal, CuratedAnswer, PublishedSource
from bot.answers.curated_status import IndexedAnswer, SourceLookup, passage_digest
from bot.privacy.personal import mask_personal_data
from bot.rendering.answer_text import parse_statements, render_text
from bot.state import Draft, Paragraph, Source, Statement
from bot.verification.draft_check import check_draft
from ingest.documents import Passage
from ingest.guardrails.secrets import requests_secret
from ingest.index.index import Index
from ingest.japanese import nfkc
from ingest.japanese.markers import ITEM_MARK
from ingest.japanese.sentences import sentences

if TYPE_CHECKING:
    from bot.pipeline import OpenedIndex

# About two screens of a phone.
_MAX_CHARS = 800
# Words with an idf below this share of the maximum are common; 目標 and 会議 have .25 to .35 in indexes of plans.
_COMMON_IDF_SHARE = 0.4
_SENTENCE_END = re.compile(r"[。!?！？]?\s*$")


def add_default_marks(text: str, sources: int) -> str:
    """Return a text that has one source and no marks with `[1]` after each sentence, other texts unchanged.

    List items below a lead sentence get no marks of their own.
    """
    text = text.strip()
    if _has_marks(text) or sources != 1:
        return text
    marked = []
    for n, line in enumerate(text.splitlines()):
        if n and ITEM_MARK.match(line):
            marked.append(line)
            continue
        ends = [(sentence, _SENTENCE_END.search(sentence)) for sentence in sentences(line)]
        statements = [
            Statement(sentence[: end.start()], (1,), sentence[end.start() :]) if end else Statement(sentence, (1,))
            for sentence, end in ends
        ]
        marked.append(render_text([Paragraph(tuple(statements))]))
    return "\n".join(marked)


def _has_marks(text: str) -> bool:
    return any(statement.cited for statement in parse_statements(text))


def to_curated_answer(proposal: AnswerProposal, index: Index, previous: CuratedAnswer) -> CuratedAnswer:
    """Return the proposal as the version after `previous`, with its sources as they are in `index`.

    Raises KeyError for a passage that is not in the index.
    """
    sources = []
    for source in proposal.sources:
        passage = _passage(source.passage_id, index)
        digest = passage_digest(passage)
        sources.append(PublishedSource(passage.id, passage.doc_id, passage.section, source.quote, digest))
    return replace(
        previous,
        version=previous.version + 1,
        text=add_default_marks(proposal.text, len(sources)),
        sources=tuple(sources),
        wordings=tuple(dict.fromkeys(wording.strip() for wording in proposal.wordings if wording.strip())),
        author=proposal.author.strip(),
        valid_from=proposal.valid_from,
        valid_until=proposal.valid_until,
        withdrawn=False,
        note="",
    )


def find_problems(proposal: AnswerProposal, opened: "OpenedIndex", day: date) -> list[str]:
    """Return the problems of a proposal in Japanese; only what is missing if it is incomplete."""
    if missing := list(_missing_parts(proposal, opened.index)):
        return missing
    problems = (
        *_text_problems(proposal, opened.index),
        *_period_problems(proposal, opened.index, day),
        *_wording_problems(proposal, opened, day),
    )
    return list(dict.fromkeys(problems))


def _missing_parts(proposal: AnswerProposal, index: Index) -> Iterator[str]:
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


def _text_problems(proposal: AnswerProposal, index: Index) -> Iterator[str]:
    sources = [Source(_passage(source.passage_id, index), source.quote) for source in proposal.sources]
    if len(proposal.text) > _MAX_CHARS:
        yield f"回答が長すぎます（{len(proposal.text):,}文字）。{_MAX_CHARS}文字以内にしてください。"
    if len(sources) > 1 and not _has_marks(proposal.text):
        yield "出典が2つ以上あります。どの文がどの出典によるかを、文の終わりに [1] や [2] と書いてください。"
        return
    if any(source.passage.withheld for source in sources):
        yield "出典の箇所に、機械への命令か、暗証番号などを求める文があります。この箇所は出典にできません。"
    if requests_secret(nfkc(proposal.text)):
        yield "暗証番号・パスワード・カードの番号などを求める文は載せられません。窓口が尋ねることはありません。"
    statements = parse_statements(add_default_marks(proposal.text, len(sources)))
    draft = Draft((Paragraph(statements),), tuple(sources))
    yield from (problem.message for problem in check_draft(draft, tuple(index.documents), proposal.wordings[0]))


def _period_problems(proposal: AnswerProposal, index: Index, day: date) -> Iterator[str]:
    if proposal.valid_from and proposal.valid_until and proposal.valid_until < proposal.valid_from:
        yield "有効期間の終わりが、始まりより前になっています。"
        return
    unpublished = CuratedAnswer("", 0, "", "", (), (), "", datetime.now(UTC))
    published = to_curated_answer(proposal, index, unpublished)
    status = IndexedAnswer(published, SourceLookup(index)).status_on(day)
    if status.state in {"review", "expired"}:
        yield from (f"このままでは使われません: {reason}" for reason in status.reasons)


def _wording_problems(proposal: AnswerProposal, opened: "OpenedIndex", day: date) -> Iterator[str]:
    for wording in filter(str.strip, proposal.wordings):
        if mask_personal_data(wording) != wording:
            yield f"質問「{mask_personal_data(wording)}」に個人の情報が入っています。消してください。"
            continue
        query = opened.parse_query(nfkc(wording).strip(), day)
        idf = opened.index.keyword.idf
        has_rare_word = any(idf(term.text) >= _COMMON_IDF_SHARE * idf("") for term in query.terms)
        if not (query.scope.named or query.dates or has_rare_word):
            yield f"質問「{wording}」だけでは、何についての質問か分かりません。計画や事業の名前を入れてください。"
        other = opened.curated and opened.curated.find_answer(wording, day, day)
        if other and other.id != proposal.curated_id:
            yield f"質問「{wording}」には、すでに「{other.wordings[0]}」への回答があります。そちらを改めてください。"


def _passage(passage_id: str, index: Index) -> Passage:
    return index.passages[index.passage_row(passage_id)]
