"""Routes of the OpenAI-compatible API, `/v1/models` and `/v1/chat/completions`.

A client sends its whole conversation each time. The questions before the last one only complete it, if it is a
follow-up. System and assistant messages are ignored, because the documents do not support them.
"""

import json
import time
from collections.abc import AsyncIterator
from functools import partial
from http import HTTPStatus
from typing import Annotated, Any, Literal, get_args
from uuid import uuid4

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from pydantic import BaseModel, Field, StrictBool, WithJsonSchema
from sse_starlette import EventSourceResponse
from starlette.concurrency import run_in_threadpool

from bot.answering.rendering.cited_sections import render_sources
from bot.answering.rendering.escaping import MarkdownStream, escape_markdown
from bot.answering.state import Answer, Audience, Question, Style
from bot.channels.api.schemas import QUESTION_PATTERN, TEXT_PATTERN, Day, PlainText
from bot.channels.api.sse import Event, answer_events, wait_for_first_event
from bot.errors import BadQuestionError
from bot.running.http.form_fields import IdempotencyKey
from bot.running.http.limits import enforce_rate_limit
from bot.running.http.log import redact_text
from bot.running.http.problems import UserFacingError, openai_error, openapi_responses, to_problem
from bot.running.http.site import site_url
from bot.running.server_state import server_state

MODEL = "shirube"
_MODEL_ENTRY = {"id": MODEL, "object": "model", "created": 0, "owned_by": MODEL}
# A follow-up may depend on a follow-up.
EARLIER_QUESTIONS = 3
# What OpenAI's format lacks: telephone numbers, citations, related passages, status, ids for feedback.
_EXTRA_MEMBERS = {"urgent", "citations", "nearest", "status", "answer_id", "conversation_id"}
Role = Literal["developer", "system", "user", "assistant", "tool", "function"]


class MessagePart(BaseModel):
    """A part of a message; only text is read."""

    type: str
    text: PlainText = ""


class ChatMessage(BaseModel):
    """A message of the conversation."""

    role: Role
    content: PlainText | list[MessagePart] | None = None

    @property
    def parts(self) -> list[MessagePart]:
        return self.content if isinstance(self.content, list) else [MessagePart(type="text", text=self.content or "")]

    @property
    def text(self) -> str:
        return "\n".join(part.text for part in self.parts if part.type == "text")


def _message_schema(role: dict[str, Any], text: dict[str, Any], kind: dict[str, Any], *, may_be_empty: bool) -> Any:
    required = ["type"] if may_be_empty else ["type", "text"]
    parts = {"type": "object", "required": required, "properties": {"type": kind, "text": text}}
    contents = [text, {"type": "array", "minItems": 0 if may_be_empty else 1, "items": parts}]
    return {
        "type": "object",
        "required": ["role"] if may_be_empty else ["role", "content"],
        "properties": {"role": role, "content": {"anyOf": [*contents, *([{"type": "null"}] if may_be_empty else [])]}},
    }


# JSON Schema of messages: a question is a text or a list of text parts, and at least one message is a question.
_QUESTION = _message_schema(
    {"const": "user"}, {"type": "string", **QUESTION_PATTERN}, {"const": "text"}, may_be_empty=False
)
_OTHER_ROLES = {"enum": [role for role in get_args(Role) if role != "user"]}
_OTHER = _message_schema(_OTHER_ROLES, {"type": "string", **TEXT_PATTERN}, {"type": "string"}, may_be_empty=True)
_MESSAGES = {
    "type": "array",
    "minItems": 1,
    "maxItems": 500,
    "items": {"anyOf": [_QUESTION, _OTHER]},
    "contains": _QUESTION,
}


class StreamOptions(BaseModel):
    """Options of a streamed response."""

    include_usage: StrictBool = False


class Format(BaseModel):
    """The requested format of the answer; only text is supported."""

    type: Literal["text"] = "text"


