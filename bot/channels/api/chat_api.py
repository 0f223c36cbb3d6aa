"""Routes of `/api/chat`, streamed or not, and `/api/feedback`."""

from collections.abc import AsyncIterator
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request
from fastapi.responses import Response
from sse_starlette import EventSourceResponse
from starlette.concurrency import run_in_threadpool

from bot.answering.state import Answer
from bot.channels.api.schemas import Accepted, ChatRequest, FeedbackRequest, ForgottenConversation, Id
from bot.channels.api.sse import Event, answer_events, event_message, wait_for_first_event
from bot.running.http.form_fields import IdempotencyKey
from bot.running.http.limits import enforce_rate_limit
from bot.running.http.problems import openapi_responses, to_problem
from bot.running.server_state import server_state

router = APIRouter(tags=["回答"], dependencies=[Depends(enforce_rate_limit)])
# The field that has the content of an event.
_FIELDS = {"urgent": "urgent", "stage": "stage", "delta": "text"}


@router.post(
    "/api/chat",
    summary="質問に答える",
    description="資料から答えを探し、根拠の箇所を付けて返します。続けて質問するときは `conversation_id` を送ります。"
    "危険にある人の質問には、かけるべき電話番号を `urgent` と本文の初めに示します。"
    "`stream: true` なら、`urgent`（電話番号、探す前に届く）、"
    "`stage`（工程）、`delta`（確かめ終えた文）、`done`（回答の全体）、`error`（問題）の"
    "イベントで届きます。",
    response_model=Answer,
    response_description="回答",
    responses={200: {"content": {"text/event-stream": {}}}, **openapi_responses(400, 404, 413, 422, 429, 503)},
)
async def chat(body: ChatRequest, request: Request, key: IdempotencyKey = None) -> Answer | Response:
    question = body.to_question().model_copy(update={"delivery": key})
    ask = partial(server_state(request.app).service.ask, question)
    if body.stream:
        return EventSourceResponse(_stream_response(await wait_for_first_event(answer_events(ask))), sep="\n")
    answer: Answer = await run_in_threadpool(ask)
    return answer


async def _stream_response(stream: AsyncIterator[Event]) -> AsyncIterator[dict[str, str]]:
    try:
        async for kind, value in stream:
            data: Any = value.model_dump(mode="json") if isinstance(value, Answer) else {_FIELDS[kind]: value}
            if isinstance(value, tuple):
                data = {"urgent": [one.model_dump(mode="json") for one in value]}
            yield event_message(kind, data)
    except Exception as error:  # noqa: BLE001 - the status line has been sent, so any error is reported in the stream
        yield event_message("error", to_problem(error).model_dump(exclude_none=True))


@router.post(
    "/api/feedback",
    summary="回答を評価する",
    description="役に立ったかどうかと、その理由を記録します。",
    responses=openapi_responses(400, 404, 413, 422, 429, 503),
)
def feedback(body: FeedbackRequest, request: Request) -> Accepted:
    server_state(request.app).service.feedback(**body.model_dump())
    return Accepted()


@router.delete(
    "/api/conversations/{conversation_id}",
    summary="会話を消す",
    description="会話の質問・回答・評価を記録から消し、消した数を返します。番号を知っている人だけが消せます。"
    "職員が公開した回答と、前に取ったバックアップは残ります。",
    responses=openapi_responses(404, 422, 429, 503),
)
def forget(conversation_id: Annotated[Id, Path(description="会話の番号")], request: Request) -> ForgottenConversation:
    counts = server_state(request.app).service.forget(conversation_id, "利用者")
    return ForgottenConversation(answers=counts.answers, votes=counts.votes)
