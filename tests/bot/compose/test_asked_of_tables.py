"""Questions over a plan's tables in other words than their heads: days, stretches, schedules, courses, remainders."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from tests.bot.asking import Ask, answered
from tests.bot.town import asking_over

_DOCUMENTS = Path(__file__).parent / "care"


@pytest.fixture(scope="module")
def ask_care(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ask]:
    """Yield a way to ask over two plans for old people of an invented city, on a day on which the second holds."""
    with asking_over(_DOCUMENTS, tmp_path_factory.mktemp("care"), date(2026, 11, 20)) as ask:
        yield ask


ASKED = [
    pytest.param(("東の包括支援センターは木曜日は何時までやってますか",), ("8時30分~17時15分",), "12時", id="workday"),
    pytest.param(("東地域包括支援センターは土曜日は何時から?",), ("9時~12時",), "17時15分", id="saturday"),
    pytest.param(("所得が100万円だと保険料は月いくら?",), ("第2段階", "2,900円"), "4,100円", id="inside"),
    pytest.param(("年間所得80万円ちょうどの人の保険料は?",), ("第1段階", "1,700円"), "2,900円", id="at-the-end"),
    pytest.param(("所得が70万円のとき保険料はいくらですか", "130万円なら?"), ("4,100円",), "1,700円", id="again"),
    pytest.param(("介護保険料の一覧表を見せてください",), ("1,700円", "2,900円", "4,100円"), "注記", id="whole-table"),
    pytest.param(("送迎バスの増便はいつから本格的に走りますか",), ("本格運行が令和10年度",), "令和9年度", id="step"),
    pytest.param(("見守りセンサーは何年度から借りられますか",), ("開始が令和9年度",), "令和8年度", id="beginning"),
    pytest.param(("集会室の大広間を3時間使うといくらですか",), ("2,500円",), "1,200円", id="column-of-hours"),
    pytest.param(("集会室の使用料の表を見せて",), ("1,200円", "1,100円"), "", id="heads-with-figures"),
    pytest.param(("手すりのある集会所が増えない地区はどこですか",), ("台町地区",), "川西地区", id="columns-said"),
    pytest.param(("配食の数が変わらない地区はどこ?",), ("台町地区",), "港地区", id="staying"),
    pytest.param(("配食の数が減った地区はどこですか",), ("川西地区",), "台町地区", id="falling"),
    pytest.param(("配食サービスが増えるのはどの地区?",), ("港地区",), "川西地区", id="rising"),
    pytest.param(("配食がいちばん多いのはどの地区ですか",), ("420食", "510食"), "", id="both-columns"),
    pytest.param(("2023年度の要介護認定者は何人でしたか",), ("3,395人",), "18,610人", id="year"),
    pytest.param(("要介護認定者は令和4年度から令和6年度で何人増えましたか",), ("= 142人",), "", id="down-years"),
    pytest.param(("高齢者の人口は前の年度より何人減った?",), ("= 60人",), "18,420人", id="year-before"),
    pytest.param(("通いの場を目標までに何か所増やしますか",), ("= 23か所",), "", id="to-the-target"),
    pytest.param(("救急搬送を何件減らす目標?",), ("= 70件",), "", id="down-to-the-target"),
    pytest.param(("認知症サポーターは今の何倍にする計画ですか",), ("= 1.5倍",), "", id="times"),
    pytest.param(("サポーターの数の途中の目標は",), ("5,000人",), "6,300人", id="midway"),
    pytest.param(("緊急通報装置を使っていない人は何人",), ("5,120人 − 1,340人 = 3,780人",), "", id="remainder"),
    pytest.param(
        ("前の計画と今の計画で通いの場の目標はどちらが多い?",), ("70か所", "90か所"), "", id="between-slashes"
    ),
]


@pytest.mark.parametrize(("turns", "parts", "other"), ASKED)
def test_what_is_asked_of_a_table(ask_care: Ask, turns: tuple[str, ...], parts: tuple[str, ...], other: str) -> None:
    """The row and column that the question means by its words or figures, reckoned where it asks for that."""
    answer = ask_care(*turns)
    answered(answer, *parts)
    assert not other or other not in answer.answer


def test_a_note_of_other_rows_stays_away(ask_care: Ask) -> None:
    """A note without a number under a table is told only where it speaks of what is asked or said."""
    assert "注記" not in ask_care("2023年度の通いの場の数は?").answer
