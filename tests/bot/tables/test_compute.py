"""Tests of answers computed from tables: cells, rankings, sums, differences and targets."""

from pathlib import Path

import pytest

from bot.answers.table_answers import TableAnswer
from bot.languages import catalogue
from bot.rendering.answer_text import render_blocks
from bot.state import Paragraph, TableBlock, TextBlock
from ingest.readers.unread_parts import UNREAD_CELL
from tests.bot.tables.sheets import Answer, answerer, text_of

TARGETS = """# 霞ヶ浜町みなと計画

## 5 指標

| 指標 | 基準値(令和5年度) | 令和7年度実績 | 目標値(令和12年度) |
|---|---|---|---|
| 渡し舟の乗船者数 ※1 | 41,200人 | 52,300人 | 50,000人 |
| 朝市の出店数 | 34店 | 31店 | 45店 |
| 海岸の漂着ごみ量 | 80t | 62t | 60t |
| 観光案内所の満足度 | ― | 71% | 85% |

※1 臨時便を除く。
"""
HALLS = """# 霞ヶ浜町みなと計画

## 2 会館

| 会館名 | 開設年 | 定員 | 区域 | 駐車場 | 使用料 |
|---|---|---|---|---|---|
| 灯台会館 | 平成2年 | 120人 | 東浜 | ○ | 2,400円 |
| 潮風会館 | 昭和61年 | 80人 | 西浜 | × | 1,800円 |
| 帆布会館 | 平成17年 | 45人 | 東浜 | ○ | 900円 |
| 合計 | | 245人 | | | |
"""
BOATS = """# 霞ヶ浜町みなと計画

## 3 船の購入

| 船種 | 令和8年度 | 令和9年度 | 令和10年度 |
|---|---|---|---|
| 巡視艇 | 2隻 | 3隻 | 1隻 |
| 清掃船 | 1隻 | 4隻 | 4隻 |
"""
WORKS = """# 霞ヶ浜町みなと計画

## 6 工程

| 事業 | 令和8年度 | 令和9年度 | 令和10年度 | 担当課 |
|---|---|---|---|---|
| 桟橋の改築 | 設計 | 着工 | 完成 | 港湾課 |
| 灯台の公開 | ― | 試行 | 公開 | 観光課 |
"""


@pytest.fixture
def targets(tmp_path: Path) -> Answer:
    return answerer(tmp_path, TARGETS)


@pytest.fixture
def halls(tmp_path: Path) -> Answer:
    return answerer(tmp_path, HALLS)


@pytest.fixture
def boats(tmp_path: Path) -> Answer:
    return answerer(tmp_path, BOATS)


def test_named_row_and_column_give_the_cell(targets: Answer) -> None:
    assert text_of(targets("朝市の出店数の目標値は?")) == "朝市の出店数の目標値(令和12年度)は45店です[1]。"


def test_equally_matching_rows_are_all_answered(tmp_path: Path) -> None:
    text = "# 計画\n\n## 教室\n\n| 教室 | 受講者 |\n|---|---|\n"
    answer = answerer(tmp_path, text + "| 子ども書道教室 | 31人 |\n| 書道教室 | 18人 |\n| 茶道教室 | 24人 |\n")
    assert text_of(answer("書道は何人ですか")) == "子ども書道教室の受講者は31人です[1]。書道教室の受講者は18人です[2]。"
    assert text_of(answer("子ども書道は何人ですか")) == "子ども書道教室の受講者は31人です[1]。"
    assert text_of(answer("書道教室は何人ですか")) == "書道教室の受講者は18人です[1]。"
    assert answer("茶道教室と尺八教室の受講者はそれぞれ何人ですか") is None
    assert answer("茶道教室の受講者は何人増えましたか") is None


def test_follow_up_selects_rows_by_its_words(targets: Answer) -> None:
    text = text_of(targets("朝市は、渡し舟の乗船者数の目標は?", "朝市は"))
    assert text.startswith("朝市の出店数の目標値(令和12年度)は45店です")


