"""Parses a streamed JSON reply: its status and its sentences with their quotes."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, TypeAdapter, ValidationError

from bot.errors import ModelError
from bot.generation.reply_lines import add_marks, is_item, strip_marks_and_markup, strip_reasoning
from bot.generation.reply_units import ReplyUnit, Sentence, make_unit, read_units

ReplyStatus = Literal["answered", "partial", "not_found", "clarify"]


def _listed(value: Any) -> list[Any]:
    """Return a value as a list; None as an empty one."""
    return value if isinstance(value, list) else [] if value is None else [value]


def _numbers(value: Any) -> list[int]:
    """Return passage numbers, also from the forms [1] and "1"."""
    return [int(n) for one in _listed(value) for n in re.findall(r"\d{1,3}", str(one))]


class _RawSentence(BaseModel):
    """A sentence as the model returns it, with tolerant parsing."""

    text: str
    passages: Annotated[list[int], BeforeValidator(_numbers)] = []
    quotes: Annotated[list[str], BeforeValidator(_listed)] = []
    formula: Annotated[str, BeforeValidator(lambda value: value or "")] = ""


_FENCE = "```"
_OBJECT: TypeAdapter[dict[str, Any]] = TypeAdapter(dict[str, Any])
_TEXTS = {"type": "array", "items": {"type": "string"}}
_SENTENCE = {
    "type": "object",
    "properties": {
        "text": {"type": "string"},
        "passages": {"type": "array", "items": {"type": "integer"}},
        "quotes": _TEXTS,
        "formula": {"type": "string"},
    },
    "required": ["text", "passages", "quotes", "formula"],
    "additionalProperties": False,
}
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "status": {"type": "string", "enum": ["answered", "partial", "not_found", "clarify"]},
        "sentences": {"type": "array", "items": _SENTENCE},
        "choices": _TEXTS,
    },
    "required": ["status", "sentences", "choices"],
    "additionalProperties": False,
}
"""What `prompts/answer.md` asks for, as JSON Schema."""


@dataclass
class ObjectReply:
    """A streamed JSON reply; `status` and `choices` are set when its units have been read."""

    pieces: Iterable[str]
    status: ReplyStatus = "answered"
    choices: tuple[str, ...] = ()
    _in_words: str = ""

    def units(self) -> Iterator[ReplyUnit]:
        """Yield each sentence as soon as it is complete, a lead together with its items.

        Raises ModelError for another JSON form, and what iterating the pieces raises.
        """
        held, done = "", 0
        waiting: list[Sentence] = []
        for piece in strip_reasoning(self.pieces):
            held += piece
            said = self._sentences(held, partial=True)[:-1]  # the last may go on
            for sentence in (one for raw in said[done:] for one in _lines(raw)):
                yield from _grouped(waiting, sentence)
            done = max(done, len(said))
        for sentence in (one for raw in self._sentences(held, partial=False)[done:] for one in _lines(raw)):
            yield from _grouped(waiting, sentence)
        if waiting:
            yield make_unit(waiting)
        yield from read_units([self._in_words])

    def _sentences(self, held: str, *, partial: bool) -> list[Any]:
        """Return the sentences received so far, and store status and choices."""
        start = held.find("{")
        if start < 0:
            return []
        try:
            told = _OBJECT.validate_json(held[start:].rstrip("`\n "), experimental_allow_partial=partial)
        except ValidationError as error:
            raise _malformed_reply_error() from error
        if not isinstance(told.get("sentences", []), list):
            raise _malformed_reply_error()
        if not partial and "sentences" not in told:  # an object of another form, with the answer somewhere in it
            self._in_words = max((text for text in told.values() if isinstance(text, str)), key=len, default="")
        if told.get("status") in SCHEMA["properties"]["status"]["enum"]:
            self.status = told["status"]
        if not partial:
            choices = told.get("choices")
            self.choices = tuple(str(choice) for choice in choices) if isinstance(choices, list) else ()
        found: list[Any] = told.get("sentences", [])
        return found


def _lines(raw: Any) -> Iterator[Sentence]:
    """Yield a sentence with its marks, split at line breaks."""
    try:
        said = _RawSentence.model_validate(raw)
    except ValidationError as error:
        raise _malformed_reply_error() from error
    marks = "".join(f"[{n}]" for n in dict.fromkeys(said.passages) if n >= 0)
    quotes = tuple(quote for quote in said.quotes if quote.strip())
    for line in strip_marks_and_markup(said.text).split("\n"):
        if line.strip():
            yield Sentence(add_marks(line.strip(), marks), quotes, said.formula)


def _grouped(waiting: list[Sentence], sentence: Sentence) -> Iterator[ReplyUnit]:
    """Yield the waiting sentences when the next one is not an item of their list; then it waits."""
    if waiting and not is_item(sentence.text):
        yield make_unit(waiting)
        waiting.clear()
    waiting.append(sentence)


def _malformed_reply_error() -> ModelError:
    return ModelError("言語モデルの答えが求めた形（JSON）ではありません。")


@dataclass
class MarkedReply:
    """A streamed text reply with citation marks; its wording says whether it answers."""

    pieces: Iterable[str]
    status: ReplyStatus = "answered"
    choices: tuple[str, ...] = ()

    def units(self) -> Iterator[ReplyUnit]:
        """Yield its units, as `reply_units.read_units` does."""
        return read_units(self.pieces)


def parse_reply(pieces: Iterable[str]) -> ObjectReply | MarkedReply:
    """Return a reply by its first characters: some servers answer in text although JSON was requested.

    Raises what iterating the pieces raises.
    """
    coming, head = iter(strip_reasoning(pieces)), ""
    while len(head.strip()) < len(_FENCE) and (piece := next(coming, None)) is not None:
        head += piece
    whole = chain([head], coming)
    return ObjectReply(whole) if head.lstrip().startswith(("{", _FENCE)) else MarkedReply(whole)
