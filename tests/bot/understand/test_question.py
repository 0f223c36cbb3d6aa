"""What a question asks for besides its kind: units, numbers of members, target or result, old or new."""

from datetime import date

import pytest

from bot.understand.question import core_sentence, understand

UNITS = [
    ("植樹は何本ですか", "本"),
    ("講座には何人来ましたか", "人"),
    ("参加者は何名?", "人"),
    ("相談は何件ありましたか", "件"),
    ("公園は何か所?", "か所"),
    ("公園は何ヶ所ですか", "か所"),
    ("公園は何カ所ありますか", "か所"),
    ("プランは何ヵ年ですか", "か年"),
    ("削減率は", "%"),
    ("何パーセント減りましたか", "%"),
    ("協力店の割合はどれくらい", "%"),
    ("残業は何時間減ったの", "時間"),
    ("用紙を何万枚減らしましたか", "枚"),
    ("いくつの施策がありますか", "施策"),
    ("来場者の人数は", "人"),
    ("学校何校で開催?", "校"),
    ("担い手を何経営体増やしますか", "経営体"),
    ("雨水は何立方メートルためられますか", "立方メートル"),
    ("間伐は何ヘクタール進みましたか", "ヘクタール"),
    ("実施率を出すときの分母は何品目ですか", "品目"),
    ("参加したのは何自治体ですか", "自治体"),
    ("期間はいつまでですか", ""),
    ("屋根は何色ですか", ""),
    ("会議は何月何日ですか", ""),
    ("何年にできましたか", ""),
    ("基本理念は何ですか", ""),
    ("何者が運営しているのですか", ""),
    ("何故作ったのですか", ""),
]


@pytest.mark.parametrize(("text", "unit"), UNITS)
def test_the_counter_asked_for(text: str, unit: str) -> None:
    """The counter behind 何 is the unit that the answer must have, in one spelling; parts of dates are none."""
    assert understand(text).unit == unit


COUNTS = [
    ("2つの指針を教えて", 2),
    ("3分野は何ですか", 3),
    ("五つの柱とは", 5),
    ("4つの指標を全部", 4),
    ("行動指針を3点挙げて", 3),
    ("10項目すべて", 10),
    ("2つ目の指針は", None),
    ("行動指針は", None),
    ("2つの指針のうち1つ目は", 2),
]


@pytest.mark.parametrize(("text", "count"), COUNTS)
def test_the_number_of_members_that_is_named(text: str, count: int | None) -> None:
    """3つの, 5分野 and 二つ say how many members the list has; 2つ目 is a place in it."""
    assert understand(text).count == count


ASPECTS = [
    ("植樹の目標は", ("target",)),
    ("何本植える計画値でしたか", ("target",)),
    ("めざす本数は", ("target",)),
    ("植樹の実績は", ("result",)),
    ("実際は何本植えましたか", ("result",)),
    ("達成状況を教えて", ("result",)),
    ("目標と実績を教えて", ("target", "result")),
    ("目標は達成できましたか", ("target", "result")),
    ("植樹の本数は", ()),
    ("成果指標は何ですか", ()),
]


@pytest.mark.parametrize(("text", "aspects"), ASPECTS)
def test_target_or_result(text: str, aspects: tuple[str, ...]) -> None:
    """The words of aiming ask for the target, the words of outcome for the result."""
    assert understand(text).aspects == aspects


AGES = [
    ("前のプランの期間は", {"previous"}),
    ("以前の計画では", {"previous"}),
    ("旧プランの基本理念", {"previous"}),
    ("一つ前の計画の名前は", {"previous"}),
    ("古いほうの計画は", {"previous"}),
    ("今のプランの期間は", {"current"}),
    ("現行の計画は", {"current"}),
    ("最新版の基本理念は", {"current"}),
    ("新しいプランはいつから", {"current"}),
    ("前のプランと今のプランの違い", {"previous", "current"}),
    ("プランの期間は", set()),
    ("駅の前の公園は", set()),
    ("今いる職員は", set()),
    ("人の名前は", set()),
]


@pytest.mark.parametrize(("text", "ages"), AGES)
def test_the_age_of_the_plan_that_is_meant(text: str, ages: set[str]) -> None:
    """前, 旧, 今 and 新しい say which plan is meant where a plan follows them, and nothing elsewhere."""
    assert understand(text).ages == ages


