"""Tests of the です・ます form of verbs of every conjugation."""

import pytest

from bot.easy_japanese.polite import to_polite_form

FORMS = [
    ("情報を書く", "情報を書きます"),
    ("急いで泳ぐ", "急いで泳ぎます"),
    ("話し合いを行って", "話し合いを行います"),
    ("カードを渡す", "カードを渡します"),
    ("結果を待つ", "結果を待ちます"),
    ("市が選ぶ", "市が選びます"),
    ("資料を読んで", "資料を読みます"),
    ("計画を図り", "計画を図ります"),
    ("学校へ行った", "学校へ行きました"),
    ("意見を集め", "意見を集めます"),
    ("結果を見る", "結果を見ます"),
    ("素早く判断し", "素早く判断します"),
    ("目標に達する", "目標に達します"),
    ("相談に応じる", "相談に応じます"),
    ("市民が来る", "市民が来ます"),
    ("効果を波及させる", "効果を波及させます"),
    ("市で共有され", "市で共有されます"),
    ("職員を増やさない", "職員を増やしません"),
    ("目標に届かなかった", "目標に届きませんでした"),
    ("横断組織である", "横断組織です"),
    ("参加者は92人だった", "参加者は92人でした"),
    ("割合が高い", "割合が高いです"),
    ("割合が低かった", "割合が低かったです"),
    ("計画を進めている", "計画を進めています"),
    ("計画を進めました", "計画を進めました"),
    ("計画の策定", "計画の策定です"),
]


@pytest.mark.parametrize(("clause", "said"), FORMS)
def test_a_predicate_is_put_into_its_polite_form(clause: str, said: str) -> None:
    assert to_polite_form(clause) == said


@pytest.mark.parametrize("clause", ["", "柔軟に", "考えずに", "市民とともに", "「計画」", "もっと早く", "計画を"])
def test_what_ends_in_no_predicate_is_left_alone(clause: str) -> None:
    assert to_polite_form(clause) is None
