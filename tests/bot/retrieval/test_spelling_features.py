"""Tests of the features for the spelling of names, numbers and figures in a passage."""

from pathlib import Path

import pytest

from tests.bot.retrieval.test_features import feature_values


def test_a_name_is_found_as_it_is_spelled(tmp_path: Path) -> None:
    passages = ("第20回の大会が開かれた。", "20人が大会を2回開いた。", "JCP と呼ぶ。", "図書館が開く。")
    assert feature_values(tmp_path, "第20回は", passages, "run_overlap") == [1, 0, 0, 0]
    assert feature_values(tmp_path, "ｊｃｐとは", passages, "run_overlap") == [0, 0, 1, 0]


def test_names_and_rare_words_weigh_more(tmp_path: Path) -> None:
    passages = ("マイナカードを使う。", "申請を受け付ける。", "図書館が開く。", "公園が開く。", "水道が止まる。")
    name, kanji, *others = feature_values(tmp_path, "マイナカードの申請", passages, "run_overlap")
    assert name == pytest.approx(2 * kanji, rel=1e-4)
    assert others == [0, 0, 0]
    plans = ("市長と会う。", "計画を示す。", "計画を守る。", "水道が止まる。")
    rare, frequent, *_ = feature_values(tmp_path, "市長の計画", plans, "run_overlap")
    assert rare > frequent > 0


def test_five_grams_count_only_where_a_passage_has_them(tmp_path: Path) -> None:
    passages = ("窓口の受付時間を変える。", "受付時間を", "図書館の受付")
    first, second, third = feature_values(tmp_path, "市民窓口の受付時間はいつ", passages, "five_gram_overlap")
    # Held are 窓口の受付, 口の受付時, の受付時間 by the first alone, and nothing of five letters by the others.
    assert first == 1
    assert second == 0
    assert third == 0
    two = ("窓口の受付時間を変える。", "私書の受付時間を")
    assert feature_values(tmp_path, "市民窓口の受付時間はいつ", two, "five_gram_overlap") == pytest.approx(
        [1, (1 / 3) ** 3], rel=1e-4
    )


@pytest.mark.parametrize(
    ("question", "passage", "holds"),
    [
        ("市ができたのはいつですか", "1889年に市となった。", 1),
        ("市ができたのは何年ですか", "市は金沢にできた。", 0),
        ("市ができたのは何月ですか", "1889年に市ができた。", 0),
        ("市の職員は何人ですか", "市の職員は３千人、うち市長1人。", 1),
        ("市の職員は何人ですか", "市の職員は2課に分かれる。", 0),
        ("市の人口は", "市の人口は46万です。", 1),
        ("市の費用はどれくらいですか", "市の費用は多い。", 0),
        ("市の歌は誰が作りましたか", "市の歌は1923年に作られた。", 0),
    ],
    ids=["when", "no year", "no month", "counter", "another counter", "noun", "no figure", "not asked"],
)
def test_a_requested_figure_is_matched(tmp_path: Path, question: str, passage: str, holds: float) -> None:
    assert feature_values(tmp_path, question, (passage, "図書館が開く。"), "has_expected_figure") == [holds, 0]
