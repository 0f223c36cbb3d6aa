"""Tokenises a streamed reply into sentences, line starts and source lists."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from bot.errors import ModelError
from bot.verification import MARK, normalise_marks
from ingest.japanese.markers import ITEM_MARK
from ingest.japanese.sentences import sentences

_THOUGHT = re.compile(r"<(think|thinking|reasoning)>.*?</\1>|^.*</(?:think|thinking|reasoning)>", re.DOTALL)
_OPEN_THOUGHT = re.compile(r"<(?:t|th|thi|thin|think|thinking|r|re|rea|reas\w*)?>?$|<(?:think|thinking|reasoning)>")
# Controls, characters that show nothing or turn the direction of what follows, tags, and the marks that every letter
# can be stacked with: they would part a figure or a word from its own letters, or show what is not said.
_HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\U000e0000-\U000e007f\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ua66f-\ua672\ufe20-\ufe2f]"
)
# Of the marks of a script of their own (Thai, Hindi, Hebrew) a letter carries no more.
_MOST_MARKS = 2
_PICTURE = re.compile(r"!\[[^\]]*\]\([^)]*\)")
_LINK = re.compile(r"(?<!!)\[([^\]]*)\]\(([^)]*)\)")
_TAG = re.compile(r"<(script|style)\b.*?</\1>|</?[A-Za-z][^<>]*>", re.DOTALL | re.IGNORECASE)
_SPAN_OF_MARKS = re.compile(r"[\[［](\d{1,2})\s?[-~–〜～]\s?(\d{1,2})[\]］]")
_LONGEST_SPAN = 9
_HEADING = re.compile(r"\s*#{1,6}\s")
_RULE = re.compile(r"[\s|:*_=-]+")
_LABEL = re.compile(
    r"\s*[-*・#]*\s*\**(?:出典|参考|参照|根拠|引用元|Sources?|References?)(?:資料|文書|元|一覧)?\**\s?[:：]?\**\s?",
    re.IGNORECASE,
)
_SOURCE = re.compile(r"\s*(?:[-*・]\s*)?(?P<marks>(?:[、,]?\s*\[\d{1,3}\])+)(?P<rest>.*)")
_END = re.compile(r"[。！？!?.]?\s*$")
_ENDS = re.compile(r"(?:[。！？!?]|です|ます|ました|ません)\s*$")
# So many characters of a line tell what it is, and so many behind a 。 whether the sentence ends there.
_TELLS_LINE, _TELLS_END = 5, 2
_MAY_BE_MARK = re.compile(r"\s*(?:$|[\[［【〔(（^¹²³⁴-⁹])")
# What such a line is shows at its end.
_WAITS = re.compile(r"\s*(?:\||[\[［【]|-|#|<|出典|参考|参照|根拠)")
_YES_OR_NO = re.compile(r"\s*(?:はい|いいえ|ええ)[。、,]?\s*")


@dataclass(frozen=True, slots=True)
class CompleteSentence:
    """A whole sentence; `last` in its line."""

    text: str
    last: bool


@dataclass(frozen=True, slots=True)
class LineStart:
    """The beginning of a line: an item of a list or not, after an empty line or not."""

    item: bool
    apart: bool


@dataclass(frozen=True, slots=True)
class SourceMarks:
    """A line that only names sources, by their marks."""

    marks: str


@dataclass(frozen=True, slots=True)
class ReplyEnd:
    """The end of the reply."""


Token = CompleteSentence | LineStart | SourceMarks | ReplyEnd


def read_tokens(chunks: Iterable[str]) -> Iterator[Token]:
    """Yield the sentences of a reply as they become whole, where lines begin, and the sources named behind it."""
    reader = _LineReader()
    for text in strip_reasoning(chunks):
        yield from reader.read(text)
    yield from reader.end()


class _LineReader:
    """Cuts text that comes in pieces."""

    def __init__(self) -> None:
        self._line = ""
        self._told = False
        self._apart = False
        self._any = False
        self._row = _Rows()

    def read(self, text: str) -> Iterator[Token]:
        """Yield what `text` makes whole."""
        *ended, begun = (self._line + text).split("\n")
        for line in ended:
            yield from self._complete_line(line)
        self._line = begun
        yield from self._partial_line()

    def end(self) -> Iterator[Token]:
        """Yield the rest."""
        yield from self._complete_line(self._line)

    def _partial_line(self) -> Iterator[Token]:
        if len(self._line.strip()) < _TELLS_LINE or (not self._told and _WAITS.match(self._line)):
            return
        *whole, rest = sentences(normalise_line(self._line)) or [""]
        while whole and (len(rest.strip()) < _TELLS_END or _MAY_BE_MARK.match(rest) or _YES_OR_NO.fullmatch(whole[-1])):
            rest = whole.pop() + rest
        if whole:
            yield from self._tell(self._line)
            yield from (CompleteSentence(sentence, last=False) for sentence in _attach_yes_or_no(whole))
            self._line = rest

    def _complete_line(self, line: str) -> Iterator[Token]:
        text = line if self._told else self._row(line)
        plain = normalise_line(text)
        source = _SOURCE.fullmatch(_LABEL.sub("", plain, count=1)) if not self._told else None
        if not line.strip():
            self._apart = True
        elif source and (not source["rest"].strip(" 。:：") or not _ENDS.search(source["rest"])):
            yield SourceMarks("".join(f"[{n}]" for n in MARK.findall(source["marks"])))
        elif plain.strip() and not (_RULE.fullmatch(plain) or _HEADING.match(line) or _LABEL.fullmatch(plain)):
            if source:  # the mark stands before what it is for
                plain = add_marks(source["rest"].strip(), source["marks"].strip())
            yield from self._tell(text)
            *whole, last = _attach_yes_or_no(sentences(plain))
            yield from (CompleteSentence(sentence, last=False) for sentence in whole)
            yield CompleteSentence(last.rstrip(), last=True)
        self._line, self._told = "", False

    def _tell(self, line: str) -> Iterator[Token]:
        """Yield the beginning of a line, once."""
        if not self._told:
            self._told = True
            if self._any:
                yield LineStart(is_item(line), self._apart)
            self._any, self._apart = True, False


class _Rows:
    """Reads the lines of a text: of a Markdown table each row as an item, which its first cell names."""

    def __init__(self) -> None:
        self._heads: list[str] = []

    def __call__(self, line: str) -> str:
        """Return the line; nothing for the heads of a table, and for the rule below them."""
        if not line.lstrip().startswith("|"):
            self._heads = []
            return line
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if not self._heads:
            self._heads = cells
            return ""
        return "" if _RULE.fullmatch(line) else _format_table_row(self._heads, cells)


def _format_table_row(heads: Sequence[str], cells: Sequence[str]) -> str:
    marks = "".join(f"[{n}]" for cell in cells for n in MARK.findall(normalise_line(cell)))
    named = [(head, MARK.sub("", normalise_line(cell)).strip()) for head, cell in zip(heads, cells, strict=False)]
    (_, first), *others = [(head, cell) for head, cell in named if cell] or [("", "")]
    told = "、".join(f"{head} {cell}" if len(others) > 1 else cell for head, cell in others)
    return f"・{first}: {told}{marks}" if told else f"・{first}{marks}"


def normalise_line(line: str) -> str:
    """Return a line without ornaments, pictures, tags, hidden characters, its marks as [1][2] before the full stop."""
    text = _HIDDEN.sub("", _unstacked(unicodedata.normalize("NFC", line)))
    text = _LINK.sub(r"\1 \2", _PICTURE.sub("", _TAG.sub("", text)))
    text = _SPAN_OF_MARKS.sub(_each, text)
    return normalise_marks(text).lstrip()


def _unstacked(text: str) -> str:
    kept, marks = [], 0
    for letter in text:
        marks = marks + 1 if unicodedata.category(letter) in ("Mn", "Me") else 0
        if marks <= _MOST_MARKS:
            kept.append(letter)
    return "".join(kept)


def _each(span: re.Match[str]) -> str:
    first, last = int(span[1]), int(span[2])
    return "".join(f"[{n}]" for n in range(first, min(last, first + _LONGEST_SPAN) + 1))


def add_marks(text: str, marks: str) -> str:
    """Return a sentence with `marks` before its full stop."""
    return _END.sub(lambda end: marks + end[0], text, count=1)


def strip_marks_and_markup(text: str) -> str:
    """Return a sentence without ornaments, hidden characters and marks of its own; a table's rows are items."""
    row = _Rows()
    return "\n".join(MARK.sub("", normalise_line(row(line))).rstrip() for line in text.split("\n"))


def is_item(text: str) -> bool:
    """Whether a line is an item of a list."""
    return bool(ITEM_MARK.match(text))


def _attach_yes_or_no(cut: list[str]) -> list[str]:
    """Return the sentences, a bare yes or no together with the one behind it."""
    joined: list[str] = []
    for sentence in cut:
        if joined and _YES_OR_NO.fullmatch(joined[-1]):
            joined[-1] += sentence
        else:
            joined.append(sentence)
    return joined


def strip_reasoning(chunks: Iterable[str]) -> Iterator[str]:
    """Yield what is said; raises ModelError for a reply that ends in the middle of its thoughts."""
    held = ""
    for chunk in chunks:
        held = _THOUGHT.sub("", held + chunk)
        if not _OPEN_THOUGHT.search(held):
            yield held
            held = ""
    if _OPEN_THOUGHT.search(held):
        raise ModelError("言語モデルの答えが考えの途中で切れています。")
    yield held
