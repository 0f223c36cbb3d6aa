"""The JSON of OpenAI's chat completions: what is read of a request, and how answers, chunks and errors are written."""

import time
from http import HTTPStatus
from typing import Annotated, Any, Literal
from uuid import uuid4

from pydantic import BaseModel, Field

from bot.answer import Answer, Citation
from bot.console.validity import validity
from bot.errors import BadQuestionError
from bot.web.problems import Problem
from bot.web.shapes import Words

MODEL = "shirube"


class Part(BaseModel):
    """A part of a message; only text is read."""

    type: str
    text: Words = ""


class Message(BaseModel):
    """A message of the conversation."""

    role: str
    content: Words | list[Part] | None = None

    @property
    def text(self) -> str:
        """The text of the message, its parts joined."""
        if isinstance(self.content, list):
            return "\n".join(part.text for part in self.content if part.type == "text")
        return self.content or ""


class StreamOptions(BaseModel):
    """What is asked of a stream."""

    include_usage: bool = False


class ChatCompletionRequest(BaseModel):
    """The members that have a meaning here; all others are accepted and have none."""

    model: Words = MODEL
    messages: Annotated[
        list[Message], Field(description="会話。最後の user の発言に答える", min_length=1, max_length=500)
    ]
    stream: bool = False
    stream_options: StreamOptions | None = None

    @property
    def with_usage(self) -> bool:
        """Whether a stream ends with the token counts."""
        return self.stream_options is not None and self.stream_options.include_usage

    def questions(self) -> list[str]:
        """Return what the user asked, the question to be answered last. Raises BadQuestionError when there is none."""
        asked = [message.text for message in self.messages if message.role == "user"]
        if not asked:
            raise BadQuestionError("messages に、role が user の質問を入れてください。")
        return asked


def sources(answer: Answer) -> str:
    """Return what stands under the answer where only text is shown: notices, then each source with its quote."""
    lines = [*answer.notices]
    if answer.citations:
        lines += ["出典:", *map(_source, answer.citations)]
    return "".join("\n\n" + line for line in lines)


def _source(citation: Citation) -> str:
    page = f" {citation.page}ページ" if citation.page else ""
    state = f"（{validity(citation)}）" if validity(citation) else ""
    return f"[{citation.n}] {citation.title}「{citation.section}」{page}{state}: {citation.quote}"


def completion(answer: Answer, model: str) -> dict[str, Any]:
    """Return an answer as a chat completion."""
    message = {"role": "assistant", "content": answer.answer + sources(answer), "refusal": None}
    choice = {"index": 0, "message": message, "finish_reason": "stop", "logprobs": None}
    return {**head("chat.completion", model), "choices": [choice], "usage": usage(answer), **more(answer)}


def head(kind: Literal["chat.completion", "chat.completion.chunk"], model: str) -> dict[str, Any]:
    """Return what every completion and every chunk starts with; the chunks of a stream share one head."""
    return {"id": f"chatcmpl-{uuid4().hex}", "object": kind, "created": int(time.time()), "model": model}


def choices(finish_reason: str | None = None, **delta: str) -> dict[str, Any]:
    """Return the member of a chunk that carries the next words."""
    return {"choices": [{"index": 0, "delta": delta, "finish_reason": finish_reason, "logprobs": None}]}


def usage(answer: Answer | None) -> dict[str, int]:
    """Return the tokens that language models took for an answer; without a model there are none."""
    tokens = [call.tokens for call in answer.calls] if answer else []
    prompt, completion = sum(t.prompt for t in tokens), sum(t.completion for t in tokens)
    return {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion}


def more(answer: Answer) -> dict[str, Any]:
    """Return the members that OpenAI's format does not have: sources, status, ids for feedback."""
    return answer.model_dump(mode="json", include={"citations", "status", "answer_id", "conversation_id"})


def error_member(told: Problem) -> dict[str, Any]:
    """Return the member in which OpenAI's clients look for the reason."""
    kind = "invalid_request_error" if told.status < HTTPStatus.INTERNAL_SERVER_ERROR else "server_error"
    if told.status == HTTPStatus.TOO_MANY_REQUESTS:
        kind = "rate_limit_error"
    return {"error": {"message": told.detail, "type": kind, "param": None, "code": None}}
