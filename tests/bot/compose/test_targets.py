"""Answers over tables of targets: what was reached and what was not, told table by table."""

import pytest

from tests.bot.asking import Ask, answered

pytest_plugins = ["tests.bot.city", "tests.bot.library"]

REACHED = ["家庭ごみの削減率", "出前講座の参加者数", "収集車の残業時間", "可燃袋の使用枚数", "植樹の本数"]
MISSED = ["食品ロスの相談件数", "資源回収の協力店舗数", "芝生化した公園の数"]


def test_all_tables_are_judged_where_the_question_names_none(ask: Ask) -> None:
    """The sum stands before the rows of each table, every row has its source, and the notes are told."""
    answer = ask("環境会議の指標のうち目標に届かなかったものはいくつですか?")
    answered(answer, "合わせて3つ", "(ごみの減量)のうち", "次の2つ", "(公園づくり)のうち", "次の1つ", *MISSED)
    answered(answer, "目標値 800件、実績 650件", "食品ロスの相談件数の注記に「夏の講座を中止」")
    assert not any(name in answer.answer for name in REACHED)
    assert len(answer.citations) == len(MISSED)


def test_a_reason_that_no_table_tells_is_said_not_to_be_there(ask: Ask) -> None:
    """The notes are told, and that besides them nothing is."""
    question = "環境会議の指標のうち目標に届かなかったものはいくつ、その理由は?"
    answered(ask(question), *MISSED, "表には、注記のほかに理由は書かれていません。")


@pytest.mark.parametrize(
    "question",
    [
        "目標を達成したものとしていないものは?",
        "指標のうち、達成できた数字と、できなかった数字を教えてください",
        "環境会議の指標で、目標に達したものと届かなかったものを教えて",
    ],
)
def test_both_lists_are_told_where_both_are_asked_for(ask: Ask, question: str) -> None:
    """Also where the verb is not said again, and where no document is named."""
    answered(ask(question), "達したものは次の4つ", "届いていないものは次の2つ", *REACHED, *MISSED)


@pytest.mark.parametrize("question", ["指標の達成状況(ごみの減量)について教えてください", "ごみの減量の達成状況は?"])
def test_the_name_of_a_table_is_no_wish(ask: Ask, question: str) -> None:
    """達成 in a heading does not ask for what was reached: all rows of that table are told with both figures."""
    answer = ask(question)
    answered(answer, "次の6つ", *REACHED[:4], *MISSED[:2], "目標値 1,200人、実績 1,340人", "目標値 800件、実績 650件")
    assert "植樹" not in answer.answer


def test_the_wish_beside_the_name_of_a_table_counts(ask: Ask) -> None:
    """The rows that reached are told where the question says so besides."""
    answer = ask("指標の達成状況(公園づくり)のうち、達成したものを教えてください")
    answered(answer, "植樹の本数")
    assert "芝生化" not in answer.answer


def test_the_targets_are_listed(ask_library: Ask) -> None:
    """数値目標 are the rows of the plan's table, each with its target and without what was measured."""
    answer = ask_library("計画の数値目標を一覧にしてください")
    answered(answer, "次の6つ", "登録率(目標(令和10年度", "40%", "学校への団体貸出冊数", "資料の延滞率")
    assert "31.4%" not in answer.answer


@pytest.mark.parametrize(
    "question", ["出前講座には何人参加したの?目標は何人?", "出前講座は何人が参加しましたか。目標は?"]
)
def test_result_and_target_are_told_where_both_are_asked_for(ask: Ask, question: str) -> None:
    """Two questions in one want both figures."""
    answered(ask(question), "1,340人", "1,200人")


def test_the_target_alone_is_told_where_it_alone_is_asked_for(ask: Ask) -> None:
    """何人 said once, beside 目標, asks for one figure."""
    assert "1,340" not in ask("出前講座の参加者数の目標は何人ですか?").answer


def test_what_no_table_of_targets_is_about_is_not_answered_from_one(ask: Ask) -> None:
    """A subject that the tables lack leaves them out."""
    answer = ask("水道の目標で達成できたものとできなかったものを教えてください")
    assert not any(name in answer.answer for name in REACHED + MISSED)
