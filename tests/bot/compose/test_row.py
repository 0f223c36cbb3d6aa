"""A table row as an answer: target, result, condition, notes, base year; reached or not; the gap."""

import pytest

from bot.compose.row import read_row
from ingest.documents import Cell, Passage
from tests.bot.asking import Ask, answered

pytest_plugins = ["tests.bot.city"]


def row(*cells: tuple[str, str], notes: tuple[str, ...] = ()) -> Passage:
    text = "\n".join([*(f"{column}: {value}" for column, value in cells), *notes])
    return Passage("d#1", "d", "row", ("指標",), text, (1,), cells=tuple(Cell(*cell) for cell in cells), notes=notes)


FIGURES = [
    ("食品ロスの相談件数の目標値は?", ("食品ロスの相談件数の目標値は800件です",)),
    ("食品ロスの相談件数の実績は?", ("実績が650件", "目標値が800件")),
    ("食品ロスの相談件数は何件でしたか?", ("650件",)),
    ("植樹の本数の目標と実績は?", ("実績が5,200本", "目標値が5,000本")),
    ("家庭ごみの削減率はどのくらいですか?", ("12%減", "10%減")),
    ("自転車の貸出回数の目標値は?", ("15,000回",)),
    ("自転車の貸出回数の基準値は?", ("自転車の貸出回数の基準値は9,000回です",)),
    ("家庭ごみの量の目標は?", ("450g以下",)),
]


@pytest.mark.parametrize(("question", "parts"), FIGURES)
def test_the_figure_asked_for_with_its_subject_and_unit(ask: Ask, question: str, parts: tuple[str, ...]) -> None:
    """A target alone where the target is asked for, the result beside its target, any column by its name."""
    answered(ask(question), *parts)


@pytest.mark.parametrize("question", ["食品ロスの相談件数の目標値は?", "植樹の本数の目標は何本ですか?"])
def test_a_target_is_given_without_the_result(ask: Ask, question: str) -> None:
    """Who asks for the target is not told another figure, nor a note that limits the result."""
    said = ask(question).answer
    assert "650件" not in said
    assert "5,200本" not in said
    assert "注記" not in said


@pytest.mark.parametrize(
    ("question", "note"),
    [
        ("食品ロスの相談件数の実績は?", "夏の講座を中止"),
        ("植樹の本数の実績は?", "民有地の植樹を除く"),
        ("家庭ごみの削減率の実績は?", "令和6年12月末の値"),
    ],
)
def test_a_result_comes_with_the_notes_that_limit_it(ask: Ask, question: str, note: str) -> None:
    """A note behind ※, under the table or in a column of its own belongs to the figure."""
    answered(ask(question), note)


@pytest.mark.parametrize(
    ("question", "part"),
    [
        ("植樹の本数の注記を教えてください", "民有地の植樹を除く"),
        ("出前講座の対象は年何回以上ですか?", "年6回以上の開催が対象"),
        ("出前講座の参加者数の条件は?", "年6回以上の開催が対象"),
        ("出前講座は何校で開催しましたか?", "延べ18校"),
        ("可燃袋の使用枚数は何年度と比べていますか?", "2018年度比較"),
        ("可燃袋の使用枚数の基準はいつですか?", "2018年度比較"),
    ],
)
def test_what_a_row_says_besides_its_figures(ask: Ask, question: str, part: str) -> None:
    """Its notes, its condition, another count in it, and the year that it is compared with."""
    answered(ask(question), part)


@pytest.mark.parametrize(
    "question", ["可燃袋の使用枚数は何年度と比べていますか?", "可燃袋の使用枚数の基準はいつですか?"]
)
def test_who_asks_for_the_base_year_is_not_told_the_figures(ask: Ask, question: str) -> None:
    """5万枚減 and 6万枚減 do not say since when."""
    assert "万枚" not in ask(question).answer


REACHED = [
    ("植樹の本数は目標に達しましたか?", "はい、", "達しています"),
    ("食品ロスの相談件数は目標に達しましたか?", "いいえ、", "届いていません"),
    ("食品ロスの相談件数は目標に届かなかったのですか?", "はい、", "届いていません"),
    ("資源回収の協力店舗数は目標を達成していないのですか?", "はい、", "届いていません"),
    ("植樹の本数は目標に届かなかったのですか?", "いいえ、", "達しています"),
    ("収集車の残業時間は目標を達成しましたか?", "はい、", "達しています"),
    ("収集車の残業時間は目標に届かなかったのですか?", "いいえ、", "達しています"),
    ("植樹は5,000本に達しましたか?", "はい、", "達しています"),
    ("家庭ごみの削減率は目標をクリアしましたか?", "はい、", "達しています"),
]


