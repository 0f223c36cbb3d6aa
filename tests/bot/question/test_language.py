"""Tests of the detection of the language of a question."""

import pytest

from bot.question.language import detect_language


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("温室はいつ開きますか", "ja"),
        ("オンライン申請", "ja"),
        ("苗木 配布 場所", "ja"),
        ("苗木配布場所", "ja"),
        ("COVID-19の検査", "ja"),
        ("後期高齢者医療保険料減免申請", "ja"),
        ("令和8年度一般会計予算総額", "ja"),
        ("在住外国人国民健康保険是正", "ja"),
        ("我想知道温室什么时候开放参观", "zh"),
        ("图书馆开放时间", "zh"),
        ("請問溫室何時開放", "zh"),
        ("溫室的開放時間是幾點", "zh"),
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
def test_language_is_detected_by_script_and_function_words(text: str, language: str) -> None:
    assert detect_language(text) == language


def test_kanji_alone_are_chinese_where_chinese_is_chosen() -> None:
    assert detect_language("苗木配布場所", "zh") == "zh"
    assert detect_language("苗木の配布", "zh") == "ja"
    assert detect_language("苗木配布場所", "vi") == "ja"
