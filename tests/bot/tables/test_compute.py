"""What is computed of tables: cells, rankings, sums, differences, targets met and missed; nothing beyond them."""

from pathlib import Path

import pytest

from bot.languages import catalogue
from bot.rendering.blocks import render_blocks
from bot.state import Paragraph, TableBlock, TextBlock
from bot.tables.table_answer import TableAnswer
from tests.bot.tables.sheets import Answer, answering, said

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
    return answering(tmp_path, TARGETS)


@pytest.fixture
def halls(tmp_path: Path) -> Answer:
    return answering(tmp_path, HALLS)


@pytest.fixture
def boats(tmp_path: Path) -> Answer:
    return answering(tmp_path, BOATS)


def test_cell_of_a_named_row_and_column_is_told(targets: Answer) -> None:
    """A row named with its column is answered with the cell."""
    assert said(targets("朝市の出店数の目標値は?")) == "朝市の出店数の目標値(令和12年度)は45店です[1]。"


def test_a_part_of_its_label_names_a_row(targets: Answer) -> None:
    """Where that is what the question is about, and no other label has it."""
    assert said(targets("渡し舟は何人")).startswith("渡し舟の乗船者数は、")


def test_rows_that_a_word_names_alike_are_told_both(tmp_path: Path) -> None:
    """Not the others; one that has more of the question's words, or is said whole, is told alone."""
    text = "# 計画\n\n## 教室\n\n| 教室 | 受講者 |\n|---|---|\n"
    answer = answering(tmp_path, text + "| 子ども書道教室 | 31人 |\n| 書道教室 | 18人 |\n| 茶道教室 | 24人 |\n")
    assert said(answer("書道は何人ですか")) == "子ども書道教室の受講者は31人です[1]。書道教室の受講者は18人です[2]。"
    assert said(answer("子ども書道は何人ですか")) == "子ども書道教室の受講者は31人です[1]。"
    assert said(answer("書道教室は何人ですか")) == "書道教室の受講者は18人です[1]。"
    assert "31人" in (both := said(answer("子ども書道教室と書道教室を比べてください")))
    assert "18人" in both
    assert "18人" not in said(answer("子ども書道教室と茶道教室の受講者を比べてください"))
    assert answer("茶道教室の受講者は何人増えましたか") is None


def test_a_follow_up_names_rows_by_its_own_words(targets: Answer) -> None:
    """Also where those of the question before, which it was put together with, name another row."""
    text = said(targets("朝市は、渡し舟の乗船者数の目標は?", "朝市は"))
    assert text.startswith("朝市の出店数の目標値(令和12年度)は45店です")


def test_a_follow_up_of_which_the_table_has_no_word_is_not_answered(targets: Answer) -> None:
    """What was asked before is no answer to it."""
    assert targets("運賃は、渡し舟の乗船者数の目標は?", "運賃は") is None


def test_a_follow_up_that_asks_which_rows_is_of_all(targets: Answer) -> None:
    """And not of the row that was asked for before."""
    whole = said(targets("目標に届いていないのはどれ"))
    assert said(targets("渡し舟について、目標に届いていないのはどれ", "目標に届いていないのはどれ")) == whole != ""


def test_target_and_result_are_told_apart(targets: Answer) -> None:
    """The result is told where it is asked for, and not the target."""
    text = said(targets("朝市の出店数の実績を教えてください"))
    assert "31店" in text
    assert "45店" not in text


def test_target_and_result_are_both_told_where_neither_is_asked_for(targets: Answer) -> None:
    """A row of targets of which nothing else is said is told with its result and its target."""
    text = said(targets("朝市の出店数は何店ですか"))
    assert "31店" in text
    assert "45店" in text


ONLINE = """# 霞ヶ浜町みなと計画

## 7 手続き

| 指標 | 目標値 | 達成状況 |
|---|---|---|
| 入港届のオンライン化率 | 100% | 92%(46件/50件) |
"""


def test_a_target_in_another_unit_is_told_with_what_has_the_unit(tmp_path: Path) -> None:
    """The result is not given for the target because it has the counter that was asked for."""
    text = said(answering(tmp_path, ONLINE)("入港届のオンライン化の目標は何件ですか?"))
    assert "100%" in text
    assert "目標値" in text


def test_cell_of_the_year_that_is_asked_for_is_told(boats: Answer) -> None:
    """A year chooses the column, in whatever era it is written."""
    assert said(boats("2027年度の清掃船の購入は何隻ですか")) == "清掃船の令和9年度は4隻です[1]。"