def test_follow_up_without_table_words_is_not_answered(targets: Answer) -> None:
    assert targets("運賃は、渡し舟の乗船者数の目標は?", "運賃は") is None


def test_follow_up_asking_which_rows_covers_all_rows(targets: Answer) -> None:
    whole = text_of(targets("目標に届いていないのはどれ"))
    assert text_of(targets("渡し舟について、目標に届いていないのはどれ", "目標に届いていないのはどれ")) == whole != ""


def test_result_is_answered_without_target(targets: Answer) -> None:
    text = text_of(targets("朝市の出店数の実績を教えてください"))
    assert "31店" in text
    assert "45店" not in text


def test_unspecified_column_gives_target_and_result(targets: Answer) -> None:
    text = text_of(targets("朝市の出店数は何店ですか"))
    assert "31店" in text
    assert "45店" in text


ONLINE = """# 霞ヶ浜町みなと計画

## 7 手続き

| 指標 | 目標値 | 達成状況 |
|---|---|---|
| 入港届のオンライン化率 | 100% | 92%(46件/50件) |
"""


def test_target_in_another_unit_is_answered(tmp_path: Path) -> None:
    text = text_of(answerer(tmp_path, ONLINE)("入港届のオンライン化の目標は何件ですか?"))
    assert "100%" in text
    assert "目標値" in text


def test_year_selects_its_column(boats: Answer) -> None:
    assert text_of(boats("2027年度の清掃船の購入は何隻ですか")) == "清掃船の令和9年度は4隻です[1]。"


def test_footnote_of_the_row_is_included(targets: Answer) -> None:
    assert text_of(targets("渡し舟の乗船者数の目標値は?")).endswith("「※1 臨時便を除く。」との注記があります[1]。")


def test_footnote_of_the_table_follows_the_answer(tmp_path: Path) -> None:
    noted = f"{ONLINE.rstrip()}\n| 桟橋の更新率 | 80% | 75% |\n\n※ 入港届は郵送を除く。\n"
    assert text_of(answerer(tmp_path, noted)("入港届のオンライン化の目標は何件ですか?")).endswith(
        "\n表の注: ※ 入港届は郵送を除く。[1]"
    )


def test_money_question_selects_the_yen_column(halls: Answer) -> None:
    assert text_of(halls("潮風会館はいくらで借りられますか")) == "潮風会館の使用料は1,800円です[1]。"


def test_unknown_subject_is_not_answered(targets: Answer) -> None:
    assert targets("水族館の入館者の実績は何人ですか") is None


def test_unknown_proper_name_is_not_answered(targets: Answer) -> None:
    assert targets("仙台の朝市の出店数の目標値は?") is None


def test_maximum_ignores_the_total_row(halls: Answer) -> None:
    assert (
        text_of(halls("定員が一番多い会館はどこですか"))
        == "定員が最も多いのは灯台会館(120人)[1]です。ほかは、潮風会館 80人、帆布会館 45人です[2][3]。"
    )


def test_oldest_is_ranked_by_date(halls: Answer) -> None:
    assert "潮風会館(昭和61年)" in text_of(halls("一番古い会館はどこですか"))


def test_top_two_are_listed_in_order(halls: Answer) -> None:
    text = text_of(halls("会館の定員の上位2つは?"))
    assert text.startswith("定員が大きい順に、灯台会館(120人)[1]、潮風会館(80人)[2]です。")


def test_total_row_is_quoted(halls: Answer) -> None:
    assert text_of(halls("会館の定員の合計は何人ですか")) == "定員の合計は245人です[1]。"


def test_sum_over_a_span_includes_years_between(boats: Answer) -> None:
    assert "合計は6隻です" in text_of(boats("令和8年度から令和10年度までの巡視艇は合計何隻ですか"))


def test_present_value_answers_a_question_for_the_result(tmp_path: Path) -> None:
    text = "# 計画\n\n## 指標\n\n| 指標 | 現状値 | 目標値 |\n|---|---|---|\n| 灯籠の設置数 | 38基 | 40基 |\n"
    assert text_of(answerer(tmp_path, text)("灯籠の設置数の実績は?")) == "灯籠の設置数の現状値は38基です[1]。"


