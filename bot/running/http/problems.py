"""Errors as RFC 9457 `application/problem+json`, with a Japanese `detail` for the reader."""

import logging
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException

from bot.answering.rendering.escaping import escape_markdown
from bot.errors import (
    BadQuestionError,
    BotError,
    BusyError,
    ChangedMeanwhileError,
    DeskError,
    NotPermittedError,
    QuestionTooLongError,
    RecordsError,
    StagedError,
    UnknownError,
)
from ingest.errors import IngestError

_JAPANESE = {
    "missing": "指定してください。",
    "string_type": "文字列で指定してください。",
    "string_unicode": "読めない文字が含まれています。",
    "string_too_long": "{max_length}文字以内にしてください。",
    "string_too_short": "{min_length}文字以上で指定してください。",
    "literal_error": "{expected} のどれかを指定してください。",
    "int_parsing": "整数で指定してください。",
    "int_type": "整数で指定してください。",
    "int_from_float": "整数で指定してください。",
    "float_parsing": "数で指定してください。",
    "bool_parsing": "true か false を指定してください。",
    "bool_type": "true か false を指定してください。",
    "greater_than": "{gt} より大きい数を指定してください。",
    "greater_than_equal": "{ge} 以上を指定してください。",
    "less_than_equal": "{le} 以下を指定してください。",
    "list_type": "配列で指定してください。",
    "too_long": "{max_length}個以内にしてください。",
    "too_short": "{min_length}個以上を指定してください。",
    "model_attributes_type": "JSON のオブジェクトを、Content-Type: application/json で送ってください。",
}


class FieldProblem(BaseModel):
    """One field of the input that is wrong."""

    field: Annotated[str, Field(description="誤りのある項目")]
    detail: Annotated[str, Field(description="どう直せばよいか")]


def field_problems(errors: Iterable[Mapping[str, Any]]) -> list[FieldProblem]:
    """Return the problem of each field from `errors()` of a pydantic or FastAPI validation error."""
    return [FieldProblem(field=".".join(map(str, error["loc"])), detail=_translate_error(error)) for error in errors]


def _translate_error(error: Mapping[str, Any]) -> str:
    context = error.get("ctx", {})
    if error["type"] == "value_error":  # raised by validators of this project, with Japanese text
        return str(context["error"])
    arguments = {name: str(value).replace("'", "").replace(" or ", "、") for name, value in context.items()}
    return _JAPANESE.get(error["type"], "正しい形で指定してください。").format(**arguments)


log = logging.getLogger(__name__)
RETRY_AFTER_S = 10
_NO_RECORDS = "いまは記録を読み書きできないため、受け付けられませんでした。しばらく待ってから、もう一度お試しください。"

STATUS: Mapping[type[Exception], HTTPStatus] = {
    QuestionTooLongError: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    BadQuestionError: HTTPStatus.UNPROCESSABLE_ENTITY,
    UnknownError: HTTPStatus.NOT_FOUND,
    ChangedMeanwhileError: HTTPStatus.CONFLICT,
    NotPermittedError: HTTPStatus.FORBIDDEN,
    DeskError: HTTPStatus.UNPROCESSABLE_ENTITY,
    StagedError: HTTPStatus.UNPROCESSABLE_ENTITY,
    # No index, a changed encoder, a full disk, a failing model: for the operator to repair.
    IngestError: HTTPStatus.SERVICE_UNAVAILABLE,
    BotError: HTTPStatus.SERVICE_UNAVAILABLE,
}
# Title, and what the reader can do.
_TITLES_AND_DETAILS: Mapping[int, tuple[str, str]] = {
    400: ("リクエストを読めません", "本文が正しい JSON ではありません。形を確かめて、もう一度送ってください。"),
    401: ("認証が必要です", "利用するには認証が必要です。"),
    403: ("許可されていません", "この操作は許可されていません。"),
    404: ("見つかりません", "このアドレスには何もありません。アドレスを確かめてください。"),
    405: ("この方法では使えません", "このアドレスは別のメソッドで呼び出してください。"),
    409: ("先に変わっています", "ほかの人が先に変えました。画面を開き直してから、もう一度お試しください。"),
    413: ("長すぎます", "送られた内容が大きすぎます。短くして、もう一度送ってください。"),
    422: ("入力に誤りがあります", "入力の内容を確かめて、もう一度送ってください。"),
    429: ("混み合っています", "質問が続けて届いています。少し待ってから、もう一度お試しください。"),
    500: ("エラーが起きました", "申し訳ありません。処理の途中でエラーが起きました。もう一度お試しください。"),
    503: ("準備中です", "ただいま回答の準備ができていません。しばらく待ってから、もう一度お試しください。"),
}


class UserFacingError(HTTPException):
    """An HTTP error with a Japanese detail for the reader; the detail of other HTTP errors is not shown."""


