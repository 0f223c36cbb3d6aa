"""Parses a streamed reply of a model: its status, and its sentences with the passages and quotes that support them."""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, TypeAdapter, ValidationError

from bot.errors import ModelError
from bot.generation.reply_text import clean_lines, is_item, strip_reasoning
from bot.llm.structured import TEXT, array_schema, object_schema
from bot.state.citation_marks import read_marks, remove_marks
from ingest.japanese.notation import YES_OR_NO
from ingest.japanese.sentences import sentences

ReplyStatus = Literal["answered", "partial", "not_found", "clarify"]
ABSTENTION = "資料に記載がありません"
"""What the prompt asks the model to write where the passages do not answer."""

_OBJECT: TypeAdapter[dict[str, Any]] = TypeAdapter(dict[str, Any])
_SENTENCE = {"text": TEXT, "passages": array_schema({"type": "integer"})}
SCHEMA = object_schema(
    status={"type": "string", "enum": ["answered", "partial", "not_found", "clarify"]},
    sentences=array_schema(object_schema(**_SENTENCE, quotes=array_schema(TEXT), formula=TEXT)),
    choices=array_schema(TEXT),
)
"""What `prompts/answer.md` asks for, as JSON Schema."""
COMPACT_SCHEMA = object_schema(
    status={"type": "string", "enum": ["answered", "not_found"]},
    sentences=array_schema(object_schema(**_SENTENCE), maxItems=6),
)
"""What `prompts/answer-compact.md` asks for: a model on a processor's cores takes a second for twelve tokens."""

# Some models write words or a fence before the object.
_OBJECT_BEGINS = re.compile(r"\{\s*\"(?:status|sentences|choices)\"")
_OTHER_JSON = re.compile(r"\s*(?:```(?:json)?\s*)?[\[{]\s*[\]}\"{]")
_DECODER = json.JSONDecoder()
_YES_OR_NO = re.compile(rf"\s*{YES_OR_NO}[。、,]?\s*")


@dataclass(frozen=True, slots=True)
class ReplySentence:
    """A sentence or list item of a reply, without citation marks.

    Attributes:
        text: the words.
        passages: the numbers of the passages that it cites.
        quotes: words of these passages that the model gives as support.
        formula: its calculation.
        starts_line: whether the reply begins a new line with it.

    """

    text: str
    passages: tuple[int, ...] = ()
    quotes: tuple[str, ...] = ()
    formula: str = ""
    starts_line: bool = False

    @property
    def is_item(self) -> bool:
        """Whether it is an item of a list."""
        return is_item(self.text)


@dataclass
class Reply:
    """A streamed reply in JSON, or in text with citation marks.

    `status` and `choices` are set once it is read; `received` is what has been read of it so far.
    """

    pieces: Iterable[str]
    status: ReplyStatus = "answered"
    choices: tuple[str, ...] = ()
    received: str = ""

    def sentences(self) -> Iterator[ReplySentence]:
        """Yield each sentence as soon as it is complete.

        Raises ModelError for JSON of another form or a reply that ends within its reasoning, and what iterating the
        pieces raises.
        """
        count = 0
        for piece in strip_reasoning(self.pieces):
            self.received += piece
            if not _OBJECT_BEGINS.search(self.received):
                continue
            complete = self._read_object(is_partial=True)[:-1]  # the last may go on
            yield from (sentence for raw in complete[count:] for sentence in _parse_sentence(raw))
            count = max(count, len(complete))
        if _OBJECT_BEGINS.search(self.received):
            rest = self._read_object(is_partial=False)[count:]
            yield from (sentence for raw in rest for sentence in _parse_sentence(raw))
        elif _OTHER_JSON.match(self.received):
            raise _malformed_reply_error()
        else:
            yield from parse_marked_text(self.received)

    def _read_object(self, *, is_partial: bool) -> list[Any]:
        begin = _OBJECT_BEGINS.search(self.received)
        text = self.received[begin.start() if begin else 0 :]
        received: dict[str, Any]
        try:
            if is_partial:
                received = _OBJECT.validate_json(text, experimental_allow_partial=True)
            else:
                received, _ = _DECODER.raw_decode(text)  # some models write words after the object
        except ValueError as error:
            if is_partial:
                return []
            raise _malformed_reply_error() from error
        found = received.get("sentences", [])
        if not isinstance(found, list) or (not is_partial and "sentences" not in received):
            raise _malformed_reply_error()
        if received.get("status") in SCHEMA["properties"]["status"]["enum"]:
            self.status = received["status"]
        choices = received.get("choices")
        self.choices = tuple(map(str, choices)) if isinstance(choices, list) else ()
        return found


def parse_marked_text(text: str) -> Iterator[ReplySentence]:
    """Yield the sentences of a text with citation marks; the marks at the end of a line are for all of the line."""
    for number, line in enumerate(clean_lines(text)):
        parts = _join_yes_or_no(sentences(line))
        marks_of_line = read_marks(parts[-1]) if parts else ()
        for place, part in enumerate(parts):
            cited = read_marks(part)
            is_absence = ABSTENTION in part
            words = remove_marks(part).strip()
            if words:
                passages = () if is_absence else cited or marks_of_line
                yield ReplySentence(words, passages, starts_line=bool(number) and not place)


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _numbers(value: Any) -> list[int]:
    return [int(digits) for item in _listed(value) for digits in re.findall(r"\d{1,3}", str(item))]


class _RawSentence(BaseModel):
    text: str
    passages: Annotated[list[int], BeforeValidator(_numbers)] = []
    quotes: Annotated[list[str], BeforeValidator(_listed)] = []
    formula: Annotated[str, BeforeValidator(lambda value: value or "")] = ""


def _parse_sentence(raw: Any) -> Iterator[ReplySentence]:
    try:
        given = _RawSentence.model_validate(raw)
    except ValidationError as error:
        raise _malformed_reply_error() from error
    quotes = tuple(quote for quote in given.quotes if quote.strip())
    for number, line in enumerate(clean_lines(given.text)):
        marked = read_marks(line)
        passages = tuple(dict.fromkeys([*given.passages, *marked]))
        if text := remove_marks(line).strip():
            yield ReplySentence(text, passages, quotes, given.formula, starts_line=number > 0)


def _join_yes_or_no(parts: list[str]) -> list[str]:
    joined: list[str] = []
    for part in parts:
        if joined and _YES_OR_NO.fullmatch(joined[-1]):
            joined[-1] += part
        else:
            joined.append(part)
    return joined


def _malformed_reply_error() -> ModelError:
    return ModelError("言語モデルの答えが求めた形（JSON）ではありません。")