def test_two_figures_of_a_row_are_subtracted(tmp_path: Path) -> None:
    text = "# 計画\n\n## 会館\n\n| 会館 | 昼の使用料 | 夜の使用料 |\n|---|---|---|\n| 汐見会館 | 900円 | 1,500円 |\n"
    answer = answerer(tmp_path, text + "| 岬会館 | 400円 | 700円 |\n")
    assert "1,500円 − 900円 = 600円" in text_of(answer("汐見会館の昼と夜の使用料はどれだけ違いますか"))


def test_gap_is_target_minus_result(targets: Answer) -> None:
    assert "45店 − 31店 = 14店" in text_of(targets("朝市の出店数は目標まであと何店ですか"))


@pytest.mark.parametrize(
    ("question", "word"),
    [
        ("朝市の出店数は目標に届きましたか", "途中"),
        ("渡し舟の乗船者数は目標を達成しましたか", "達成"),
        ("海岸の漂着ごみ量は目標に届きましたか", "途中"),  # less is better: 62t are more than 60t
        ("観光案内所の満足度は目標に届きましたか", "目標を下回る"),  # nothing says that more is better
    ],
)
def test_target_achievement_follows_from_the_figures(targets: Answer, question: str, word: str) -> None:
    assert word in catalogue()["verdicts"].values()
    assert f"です（{word}）[1]" in text_of(targets(question))


def test_rows_below_target_are_listed(targets: Answer) -> None:
    text = text_of(targets("目標に届かなかった指標はどれですか"))
    assert text.startswith("「5 指標」の4項目のうち、目標に達していないものは2件です。\n・朝市の出店数: ")
    assert "令和7年度実績 31店（途中）[1]" in text
    assert "渡し舟" not in text


def test_target_without_direction_gets_no_verdict(targets: Answer) -> None:
    missed, behind = text_of(targets("目標に届かなかった指標はどれですか")).split("\nこのほか、")
    assert "満足度" not in missed
    assert behind.startswith("目標を下回るものは1件です。多いほどよいか少ないほどよいかは、表に書かれていません。\n")
    assert behind.endswith("[3]")


def test_additionally_named_column_is_in_the_text(halls: Answer, targets: Answer) -> None:
    assert "・灯台会館: 区域 東浜[1]" in text_of(halls("使用料が最も高い会館の区域は?"))
    assert "・朝市の出店数: 基準値(令和5年度) 34店[1]" in text_of(targets("目標に達していない指標と基準値は?"))


def test_cell_value_selects_rows(halls: Answer) -> None:
    text = text_of(halls("東浜の会館をすべて教えてください"))
    assert "灯台会館" in text
    assert "潮風会館" not in text


def test_activity_under_a_year_selects_no_rows(tmp_path: Path) -> None:
    assert answerer(tmp_path, WORKS)("着工の前に使えなくなるものはどれですか") is None


def test_responsible_column_answers_a_question_about_responsibility(tmp_path: Path) -> None:
    assert text_of(answerer(tmp_path, WORKS)("桟橋の改築の担当はどこの課ですか")).endswith("担当課は港湾課です[1]。")


def test_answer_includes_its_rows_as_a_table(targets: Answer) -> None:
    answer = targets("朝市の出店数の目標値は?")
    assert isinstance(answer, TableAnswer)
    text, table = render_blocks([Paragraph(answer.statements), answer.table], "ja")
    assert isinstance(text, TextBlock)
    assert isinstance(table, TableBlock)
    assert table.caption == "5 指標"
    assert table.rows == (("朝市の出店数", "34店", "31店", "45店"),)
    assert all(source.quote in source.passage.text for source in answer.sources)


def test_plan_in_force_takes_precedence_over_older_plan(tmp_path: Path) -> None:
    older = TARGETS.replace("45店", "40店").replace("朝市の出店数", "夜市の出店数")
    answer = answerer(tmp_path, TARGETS.replace("観光案内所の満足度", "釣り桟橋の利用者数"), older)
    assert "85%" in text_of(answer("観光案内所の満足度の目標値は?"))
    assert "45店" in text_of(answer("朝市の出店数の目標値は?"))