def test_year_that_the_table_does_not_have_is_not_answered(boats: Answer) -> None:
    """Another year's figure is no answer."""
    assert boats("令和3年度の清掃船の購入は何隻ですか") is None


def test_note_of_the_row_is_told_with_it(targets: Answer) -> None:
    """A note that is of the row alone stands in the answer."""
    assert said(targets("渡し舟の乗船者数の目標値は?")).endswith("「※1 臨時便を除く。」との注記があります[1]。")


def test_note_of_another_row_is_not_told(targets: Answer) -> None:
    """A note with another row's mark does not."""
    assert "臨時便" not in said(targets("朝市の出店数の目標値は?"))


def test_note_of_the_table_is_told_behind_the_answer(tmp_path: Path) -> None:
    """A note that all rows share is said to be the table's, once."""
    noted = f"{ONLINE.rstrip()}\n| 桟橋の更新率 | 80% | 75% |\n\n※ 入港届は郵送を除く。\n"
    assert said(answering(tmp_path, noted)("入港届のオンライン化の目標は何件ですか?")).endswith(
        "\n表の注: ※ 入港届は郵送を除く。[1]"
    )


def test_sum_of_money_is_asked_of_the_column_that_holds_money(halls: Answer) -> None:
    """いくら chooses the column in yen."""
    assert said(halls("潮風会館はいくらで借りられますか")) == "潮風会館の使用料は1,800円です[1]。"


def test_kind_of_thing_that_the_row_does_not_hold_is_not_answered(boats: Answer) -> None:
    """A price is not answered with a number of ships."""
    assert boats("清掃船はいくらしますか") is None


def test_word_that_nothing_in_the_table_says_leaves_it_unanswered(targets: Answer) -> None:
    """The same measure of something else is no answer."""
    assert targets("水族館の入館者の実績は何人ですか") is None


def test_proper_name_that_the_table_does_not_say_leaves_it_unanswered(targets: Answer) -> None:
    """The same figure of another town is no answer."""
    assert targets("仙台の朝市の出店数の目標値は?") is None


def test_greatest_is_found_without_the_total(halls: Answer) -> None:
    """The total is no row that could be the greatest."""
    assert said(halls("定員が一番多い会館はどこですか")) == "定員が最も大きいのは灯台会館(120人)[1]です。"


def test_least_is_found(halls: Answer) -> None:
    """The smallest is found as the greatest is."""
    assert "帆布会館(900円)" in said(halls("使用料が最も安い会館は?"))


def test_oldest_is_found_by_its_year(halls: Answer) -> None:
    """Old and new are asked of the column of dates."""
    assert "潮風会館(昭和61年)" in said(halls("一番古い会館はどこですか"))


def test_top_two_are_ranked(halls: Answer) -> None:
    """As many are told as are asked for, in their order."""
    text = said(halls("会館の定員の上位2つは?"))
    assert text.index("灯台会館") < text.index("潮風会館")
    assert "帆布会館" not in text


def test_total_that_the_table_gives_is_told(halls: Answer) -> None:
    """A sum is not reckoned where the table has it."""
    assert said(halls("会館の定員の合計は何人ですか")) == "定員の合計は245人です[1]。"


def test_sum_of_named_rows_is_shown_with_its_operands(halls: Answer) -> None:
    """A sum shows what was added, each operand with its citation."""
    answer = halls("灯台会館と帆布会館の定員を合わせると何人ですか")
    assert said(answer) == "定員の合計は、灯台会館 120人 + 帆布会館 45人 = 165人です[1][2]。"
    assert answer
    assert [source.quote.splitlines()[0] for source in answer.sources] == ["会館名: 灯台会館", "会館名: 帆布会館"]


def test_sum_over_named_years_of_a_row(boats: Answer) -> None:
    """Years of a row are added as rows of a column are."""
    assert "令和8年度 2隻 + 令和9年度 3隻 = 5隻です" in said(boats("巡視艇は令和8年度と令和9年度で合計何隻ですか"))


def test_sum_over_a_span_takes_the_years_between(boats: Answer) -> None:
    """Two years joined by から are the ends of a time."""
    assert "= 6隻です" in said(boats("令和8年度から令和10年度までの巡視艇は合計何隻ですか"))


