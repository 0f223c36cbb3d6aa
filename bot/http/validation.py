"""Validation errors of pydantic in Japanese."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any

from pydantic import BaseModel, Field

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