def test_rows_of_two_tables_with_equal_headers_are_compared(tmp_path: Path) -> None:
    text = "# 計画\n\n## 東\n\n| 港 | 隻数 |\n|---|---|\n| 鴎港 | 12隻 |\n| 鷺港 | 8隻 |\n\n"
    text += "## 西\n\n| 港 | 隻数 |\n|---|---|\n| 鷹港 | 30隻 |\n| 雁港 | 5隻 |\n"
    assert "30隻 − 12隻 = 18隻" in text_of(answerer(tmp_path, text)("鷹港と鴎港の隻数はどれくらい違いますか"))


def test_missed_targets_of_equal_tables_are_merged(tmp_path: Path) -> None:
    heads = "| 指標 | 目標値 | 実績値 |\n|---|---|---|\n"
    text = f"# 計画\n\n## 港の取組\n\n{heads}| 標識の延べ点検数 | 40件 | 31件 |\n| 桟橋の延べ点検数 | 7件 | 7件 |\n\n"
    text += f"## 山の取組\n\n{heads}| 林道の累計改修数 | 12本 | 9本 |\n| 山小屋の累計利用者数 | 90人 | 95人 |\n"
    answer = answerer(tmp_path, text)
    for question in ("目標に届かなかった指標はどれですか", "目標に届かなかった指標はありますか"):
        assert text_of(answer(question)).startswith("4項目のうち、目標に達していないものは2件です。")
    told = text_of(answer("山の取組で目標に届かなかったものはどれですか"))
    assert told.startswith("「山の取組」の2項目のうち、目標に達していないものは1件です。")
    assert "標識" not in told


def test_figures_of_several_units_are_not_combined(tmp_path: Path) -> None:
    text = "# 計画\n\n## 催し\n\n| 催し | 規模 |\n|---|---|\n| 帆走大会 | 30人 |\n| 貝殻市 | 12店 |\n"
    answer = answerer(tmp_path, text)
    assert answer("催しの規模の合計は?") is None
    assert answer("規模が最も大きい催しは?") is None
    assert "−" not in text_of(answer("帆走大会と貝殻市の規模はどれくらい違いますか"))


def test_dash_is_a_missing_value(targets: Answer) -> None:
    assert targets("観光案内所の満足度の基準値は?") is None
    assert "85%" in text_of(targets("観光案内所の満足度の目標値は?"))


def test_many_equally_matching_rows_are_left_to_the_excerpt(tmp_path: Path) -> None:
    rows = "".join(f"| 駅北駐輪場({side}) | {n}台 |\n" for n, side in enumerate("東西南北", start=30))
    text = f"# 計画\n\n## 駐輪\n\n| 駐輪場 | 台数 |\n|---|---|\n{rows}| 港口駐輪場 | 8台 |\n"
    assert answerer(tmp_path, text)("駅北駐輪場は何台ですか") is None


def test_difference_uses_the_requested_unit(tmp_path: Path) -> None:
    text = "# 計画\n\n## 更新\n\n| 取組 | 目標値 | 実績 |\n|---|---|---|\n"
    answer = answerer(tmp_path, text + "| 庁舎の電灯 | 20%減 (50台減) | 12%減 (30台減) |\n")
    assert "50台 − 30台 = 20台" in text_of(answer("庁舎の電灯は目標まであと何台ですか"))


def test_year_without_column_does_not_use_target_or_result(tmp_path: Path) -> None:
    text = "# 計画\n\n## 指標\n\n| 指標 | 目標値 | 実績 |\n|---|---|---|\n| 灯籠の設置数 | 40基 | 38基 |\n"
    answer = answerer(tmp_path, text)
    assert "38基" in text_of(answer("灯籠の設置数は何基ですか"))
    assert answer("令和2年度の灯籠の設置数は何基ですか") is None


