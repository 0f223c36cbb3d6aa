"""Formats answers, chunks, models and errors as OpenAI chat completions."""

import time
from http import HTTPStatus
from typing import Any, Literal
from uuid import uuid4

from bot.http.problems import ProblemDetails
from bot.rendering.cited_sections import render_sources
from bot.rendering.escaping import escape_markdown
from bot.state import Answer

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