def test_present_value_stands_for_a_result_that_no_column_tells(tmp_path: Path) -> None:
    """Who asks for the result is told the present value, by its own head."""
    text = "# 計画\n\n## 指標\n\n| 指標 | 現状値 | 目標値 |\n|---|---|---|\n| 灯籠の設置数 | 38基 | 40基 |\n"
    assert said(answering(tmp_path, text)("灯籠の設置数の実績は?")) == "灯籠の設置数の現状値は38基です[1]。"


def test_difference_of_the_two_figures_of_a_row(tmp_path: Path) -> None:
    """Where a row has two figures and no target, they stand against each other."""
    text = "# 計画\n\n## 会館\n\n| 会館 | 昼の使用料 | 夜の使用料 |\n|---|---|---|\n| 汐見会館 | 900円 | 1,500円 |\n"
    answer = answering(tmp_path, text + "| 岬会館 | 400円 | 700円 |\n")
    assert "1,500円 − 900円 = 600円" in said(answer("汐見会館の昼と夜の使用料はどれだけ違いますか"))


def test_difference_of_two_rows(halls: Answer) -> None:
    """Two rows are told side by side with their difference."""
    text = said(halls("灯台会館と潮風会館の定員はどれくらい違いますか"))
    assert text == "定員は、灯台会館が120人[1]、潮風会館が80人[2]です。差は 120人 − 80人 = 40人 です[1][2]。"


def test_gap_to_the_target(targets: Answer) -> None:
    """What is missing is the difference between result and target."""
    assert "45店 − 31店 = 14店" in said(targets("朝市の出店数は目標まであと何店ですか"))


def test_increase_that_is_aimed_at_begins_at_the_base(targets: Answer) -> None:
    """By how much something is to grow is told from where it began."""
    assert "45店 − 34店 = 11店" in said(targets("朝市の出店数は基準値から何店増やす目標ですか"))


def test_difference_of_two_years(boats: Answer) -> None:
    """Year stands against year."""
    assert "4隻 − 1隻 = 3隻" in said(boats("清掃船は令和8年度と令和9年度でどれだけ違いますか"))


def test_share_of_the_target(targets: Answer) -> None:
    """A share shows what was divided by what."""
    assert "31店 ÷ 45店 = 68.9%" in said(targets("朝市の出店数の達成率は?"))


def test_two_rows_side_by_side(halls: Answer) -> None:
    """Of two rows it is told which is greater."""
    text = said(halls("潮風会館と帆布会館ではどちらの定員が多いですか"))
    assert "潮風会館が80人[1]、帆布会館が45人[2]" in text
    assert text.endswith("大きいほうは潮風会館です[1]。")


@pytest.mark.parametrize(
    ("question", "word"),
    [
        ("朝市の出店数は目標に届きましたか", "途中"),
        ("渡し舟の乗船者数は目標を達成しましたか", "達成"),
        ("海岸の漂着ごみ量は目標に届きましたか", "途中"),  # less is better: 62t are more than 60t
        ("観光案内所の満足度は目標に届きましたか", "目標を下回る"),  # nothing says that more is better
    ],
)
def test_row_is_judged_by_its_figures(targets: Answer, question: str, word: str) -> None:
    """Whether a target was reached is told by comparing, the way that the base tells, in the words of the pages."""
    assert word in catalogue()["verdicts"].values()
    assert f"です（{word}）[1]" in said(targets(question))


def test_missed_targets_are_listed(targets: Answer) -> None:
    """The rows that missed their targets are listed, the others not."""
    text = said(targets("目標に届かなかった指標はどれですか"))
    assert text.startswith("「5 指標」の4項目のうち、目標に達していないものは2件です。\n・朝市の出店数: ")
    assert "令和7年度実績 31店（途中）[1]" in text
    assert "渡し舟" not in text


def test_of_a_target_without_a_direction_its_figure_alone_is_told(targets: Answer) -> None:
    """What lies below a target is not told as missed where nothing says that more is better."""
    missed, behind = said(targets("目標に届かなかった指標はどれですか")).split("\nこのほか、")
    assert "満足度" not in missed
    assert behind.startswith("目標を下回るものは1件です。多いほどよいか少ないほどよいかは、表に書かれていません。\n")
    assert behind.endswith("[3]")


