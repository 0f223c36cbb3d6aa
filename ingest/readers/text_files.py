"""Readers for plain text, Markdown and CSV in every Japanese encoding; recognises text that was decoded wrongly."""

import csv
import io
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from ingest.blocks.line_text import strip_invisible, to_one_line
from ingest.blocks.link_targets import with_target
from ingest.blocks.model import DocumentPart, first_line
from ingest.blocks.table_layout import TableSlot, arrange_table, continues_table, merge_tables, table_blocks
from ingest.blocks.unread_parts import STRUCK_REASON
from ingest.documents import Block, Line
from ingest.errors import UnreadableDocumentError
from ingest.japanese.characters import KANJI

_BYTE_ORDER_MARKS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
# Binary formats (PDF, RTF, ZIP) that may contain no zero byte.
_NOT_TEXT = (b"%PDF-", b"{\\rtf", b"PK\x03\x04")
# Highest share of broken characters, measured on 931 bulletins and their wrong decodings: decision 040.
_BROKEN_THRESHOLD = 0.02
# Each alternative is one encoding decoded as another; correct text has next to none of these.
_TRACES = re.compile(
    r"""
      [\ufffd\ue000-\uf8ff]  # undecodable; private use
    | [\u0080-\u0084\u0086-\u009f]                           # C1 controls: Shift_JIS or UTF-8 as ISO-8859-1
    | [\u00c2-\u00f4][\u00a0-\u00bf\u0152-\u0178\u02c6\u02dc\u2013-\u203a\u20ac\u2122]+  # UTF-8 as windows-1252
    | [\u201a\u0192][!-~\u00a1-\u00ff\u0152-\u2122]          # kana of Shift_JIS as windows-1252
    | [縺繧繝][^()\s]                                        # kana of UTF-8 as Shift_JIS
    | (?:[､･][｡-ﾟ]){2,}                                      # kana of EUC-JP as Shift_JIS
    | \?{4,}                                                 # each character written as a question mark
    | \$B(?:[!-~]{2}){1,400}\([BJ]                           # ISO-2022-JP that lost its escape bytes
    """,
    re.VERBOSE,
)
_KANJI = re.compile(f"[{KANJI}]+")


def decode(data: bytes, name: str) -> str:
    """Return `data` as text: UTF-8, UTF-16 with a byte order mark, ISO-2022-JP, Shift_JIS (CP932) or EUC-JP.

    Raises UnreadableDocumentError, naming the file as `name`, for binary content, an unknown encoding, and mojibake.
    """
    encoding = next((encoding for mark, encoding in _BYTE_ORDER_MARKS.items() if data.startswith(mark)), None)
    if data.startswith(_NOT_TEXT) or (encoding != "utf-16" and b"\0" in data):
        raise UnreadableDocumentError(
            f"{name}: 文字だけのファイルではありません。元のソフトで開き、テキスト（UTF-8）で保存し直してください。"
        )
    text = _decode_as(data, encoding) if encoding else _detect(data)
    if text is None:
        raise UnreadableDocumentError(f"{name}: 文字コードが分かりません。UTF-8 で保存し直してください。")
    if broken_share(text) > _BROKEN_THRESHOLD:
        raise UnreadableDocumentError(
            f"{name}: 文字化けしているか、日本語の文書ではありません。元の文書から UTF-8 で書き出し直してください。"
        )
    return text


# Kana in Shift_JIS begin with a byte that EUC-JP never has, so text that both can decode is EUC-JP, unless it would be
# half-width kana throughout in Shift_JIS.
def _detect(data: bytes) -> str | None:
    if b"\x1b$" in data and (text := _decode_as(data, "iso2022_jp_ext")) is not None:
        return text
    if (text := _decode_as(data, "utf-8")) is not None:
        return text
    euc = _decode_as(data, "euc_jp")
    shift_jis = _decode_as(data, "cp932")
    if euc is None or shift_jis is None:
        return shift_jis if euc is None else euc
    kana = re.findall(r"[^\x00-\x7f]", shift_jis)
    marks = sum(char in "､･" for char in kana)
    is_half_width = all("｡" <= char <= "ﾟ" for char in kana) and marks * 4 < len(kana)
    return shift_jis if is_half_width else euc


