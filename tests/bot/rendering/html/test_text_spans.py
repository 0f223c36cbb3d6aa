"""Tests of the search terms in a line: whole words in any form of their letters."""

import unicodedata

import pytest

from bot.rendering.html.text_spans import find_common_words

DECOMPOSED = unicodedata.normalize("NFD", "ガイドとプールの予約")


@pytest.mark.parametrize(
    ("text", "searched", "marked"),
    [
        ("雨水タンクの補助を始めます", "雨水タンクの補助", "雨水タンクの補助"),
        ("雨水タンク購入の補助", "雨水タンクの補助", "雨水タンク"),
        ("ｶﾞｲﾄﾞとﾌﾟｰﾙの予約", "プールの予約", "ﾌﾟｰﾙの予約"),
        (DECOMPOSED, "ガイド", unicodedata.normalize("NFD", "ガイド")),
        (DECOMPOSED, "プールの予約", unicodedata.normalize("NFD", "プールの予約")),
        ("ガイドの予約", unicodedata.normalize("NFD", "ガイド"), "ガイド"),
        ("ＷｉＦｉが使える場所", "wifi", "ＷｉＦｉ"),
        ("⾏事の予定", "行事", "⾏事"),
        ("１００㎡以上の土地", "100m2以上", "１００㎡以上"),
        ("引っ越しの手続き", "引越し", "引っ越し"),
        ("第2　 回の会議", "第2 回", "第2　 回"),
        ("バスケットの教室", "バス", ""),
        ("申し込みについて", "費用について", ""),
        ("森の案内", "", ""),
        ("", "森", ""),
    ],
)
def test_whole_words_of_the_search_are_marked(text: str, searched: str, marked: str) -> None:
    start, end = find_common_words(text, searched)
    assert text[start:end] == marked
