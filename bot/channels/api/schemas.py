"""Pydantic schemas of the HTTP API, except for answers."""

import re
from collections.abc import Iterable
from contextlib import suppress
from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, StrictBool

from bot.answering.question.text_limits import UNREADABLE, UNREADABLE_TEXT
from bot.answering.rendering.escaping import is_web_address
from bot.answering.state import Audience, ChosenLanguage, Days, Hit, Question, Style
from bot.running.service.document_state import DocumentState
from ingest.documents import DocumentKind, PassageKind


def _calendar_day(value: Any) -> Any:
    # Pydantic would also accept seconds since 1970.
    if value is None or isinstance(value, date):
        return value
    with suppress(ValueError):
        if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value, re.ASCII):
            return date.fromisoformat(value)
    raise ValueError("実在する日付を YYYY-MM-DD の形で指定してください（例: 2026-04-01）。")


Day = Annotated[date | None, BeforeValidator(_calendar_day), Field(description="いつの時点で答えるか。省けば今日")]


def _check_encodable(text: str) -> str:
    if UNREADABLE.search(text):
        raise ValueError(UNREADABLE_TEXT)
    return text


# JSON Schema patterns (ECMA 262): no NUL; a question also has a letter or digit (question/text_limits.py).
TEXT_PATTERN = {"pattern": "^[^\\u0000]*$"}
QUESTION_PATTERN: dict[str, Any] = {"minLength": 1, "pattern": "^[^\\u0000]*[\\p{L}\\p{N}][^\\u0000]*$"}
Encodable = AfterValidator(_check_encodable)
PlainText = Annotated[str, Encodable, Field(json_schema_extra=TEXT_PATTERN)]
TownName = Annotated[str, Field(max_length=100, json_schema_extra=TEXT_PATTERN), Encodable]
Id = Annotated[str, Field(max_length=64, json_schema_extra=TEXT_PATTERN), Encodable]


class ChatRequest(BaseModel):
    """A question as the API accepts it."""

    question: Annotated[
        str,
        Encodable,
        Field(description="質問", examples=["DXアクションプラン2.0の計画期間は?"], json_schema_extra=QUESTION_PATTERN),
    ]
    conversation_id: Annotated[Id | None, Field(description="続けて質問するときの会話の番号")] = None
    audience: Annotated[Audience, Field(description="市民向けか職員向けか")] = "citizen"
    style: Annotated[Style, Field(description="ふつうの文か、やさしい日本語か")] = "standard"
    language: Annotated[ChosenLanguage | None, Field(description="読む人の言語。省けば、質問と同じ言語で答える")] = None
    town: Annotated[
        TownName | None, Field(description="会話の市町村。空の文字列なら外す。省けば、会話で最後に挙がった市町村のまま")
    ] = None
    as_of: Day = None
    stream: Annotated[StrictBool, Field(description="true なら text/event-stream で少しずつ返す")] = False

    def to_question(self) -> Question:
        return Question(**self.model_dump(exclude={"stream"}))


class FeedbackRequest(BaseModel):
    """A reader's vote on an answer."""

    answer_id: Annotated[Id, Field(description="回答の番号")]
    rating: Annotated[Literal["up", "down"], Field(description="役に立った（up）、立たなかった（down）")]
    reasons: Annotated[
        list[Annotated[str, Field(max_length=200, json_schema_extra=TEXT_PATTERN), Encodable]],
        Field(description="理由（選んだもの）", max_length=20),
    ] = []
    comment: Annotated[
        str, Field(description="ひとこと", max_length=2000, json_schema_extra=TEXT_PATTERN), Encodable
    ] = ""


class Accepted(BaseModel):
    """The response to a request that returns no data."""

    status: Literal["ok"] = "ok"


class Ready(Accepted):
    """The response while questions are answered: whether the answers are recorded, and the judge is trusted."""

    records: Annotated[
        Literal["ok", "degraded"], Field(description="記録を残せないまま答えているときは degraded（理由はログ）")
    ] = "ok"
    judge: Annotated[
        Literal["ok", "degraded"],
        Field(description="言語モデルの文を、確かめられていないものとして示しているときは degraded（理由はログ）"),
    ] = "ok"


class ForgottenConversation(BaseModel):
    """How much of a conversation was deleted."""

    answers: Annotated[int, Field(description="消した質問と回答の数")]
    votes: Annotated[int, Field(description="消した評価の数")]


class FoundPassage(BaseModel):
    """A passage with its score and the parts of that score."""

    passage_id: str
    doc_id: str
    title: Annotated[str, Field(description="文書の題名")]
    section: Annotated[str, Field(description="見出し")]
    page: int | None = None
    kind: PassageKind
    text: str
    score: Annotated[float, Field(description="総合点（大きいほど近い）")]
    scores: Annotated[dict[str, float], Field(description="総合点の内訳")]

    @classmethod
    def from_hit(cls, hit: Hit, title: str) -> "FoundPassage":
        same = {name: getattr(hit.passage, name) for name in ("doc_id", "section", "page", "kind", "text")}
        return cls(**same, passage_id=hit.passage.id, title=title, score=hit.score, scores=hit.scores)


class SearchResults(BaseModel):
    """Ranked passages, best first."""

    passages: list[FoundPassage]

    @classmethod
    def from_hits(cls, hits: Iterable[Hit], states: Iterable[DocumentState]) -> "SearchResults":
        titles = {state.document.id: state.document.title for state in states}
        # A title is missing if the index was replaced between the two calls.
        return cls(passages=[FoundPassage.from_hit(hit, titles.get(hit.passage.doc_id, "")) for hit in hits])


class DocumentEntry(BaseModel):
    """A document of the index with its period and the document that superseded it."""

    id: str
    title: str
    kind: DocumentKind
    issuer: str
    published: str
    date_in_text: Annotated[str, Field(description="公表の日付がない文書の、本文から読み取った日付")] = ""
    period: Annotated[Days | None, Field(description="効力のある期間（両端を含む）")] = None
    in_force: Annotated[bool | None, Field(description="その時点で効力があるか。期間のない文書は null")] = None
    supersedes: Annotated[tuple[str, ...], Field(description="この文書が置き換えた文書")] = ()
    amends: Annotated[tuple[str, ...], Field(description="この文書が一部を改正する文書")] = ()
    superseded_by: Annotated[str | None, Field(description="この文書を置き換えた文書")] = None
    aliases: Annotated[tuple[str, ...], Field(description="ほかの呼び名")] = ()
    url: str | None = None
    file_url: Annotated[str | None, Field(description="原本を開くアドレス。保管していなければ null")] = None

    @classmethod
    def from_state(cls, state: DocumentState) -> "DocumentEntry":
        document = state.document
        same = ("id", "title", "kind", "issuer", "published", "date_in_text", "supersedes", "amends", "aliases")
        return cls(
            **{name: getattr(document, name) for name in same},
            period=(document.period.start, document.period.end) if document.period else None,
            in_force=state.in_force,
            superseded_by=state.superseded_by,
            url=document.url if is_web_address(document.url) else None,
            file_url=state.file_url(),
        )


class WithdrawnEntry(BaseModel):
    """A document that was withdrawn, and why."""

    id: str
    title: str
    reason: Annotated[str, Field(description="取り下げた理由")]
    at: Annotated[datetime, Field(description="取り下げた日時")]


class Documents(BaseModel):
    """The documents of the index, and those that were withdrawn."""

    documents: list[DocumentEntry]
    withdrawn: Annotated[list[WithdrawnEntry], Field(description="取り下げた文書（回答に使わない）")] = []
