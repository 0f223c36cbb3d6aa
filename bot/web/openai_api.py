"""Routes of the OpenAI-compatible API, `/v1/models` and `/v1/chat/completions`.

A client sends its whole conversation each time. The questions before the last one are asked again to resolve
follow-ups, without a language model, and are not counted as answers. System and assistant messages are ignored,
because the documents do not support them.
"""

import json
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from functools import partial
from http import HTTPStatus
from typing import Annotated, Any, Literal, get_args
from uuid import uuid4

from fastapi import APIRouter, Depends, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from fastapi.routing import APIRoute
from pydantic import BaseModel, Field, StrictBool, WithJsonSchema, field_validator
from sqlalchemy.exc import SQLAlchemyError
from sse_starlette import EventSourceResponse
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from bot.errors import BadQuestionError, BotError
from bot.http.form_fields import IdempotencyKey
from bot.http.limits import enforce_rate_limit
from bot.http.problems import ProblemDetails, UserFacingError, openapi_responses, problem_response, to_problem
from bot.http.schemas import QUESTION_PATTERN, TEXT_PATTERN, Day, PlainText
from bot.http.site import site_url
from bot.rendering.cited_sections import render_sources
from bot.rendering.escaping import MarkdownStream, escape_markdown
from bot.service import AnswerListener, Service
from bot.state import Answer, Audience, Question, Style
from bot.web.sse import Event, answer_events, wait_for_first_event
from ingest.errors import IngestError

MODEL = "shirube"


def chat_completion(answer: Answer, model: str, server: str) -> dict[str, Any]:
    """Return an answer as a chat completion in Markdown, with links to the files at `server`."""
    content = escape_markdown(answer.answer) + render_sources(answer, server)
    message = {"role": "assistant", "content": content, "refusal": None}
    choice = {"index": 0, "message": message, "finish_reason": "stop", "logprobs": None}
    return {
        **completion_head("chat.completion", model),
        "choices": [choice],
        "usage": token_usage(answer),
        **extra_members(answer),
    }


def completion_head(kind: Literal["chat.completion", "chat.completion.chunk"], model: str) -> dict[str, Any]:
    """Return the members that completions and chunks start with; the chunks of a stream share them."""
    return {"id": f"chatcmpl-{uuid4().hex}", "object": kind, "created": int(time.time()), "model": model}


def chunk_choices(finish_reason: str | None = None, **delta: str) -> dict[str, Any]:
    """Return the `choices` of a chunk with the next part of the text."""
    return {"choices": [{"index": 0, "delta": delta, "finish_reason": finish_reason, "logprobs": None}]}


def token_usage(answer: Answer | None) -> dict[str, int]:
    """Return the tokens that language models used for an answer; 0 without a model."""
    tokens = [call.tokens for call in answer.calls] if answer else []
    prompt = sum(t.prompt for t in tokens)
    completion = sum(t.completion for t in tokens)
    return {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion}


def extra_members(answer: Answer) -> dict[str, Any]:
    """Return the members that OpenAI's format lacks: citations, related passages, status, ids for feedback."""
    return answer.model_dump(mode="json", include={"citations", "nearest", "status", "answer_id", "conversation_id"})


def model_entry(name: str) -> dict[str, Any]:
    """Return a model as an entry of the list of models."""
    return {"id": name, "object": "model", "created": 0, "owned_by": MODEL}


def error_member(problem: ProblemDetails) -> dict[str, Any]:
    """Return a problem as the `error` member that OpenAI's clients read."""
    kind = "invalid_request_error" if problem.status < HTTPStatus.INTERNAL_SERVER_ERROR else "server_error"
    if problem.status == HTTPStatus.TOO_MANY_REQUESTS:
        kind = "rate_limit_error"
    param = problem.errors[0].field if problem.errors else None
    return {"error": {"message": escape_markdown(problem.detail), "type": kind, "param": param, "code": None}}


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
    def text(self) -> str:
        """The text of the message, its parts joined."""
        if isinstance(self.content, list):
            return "\n".join(part.text for part in self.content if part.type == "text")
        return self.content or ""

    @property
    def only_text(self) -> bool:
        """Whether the message has no images, sounds or files."""
        return not isinstance(self.content, list) or all(part.type == "text" for part in self.content)


