"""The ordinance of an invented town with its amendments, and lines of documents."""

from ingest.amendments.compilation import consolidate_documents, run_here
from ingest.amendments.consolidation import Consolidation
from ingest.amendments.document_lines import DocumentLine
from ingest.documents import Document

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


def consolidate(*amendments: str) -> Consolidation:
    """Return the ordinance with amending documents."""
    texts = {"base": ORDINANCE} | {f"amendment{n}": text for n, text in enumerate(amendments, 1)}
    documents = [
        Document(
            name,
            TITLE if name == "base" else f"{TITLE}の一部を改正する条例",
            f"{name}.md",
            amends=("base",) * (name != "base"),
        )
        for name in texts
    ]
    (consolidation,) = consolidate_documents(documents, lambda doc_id: lines_of(texts[doc_id]), run_here)
    return consolidation