DATES = [
    ("令和6年度の実績は", ["2024年度"]),
    ("2024年度の実績は", ["2024年度"]),
    ("R6.12月の会議は", ["2024年12月"]),
    ("平成31年2月14日に何があった", ["2019年2月14日"]),
    ("2021年度から2024年度までの計画は", ["2021年度", "2024年度"]),
    ("プラン2.0の期間は", []),
]


@pytest.mark.parametrize(("text", "keys"), DATES)
def test_the_dates_of_a_question(text: str, keys: list[str]) -> None:
    """Dates in 和暦 and 西暦 are read into one spelling."""
    assert [mention.key for mention in understand(text).dates] == keys


RELATIVE = [
    ("今年度の実績は", ["2026年度"]),
    ("昨年度の実績は", ["2025年度"]),
    ("来年度の計画は", ["2027年度"]),
    ("一昨年度の実績は", ["2024年度"]),
    ("去年の会議は", ["2025年"]),
    ("本年の目標は", ["2026年"]),
    ("再来年の目標は", ["2028年"]),
    ("昨年の12月の会議と令和6年度の実績は", ["2024年度", "2025年12月"]),
    ("今年の7月に何がある", ["2026年7月"]),
    ("3年前に策定された計画は", ["2023年"]),
    ("二年後の2月は", ["2028年2月"]),
    ("来月の会議は", ["2026年7月"]),
    ("7年度の目標は", ["2025年度"]),
    ("令和7年度の目標は", ["2025年度"]),
    ("3か年度の合計は", []),
    ("何年前ですか", []),
    ("来年齢を重ねる", []),
    ("本年々", []),
]


@pytest.mark.parametrize(("text", "keys"), RELATIVE)
def test_years_told_from_today_are_dates(text: str, keys: list[str]) -> None:
    """昨年度 and 来年 are known where the day is."""
    assert sorted(mention.key for mention in understand(text, date(2026, 6, 1)).dates) == sorted(keys)


@pytest.mark.parametrize(("today", "key"), [(date(2026, 3, 31), "2024年度"), (date(2026, 4, 1), "2025年度")])
def test_a_fiscal_year_begins_in_april(today: date, key: str) -> None:
    """In March 昨年度 is another one than in April."""
    assert [mention.key for mention in understand("昨年度の実績は", today).dates] == [key]


def test_without_the_day_they_are_unknown() -> None:
    """Nobody knows which year 昨年度 is."""
    assert understand("昨年度の実績は").dates == ()


def test_what_a_question_quotes() -> None:
    """「…」 in a question are words that the documents should have as they stand."""
    assert understand("「足もとから」と「みんなで」はどの計画の指針ですか").quoted == ("足もとから", "みんなで")


def test_runs_of_nouns_are_kept_whole() -> None:
    """推進本部 is one thing, not 推進 and 本部 anywhere."""
    assert "みどり推進本部" in understand("みどり推進本部の本部長は").compounds


def test_words_of_asking_are_hints() -> None:
    """期間 need not stand in the answer, but an answer that has it is likelier."""
    asked = understand("プランの期間は")
    assert "期間" in asked.hints
    assert "期間" not in {term.text for term in asked.terms}


CORES = [
    ("市民です。プランの期間は?", "プランの期間は?"),
    ("プランの期間は?よろしくお願いします。", "プランの期間は?"),
    ("公園が好きです。何本植えましたか?教えてください。", "何本植えましたか?"),
    ("教えてください。", "教えてください。"),
    ("基本理念", "基本理念"),
    ("", ""),
]


@pytest.mark.parametrize(("text", "core"), CORES)
def test_the_sentence_that_asks(text: str, core: str) -> None:
    """The last sentence with a question is the question, unless it is only a request to be told."""
    assert core_sentence(text) == core


POLITE_TAILS = [
    "お教えください。",
    "教えていただけますか。",
    "教えてもらえますか?",
    "ご教示ください。",
    "知りたいです。",
    "調べてもらえますか?",
    "お答えください。",
    "わかる方いますか?",
    "何卒よろしくお願い申し上げます。",
    "出典も示してください。",
]


@pytest.mark.parametrize("tail", POLITE_TAILS)
def test_manners_behind_a_question_are_not_the_question(tail: str) -> None:
    """Whatever politeness follows, what was asked before it is what is asked."""
    assert core_sentence("プランの期間はいつまでですか?" + tail) == "プランの期間はいつまでですか?"


def test_what_stands_for_a_masked_number_is_no_word_of_the_question() -> None:
    """〔マイナンバー〕 is put there by us; no passage has it."""
    assert {t.text for t in understand("〔マイナンバー〕です。植樹の本数は?").terms} == {"植樹", "本数"}