# JSON Schema of messages: a question is a text or a list of text parts, and at least one message is a question.
_TEXT: dict[str, Any] = {"type": "string", **QUESTION_PATTERN}
_PART = {"type": "object", "required": ["type", "text"], "properties": {"type": {"const": "text"}, "text": _TEXT}}
_QUESTION: dict[str, Any] = {
    "type": "object",
    "required": ["role", "content"],
    "properties": {
        "role": {"const": "user"},
        "content": {"anyOf": [_TEXT, {"type": "array", "minItems": 1, "items": _PART}]},
    },
}
_ANY_TEXT = {"type": "string", **TEXT_PATTERN}
_ANY_PART = {"type": "object", "required": ["type"], "properties": {"type": {"type": "string"}, "text": _ANY_TEXT}}
_OTHER_MESSAGE: dict[str, Any] = {
    "type": "object",
    "required": ["role"],
    "properties": {
        "role": {"enum": [role for role in get_args(Role) if role != "user"]},
        "content": {"anyOf": [_ANY_TEXT, {"type": "array", "items": _ANY_PART}, {"type": "null"}]},
    },
}
_MESSAGES = {
    "type": "array",
    "minItems": 1,
    "maxItems": 500,
    "items": {"anyOf": [_QUESTION, _OTHER_MESSAGE]},
    "contains": _QUESTION,
}


class StreamOptions(BaseModel):
    """Options of a streamed response."""

    include_usage: StrictBool = False


class Format(BaseModel):
    """The requested format of the answer; only text is supported."""

    type: Annotated[str, WithJsonSchema({"const": "text"})] = "text"


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
    n: Annotated[Any, WithJsonSchema({"enum": [1, None]})] = None
    response_format: Format | None = None
    tool_choice: Annotated[Any, WithJsonSchema({"enum": ["none", "auto", None]})] = None
    audience: Audience = "citizen"
    style: Style = "standard"
    as_of: Day = None

    @field_validator("n")
    @classmethod
    def _check_n(cls, n: Any) -> Any:
        if isinstance(n, bool) or n not in (None, 1):
            raise ValueError("回答はひとつだけ返します。1 を指定するか、省いてください。")
        return n

    @field_validator("response_format")
    @classmethod
    def _check_format(cls, response_format: Format | None) -> Format | None:
        if response_format and response_format.type != "text":
            raise ValueError("回答は文章です（text）。出典などのデータは、回答の citations にあります。")
        return response_format

    @field_validator("tool_choice")
    @classmethod
    def _check_tool_choice(cls, choice: Any) -> Any:
        if choice not in (None, "none", "auto"):
            raise ValueError("ツールは呼び出しません。none か auto を指定するか、省いてください。")
        return choice

    @property
    def with_usage(self) -> bool:
        """Whether a stream ends with the token counts."""
        return self.stream_options is not None and self.stream_options.include_usage

    def questions(self) -> list[Question]:
        """Return the questions of the conversation; the last one is to be answered.

        Raises BadQuestionError if there is none, or if the last one has an image, a sound or a file.
        """
        messages = [message for message in self.messages if message.role == "user"]
        if not messages:
            raise BadQuestionError("messages に、role が user の質問を入れてください。")
        if not messages[-1].only_text:
            raise BadQuestionError("画像・音声・ファイルは読めません。質問を文章で送ってください。")
        options = self.model_dump(include={"audience", "style", "as_of"})
        return [Question(question=message.text, **options) for message in messages]


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
    return {"object": "list", "data": [model_entry(MODEL)]}


@router.get(
    "/models/{name}",
    summary="ひとつのモデル",
    description="このサービスのモデルは shirube だけです。",
    responses=openapi_responses(404, 422),
)
async def model(name: str) -> dict[str, Any]:
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
    *earlier, last = body.questions()
    questions = [*earlier, last.model_copy(update={"delivery": key})]
    ask = partial(_ask, request.app.state.service, questions)
    server = site_url(request)
    if body.stream:
        return EventSourceResponse(
            _stream_chunks(await wait_for_first_event(answer_events(ask)), body, server), sep="\n"
        )
    return chat_completion(await run_in_threadpool(ask), body.model, server)


def _ask(service: Service, questions: list[Question], listener: AnswerListener | None = None) -> Answer:
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
