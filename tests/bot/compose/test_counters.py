"""Figures keep the whole noun that they are counted in."""

from datetime import date
from pathlib import Path

from tests.bot.asking import answered
from tests.bot.town import asking_over

PLAN = """# 里山町農業プラン

## 1 指標

| 指標 | 現状値(令和5年度) | 目標値(令和11年度) |
|---|---|---|
| 中心となる担い手の数 | 14経営体 | 19経営体 |
| 直売所の数 | 3か所 | 5か所 |
"""


def test_a_difference_is_told_in_the_counter_of_its_figures(tmp_path: Path) -> None:
    """19経営体 less 14経営体 is 5経営体, though no list of counters has that noun."""
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "plan.md").write_text(PLAN, encoding="utf-8")
    with asking_over(tmp_path / "texts", tmp_path / "data", date(2025, 6, 1)) as ask:
        answered(ask("中心となる担い手は何経営体増やす目標ですか"), "19経営体 − 14経営体 = 5経営体")
