"""Cleans the text of a model's reply: markup, hidden characters, reasoning, citation marks."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence

from bot.errors import ModelError
from bot.state.citation_marks import format_marks, read_marks, remove_marks
from bot.verification import normalise_marks
from ingest.japanese.markers import ITEM_MARK

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
