"""Reads a streamed reply of a model: its status, and its cleaned sentences with passages and quotes in support."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from bot.answering.llm.chat_model import parse_object
from bot.answering.state.citation_marks import read_marks, remove_marks
from bot.answering.verification.statements import ABSTENTION, CitedStatement, normalise_marks
from ingest.japanese.markers import ITEM_MARK

# Controls, invisible characters, marks of direction, tags, and combining marks that stack on any letter: they would
# separate a figure or a word from its own letters, or show what is not written.
_HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\U000e0000-\U000e007f\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ua66f-\ua672\ufe20-\ufe2f]"
)
# A letter of Thai, Hindi or Hebrew carries no more combining marks than this.
_MAX_COMBINING_MARKS = 2
_PICTURE = re.compile(r"!\[[^\[\]]*\]\([^)]{0,500}\)")
_LINK = re.compile(r"(?<!!)\[([^\[\]]*)\]\(([^)]{0,500})\)")
_TAG = re.compile(r"<(script|style)\b(?:(?!<\1).)*?</\1>|</?[A-Za-z][^<>]*>", re.DOTALL | re.IGNORECASE)
_RULE = re.compile(r"[\s|:*_=-]*")


def clean_line(line: str) -> str:
    """Return a line without markup and hidden characters, with citation marks as [1][2] before the full stop."""
    limited = ""
    mark_count = 0
    for character in unicodedata.normalize("NFC", line):
        mark_count = mark_count + 1 if unicodedata.category(character) in ("Mn", "Me") else 0
        if mark_count <= _MAX_COMBINING_MARKS:
            limited += character
    text = _LINK.sub(r"\1 \2", _PICTURE.sub("", _TAG.sub("", _HIDDEN.sub("", limited))))
    return normalise_marks(text).lstrip()


ReplyStatus = Literal["answered", "partial", "not_found", "clarify", "search"]


class CompactSentence(BaseModel):
    """A sentence as a small model writes it."""

    model_config = ConfigDict(extra="forbid")
    text: str
    passages: list[int]


class FullSentence(CompactSentence):
    """A sentence with words of its passages and a calculation in support, "" for none."""

    quotes: list[str]
    formula: str


class CompactReply(BaseModel):
    """What `prompts/answer-compact.md` asks for: a model on a processor's cores takes a second for twelve tokens."""

    model_config = ConfigDict(extra="forbid")
    status: Literal["answered", "not_found"]
    sentences: list[CompactSentence] = Field(max_length=6)


class FullReply(BaseModel):
    """What `prompts/answer.md` asks for."""

    model_config = ConfigDict(extra="forbid")
    status: ReplyStatus
    sentences: list[FullSentence]
    choices: list[str]


_OBJECT: TypeAdapter[dict[str, Any]] = TypeAdapter(dict[str, Any])
_SENTENCES: TypeAdapter[list[FullSentence | CompactSentence]] = TypeAdapter(list[FullSentence | CompactSentence])


@dataclass
class Reply:
    """A streamed reply, an object of `schema`.

    `status` and `choices` are set once it is read; `received` is what has been read of it so far.
    """

    pieces: Iterable[str]
    schema: type[FullReply | CompactReply] = FullReply
    status: ReplyStatus = "answered"
    choices: tuple[str, ...] = ()
    received: str = ""

    def sentences(self) -> Iterator[CitedStatement]:
        """Yield each sentence as soon as it is complete.

        Raises ModelError for a reply of another form, and what iterating the pieces raises.
        """
        count = 0
        for piece in self.pieces:
            self.received += piece
            complete = self._complete_sentences()
            yield from (sentence for raw in complete[count:] for sentence in self._clean(raw))
            count = max(count, len(complete))
        whole = parse_object(self.received, self.schema)
        self.status = whole.status
        self.choices = tuple(whole.choices) if isinstance(whole, FullReply) else ()
        yield from (sentence for raw in whole.sentences[count:] for sentence in self._clean(raw))

    def _complete_sentences(self) -> list[FullSentence | CompactSentence]:
        try:
            received = _OBJECT.validate_json(self.received, experimental_allow_partial=True)
            complete = _SENTENCES.validate_python(received.get("sentences", [])[:-1])  # the last may go on
            self.status = received["status"] if complete else self.status
        except (ValueError, TypeError, AttributeError, KeyError):
            return []
        return complete

    def _clean(self, raw: FullSentence | CompactSentence) -> Iterator[CitedStatement]:
        quotes, formula = (raw.quotes, raw.formula) if isinstance(raw, FullSentence) else ((), "")
        lines = [line for line in map(clean_line, raw.text.split("\n")) if not _RULE.fullmatch(line)]
        for number, line in enumerate(lines):
            passages = tuple(dict.fromkeys([*raw.passages, *read_marks(line)]))
            # What the documents lack has no passage; a partial answer says it, or the words of the prompt do. Models
            # cite the passages that they searched, too.
            says_absent = ABSTENTION in line and "が、" not in line
            is_absence = says_absent or (not passages and not quotes and self.status == "partial")
            if text := remove_marks(line).strip():
                yield CitedStatement(
                    text,
                    () if is_absence else passages,
                    listed=bool(ITEM_MARK.match(text)),
                    quotes=() if is_absence else tuple(quote for quote in quotes if quote.strip()),
                    formula=formula,
                    is_absence=is_absence,
                    starts_line=number > 0,
                )
