"""Tests of the headings in source lines."""

import unicodedata

import pytest

from bot.answers.source_line import build_source_line, strip_heading_mark
from bot.languages import render_message
from bot.state import ServiceMessage
from ingest.documents import Document


@pytest.mark.parametrize(
    ("heading", "shown"),
    [
        ("■受付の時間", "受付の時間"),
        ("・ 対象となる人", "対象となる人"),
        ("▽小児科", "小児科"),
        ("★新しい講座", "新しい講座"),
        ("※ご注意", "ご注意"),
        ("☎電話の相談", "電話の相談"),
        ("- 持ち物", "持ち物"),
        ("▼1 受付の場所", "1 受付の場所"),
    ],
)
def test_bullet_before_a_heading_is_left_out(heading: str, shown: str) -> None:
    assert strip_heading_mark(heading) == shown


@pytest.mark.parametrize(
    "heading",
    [
        "⾏事の予定",
        "⻑寿のお祝い",
        "〒の書き方",
        "㈱みどり農園",
        "㈲しおかぜ",
        "㎡当たりの単価",
        "℃で示す水温",
        "№3の窓口",
        "℡での受付",
        "−18度での保存",
        "-5度の日の水道",
        "△3.2%の見込み",
        "¥500の入場券",
        "%で表す割合",
        "&カフェの催し",
        "#8000に電話する",
        "〜森の学校〜",
        "①申込み",
        "(1)申込み",
        "「水の日」の催し",
        "《夏の部》",
        "3歳児健診",
        "ｶﾞｰﾃﾞﾝの手入れ",
        unicodedata.normalize("NFD", "ガーデンの手入れ"),
    ],
)
def test_letters_and_signs_of_a_heading_are_kept(heading: str) -> None:
    assert strip_heading_mark(heading) == heading


def test_source_line_shows_a_heading_as_the_document_has_it() -> None:
    document = Document("guide", "暮らしの手引き", "guide.md", issuer="汐見町")
    path = (document.title, "⾏事", "㎡当たりの使用料")
    line = build_source_line(document, path, is_older=False, with_issuer=False)
    (lead,) = line.segments
    assert isinstance(lead, ServiceMessage)
    assert render_message(lead) == "「暮らしの手引き」の「㎡当たりの使用料」"
