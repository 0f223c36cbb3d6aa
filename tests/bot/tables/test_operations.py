"""Each table operation gives its result or none, over small tables."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from bot.question.query_parser import QueryParser
from bot.rendering.answer_text import render_text
from bot.state import Paragraph
from bot.tables.aggregate import difference, format_value, total
from bot.tables.lookup import read_table
from bot.tables.operations import run_operation
from bot.tables.table_query import TableQuery
from ingest.chunking.cell_values import Value, parse_values
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
        pytest.param(
            "桜公園と楓公園の面積の差は",
            "差は40m2です（120m2 − 80m2 = 40m2）[1][2]。面積は、桜公園が120m2[1]、楓公園が80m2[2]です。",
            id="difference of two rows",
        ),
        pytest.param(
            "桜公園の来園者は令和6年度から令和7年度に何人増えましたか",
            "差は150人です（450人 − 300人 = 150人）[1]。"
            "桜公園は、令和6年度の来園者が300人[1]、令和7年度の来園者が450人[1]です。",
            id="difference of two years",
        ),
        pytest.param("遊具の平均は何基ですか", "", id="average"),
        pytest.param("楓公園の遊具は何番目に多いですか", "", id="rank"),
        pytest.param("桜公園の遊具は全体の何%ですか", "", id="share"),
        pytest.param(
            "桜公園と楓公園はどちらが遊具が多いですか",
            "桜公園の遊具は6基です[1]。楓公園の遊具は2基です[2]。",
            id="comparison",
        ),
    ],
)
def test_an_operation_has_its_result(tmp_path: Path, question: str, expected: str) -> None:
    assert result_text(tmp_path, question) == expected


def amounts(*figures: str) -> list[Value]:
    return [Value(Decimal(number), unit) for number, _, unit in (figure.partition(" ") for figure in figures)]


def test_shares_do_not_add_up() -> None:
    assert total(amounts("40 %", "35 %")) is None
    assert total(amounts("40 人", "35 件")) is None
    assert total([]) is None


def test_difference_of_two_units_is_none() -> None:
    assert difference(*amounts("3 人", "5 件")) is None
    assert difference(*amounts("3 人", "5 人")) == Value(Decimal(2), "人")
    assert difference(*amounts("3 %", "5 %")) == Value(Decimal(2), "ポイント")


def test_figures_of_up_to_28_digits_are_exact_and_longer_ones_are_text() -> None:
    long = amounts(f"{'9' * 28} 円", f"0.{'0' * 27}1 円")
    whole = total(long)
    assert whole
    assert f"{whole.number:f}" == f"{'9' * 28}.{'0' * 27}1"
    assert parse_values("9" * 29 + "円") == ()
    assert len(parse_values("9" * 28 + "円")) == 1


@pytest.mark.parametrize(
    ("amount", "like", "text"),
    [
        ("1204 人", "300人", "1,204人"),
        ("75.0 %", "", "75%"),
        ("0.50 点", "", "0.5点"),
        ("337000000 円", "8,500万円", "3億3,700万円"),
        ("12000 円", "9,000円", "12,000円"),
        ("-40 件", "", "-40件"),
        ("0 円", "2万円", "0円"),
        ("100 円", "", "100円"),
    ],
)
def test_result_has_the_notation_of_its_operands(amount: str, like: str, text: str) -> None:
    assert format_value(amounts(amount)[0], like) == text
