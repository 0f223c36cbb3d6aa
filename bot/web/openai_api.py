"""Routes of the OpenAI-compatible API, `/v1/models` and `/v1/chat/completions`.

A client sends its whole conversation each time. The questions before the last one are asked again to resolve
follow-ups, without a language model, and are not counted as answers. System and assistant messages are ignored,
because the documents do not support them.
"""

import json
from collections.abc import AsyncIterator, Callable, Coroutine
from functools import partial
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, Depends, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from fastapi.routing import APIRoute
from sqlalchemy.exc import SQLAlchemyError
from sse_starlette import EventSourceResponse
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from bot.errors import BadQuestionError, BotError
from bot.http.form_fields import IdempotencyKey
from bot.http.limits import enforce_rate_limit
from bot.http.problems import UserFacingError, openapi_responses, problem_response, to_problem
from bot.http.site import site_url
from bot.rendering.cited_sections import render_sources
from bot.rendering.escaping import MarkdownStream
from bot.runtime.service_interface import AnswerListener, AnswerService
from bot.state import Answer, Question
from bot.web.openai_format import (
    MODEL,
    chat_completion,
    chunk_choices,
    completion_head,
    error_member,
    extra_members,
    model_entry,
    token_usage,
)
from bot.web.openai_request import ChatCompletionRequest
from bot.web.sse import Event, answer_events, wait_for_first_event
from ingest.errors import IngestError

# A follow-up may depend on a follow-up.
EARLIER_QUESTIONS = 3


class OpenAIRoute(APIRoute):
    """A route whose problems also have OpenAI's `error` member."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the handler."""
        handle = super().get_route_handler()

        async def handle_errors(request: Request) -> Response:
            try:
                return await handle(request)
            except (HTTPException, RequestValidationError, BotError, IngestError, SQLAlchemyError) as error:
                problem = to_problem(error)
                return problem_response(problem, getattr(error, "headers", None), **error_member(problem))

        return handle_errors


router = APIRouter(prefix="/v1", tags=["OpenAI 互換"], route_class=OpenAIRoute)


@router.get("/models", summary="使えるモデル", description="このサービスをひとつのモデルとして示します。")
async def models() -> dict[str, Any]:
    """List the only model."""
    return {"object": "list", "data": [model_entry(MODEL)]}


@router.get(
    "/models/{name}",
    summary="ひとつのモデル",
    description="このサービスのモデルは shirube だけです。",
    responses=openapi_responses(404, 422),
)
async def model(name: str) -> dict[str, Any]:
    """Describe the only model."""
    if name != MODEL:
        raise UserFacingError(HTTPStatus.NOT_FOUND, f"モデル「{name}」はありません。「{MODEL}」を指定してください。")
    return model_entry(name)


@router.post(
    "/chat/completions",
    summary="質問に答える（OpenAI 互換）",
    description="最後の質問に答えます。出典は本文の終わりと `citations` にあります。temperature などは使いません。"
    "`n` が2以上、`response_format` が text 以外、ツールの強制（`tool_choice`）、画像などは 422 で断ります。"
    "`style`・`as_of`・`audience` は `/api/chat` と同じです。",
    dependencies=[Depends(enforce_rate_limit)],
    response_model=None,
    responses={200: {"content": {"text/event-stream": {}}}, **openapi_responses(400, 413, 422, 429, 503)},
)
async def chat_completions(
    body: ChatCompletionRequest, request: Request, key: IdempotencyKey = None
) -> dict[str, Any] | Response:
    """Answer the last question of a conversation."""
    *earlier, last = body.questions()
    questions = [*earlier, last.model_copy(update={"delivery": key})]
    ask = partial(_ask, request.app.state.service, questions)
    server = site_url(request)
    if body.stream:
        return EventSourceResponse(
            _stream_chunks(await wait_for_first_event(answer_events(ask)), body, server), sep="\n"
        )
    return chat_completion(await run_in_threadpool(ask), body.model, server)


def _ask(service: AnswerService, questions: list[Question], listener: AnswerListener | None = None) -> Answer:
    conversation_id = None
    for earlier in questions[-1 - EARLIER_QUESTIONS : -1]:
        try:
            again = _in_conversation(conversation_id, earlier).model_copy(update={"repeated": True, "by_model": False})
            conversation_id = service.ask(again).conversation_id
        except BadQuestionError:  # already reported when it was the last question
            continue
    return service.ask(_in_conversation(conversation_id, questions[-1]), listener)


def _in_conversation(conversation_id: str | None, question: Question) -> Question:
    return question.model_copy(update={"conversation_id": conversation_id})


async def _stream_chunks(
    stream: AsyncIterator[Event], body: ChatCompletionRequest, server: str
) -> AsyncIterator[dict[str, str]]:
    head = completion_head("chat.completion.chunk", body.model)
    yield _format_event(head | chunk_choices(role="assistant", content=""))
    usage = token_usage(None)
    text = MarkdownStream()
    try:
        async for kind, value in stream:
            if isinstance(value, Answer):
                yield _format_event(head | chunk_choices(content=text.end() + render_sources(value, server)))
                yield _format_event(head | chunk_choices("stop") | extra_members(value))
                usage = token_usage(value)
            elif kind == "delta" and (content := text.add(value)):
                yield _format_event(head | chunk_choices(content=content))
    except Exception as error:  # noqa: BLE001 - the status line has been sent, so any error is reported in the stream
        yield _format_event(error_member(to_problem(error)))
        return
    if body.with_usage:
        yield _format_event({**head, "choices": [], "usage": usage})
    yield {"data": "[DONE]"}


def _format_event(content: dict[str, Any]) -> dict[str, str]:
    return {"data": json.dumps(content, ensure_ascii=False)}