def test_a_column_that_is_named_beside_is_told_as_well(halls: Answer, targets: Answer) -> None:
    """The text says what the table block shows of it, not only the figures by which the rows were found."""
    assert "・灯台会館: 区域 東浜[1]" in said(halls("使用料が最も高い会館の区域は?"))
    assert "・朝市の出店数: 基準値(令和5年度) 34店[1]" in said(targets("目標に達していない指標と基準値は?"))


def test_rows_are_chosen_by_a_cell(halls: Answer) -> None:
    """A cell that the question says chooses the rows that have it."""
    text = said(halls("東浜の会館をすべて教えてください"))
    assert "灯台会館" in text
    assert "潮風会館" not in text


def test_what_is_done_in_a_year_chooses_no_rows(tmp_path: Path) -> None:
    """The words of a cell under a year are not what a question tells rows by."""
    assert answering(tmp_path, WORKS)("着工の前に使えなくなるものはどれですか") is None


def test_who_is_told_by_the_column_of_who_is_in_charge(tmp_path: Path) -> None:
    """A body is asked of the column that names those in charge."""
    assert said(answering(tmp_path, WORKS)("桟橋の改築の担当はどこの課ですか")).endswith("担当課は港湾課です[1]。")


def test_ground_is_asked_of_no_row(targets: Answer) -> None:
    """Why something is so stands in no cell."""
    assert targets("朝市の出店数が減ったのはなぜですか") is None


def test_answer_is_shown_with_its_rows(targets: Answer) -> None:
    """The sentence stands before the row as the table has it; its source is quoted letter for letter."""
    answer = targets("朝市の出店数の目標値は?")
    assert isinstance(answer, TableAnswer)
    text, table = render_blocks([Paragraph(answer.statements), answer.table], "ja")
    assert isinstance(text, TextBlock)
    assert isinstance(table, TableBlock)
    assert table.caption == "5 指標"
    assert table.rows == (("朝市の出店数", "34店", "31店", "45店"),)
    assert all(source.quote in source.passage.text for source in answer.sources)


def test_older_plan_answers_only_what_the_one_in_force_does_not_tell(tmp_path: Path) -> None:
    """A row that both plans have is told from the one in force, or not at all."""
    older = TARGETS.replace("45店", "40店").replace("朝市の出店数", "夜市の出店数")
    answer = answering(tmp_path, TARGETS.replace("観光案内所の満足度", "釣り桟橋の利用者数"), older)
    assert "85%" in said(answer("観光案内所の満足度の目標値は?"))
    assert "45店" in said(answer("朝市の出店数の目標値は?"))


def test_rows_of_two_tables_under_the_same_heads_are_set_side_by_side(tmp_path: Path) -> None:
    """Tables of one document with the same heads are read as one where both are named."""
    text = "# 計画\n\n## 東\n\n| 港 | 隻数 |\n|---|---|\n| 鴎港 | 12隻 |\n| 鷺港 | 8隻 |\n\n"
    text += "## 西\n\n| 港 | 隻数 |\n|---|---|\n| 鷹港 | 30隻 |\n| 雁港 | 5隻 |\n"
    assert "30隻 − 12隻 = 18隻" in said(answering(tmp_path, text)("鷹港と鴎港の隻数はどれくらい違いますか"))


def test_missed_targets_of_alike_tables_are_listed_together_unless_one_is_named(tmp_path: Path) -> None:
    """Where no word tells the tables of a document apart both are meant, and one alone is told by its name."""
    heads = "| 指標 | 目標値 | 実績値 |\n|---|---|---|\n"
    text = f"# 計画\n\n## 港の取組\n\n{heads}| 標識の延べ点検数 | 40件 | 31件 |\n| 桟橋の延べ点検数 | 7件 | 7件 |\n\n"
    text += f"## 山の取組\n\n{heads}| 林道の累計改修数 | 12本 | 9本 |\n| 山小屋の累計利用者数 | 90人 | 95人 |\n"
    answer = answering(tmp_path, text)
    for question in ("目標に届かなかった指標はどれですか", "目標に届かなかった指標はありますか"):
        assert said(answer(question)).startswith("4項目のうち、目標に達していないものは2件です。")
    told = said(answer("山の取組で目標に届かなかったものはどれですか"))
    assert told.startswith("「山の取組」の2項目のうち、目標に達していないものは1件です。")
    assert "標識" not in told


