"""The ordinance of an invented town with its amendments, and lines of documents."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ingest.documents import Document
from ingest.provisions.compilation import Run, consolidate_documents, run_here
from ingest.provisions.consolidation import Consolidation
from ingest.provisions.document_lines import DocumentLine

ORDINANCE = """
（目的）
第1条　この条例は、若葉市立図書館の利用に関し必要な事項を定める。

（利用者）
第2条　図書館を利用できる者は、次の各号のいずれかに該当する者とする。
（1）市内に住所を有する者
（2）市内に通勤する者
（3）市長が認める者

（貸出し）
第3条　図書の貸出しは、1人5冊までとする。ただし、視聴覚資料は、1人2点までとする。
2　貸出しの期間は、14日以内とする。

第4条　図書を損傷した者は、弁償しなければならない。

別表（第5条関係）
| 室 | 使用料 |
|---|---|
| 研修室 | 500円 |
| 和室 | 300円 |

附　則
この条例は、平成20年4月1日から施行する。
"""
Lines = Callable[[str], list[DocumentLine]]
TITLE = "若葉市立図書館条例"
FIRST = """令和8年3月20日若葉市条例第5号
若葉市立図書館条例の一部を次のように改正する。
第3条第1項中「5冊」を「7冊」に改める。
附　則
この条例は、令和8年4月1日から施行する。"""
SECOND = """令和8年9月18日若葉市条例第21号
若葉市立図書館条例の一部を次のように改正する。
第3条第1項中「7冊」を「10冊」に改める。
第4条を削る。
附　則
この条例は、令和8年10月1日から施行する。"""


def lines_of(text: str) -> list[DocumentLine]:
    """Return the lines of a text; the first row of a table with bars names its columns."""
    lines = list[DocumentLine]()
    columns: tuple[str, ...] = ()
    for raw in filter(str.strip, text.split("\n")):
        if not raw.startswith("|"):
            columns = ()
            lines.append(DocumentLine(raw.strip(), "wakaba"))
        elif "---" not in raw:
            cells = tuple(cell.strip() for cell in raw.strip("|").split("|"))
            columns = columns or cells
            lines.append(DocumentLine("\t".join(cells), "wakaba", columns=columns, cells=cells))
    return lines


def _consolidated(title: str, base: str, amendments: Sequence[str], lines: Lines, run: Run) -> Consolidation:
    texts = {"base": lines(base)} | {f"amendment-{n}": lines(text) for n, text in enumerate(amendments)}
    documents = [
        Document(
            name,
            title if name == "base" else f"{title}の一部を改正する条例",
            f"{name}.md",
            amends=("base",) * (name != "base"),
        )
        for name in texts
    ]
    (consolidation,) = consolidate_documents(documents, texts.__getitem__, run)
    return consolidation


def consolidate(*amendments: str) -> Consolidation:
    return _consolidated(TITLE, ORDINANCE, amendments, lines_of, run_here)


HOSTILE_TITLE = "若葉市図書館条例"
_HEAD = f"令和8年3月20日若葉市条例第5号\n{HOSTILE_TITLE}（平成20年若葉市条例第3号）の一部を次のように改正する。\n"
_TAIL = "\n附　則\nこの条例は、令和8年4月1日から施行する。"


@dataclass(frozen=True, slots=True)
class HostileSet:
    """A base document with amending ones.

    Attributes:
        reason: words of the reason why amendments are declined, "" if all are applied or none is read.
    """

    base: str
    amendments: Sequence[str]
    reason: str = ""


def _articles(count: int, text: str = "図書館の利用は、図書館長が定める。") -> str:
    return "\n".join(f"第{number}条　{text}" for number in range(1, count + 1))


def _amend(*sentences: str) -> list[str]:
    return [_HEAD + "\n".join(sentences) + _TAIL]


def _table(rows: Sequence[str]) -> list[str]:
    return [_HEAD + "\n".join(["| 改正後 | 改正前 |", *rows]) + _TAIL]


_SENTENCE = "第3条中「図書館」を「図書室」に改める。"
SETS = {
    "a thousand operations": HostileSet(
        _articles(200), _amend(*[f"第{n % 200 + 1}条中「館長が」を「館長が、{n}」に改める。" for n in range(1000)])
    ),
    "branches of a provision": HostileSet(f"第2条{'の2' * 20_000}　置く。\n{_articles(9)}", _amend(_SENTENCE)),
    "branches in a sentence": HostileSet(
        _articles(9), _amend(f"第2条{'の2' * 20_000}中「図書館」を「図書室」に改める。"), "読み取れません"
    ),
    "spaces in a sentence": HostileSet(_articles(9), _amend(f"第3条中{' ' * 100_000}「図書館」を「図書室」に改める。")),
    "digits": HostileSet(
        f"第{'9' * 5_000}条　置く。\n{_articles(9)}",
        _amend(f"第{'9' * 2_000}条を{'9' * 2_000}条ずつ繰り下げる。"),
        "読み取れません",
    ),
    "nested quotation marks": HostileSet(
        _articles(9), _amend(f"第1条中{'「' * 2_000}{'」' * 2_000}を「い」に改める。"), "という文言がありません"
    ),
    "equal rows": HostileSet(
        _articles(9), _table(["| 第1条　置く。 | 第1条　設ける。 |"] * 3_000), "示された文と違います"
    ),
    "spaces in cells": HostileSet(
        _articles(9), _table([f"| 第1条{'　' * 20_000}い | 第1条{' ' * 20_000}う |"] * 20), "読み取れません"
    ),
    "documents of one day": HostileSet(
        _articles(20), _amend(*[f"第{n % 20 + 1}条中「長が」を「長{n}が」に改める。" for n in range(90)]) * 20, "同じ日"
    ),
    "amendments of amendments": HostileSet(_articles(9), _amend(_SENTENCE) * 30, "同じ日"),
}


def consolidate_set(hostile: HostileSet, run: Run = run_here) -> Consolidation:
    return _consolidated(HOSTILE_TITLE, hostile.base, hostile.amendments, _lines, run)


def _lines(text: str) -> list[DocumentLine]:
    """Return the lines of a text as they are, whatever their length; rows of a table between bars."""
    lines = list[DocumentLine]()
    for line in text.split("\n"):
        cells = tuple(line.strip("| ").split(" | ")) if line.startswith("|") else ()
        columns = (lines[-1].columns or cells) if cells else ()
        lines.append(DocumentLine("\t".join(cells) if cells else line, "p", 0, len(line), columns, cells))
    return lines
