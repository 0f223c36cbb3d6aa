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
    """Return one value, or none, as the list that it should be."""
    return value if isinstance(value, list) else [] if value is None else [value]


def _numbers(value: Any) -> list[int]:
    """Return the numbers of passages, also where they are written [1] or "1"."""
    return [int(n) for one in _listed(value) for n in re.findall(r"\d{1,3}", str(one))]


class _RawSentence(BaseModel):
    """A sentence as the model gives it; a server that only nearly keeps to the form is understood too."""

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
    """An answer as an object, in pieces; `status` and `choices` are known when its units have been read."""

    pieces: Iterable[str]
    status: ReplyStatus = "answered"
    choices: tuple[str, ...] = ()
    _in_words: str = ""

    def units(self) -> Iterator[ReplyUnit]:
        """Yield what it says: each sentence as soon as it is whole, one that leads a list with its items.

        Raises ModelError where it is not the object that was asked for, and what iterating the pieces raises.
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
        """Return the sentences that stand in what has come, and take the rest of the object in."""
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
    """Yield a sentence of the object, line for line where it has several, with its marks."""
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
    """Yield what waits when the next sentence is no item of its list; the sentence waits then."""
    if waiting and not is_item(sentence.text):
        yield make_unit(waiting)
        waiting.clear()
    waiting.append(sentence)


def _malformed_reply_error() -> ModelError:
    return ModelError("言語モデルの答えが求めた形（JSON）ではありません。")


@dataclass
class MarkedReply:
    """An answer in words with marks, in pieces; whether it answers stands in its words."""

    pieces: Iterable[str]
    status: ReplyStatus = "answered"
    choices: tuple[str, ...] = ()

    def units(self) -> Iterator[ReplyUnit]:
        """Yield what it says, as `reply.units` does."""
        return read_units(self.pieces)


def parse_reply(pieces: Iterable[str]) -> ObjectReply | MarkedReply:
    """Return an answer as what it begins as: a server may answer in words though it was asked for an object.

    Raises what iterating the pieces raises.
    """
    coming, head = iter(strip_reasoning(pieces)), ""
    while len(head.strip()) < len(_FENCE) and (piece := next(coming, None)) is not None:
        head += piece
    whole = chain([head], coming)
    return ObjectReply(whole) if head.lstrip().startswith(("{", _FENCE)) else MarkedReply(whole)
