"""Finds lines without content: rules, comments, front matter, running heads, page numbers."""

import re
from collections.abc import Iterator, Sequence

from ingest.documents import Line
from ingest.readers.unread_parts import is_unread, unread_reason
from ingest.structure.repeated_lines import PAGE_NUMBER, page_numbers, running_heads
from ingest.structure.table_of_contents import dot_leader_entries

_RULE = re.compile(r"^(?:[-=_*─━―‐＝～~・…\s]{3,}|[`~]{3,}\w*)$")
_LINES = "─━═┌┬┐├┼┤└┴┘┏┳┓┣╋┫┗┻┛╔╦╗╠╬╣╚╩╝"
_FRAME = re.compile(rf"^(?:\+[-=+]{{2,}}|[\s│┃║|]*[{_LINES}][\s│┃║|{_LINES}]*)$")
# The printer and print number of a document, as opposed to its issuer.
_PRINTED = re.compile(
    r"^(?:印刷(?:所|者|会社)?|製本|印刷・製本|(?:印刷|刊行)物?(?:登録|整理)?番号|ISBN|ISSN)[\s:：]\s*[^。]+$"
)
_ISSUED = re.compile(
    r"^(?:企画|監修|編集|発行|制作|作成)(?:[・/／]?(?:企画|編集|発行|制作)|日|者|所|元|人|年月日?)*[\s:：]\s*\S"
)
# Lines around an imprint in which its issuer may be named.
_NEARBY_LINES = 3
_TAGS = re.compile(r"(?:</?[A-Za-z][\w-]*(?:\s[^<>]*)?>\s*)+$")


def find_furniture(lines: Sequence[Line]) -> dict[int, str]:
    """Return the positions of lines to drop, each with the reason."""
    reasons = dict.fromkeys(_front_matter(lines), "文書の管理情報")
    reasons |= {i: unread_reason(line.text) for i, line in enumerate(lines) if is_unread(line.text)}
    reasons |= dict.fromkeys(_comments(lines), "注釈（表示されない文）")
    reasons |= {i: "文字のないタグ" for i, line in enumerate(lines) if _TAGS.match(line.text.strip())}
    reasons |= {i: "罫線" for i, line in enumerate(lines) if i not in reasons and is_rule(line.text)}
    reasons |= dict.fromkeys(page_numbers(lines), PAGE_NUMBER)
    reasons |= dict.fromkeys(dot_leader_entries(lines), "目次")
    reasons |= dict.fromkeys(_close(lines), "結びの語")
    reasons |= dict.fromkeys(_printed(lines), "奥付（印刷の情報）")
    return reasons | dict.fromkeys(running_heads(lines, reasons), "ページごとに繰り返す見出し")


def is_rule(text: str) -> bool:
    """Whether a line is drawn: ----, ====, a table frame, a code fence."""
    stripped = text.strip()
    return bool(stripped) and bool(_RULE.match(stripped) or _FRAME.match(stripped))


def is_frame(text: str) -> bool:
    """Whether a rule is part of a table frame, which separates no rows."""
    return bool(_FRAME.match(text.strip()))


def _front_matter(lines: Sequence[Line]) -> range:
    first = next((i for i, line in enumerate(lines) if line.text.strip()), None)
    if first is None or lines[first].text.strip() != "---":
        return range(0)
    end = next((i for i in range(first + 1, len(lines)) if lines[i].text.strip() in ("---", "...")), None)
    inside = [line.text for line in lines[first + 1 : end] if line.text.strip()]
    is_data = all(re.match(r"[\w-]+\s*:|\s|-\s|#", text) for text in inside)
    return range(first, end + 1) if end and inside and is_data else range(0)


def _comments(lines: Sequence[Line]) -> Iterator[int]:
    inside = False
    for i, line in enumerate(lines):
        text = line.text.strip()
        inside = inside or (text.startswith("<!--") and any("-->" in later.text for later in lines[i:]))
        if inside:
            if "-->" in text and not text.endswith("-->"):
                inside = False
                continue
            yield i
            inside = "-->" not in text


def _printed(lines: Sequence[Line]) -> Iterator[int]:
    for i, line in enumerate(lines):
        if _PRINTED.match(line.text.strip()):
            nearby = lines[max(0, i - _NEARBY_LINES) : i + _NEARBY_LINES + 1]
            if any(_ISSUED.match(other.text.strip()) for other in nearby):
                yield i


def _close(lines: Sequence[Line]) -> list[int]:
    last = next((i for i in reversed(range(len(lines))) if lines[i].text.strip()), None)
    return [last] if last is not None and lines[last].text.strip() in {"以上", "以 上", "以　上"} else []
