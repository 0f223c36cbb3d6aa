"""Questions that a heading or a row of a table answers, made from its own words.

A heading of a Japanese plan or report ends in a noun that tells what stands under it (…の期間, …の体制, …の方針), and
that noun has its own way of being asked for.
"""

import re
from collections.abc import Sequence

from ingest.documents import Cell, Document

# What is most plainly answered comes first.
ASKED_BY_ENDING = (
    (("期間",), "はいつからいつまでですか"),
    (("時期", "日時", "日程", "期限"), "はいつですか"),
    (("場所", "会場"), "はどこですか"),
    (("目的", "趣旨", "理念", "方針", "指針", "目標", "方向性", "概要", "課題", "背景", "条件"), "は何ですか"),
    (("体制", "状況", "進捗", "経緯", "位置づけ", "動向", "流れ"), "はどうなっていますか"),
)
NUMBERING = re.compile(
    r"^[\s◎○●■□◆・]*(?:[(（]?[0-9０-９]+(?:[.．-][0-9０-９]+)*[.．)）]?|第[0-9一二三四五六七八九十]+[章節条])?\s*"
)
REMARK = re.compile(r"[(（][^()（）]*[)）]")
_NOTE = re.compile(r"\s*[※*]")
FIGURE = re.compile(r"\s*約?[0-9０-９]")
# A longer first part of 「…の…」 is a name (金沢市デジタル戦略の進捗), a shorter one a common noun (策定の趣旨).
LONGEST_COMMON_NOUN = 4
# Whoever asks from when to when does not say 期間 as well, nor 値 who asks how much.
_OF_PERIOD = re.compile(r"の(?:計画)?期間$")
_VALUE = re.compile(r"(?<=目標|実績|現状|現況|基準)値$")


def about_section(document: Document, section: str, endings: tuple[str, ...], asked: str) -> str | None:
    """Return the question `asked` for a heading of `document` that ends in one of `endings`; None for another."""
    heading = REMARK.sub("", NUMBERING.sub("", section)).strip()
    # 目的と期間: one question does not ask for both.
    if not re.search(rf"(?<![とや])(?:{'|'.join(endings)})$", heading):
        return None
    owner, _, rest = heading.rpartition("の")
    if len(owner) > LONGEST_COMMON_NOUN:
        return f"{_OF_PERIOD.sub('', heading)}{asked}"
    name = document.aliases[0] if document.aliases else document.title
    about = f"{name}の{rest if owner in name else heading}"
    return f"{_OF_PERIOD.sub('', about)}{asked}"


def about_row(cells: Sequence[Cell]) -> str | None:
    """Ask for what a row aims at, else for its first figure, by the row's and the column's name."""
    name, *values = cells or (Cell("", ""),)
    subject = _NOTE.split(REMARK.sub("", name.value))[0].strip()
    columns = [cell.column for cell in values if FIGURE.match(cell.value)]
    column = next((name for name in columns if "目標" in name), columns[0] if columns else "")
    return f"{subject}の{_VALUE.sub('', REMARK.sub('', column))}はどれくらいですか" if subject and column else None
