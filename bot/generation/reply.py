"""Parses a streamed reply of a model: its status, and its cleaned sentences with passages and quotes in support."""

import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, BeforeValidator, TypeAdapter, ValidationError

from bot.errors import ModelError
from bot.llm.endpoint import TEXT, array_schema, object_schema
from bot.state.citation_marks import format_marks, read_marks, remove_marks
from bot.verification.statements import ABSTENTION, normalise_marks
from ingest.japanese.markers import ITEM_MARK
from ingest.japanese.notation import YES_OR_NO
from ingest.japanese.sentences import sentences

_THOUGHT = re.compile(r"<(think|thinking|reasoning)>.*?</\1>|^.*</(?:think|thinking|reasoning)>", re.DOTALL)
_OPEN_THOUGHT = re.compile(r"<(?:t|th|thi|thin|think|thinking|r|re|rea|reas\w*)?>?$|<(?:think|thinking|reasoning)>")
# Controls, invisible characters, marks of direction, tags, and combining marks that stack on any letter: they would
# separate a figure or a word from its own letters, or show what is not written.
_HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\U000e0000-\U000e007f\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ua66f-\ua672\ufe20-\ufe2f]"
)
# A letter of Thai, Hindi or Hebrew carries no more combining marks than this.
_MAX_COMBINING_MARKS = 2
_PICTURE = re.compile(r"!\[[^\]]*\]\([^)]*\)")
_LINK = re.compile(r"(?<!!)\[([^\]]*)\]\(([^)]*)\)")
_TAG = re.compile(r"<(script|style)\b.*?</\1>|</?[A-Za-z][^<>]*>", re.DOTALL | re.IGNORECASE)
_MARK_RANGE = re.compile(r"[\[［](\d{1,2})\s?[-~–〜～]\s?(\d{1,2})[\]］]")
_MAX_MARK_RANGE = 9
_RULE = re.compile(r"[\s|:*_=-]+")
_HEADING = re.compile(r"\s*#{1,6}\s")
_SOURCES_LABEL = re.compile(
    r"\s*[-*・#]*\s*\**(?:出典|参考|参照|根拠|引用元|Sources?|References?)(?:資料|文書|元|一覧)?\**\s?[:：]?\**\s?",
    re.IGNORECASE,
)
_SOURCE = re.compile(r"\s*(?:[-*・]\s*)?(?:[、,]?\s*\[\d{1,3}\])+(?P<title>.*)")
_SENTENCE_END = re.compile(r"(?:[。！？!?]|です|ます|ました|ません)\s*$")


def strip_reasoning(chunks: Iterable[str]) -> Iterator[str]:
    """Yield a streamed reply without the model's reasoning; raises ModelError for a reply that ends within it."""
    held = ""
    for chunk in chunks:
        held = _THOUGHT.sub("", held + chunk)
        if not _OPEN_THOUGHT.search(held):
            yield held
            held = ""
    if _OPEN_THOUGHT.search(held):
        raise ModelError("言語モデルの答えが考えの途中で切れています。")
    yield held


def clean_line(line: str) -> str:
    """Return a line without markup and hidden characters, with citation marks as [1][2] before the full stop."""
    text = _HIDDEN.sub("", _limit_combining_marks(unicodedata.normalize("NFC", line)))
    text = _LINK.sub(r"\1 \2", _PICTURE.sub("", _TAG.sub("", text)))
    text = _MARK_RANGE.sub(
        lambda m: format_marks(range(int(m[1]), min(int(m[2]), int(m[1]) + _MAX_MARK_RANGE) + 1)), text
    )
    return normalise_marks(text).lstrip()


def clean_lines(text: str) -> Iterator[str]:
    """Yield the lines of a text that say something, cleaned; each row of a Markdown table is a list item.

    Headings, rules, table heads, and lists of sources are left out.
    """
    columns: list[str] = []
    for line in text.split("\n"):
        if line.lstrip().startswith("|"):
            cells = [clean_line(cell.strip()) for cell in line.strip().strip("|").split("|")]
            if columns and not _RULE.fullmatch(line):
                yield _format_row(columns, cells)
            columns = columns or cells
            continue
        columns = []
        cleaned = clean_line(line)
        unlabelled = _SOURCES_LABEL.sub("", cleaned, count=1)
        source = _SOURCE.fullmatch(unlabelled)
        is_source = source is not None and not _SENTENCE_END.search(source["title"])
        if cleaned.strip() and unlabelled and not (is_source or _RULE.fullmatch(cleaned) or _HEADING.match(line)):
            yield cleaned


def is_item(text: str) -> bool:
    """Whether a line is an item of a list."""
    return bool(ITEM_MARK.match(text))


def _format_row(columns: Sequence[str], cells: Sequence[str]) -> str:
    marks = format_marks(dict.fromkeys(n for cell in cells for n in read_marks(cell)))
    (_, first), *others = [
        (column, value) for column, cell in zip(columns, cells, strict=False) if (value := remove_marks(cell).strip())
    ] or [("", "")]
    values = "、".join(f"{column} {value}" if len(others) > 1 else value for column, value in others)
    return f"・{first}: {values}{marks}" if values else f"・{first}{marks}"


def _limit_combining_marks(text: str) -> str:
    limited = ""
    mark_count = 0
    for character in text:
        mark_count = mark_count + 1 if unicodedata.category(character) in ("Mn", "Me") else 0
        if mark_count <= _MAX_COMBINING_MARKS:
            limited += character
    return limited


ReplyStatus = Literal["answered", "partial", "not_found", "clarify", "search"]
_OBJECT: TypeAdapter[dict[str, Any]] = TypeAdapter(dict[str, Any])
_SENTENCE = {"text": TEXT, "passages": array_schema({"type": "integer"})}
SCHEMA = object_schema(
    status={"type": "string", "enum": [*get_args(ReplyStatus)]},
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
        is_absence: whether it only says what the documents lack.

    """

    text: str
    passages: tuple[int, ...] = ()
    quotes: tuple[str, ...] = ()
    formula: str = ""
    starts_line: bool = False
    is_absence: bool = False

    @property
    def is_item(self) -> bool:
        """Whether it is an item of a list."""
        return is_item(self.text)


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
            yield from (sentence for raw in complete[count:] for sentence in self._parse_sentence(raw))
            count = max(count, len(complete))
        if _OBJECT_BEGINS.search(self.received):
            rest = self._read_object(is_partial=False)[count:]
            yield from (sentence for raw in rest for sentence in self._parse_sentence(raw))
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

    def _parse_sentence(self, raw: Any) -> Iterator[ReplySentence]:
        try:
            given = _RawSentence.model_validate(raw)
        except ValidationError as error:
            raise _malformed_reply_error() from error
        quotes = tuple(quote for quote in given.quotes if quote.strip())
        for number, line in enumerate(clean_lines(given.text)):
            passages = tuple(dict.fromkeys([*given.passages, *read_marks(line)]))
            # What the documents lack has no passage; a partial answer says it, or the words of the prompt do. Models
            # cite the passages that they searched, too.
            says_absent = ABSTENTION in line and "が、" not in line
            is_absence = says_absent or (not passages and not quotes and self.status == "partial")
            if text := remove_marks(line).strip():
                cited = () if is_absence else passages
                yield ReplySentence(text, cited, () if is_absence else quotes, given.formula, number > 0, is_absence)


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
                yield ReplySentence(words, passages, starts_line=bool(number) and not place, is_absence=is_absence)


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