class ChatCompletionRequest(BaseModel):
    """The supported members; others are ignored, except that options which need another kind of answer are refused.

    `audience`, `style` and `as_of` are extensions of this service.
    """

    model: PlainText = MODEL
    messages: Annotated[
        list[ChatMessage],
        Field(description="会話。最後の user の発言に答える", min_length=1, max_length=500),
        WithJsonSchema(_MESSAGES),
    ]
    stream: StrictBool = False
    stream_options: StreamOptions | None = None
    n: Literal[1] | None = None
    response_format: Format | None = None
    tool_choice: Literal["none", "auto"] | None = None
    audience: Audience = "citizen"
    style: Style = "standard"
    as_of: Day = None

    def user_texts(self) -> list[str]:
        """Return the user's texts; the last one is the question to answer.

        Raises BadQuestionError if there is none, or if the last one has an image, a sound or a file.
        """
        messages = [message for message in self.messages if message.role == "user"]
        if not messages:
            raise BadQuestionError("messages に、role が user の質問を入れてください。")
        if any(part.type != "text" for part in messages[-1].parts):
            raise BadQuestionError("画像・音声・ファイルは読めません。質問を文章で送ってください。")
        return [message.text for message in messages]


router = APIRouter(prefix="/v1", tags=["OpenAI 互換"])


@router.get("/models", summary="使えるモデル", description="このサービスをひとつのモデルとして示します。")
async def models() -> dict[str, Any]:
    return {"object": "list", "data": [_MODEL_ENTRY]}


@router.get(
    "/models/{name}",
    summary="ひとつのモデル",
    description="このサービスのモデルは shirube だけです。",
    responses=openapi_responses(404, 422),
)
async def model(name: str) -> dict[str, Any]:
    if name != MODEL:
        raise UserFacingError(HTTPStatus.NOT_FOUND, f"モデル「{name}」はありません。「{MODEL}」を指定してください。")
    return _MODEL_ENTRY


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
    *earlier, last = body.user_texts()
    for text in earlier:
        redact_text(text)
    question = Question(question=last, delivery=key, **body.model_dump(include={"audience", "style", "as_of"}))
    ask = partial(server_state(request.app).service.ask, question, earlier=earlier[-EARLIER_QUESTIONS:])
    server = site_url(request)
    if body.stream:
        events = await wait_for_first_event(answer_events(ask))
        return EventSourceResponse(_stream_chunks(events, body, server), sep="\n")
    answer = await run_in_threadpool(ask)
    content = escape_markdown(answer.answer) + render_sources(answer, server)
    message = {"role": "assistant", "content": content, "refusal": None}
    choice = {"index": 0, "message": message, "finish_reason": "stop", "logprobs": None}
    usage = {"usage": _token_usage(answer)}
    return _head("chat.completion", body.model) | {"choices": [choice]} | usage | _extra_members(answer)


def _head(kind: Literal["chat.completion", "chat.completion.chunk"], model: str) -> dict[str, Any]:
    return {"id": f"chatcmpl-{uuid4().hex}", "object": kind, "created": int(time.time()), "model": model}


def _token_usage(answer: Answer) -> dict[str, int]:
    tokens = [call.tokens for call in answer.calls]
    prompt, completion = sum(t.prompt for t in tokens), sum(t.completion for t in tokens)
    return {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion}


def _extra_members(answer: Answer) -> dict[str, Any]:
    return answer.model_dump(mode="json", include=_EXTRA_MEMBERS)


async def _stream_chunks(
    stream: AsyncIterator[Event], body: ChatCompletionRequest, server: str
) -> AsyncIterator[dict[str, str]]:
    head = _head("chat.completion.chunk", body.model)
    text = MarkdownStream()

    def chunk(finish_reason: str | None = None, **delta: str) -> dict[str, Any]:
        return head | {"choices": [{"index": 0, "delta": delta, "finish_reason": finish_reason, "logprobs": None}]}

    yield _format_event(chunk(role="assistant", content=""))
    try:
        async for kind, value in stream:
            if isinstance(value, Answer):
                yield _format_event(chunk(content=text.end() + render_sources(value, server)))
                yield _format_event(chunk("stop") | _extra_members(value))
                if body.stream_options and body.stream_options.include_usage:
                    yield _format_event(head | {"choices": [], "usage": _token_usage(value)})
            elif kind == "delta" and (content := text.add(str(value))):
                yield _format_event(chunk(content=content))
    except Exception as error:  # noqa: BLE001 - the status line has been sent, so any error is reported in the stream
        yield _format_event(openai_error(to_problem(error)))
        return
    yield {"data": "[DONE]"}


def _format_event(content: dict[str, Any]) -> dict[str, str]:
    return {"data": json.dumps(content, ensure_ascii=False)}
