"""In which language a question is written."""

import pytest

from bot.query.query import language_of


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("温室はいつ開きますか", "ja"),
        ("オンライン申請", "ja"),
        ("苗木 配布 場所", "ja"),
        ("苗木配布場所", "ja"),
        ("COVID-19の検査", "ja"),
        ("我想知道温室什么时候开放参观", "zh"),
        ("온실은 언제 여나요", "ko"),
        ("เรือนกระจกเปิดเมื่อไหร่", "th"),
        ("Когда открывается оранжерея", "ru"),
        ("When does the greenhouse open?", "en"),
        ("What is the name of the 植物園?", "en"),
        ("Quando a estufa abre e quanto custa?", "pt"),
        ("¿Cuándo abre el invernadero?", "es"),
        ("Nhà kính mở cửa khi nào?", "vi"),
        ("2026", ""),
        ("???", ""),
        ("", ""),
    ],
)
def test_the_language_is_told_by_script_and_common_words(text: str, language: str) -> None:
    """A few kanji are keywords in Japanese, a sentence of kanji is Chinese; nobody can tell of a number."""
    assert language_of(text) == language


def test_kanji_alone_are_chinese_to_who_reads_chinese() -> None:
    """Who chose Chinese writes keywords in it; kana tell all the same."""
    assert language_of("苗木配布場所", "zh") == "zh"
    assert language_of("苗木の配布", "zh") == "ja"
    assert language_of("苗木配布場所", "vi") == "ja"