@pytest.mark.parametrize(("question", "yes", "verdict"), REACHED)
def test_yes_or_no_by_target_and_result(ask: Ask, question: str, yes: str, verdict: str) -> None:
    """Also where the question is negated, where less is better (以内), and where it names the target's figure."""
    answer = ask(question)
    answered(answer, verdict)
    assert answer.answer.startswith(yes)


def test_a_verdict_shows_both_figures(ask: Ask) -> None:
    """Yes and no stand on what the row says."""
    answered(ask("食品ロスの相談件数は目標に達しましたか?"), "目標値800件", "実績は650件")


GAPS = [
    ("食品ロスの相談件数は目標に何件足りませんか?", "800件 − 650件 = 150件"),
    ("植樹の本数は目標を何本上回りましたか?", "5,200本 − 5,000本 = 200本"),
    ("資源回収の協力店舗数は目標とどれだけ差がありますか?", "60店舗 − 45店舗 = 15店舗"),
    ("収集車の残業時間は目標を何時間下回りましたか?", "300時間 − 280時間 = 20時間"),
]


@pytest.mark.parametrize(("question", "arithmetic"), GAPS)
def test_a_gap_is_shown_with_its_arithmetic(ask: Ask, question: str, arithmetic: str) -> None:
    """The difference is no figure of the documents: the sum shows where it comes from."""
    answered(ask(question), arithmetic)


@pytest.mark.parametrize("question", ["植樹の本数の実績は?", "植樹の本数は目標に達しましたか?"])
def test_no_gap_is_calculated_unasked(ask: Ask, question: str) -> None:
    """Only who asks for the difference is told it."""
    assert "=" not in ask(question).answer


NAMES = [
    ("植樹の本数", "植樹の本数", ""),
    ("出前講座の参加者数 年6回以上の開催が対象", "出前講座の参加者数", "年6回以上の開催が対象"),
    ("家庭ごみの削減率(2019年度比較)", "家庭ごみの削減率(2019年度比較)", ""),
    ("ごみの削減率(2019年度比較) 事業系を除いた量で計算", "ごみの削減率(2019年度比較)", "事業系を除いた量で計算"),
]


@pytest.mark.parametrize(("cell", "subject", "condition"), NAMES)
def test_the_first_cell_is_name_and_condition(cell: str, subject: str, condition: str) -> None:
    """A phrase behind the name and a space is what is counted; a bracket belongs to the name."""
    understood = read_row(row(("指標", cell), ("目標値", "10本")))
    assert (understood.subject, understood.condition) == (subject, condition)


ROLES = [
    (("目標値", "実績"), True, True),
    (("目標", "達成状況"), True, True),
    (("目標値(令和10年度)", "現状値"), True, True),
    (("計画値", "結果"), True, True),
    (("予算", "決算"), False, False),
]


@pytest.mark.parametrize(("columns", "target", "result"), ROLES)
def test_columns_are_known_by_their_names(columns: tuple[str, str], *, target: bool, result: bool) -> None:
    """What is called 目標 or 計画値 is the target, 実績, 達成状況 or 現状 the result."""
    understood = read_row(row(("指標", "植樹"), (columns[0], "10本"), (columns[1], "12本")))
    assert (understood.target is not None) is target
    assert (understood.result is not None) is result
    assert len(understood.others) == 2 - target - result


@pytest.mark.parametrize("column", ["備考", "注記", "摘要", "補足"])
def test_a_column_of_notes_is_no_figure(column: str) -> None:
    """What stands there limits the row."""
    understood = read_row(row(("指標", "植樹"), ("目標値", "10本"), (column, "民有地を除く")))
    assert understood.notes == ("民有地を除く",)
    assert understood.others == ()


def test_a_note_in_a_cell_is_told_from_its_figure() -> None:
    """650件 ※夏の講座を中止 is a figure and a note."""
    understood = read_row(row(("指標", "相談"), ("実績", "650件 ※夏の講座を中止")))
    assert understood.result is not None
    assert understood.result.value == "650件"
    assert understood.notes == ("※夏の講座を中止",)


def test_a_row_is_cited_whole(ask: Ask) -> None:
    """The reader sees the figure with its columns."""
    (citation,) = ask("植樹の本数の目標値は?").citations
    assert citation.quote.startswith("指標: 植樹の本数")
    assert "実績: 5,200本" in citation.quote