def test_alike_table_behind_the_best_hits_is_told_of_too(tmp_path: Path) -> None:
    """The rows of one table may fill the first places."""
    heads = "| 指標 | 目標値 | 実績値 |\n|---|---|---|\n"
    rows = "".join(f"| 第{n}桟橋の延べ点検数 | {n}件 | 0件 |\n" for n in range(1, 8))
    text = f"# 計画\n\n## 港の取組\n\n{heads}{rows}\n## 山の取組\n\n{heads}| 林道の累計改修数 | 12本 | 9本 |\n"
    told = said(answering(tmp_path, text)("目標を達成していない指標はどれですか"))
    assert told.startswith("8項目のうち、目標に達していないものは8件です。")


def test_units_are_never_mixed(tmp_path: Path) -> None:
    """Neither a sum nor a greatest is told over figures of several units, nor a difference."""
    text = "# 計画\n\n## 催し\n\n| 催し | 規模 |\n|---|---|\n| 帆走大会 | 30人 |\n| 貝殻市 | 12店 |\n"
    answer = answering(tmp_path, text)
    assert answer("催しの規模の合計は?") is None
    assert answer("規模が最も大きい催しは?") is None
    assert "−" not in said(answer("帆走大会と貝殻市の規模はどれくらい違いますか"))


def test_dash_is_no_figure(targets: Answer) -> None:
    """A base that is not there is not told, and nothing is reckoned from it."""
    assert targets("観光案内所の満足度の基準値は?") is None
    assert "85%" in said(targets("観光案内所の満足度の目標値は?"))


def test_row_that_two_labels_fit_is_told_with_both(tmp_path: Path) -> None:
    """Where the question fits two rows as well, both are told."""
    text = "# 計画\n\n## 駐輪\n\n| 駐輪場 | 台数 |\n|---|---|\n| 駅北駐輪場(東) | 30台 |\n| 駅北駐輪場(西) | 50台 |\n"
    text += "| 港口駐輪場 | 8台 |\n"
    told = said(answering(tmp_path, text)("駅北駐輪場は何台ですか"))
    assert "30台です[1]。" in told
    assert "50台です[2]。" in told


def test_rows_that_many_labels_fit_are_not_told_one_by_one(tmp_path: Path) -> None:
    """Four sentences of which each is meant as much are no answer; the excerpt shows the rows."""
    rows = "".join(f"| 駅北駐輪場({side}) | {n}台 |\n" for n, side in enumerate("東西南北", start=30))
    text = f"# 計画\n\n## 駐輪\n\n| 駐輪場 | 台数 |\n|---|---|\n{rows}| 港口駐輪場 | 8台 |\n"
    assert answering(tmp_path, text)("駅北駐輪場は何台ですか") is None


def test_no_share_is_told_of_two_rows(tmp_path: Path) -> None:
    """Of what the one would be a share only the question could say; both are told, and which is greater."""
    text = "# 計画\n\n## 港\n\n| 港 | 隻数 |\n|---|---|\n| 鴎港 | 12隻 |\n| 鷺港 | 8隻 |\n"
    told = said(answering(tmp_path, text)("鷺港の隻数は鴎港の何倍ですか"))
    assert told == "隻数は、鴎港が12隻[1]、鷺港が8隻[2]です。大きいほうは鴎港です[1]。"


def test_difference_is_told_in_the_unit_that_is_asked_for(tmp_path: Path) -> None:
    """Of a cell with two figures the one in the asked unit is taken."""
    text = "# 計画\n\n## 更新\n\n| 取組 | 目標値 | 実績 |\n|---|---|---|\n"
    answer = answering(tmp_path, text + "| 庁舎の電灯 | 20%減 (50台減) | 12%減 (30台減) |\n")
    assert "50台 − 30台 = 20台" in said(answer("庁舎の電灯は目標まであと何台ですか"))


def test_year_that_no_column_has_is_not_answered_from_target_and_result(tmp_path: Path) -> None:
    """Target and result of no year are no answer for a year that stands nowhere."""
    text = "# 計画\n\n## 指標\n\n| 指標 | 目標値 | 実績 |\n|---|---|---|\n| 灯籠の設置数 | 40基 | 38基 |\n"
    answer = answering(tmp_path, text)
    assert "38基" in said(answer("灯籠の設置数は何基ですか"))
    assert answer("令和2年度の灯籠の設置数は何基ですか") is None