def _decode_as(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return None


def broken_share(text: str) -> float:
    """Return the share (0 to 1) of characters that are traces of a wrong decoding; 0 for empty text.

    Kanji in neither JIS X 0213 nor CP932 count too: Japanese text decoded as Chinese produces them.
    """
    if not text:
        return 0.0
    kanji = "".join(_KANJI.findall(text))
    japanese_kanji = {
        char for encoding in ("euc_jis_2004", "cp932") for char in kanji.encode(encoding, "ignore").decode(encoding)
    }
    traces = sum(len(match[0]) for match in _TRACES.finditer(text))
    return (traces + sum(char not in japanese_kanji for char in kanji)) / len(text)


_LINE_END = re.compile(r"\r\n|\r|\n")
# Slides write a line break inside a paragraph as a vertical tab.
_PART_END = re.compile(r"([\f\v])")
# Markdown: inline tags, comments, link targets and image markup, which are not shown.
_CODE = r"(?P<code>(?<!`)(?P<ticks>`{1,3})(?!`)[^`\n]+(?P=ticks)(?!`))"
_DROPPED = r"<!--.*?(?:-->|\Z)|<(?P<element>script|style)\b[^<>]*>.*?(?:</(?P=element)\s*>|\Z)"
# `<br>` separates words; `ingest/blocks/line_marks.py` handles it later.
_TAG = r"</?(?!br\b)[A-Za-z][A-Za-z0-9-]*(?:\s[^<>]*|/)?>"
_AUTOLINK = r"<(?P<alone>(?:https?://|mailto:)[^\s<>]+)>"
_LINK = (
    r"(?P<image>!?)\[(?P<label>[^\[\]\n]*)\]"
    r"\(\s*+(?:<(?P<angled>[^<>\n]*)>|(?P<target>(?:[^\s()<>]++|\([^\s()<>]*\))*+))(?:\s++(?:\"[^\"\n]*\"|'[^'\n]*'))?\s*+\)"
)
_MARKUP = re.compile(f"{_CODE}|{_DROPPED}|{_AUTOLINK}|{_TAG}|{_LINK}", re.IGNORECASE | re.DOTALL)
# A line of front matter: a key with its value, what continues a value, an item, a comment, or nothing.
_KEY = re.compile(r"[\w-]++:")
_FRONT_LINE = re.compile(rf"{_KEY.pattern}|[ \t]++\S|-[ \t]|#|\r?\Z")
# ~~text~~ and its elements; a single ~ is a range.
_STRUCK = re.compile(
    rf"{_CODE}|(?<!~)~~(?![~\s])(?P<tildes>[^~]+)(?<!\s)~~(?!~)|<(?P<element>s|del|strike)>(?P<inner>[^<]*)</(?P=element)>"
)
# What remains of an item or heading that is struck through.
_EMPTY_ITEM = re.compile(r"\s*+(?:(?:[-*+・>]|#+|\d+[.)])\s*+)?")
# Separators, the likeliest first if several are in every line: a tab is never typed into a cell.
_SEPARATORS = "\t,;|"
# Characters from which the separator is found.
_SAMPLE_LENGTH = 100_000


def read_text(path: Path, rewrite: Callable[[str], str] | None = None) -> list[Line]:
    """Return the lines of a text file; a form feed starts a new page within the same line number.

    `rewrite` is applied to the text before it is split.
    """
    text = decode(path.read_bytes(), path.name)
    text = rewrite(text) if rewrite else text
    has_pages = "\f" in text
    lines = []
    page = 1
    for number, raw in enumerate(_LINE_END.split(text), start=1):
        first, *further = _PART_END.split(raw)
        lines.append(Line(number, strip_invisible(first).rstrip(), page if has_pages else None))
        for mark, part in zip(further[::2], further[1::2], strict=True):
            page += mark == "\f"
            lines.append(Line(number, strip_invisible(part).rstrip(), page if has_pages else None))
    return lines


def read_markdown(path: Path) -> list[DocumentPart]:
    """Return the lines of a Markdown file without its front matter.

    What is struck through becomes dropped blocks. A link keeps its words and its target (`with_target`), an image its
    description.
    """
    struck: list[Block] = []
    lines = read_text(path, lambda text: _rewrite_markdown(text, struck))
    numbers = {block.lines[0] for block in struck}
    shown = [line for line in lines if not (line.number in numbers and _EMPTY_ITEM.fullmatch(line.text))]
    return sorted([*shown, *struck], key=first_line)


def _rewrite_markdown(text: str, struck: list[Block]) -> str:
    text = _blank_front_matter(text)
    number = 1
    end = 0

    def remove(match: re.Match[str]) -> str:
        nonlocal number, end
        if match["code"] or re.search(r"\n\s*\n", match[0]):
            return match[0]
        number += len(_LINE_END.findall(text, end, match.start()))
        end = match.start()
        struck.append(Block("dropped", to_one_line(match["tildes"] or match["inner"]), (number,), None, STRUCK_REASON))
        return "\n" * len(_LINE_END.findall(match[0]))

    return _MARKUP.sub(_visible_text, _STRUCK.sub(remove, text))


# Front matter is metadata; its lines become empty.
def _blank_front_matter(text: str) -> str:
    if not (front := _front_lines(text)):
        return text
    *marked, rest = text.split("\n", len(front) + 2)
    return "\n" * len(marked) + (rest if len(marked) > len(front) + 1 else "")


def _front_lines(text: str) -> list[str]:
    """Return the lines between two lines of hyphens at the beginning of a text, [] if it has no front matter."""
    first, *lines = text.split("\n") if text.startswith("---") else [""]
    for number, line in enumerate(lines if first.rstrip() == "---" else ()):
        if line.rstrip() == "---":
            return lines[:number]
        if not _FRONT_LINE.match(line):
            break
    return []


def front_matter(path: Path) -> dict[str, str]:
    """Return the front matter of a Markdown file by key, without quotation marks; {} for any other file."""
    if path.suffix.lower() != ".md":
        return {}
    lines = _front_lines(decode(path.read_bytes(), path.name))
    pairs = (line.split(":", 1) for line in lines if _KEY.match(line))
    return {key.lower(): re.split(r"(?<!\s)\s+#", value)[0].strip().strip("\"'") for key, value in pairs}


def _visible_text(match: re.Match[str]) -> str:
    if match["code"] or match["alone"]:
        return match["alone"] or match[0]
    if match["label"] is None:
        return "\n" * len(re.findall(r"\r\n|\r|\n", match[0]))
    label = match["label"].strip()
    return label if match["image"] else with_target(label, match["angled"] or match["target"])


def read_csv(path: Path) -> list[DocumentPart]:
    """Return the tables of a CSV file, which empty records separate; lines are numbered as in the file."""
    text = decode(path.read_bytes(), path.name)
    try:
        tables = list(_csv_tables(text))
    except csv.Error as error:
        raise UnreadableDocumentError(
            f"{path.name}: CSV として読めません（{error}）。引用符の対応を確かめ、CSV UTF-8 で保存し直してください。"
        ) from error
    parts: list[DocumentPart] = []
    for slots in tables:
        is_column = len({slot.column for slot in slots}) == 1
        parts += table_blocks(arrange_table(slots, headers=1 if is_column else None), lambda number: (number,))
    return parts


# Each table of 自治体標準オープンデータセット (Digital Agency), and of its predecessor, has one of these columns.
_MUNICIPALITY_CODE = re.compile(r"全国地方公共団体コード|都道府県コード(?:又は|または|・)市区町村コード")
_NAMES = ("名称", "イベント名", "施設名", "制度名", "手続名", "文化財名")
# Columns that identify or locate a row and do not name it.
_IDENTIFIER = re.compile(r".*(?:コード|_カナ|_英字)|(?:町字)?(?:ID|NO)|緯度|経度|高度の.*|法人番号")


# In a standard open data table the name comes first, identifiers last.
def _column_order(heads: Sequence[str]) -> list[int]:
    name = next((head for head in _NAMES if head in heads), None)
    if name is None or not any(map(_MUNICIPALITY_CODE.fullmatch, heads)):
        return list(range(len(heads)))
    return sorted(range(len(heads)), key=lambda n: (heads[n] != name, bool(_IDENTIFIER.fullmatch(heads[n]))))


def _csv_tables(text: str) -> Iterator[list[TableSlot]]:
    lines = text[:_SAMPLE_LENGTH].splitlines()
    # The one in most lines; those that group digits (1,250円) or stand in a text are in fewer.
    separator = max(_SEPARATORS, key=lambda separator: sum(separator in line for line in lines))
    records = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    parts: list[list[TableSlot]] = [[]]
    start = 1
    order: list[int] = []
    for record in records:
        order = order or _column_order(record)
        ordered = [record[n] for n in order] if len(record) == len(order) else record
        cells = [to_one_line(cell) for cell in ordered]
        if not any(cells):
            parts.append([])
        parts[-1] += [TableSlot(cell, start, column) for column, cell in enumerate(cells) if cell]
        start = records.line_num + 1
    yield from merge_tables([part for part in parts if part], continues_table)
