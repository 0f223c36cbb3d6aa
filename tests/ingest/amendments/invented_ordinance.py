"""The ordinance of an invented town, and lines of documents."""

from ingest.amendments.document_lines import DocumentLine

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