def test_total_of_a_year_row_is_quoted(tmp_path: Path) -> None:
    text = "# 計画\n\n## 漁獲量\n\n| 年度 | 沿岸 | 沖合 | 総量 |\n|---|---|---|---|\n"
    answer = answerer(tmp_path, text + "| 令和6年度 | 30t | 80t | 110t |\n| 令和7年度 | 28t | 70t | 98t |\n")
    assert text_of(answer("令和6年度の漁獲量は全部で何トンですか")) == "令和6年度の総量は110tです[1]。"


def test_sum_over_a_span_includes_rows_between(tmp_path: Path) -> None:
    text = "# 計画\n\n## 漁獲量\n\n| 年度 | 沿岸 | 隻数 |\n|---|---|---|\n"
    text += "| 令和6年度 | 30t | 9隻 |\n| 令和7年度 | 28t | 8隻 |\n| 令和8年度 | 25t | 8隻 |\n"
    told = text_of(answerer(tmp_path, text)("令和6年度から令和8年度までの沿岸の漁獲量は合計何トンですか"))
    assert "83tです（令和6年度 30t + 令和7年度 28t + 令和8年度 25t = 83t）[1][2][3]" in told


def test_difference_without_result_is_not_computed(tmp_path: Path) -> None:
    text = "# 計画\n\n## 指標\n\n| 指標 | 目標値 | 所管 |\n|---|---|---|\n| 灯籠の設置数 | 40基 | 土木係 |\n"
    assert answerer(tmp_path, text)("灯籠の設置数は目標まであと何基ですか") is None


def test_more_specific_subject_is_not_answered(targets: Answer) -> None:
    assert targets("朝市の募集要項は?") is None
    assert targets("海岸の漂着ごみ量の処分は?") is None


DUTIES = """# 霞ヶ浜町みなと計画

## 8 港湾の利用者に求める対策

| 対策 | 内容 | 区分 | 担当 |
|---|---|---|---|
| 係留綱の点検 | 出港の前に係留綱を点検する。傷みがあれば替える。 | 義務 | 船主 |
| 無線機の備え付け | 沖に出る船に無線機を備え付ける。 | 推奨 | 船主 |
| 港湾利用者の対策会議 | 月に一度、会議を開く。 | 義務 | 港務所 |
"""


def test_heading_words_select_no_row(tmp_path: Path) -> None:
    text = text_of(answerer(tmp_path, DUTIES)("港湾の利用者に求める対策で、無線機の備え付けの担当は?"))
    assert text == "無線機の備え付けの担当は船主です[1]。"


def test_selected_rows_are_not_counted_unasked(tmp_path: Path) -> None:
    assert "件です" not in text_of(answerer(tmp_path, DUTIES)("港務所の対策はどれですか"))


BUDGET = """# 霞ヶ浜町みなと計画

## 7 費用

（単位：千円）

| 区分 | 予算額 | 前年度 |
|---|---|---|
| 桟橋の改築 | 2,345,678 | 2,200,000 |
| 灯台の公開 | 812,300 | 790,100 |
"""


@pytest.mark.parametrize(
    ("question", "told"),
    [
        ("桟橋の改築の予算額はいくらですか", "2,345,678千円です"),
        ("予算額が最も大きいのは何ですか", "桟橋の改築(2,345,678千円)"),
        ("桟橋の改築と灯台の公開の予算額の合計は?", "3,157,978,000円です"),
    ],
)
def test_unit_above_the_table_applies_to_its_figures(tmp_path: Path, question: str, told: str) -> None:
    assert told in text_of(answerer(tmp_path, BUDGET)(question))


def test_a_row_with_an_unread_cell_answers_only_for_the_columns_that_are_named(tmp_path: Path) -> None:
    head = "# みなと計画\n\n## 使用料\n\n| 場所 | 朝 | | 夜 |\n|---|---|---|---|\n"
    prices = (("東岸壁", 300, 500), ("西岸壁", 200, 450))
    body = "".join(f"| {place} | {low}円 | {UNREAD_CELL} | {high}円 |\n" for place, low, high in prices)
    answer = answerer(tmp_path, head + body)
    assert answer("東岸壁の昼の使用料は?") is None
    assert "東岸壁の朝は300円です" in text_of(answer("東岸壁の朝の使用料は?"))
