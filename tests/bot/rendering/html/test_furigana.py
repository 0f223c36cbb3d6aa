"""Tests of furigana, the readings above kanji."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rendering.html.furigana import add_furigana, split_by_reading


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("計画を作る", ["計画=けいかく", "作=つく"]),
        ("取り組み", ["取=と", "組=く"]),
        ("申し込みの期限", ["申=もう", "込=こ", "期限=きげん"]),
        ("感染症対策アプリ", ["感染=かんせん", "症=しょう", "対策=たいさく"]),
        ("人々が集まる", ["人々=ひとびと", "集=あつ"]),
        ("三人で5回", []),
        ("担当は大迫部長", ["担当=たんとう", "部=ぶ", "長=ちょう"]),
        ("そちらの方", []),
        ("ひらがなとカタカナ", []),
        ("", []),
    ],
)
def test_kanji_bear_their_reading_and_kana_none(text: str, read: list[str]) -> None:
    assert [f"{one.text}={one.reading}" for one in split_by_reading(text) if one.reading] == read


@given(st.text(alphabet=st.sampled_from("市の計画を令和8年度に作る、取り組み…㈱Ａ1\n")))
def test_the_pieces_of_a_text_are_complete(text: str) -> None:
    assert "".join(one.text for one in split_by_reading(text)) == text


def test_only_japanese_text_of_a_page_bears_furigana() -> None:
    page = (
        '<p title="計画">計画&amp;<br>表</p><p lang="zh-Hans">计划 市政府<span lang="ja">市役所</span></p>'
        "<script>市</script><textarea>市</textarea><span data-as-written>市</span>"
    )
    made = add_furigana(page)
    assert re.findall(r"<ruby>(.+?)<rp.*?<rt[^>]*>(.+?)</rt>", made) == [
        ("計画", "けいかく"),
        ("市", "し"),
        ("役所", "やくしょ"),
    ]
    assert re.sub(r"</?(?:ruby|bdi)>|<rp.+?</rp>|<rt.+?</rt>", "", made) == page


def test_a_screen_reader_reads_a_word_once() -> None:
    made = add_furigana("<p>計画</p>")
    assert len(re.findall("<r[pt] ", made)) == len(re.findall('<r[pt] aria-hidden="true">', made)) == 3