def test_total_that_a_year_gives_itself_is_told(tmp_path: Path) -> None:
    """In a table by year the row has its total."""
    text = "# 計画\n\n## 漁獲量\n\n| 年度 | 沿岸 | 沖合 | 総量 |\n|---|---|---|---|\n"
    answer = answering(tmp_path, text + "| 令和6年度 | 30t | 80t | 110t |\n| 令和7年度 | 28t | 70t | 98t |\n")
    assert said(answer("令和6年度の漁獲量は全部で何トンですか")) == "令和6年度の総量は110tです[1]。"


def test_sum_over_a_span_takes_the_rows_between(tmp_path: Path) -> None:
    """Of years that are rows, too, those between the ends of the time are added."""
    text = "# 計画\n\n## 漁獲量\n\n| 年度 | 沿岸 | 隻数 |\n|---|---|---|\n"
    text += "| 令和6年度 | 30t | 9隻 |\n| 令和7年度 | 28t | 8隻 |\n| 令和8年度 | 25t | 8隻 |\n"
    told = said(answering(tmp_path, text)("令和6年度から令和8年度までの沿岸の漁獲量は合計何トンですか"))
    assert "30t + 令和7年度 28t + 令和8年度 25t = 83tです[1][2][3]" in told


def test_difference_without_a_result_is_not_told(tmp_path: Path) -> None:
    """A target alone has nothing to stand against."""
    text = "# 計画\n\n## 指標\n\n| 指標 | 目標値 | 所管 |\n|---|---|---|\n| 灯籠の設置数 | 40基 | 土木係 |\n"
    assert answering(tmp_path, text)("灯籠の設置数は目標まであと何基ですか") is None


def test_rows_are_told_one_by_one_where_each_is_asked_for(targets: Answer) -> None:
    """Two rows of targets are each told with what is asked of them."""
    text = said(targets("渡し舟の乗船者数の目標と実績は、それぞれ何人ですか"))
    assert "52,300人" in text
    assert "50,000人" in text


def test_thing_beyond_the_label_is_not_answered_with_its_figures(targets: Answer) -> None:
    """Of what the row does not hold, its target and result are no answer."""
    assert targets("朝市の募集要項は?") is None
    assert targets("海岸の漂着ごみ量の処分は?") is None


def test_several_rows_of_several_columns_are_each_told(tmp_path: Path) -> None:
    """Where two rows have target and result, each is told with both."""
    text = "# 計画\n\n## 指標\n\n| 指標 | 目標値 | 実績 |\n|---|---|---|\n"
    answer = answering(tmp_path, text + "| 舟歌教室の受講者数 | 40人 | 38人 |\n| 凧揚げ会の参加者数 | 90人 | 95人 |\n")
    told = said(answer("舟歌教室の受講者数と凧揚げ会の参加者数はそれぞれ何人ですか"))
    assert [figure for figure in ("40人", "38人", "90人", "95人") if figure in told] == ["40人", "38人", "90人", "95人"]


DUTIES = """# 霞ヶ浜町みなと計画

## 8 港湾の利用者に求める対策

| 対策 | 内容 | 区分 | 担当 |
|---|---|---|---|
| 係留綱の点検 | 出港の前に係留綱を点検する。傷みがあれば替える。 | 義務 | 船主 |
| 無線機の備え付け | 沖に出る船に無線機を備え付ける。 | 推奨 | 船主 |
| 港湾利用者の対策会議 | 月に一度、会議を開く。 | 義務 | 港務所 |
"""


def test_a_cell_of_whole_sentences_is_told_in_no_other_sentence(tmp_path: Path) -> None:
    """Such a cell is left to the excerpt, which shows its row as it stands."""
    assert answering(tmp_path, DUTIES)("係留綱の点検の内容は何ですか") is None


def test_words_above_the_table_name_no_row(tmp_path: Path) -> None:
    """What the heading says is said of every row."""
    text = said(answering(tmp_path, DUTIES)("港湾の利用者に求める対策で、無線機の備え付けの担当は?"))
    assert text == "無線機の備え付けの担当は船主です[1]。"


def test_nothing_is_counted_that_nobody_asked_to_count(tmp_path: Path) -> None:
    """Rows that a cell tells from the others are told without their number."""
    assert "件です" not in said(answering(tmp_path, DUTIES)("港務所の対策はどれですか"))


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
def test_a_bare_figure_is_told_in_the_unit_over_its_table(tmp_path: Path, question: str, told: str) -> None:
    """Thousands of yen are no yen, in a cell as it stands, in a comparison and in a sum."""
    assert told in said(answering(tmp_path, BUDGET)(question))
