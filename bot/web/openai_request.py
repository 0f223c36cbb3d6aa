"""Parses OpenAI chat completion requests and rejects unsupported options."""

from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, Field, StrictBool, WithJsonSchema, field_validator

from bot.errors import BadQuestionError
from bot.http.schemas import QUESTION_PATTERN, TEXT_PATTERN, Day, PlainText
from bot.state import Audience, Question, Style
from bot.web.openai_format import MODEL

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
        Field(
            description="会話。最後の user の発言に答える",
            min_length=1,
            max_length=500,
        ),
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
