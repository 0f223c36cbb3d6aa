"""Tests of the splitting of long sentences into short ones."""

import pytest

from bot.easy_japanese.sentence import simplify_sentence
from bot.rendering.answer_text import parse_statements, render_text
from bot.state import Paragraph
from bot.state.citation_marks import CITATION_MARK


def _simplify(sentence: str) -> list[str]:
    """Return the parts of a sentence in easy words, with marks."""
    easy = simplify_sentence(parse_statements(sentence))
    return [render_text([Paragraph(tuple(one))]) for one in easy]


CUT = [
    (
        "市は、市長を本部長とする組織を設置し、情報の共有や施策の展開を進めます[1]。",
        ["市は、市長を本部長とする組織を作ります[1]。", "情報の共有や施策の展開を進めます[1]。"],
    ),
    (
        "職員が学ぶ場を設け、デジタルにくわしい人を育てました[2]。",
        ["職員が学ぶ場を作りました[2]。", "デジタルにくわしい人を育てました[2]。"],
    ),
    (
        "修正のための話し合いを毎月行って、計画の中身を少しずつ直します[1]。",
        ["修正のための話し合いを毎月行います[1]。", "そして、計画の中身を少しずつ直します[1]。"],
    ),
    (
        "市は、まちのデジタル化を早く進めるため、新しい計画を取りまとめました[1]。",
        ["市は、新しい計画を取りまとめました[1]。", "まちのデジタル化を早く進めるためです[1]。"],
    ),
    (
        "申請する人がとても多くなったため、窓口の数を三つに増やしました[1]。",
        ["申請する人がとても多くなりました[1]。", "そのため、窓口の数を三つにふやしました[1]。"],
    ),
    (
        "デジタル化が大切な視点とされていることから、計画に新しい章を加えました[1]。",
        ["デジタル化が大切な視点とされています[1]。", "そのため、計画に新しい章を加えました[1]。"],
    ),
    (
        "アプリを使う人はとても増えましたが、窓口に来る人は減りませんでした[1]。",
        ["アプリを使う人はとても増えました[1]。", "しかし、窓口に来る人は減りませんでした[1]。"],
    ),
    (
        "計画を毎年見直すとともに、その結果を市のページで公表します[1]。",
        ["計画を毎年見直します[1]。", "また、その結果を市のページで公表します[1]。"],
    ),
    (
        "はい、講座参加者数は、目標値1,500人に対し、達成状況は1,655人で、目標に達しています[1]。",
        [
            "はい。",
            "講座参加者数は、目標値が1,500人です[1]。",
            "達成状況は1,655人です[1]。",
            "目標にとどいています[1]。",
        ],
    ),
    (
        "利用件数は、達成状況が2,300件増、目標値が10,000件増です[1]。",
        ["利用件数は、達成状況が2,300件増です[1]。", "目標値は10,000件増です[1]。"],
    ),
    ("プランの発行は星見市、編集は環境政策課です[1]。", ["プランの発行は星見市です[1]。", "編集は環境政策課です[1]。"]),
    ("今後は社会の全体へ効果を波及させる[1]。", ["これからは社会の全体へ効果を波及させます[1]。"]),
]


@pytest.mark.parametrize(("sentence", "easy"), CUT)
def test_a_long_sentence_is_cut_at_its_clauses(sentence: str, easy: list[str]) -> None:
    assert _simplify(sentence) == easy


WHOLE = [
    "星見市環境会議は、有識者と市長で構成し、環境について必要な施策を議論する会議です[1]。",  # 構成する会議
    "市は、状況に応じて、市民の意見をよく聞いて、計画の中身を直しています[1]。",  # 直しています: not yet done
    "平成31年2月に新しい計画を策定し、市のページで広く公表しました[1]。",  # the day holds for both
    "書類に足りないところがある場合は、電話で知らせ、もう一度出してもらいます[1]。",  # the condition holds for both
    "市に住む人の意見を集め、結果を市のページで公表すると決めました[1]。",  # both are what is said
    "市に住む人の意見をよく聞き、計画の中身を新しくできます[1]。",  # both can be done
    "市に住む人や市で働く人を対象とし、市のページで意見をたくさん集めます[1]。",  # とし is no deed
    "「調査を行い、結果を取りまとめ、市のページで公表します」と書いてあります[1]。",  # a quotation
    "取組は次の3つです。",  # short
    "市は、学校の先生と毎月、計画の中身をよく確かめ、その結果を市民に知らせます[1]。",  # each month holds for both
    "プランの発行は星見市[1]、編集は環境政策課です[2]。",  # the marks tell the parts apart
]


@pytest.mark.parametrize("sentence", WHOLE)
def test_a_sentence_without_a_certain_split_is_kept(sentence: str) -> None:
    assert len(_simplify(sentence)) == 1


def test_the_introduction_of_a_list_is_kept() -> None:
    lead = "市は、市に住む人から意見を広く聞き、次の3つの取組を進めます。"
    assert len(_simplify(lead)) == 1


def test_an_item_of_a_list_ends_politely_where_it_is_a_sentence() -> None:
    assert _simplify("・市民の意見を集める。") == ["・市民の意見を集めます。"]
    assert _simplify("・市民の意見を集める[1]") == ["・市民の意見を集める[1]"]
    assert _simplify("・オープンデータの刷新[2]") == ["・オープンデータの刷新[2]"]


@pytest.mark.parametrize("sentence", [sentence for sentence, _ in CUT])
def test_the_sources_of_a_sentence_stay_with_it(sentence: str) -> None:
    assert set(CITATION_MARK.findall("".join(_simplify(sentence)))) == set(CITATION_MARK.findall(sentence))