class ProblemDetails(BaseModel):
    """A problem (RFC 9457); `instance` is the number to look up in the log."""

    model_config = ConfigDict(title="Problem")  # its name in the OpenAPI description

    type: Annotated[str, Field(description="問題の種類（RFC 9457）")] = "about:blank"
    title: Annotated[str, Field(description="問題の見出し")]
    status: Annotated[int, Field(description="HTTP の状態番号")]
    detail: Annotated[str, Field(description="何が起きたか、どうすればよいか")]
    instance: Annotated[str | None, Field(description="問い合わせのときに伝える番号")] = None
    errors: Annotated[list[FieldProblem] | None, Field(description="項目ごとの誤り")] = None


def make_problem(status: int, detail: str = "", **more: Any) -> ProblemDetails:
    """Return the problem of an HTTP status, by default with the general detail of that status."""
    similar = 400 if status < HTTPStatus.INTERNAL_SERVER_ERROR else 500
    title, general = _TITLES_AND_DETAILS.get(status, _TITLES_AND_DETAILS[similar])
    return ProblemDetails(title=title, status=status, detail=detail or general, **more)


def to_problem(error: Exception) -> ProblemDetails:
    """Return the problem that reports an exception, with its text only if that is meant for readers."""
    if isinstance(error, RequestValidationError):
        return _validation_problem(error)
    if isinstance(error, HTTPException):
        return make_problem(error.status_code, error.detail if isinstance(error, UserFacingError) else "")
    if isinstance(error, BusyError):  # expected under load, so not logged
        return make_problem(HTTPStatus.SERVICE_UNAVAILABLE, str(error))
    if isinstance(error, RecordsError | SQLAlchemyError):
        # The cause is logged once by `bot/running/storage/recorder.py`.
        log.warning("%s: %s", type(error).__name__, error)
        return make_problem(HTTPStatus.SERVICE_UNAVAILABLE, _NO_RECORDS).model_copy(update={"title": "記録できません"})
    status = next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), HTTPStatus.INTERNAL_SERVER_ERROR)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        is_unexpected = status == HTTPStatus.INTERNAL_SERVER_ERROR
        log.error("%s: %s", type(error).__name__, error, exc_info=error if is_unexpected else None)
        return make_problem(status)
    field = getattr(error, "field", "")
    return make_problem(status, str(error), errors=[FieldProblem(field=field, detail=str(error))] if field else None)


def problem_response(problem: ProblemDetails, headers: Mapping[str, str] | None = None, **members: Any) -> JSONResponse:
    """Return a problem with extension members as a response; a 503 has `Retry-After`."""
    headers = dict(headers or {})
    if problem.status == HTTPStatus.SERVICE_UNAVAILABLE:
        headers.setdefault("Retry-After", str(RETRY_AFTER_S))
    content = problem.model_dump(exclude_none=True) | members
    return JSONResponse(content, problem.status, headers, media_type="application/problem+json")


def openai_error(problem: ProblemDetails) -> dict[str, Any]:
    """Return a problem as the `error` member that OpenAI's clients read."""
    kind = "invalid_request_error" if problem.status < HTTPStatus.INTERNAL_SERVER_ERROR else "server_error"
    if problem.status == HTTPStatus.TOO_MANY_REQUESTS:
        kind = "rate_limit_error"
    param = problem.errors[0].field if problem.errors else None
    return {"error": {"message": escape_markdown(problem.detail), "type": kind, "param": param, "code": None}}


def install_handlers(app: FastAPI) -> None:
    """Return every error that a route raises as a problem, below `/v1` also in OpenAI's form."""

    def answer(request: Request, error: Exception) -> JSONResponse:
        problem = to_problem(error)
        path = request.scope["path"].removeprefix(request.scope.get("root_path", ""))
        members = openai_error(problem) if path.startswith("/v1/") else {}
        return problem_response(problem, getattr(error, "headers", None), **members)

    for kind in (HTTPException, RequestValidationError, BotError, IngestError, SQLAlchemyError):
        app.add_exception_handler(kind, answer)


def openapi_responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the OpenAPI `responses` for these statuses."""
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {status: {"description": _TITLES_AND_DETAILS[status][0], "content": content} for status in statuses}


def openapi_schemas() -> dict[str, Any]:
    """Return the OpenAPI components that `openapi_responses` refers to."""
    schema = ProblemDetails.model_json_schema(ref_template="#/components/schemas/{model}")
    return {**schema.pop("$defs"), "Problem": schema}


def _validation_problem(error: RequestValidationError) -> ProblemDetails:
    errors = error.errors()
    if any(problem["type"] == "json_invalid" for problem in errors):
        return make_problem(HTTPStatus.BAD_REQUEST)
    # The first part of a location is where the field was sent (body, query, path), which readers need not know.
    fields = field_problems({**problem, "loc": problem["loc"][1:] or ("本文",)} for problem in errors)
    detail = " ".join(f"{field.field}: {field.detail}" for field in fields)
    return make_problem(HTTPStatus.UNPROCESSABLE_ENTITY, detail, errors=fields)
