"""Each table operation gives its result or none, over small tables."""

from datetime import date
from pathlib import Path

import pytest

from bot.question.query_parser import QueryParser
from bot.rendering.answer_text import render_text
from bot.state import Paragraph
from bot.tables import read_table
from bot.tables.operations import run_operation
from bot.tables.table_query import TableQuery
from ingest.documents import Document
from ingest.japanese import nfkc
from tests.bot.tables.sheets import rows

DOCUMENT = Document("wakaba", "若葉市公園計画", "wakaba.md", "plan", "若葉市")
PARKS = """# 若葉市公園計画

## 公園

| 公園 | 面積 | 遊具 | 令和6年度の来園者 | 令和7年度の来園者 |
|---|---|---|---|---|
| 桜公園 | 120m2 | 6基 | 300人 | 450人 |
| 楓公園 | 80m2 | 2基 | 200人 | 150人 |
| 柳公園 | 200m2 | 4基 | 500人 | 未定 |
"""


def result_text(folder: Path, question: str) -> str:
    """Return the sentences of the result for a question, "" for none."""
    table = read_table([passage for passage in rows(folder, PARKS, DOCUMENT) if passage.kind == "row"])
    assert table is not None
    query = QueryParser((DOCUMENT,), lambda _word: 1.0)(nfkc(question), date(2026, 8, 1))
    result = run_operation(TableQuery(query, table))
    return render_text([Paragraph(result.statements)]) if result else ""


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        pytest.param("楓公園の遊具は何基ですか", "楓公園の遊具は2基です[1]。", id="select a cell"),
        pytest.param(
            "桜公園と楓公園の遊具は何基ですか",
            "桜公園の遊具は6基です[1]。楓公園の遊具は2基です[2]。",
            id="select two rows",
        ),
        pytest.param("柳公園の令和7年度の来園者は何人ですか", "", id="cell without a figure"),
        pytest.param(
            "遊具が一番多い公園はどこですか",
            "遊具が最も多いのは桜公園(6基)[1]です。ほかは、柳公園 4基、楓公園 2基です[2][3]。",
            id="most",
        ),
        pytest.param(
            "面積が一番小さい公園はどこですか",
            "面積が最も小さいのは楓公園(80m2)[1]です。ほかは、桜公園 120m2、柳公園 200m2です[2][3]。",
            id="least",
        ),
        pytest.param(
            "面積が2番目に大きい公園はどこですか",
            "面積が2番目に大きいのは桜公園(120m2)[1]です。ほかは、柳公園 200m2、楓公園 80m2です[2][3]。",
            id="second",
        ),
        pytest.param("遊具が9番目に多い公園はどこですか", "", id="position beyond the rows"),
        pytest.param(
            "遊具の合計は何基ですか",
            "遊具の合計は12基です（桜公園 6基 + 楓公園 2基 + 柳公園 4基 = 12基）[1][2][3]。",
            id="sum of a column",
        ),
        pytest.param(
            "令和7年度の来園者の合計は何人ですか",
            "令和7年度の来園者の合計は600人です（桜公園 450人 + 楓公園 150人 = 600人）[1][2]。"
            "柳公園は「未定」のため、含めていません[3]。",
            id="sum with an omitted cell",
        ),
        pytest.param(
            "桜公園と柳公園の面積を合わせるとどれだけですか",
            "面積の合計は320m2です（桜公園 120m2 + 柳公園 200m2 = 320m2）[1][2]。",
            id="sum of two rows",
        ),
        pytest.param("遊具の平均は何基ですか", "遊具の平均は4基です（合計 12基 ÷ 3件）[1][2][3]。", id="average"),
        pytest.param(
            "桜公園と楓公園の面積の差は",
            "差は40m2です（120m2 − 80m2 = 40m2）[1][2]。面積は、桜公園が120m2[1]、楓公園が80m2[2]です。",
            id="difference of two rows",
        ),
        pytest.param(
            "桜公園の来園者は令和6年度から令和7年度に何人増えましたか",
            "差は150人です。増えています（450人 − 300人 = 150人）[1]。"
            "桜公園は、令和6年度の来園者が300人[1]、令和7年度の来園者が450人[1]です。",
            id="difference of two years",
        ),
        pytest.param(
            "桜公園の遊具は全体の何%ですか",
            "桜公園の割合は50%です（桜公園 6基 ÷ 合計 12基 = 50%）[1][2][3]。",
            id="share",
        ),
        pytest.param(
            "楓公園の遊具は何番目に多いですか", "楓公園は3件のうち多い順で3番目です（遊具 2基）[1][2][3]。", id="rank"
        ),
        pytest.param(
            "桜公園と楓公園はどちらが遊具が多いですか",
            "大きいほうは桜公園です（差は4基）[1][2]。遊具は、桜公園が6基[1]、楓公園が2基[2]です。",
            id="comparison",
        ),
    ],
)
def test_an_operation_has_its_result(tmp_path: Path, question: str, expected: str) -> None:
    assert result_text(tmp_path, question) == expected
