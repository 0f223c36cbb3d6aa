"""Questions that cells answer by what they contain: ditto marks, ranges, days, weekdays and marks."""

from pathlib import Path

import pytest

from tests.bot.tables.sheets import answerer, text_of

OFFICES = """# 施設の一覧

| 市区町村コード | 施設 | 所管課 | 休館日 | 内線 |
|---|---|---|---|---|
| 132004 | 灯台館 | 港湾課 | 毎週水曜日 | 〃 |
| 132004 | みなと会館 | 〃 | 毎週木曜日 | 〃 |
| 132004 | 潮風荘 | 観光課 | 同上 | 〃 |
"""


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("みなと会館の所管課は?", "みなと会館の所管課は港湾課です"),
        ("潮風荘の休館日は?", "潮風荘の休館日は毎週木曜日です"),
        ("潮風荘の内線は?", ""),
    ],
)
def test_a_ditto_mark_stands_for_the_cell_above_whose_row_is_cited_too(
    tmp_path: Path, question: str, expected: str
) -> None:
    found = answerer(tmp_path, OFFICES)(question)
    assert text_of(found).startswith(expected)
    assert not expected or (found is not None and len(found.sources) > 1)
    assert not any(mark in text_of(found) for mark in ("〃", "同上", "132004"))
